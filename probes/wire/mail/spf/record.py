"""Parses one SPF record as strictly as RFC 7208 §4.6, §5, §6 and §7.1 require. No I/O.

A mistake anywhere in a record makes all of it invalid, so ``terms`` returns every term or raises ``Wrong`` with the
first invalid one.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

_STRING = re.compile(r'"((?:[^"\\]|\\\d{3}|\\[^0-9])*)"', re.ASCII)
_ESCAPE = re.compile(r"\\(\d{3}|.)", re.ASCII | re.DOTALL)
_NAME = r"[A-Za-z][A-Za-z0-9._-]*"
_MODIFIER = re.compile(rf"({_NAME})=(.*)", re.ASCII)
_MECHANISM = re.compile(rf"([+?~-]?)({_NAME})(?:(:.*)|(/.*))?", re.ASCII)
_PREFIXES = re.compile(r"(.*?)(?:/(0|[1-9]\d?))?(?://(0|[1-9]\d{0,2}))?", re.ASCII)
_LENGTH = re.compile(r"[^/%]+(?:/(?:0|[1-9]\d{0,2}))?", re.ASCII)
_EXPANSION = r"%(?:\{[letters](?:0*[1-9][0-9]*)?[rR]?[.+,/_=-]*\}|[%_-])"
_OF_DOMAINS = _EXPANSION.replace("letters", "slodiphvSLODIPHV")
_OF_TEXTS = _EXPANSION.replace("letters", "slodiphcrtvSLODIPHCRTV")
_LITERAL = r"[\x21-\x24\x26-\x7e]"
_TOP_LABEL = r"(?:[0-9]*[A-Za-z][A-Za-z0-9]*|[A-Za-z0-9]+-(?:[A-Za-z0-9-]*[A-Za-z0-9])?)"
_DOMAIN = re.compile(rf"(?:{_OF_DOMAINS}|{_LITERAL})*(?:\.{_TOP_LABEL}\.?|{_OF_DOMAINS})", re.ASCII)
_TEXT = re.compile(rf"(?:{_OF_TEXTS}|{_LITERAL})*", re.ASCII)
_BITS4, _BITS6 = 32, 128


class Wrong(ValueError):
    """Raised if a term makes the record invalid; the text is the term."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Holds one mechanism or the modifier ``redirect``; others do not affect a result and have an empty ``name``.

    ``domain`` is a domain-spec with its macros, empty for the current domain; ``network`` is that of ``ip4`` or
    ``ip6``, ``lengths`` the prefix lengths of ``a`` or ``mx``.
    """

    text: str
    name: str
    qualifier: str = ""
    domain: str = ""
    network: IPv4Network | IPv6Network | None = None
    lengths: tuple[int, int] = (_BITS4, _BITS6)


def text_of(record: str) -> str:
    """Return the strings of a TXT record in presentation form, joined without spaces (RFC 7208 §3.3)."""
    joined = "".join(_STRING.findall(record))
    return _ESCAPE.sub(lambda m: chr(int(m[1])) if len(m[1]) == 3 else m[1], joined)


def records_of(answer: tuple[str, ...]) -> list[str]:
    """Return the SPF records among TXT records (RFC 7208 §4.5)."""
    texts = map(text_of, answer)
    return [text for text in texts if text.lower() == "v=spf1" or text[:7].lower() == "v=spf1 "]


def is_null(answer: tuple[str, ...]) -> bool:
    """True if the only SPF record says that the domain sends no mail: ``v=spf1 -all`` and no more."""
    records = records_of(answer)
    try:
        named = [term for record in records for term in terms(record) if term.name]
    except Wrong:
        return False
    return len(records) == 1 and [(term.name, term.qualifier) for term in named] == [("all", "-")]


def is_of_others(answer: tuple[str, ...]) -> bool:
    """True if the only SPF record lists no sender itself and leaves that to the records that it includes."""
    records = records_of(answer)
    try:
        names = {term.name for record in records for term in terms(record) if term.name}
    except Wrong:
        return False
    return len(records) == 1 and bool(names & {"include", "redirect"}) and names <= {"include", "redirect", "all"}


def terms(record: str) -> tuple[Term, ...]:
    """Return the terms of a record that ``records_of`` returned. Raise Wrong if one is invalid."""
    parsed = tuple(_parsed(text) for text in record[6:].split(" ") if text)
    for name in ("redirect", "exp"):
        repeated = [term for term in parsed if term.text.lower().startswith(f"{name}=")]
        if len(repeated) > 1:  # RFC 7208 §6
            raise Wrong(repeated[1].text)
    return parsed


def _parsed(text: str) -> Term:
    modifier = _MODIFIER.fullmatch(text)
    if modifier is not None:
        return _modifier(text, modifier[1].lower(), modifier[2])
    met = _MECHANISM.fullmatch(text)
    if met is None:
        raise Wrong(text)
    name, qualifier = met[2].lower(), met[1] or "+"
    given, rest = met[3], met[4]
    if name in {"a", "mx"}:
        return _with_prefixes(text, name, qualifier, given, rest)
    if rest is not None:
        raise Wrong(text)
    value = None if given is None else given[1:]
    if name in {"ip4", "ip6"}:
        return Term(text=text, name=name, qualifier=qualifier, network=_network(text, name, value or ""))
    fits = {"all": value is None, "include": bool(value), "exists": bool(value), "ptr": value != ""}
    if not fits.get(name) or (value and not _DOMAIN.fullmatch(value)):
        raise Wrong(text)
    return Term(text=text, name=name, qualifier=qualifier, domain=value or "")


def _modifier(text: str, name: str, value: str) -> Term:
    """Return a modifier; unknown ones are ignored but must be well formed (RFC 7208 §6). Raise Wrong if not."""
    known = name in {"redirect", "exp"}
    if not (_DOMAIN if known else _TEXT).fullmatch(value):
        raise Wrong(text)
    return Term(text=text, name="redirect", domain=value) if name == "redirect" else Term(text=text, name="")


def _with_prefixes(text: str, name: str, qualifier: str, given: str | None, rest: str | None) -> Term:
    met = _PREFIXES.fullmatch(given or rest or "")
    if met is None:
        raise Wrong(text)
    domain, lengths = met[1], (int(met[2] or _BITS4), int(met[3] or _BITS6))
    if lengths[0] > _BITS4 or lengths[1] > _BITS6 or (given is None and domain):
        raise Wrong(text)
    if given is not None and not _DOMAIN.fullmatch(domain[1:]):
        raise Wrong(text)
    return Term(text=text, name=name, qualifier=qualifier, domain=domain[1:], lengths=lengths)


def _network(text: str, name: str, value: str) -> IPv4Network | IPv6Network:
    kind = IPv4Network if name == "ip4" else IPv6Network
    try:
        network = ip_network(value, strict=False) if _LENGTH.fullmatch(value) else None
    except ValueError:
        network = None
    if not isinstance(network, kind):
        raise Wrong(text)
    return network
