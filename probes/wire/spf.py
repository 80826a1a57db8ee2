"""SPF (RFC 7208) as a walk over questions: what a sender whom no address list names would be told. No I/O.

``evaluate`` yields each question and is sent the records of its answer, so that the probe that asks and the check that
judges walk the same way. Such a sender meets every term, so the look-ups counted are those of the worst case. ``a`` is
void when the name has no address of either family.
"""

import re
from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network

LOOKUPS_ALLOWED = 10
VOIDS_ALLOWED = 2
MX_ALLOWED = 10
_STRING = re.compile(r'"((?:[^"\\]|\\\d{3}|\\[^0-9])*)"')
_ESCAPE = re.compile(r"\\(\d{3}|.)")
_TERM = re.compile(r"([+?~-]?)([A-Za-z][A-Za-z0-9_.-]*)(?:([:=/])(.*))?")
_DUAL = re.compile(r"(.*?)(/\d{1,2})?(//\d{1,3})?")
_MACRO = re.compile(r"%%|%_|%-|%\{[slodiphcrtv]\d*r?[.+,/_=-]*\}", re.IGNORECASE)
_LOOKING = frozenset({"include", "a", "mx", "ptr", "exists"})

Question = tuple[str, str]
"""A name and a type."""


class Problem(StrEnum):
    """Why a record gives no result: the PermErrors, and that there is no record."""

    ABSENT = "absent"
    MULTIPLE = "multiple"
    SYNTAX = "syntax"
    LEADS_NOWHERE = "leads_nowhere"
    LOOKUPS = "lookups"
    VOIDS = "voids"
    MX = "mx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spf:
    """``result``: the qualifier met in the end (``+ - ~ ?``); ``place`` and ``term`` say where a problem stands."""

    result: str = ""
    problem: Problem | None = None
    place: str = ""
    term: str = ""
    lookups: int = 0


Walk = Generator[Question, tuple[str, ...], str]


class _Stop(Exception):
    def __init__(self, problem: Problem, place: str, term: str = "") -> None:
        super().__init__(problem)
        self.problem, self.place, self.term = problem, place, term


@dataclass(frozen=True, slots=True)
class _Term:
    text: str
    qualifier: str
    name: str
    value: str


@dataclass(slots=True)
class _Count:
    lookups: int = 0
    voids: int = 0
    open: bool = False


def text_of(record: str) -> str:
    """The strings of a TXT record in presentation form, joined without spaces (RFC 7208 §3.3)."""
    joined = "".join(_STRING.findall(record))
    return _ESCAPE.sub(lambda m: chr(int(m[1])) if len(m[1]) == 3 else m[1], joined)


def records_of(answer: tuple[str, ...]) -> list[str]:
    """Those of the TXT records that are SPF (RFC 7208 §4.5)."""
    texts = map(text_of, answer)
    return [text for text in texts if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")]


def evaluate(domain: str) -> Generator[Question, tuple[str, ...], Spf]:
    """The walk of ``check_host()`` for a sender nobody listed."""
    count = _Count()
    try:
        result = yield from _check(domain, count, "")
    except _Stop as stop:
        return Spf(problem=stop.problem, place=stop.place, term=stop.term, lookups=count.lookups)
    return Spf(result="+" if count.open else result, place=domain, lookups=count.lookups)


def _check(domain: str, count: _Count, via: str) -> Walk:
    found = records_of((yield domain, "TXT"))
    if len(found) != 1:
        if not found:
            raise _Stop(Problem.LEADS_NOWHERE if via else Problem.ABSENT, domain, via)
        raise _Stop(Problem.MULTIPLE, domain)
    terms = [_parsed(text, domain) for text in found[0][6:].split(" ") if text]
    redirects = [term for term in terms if term.name == "redirect"]
    if len(redirects) > 1:
        raise _Stop(Problem.SYNTAX, domain, redirects[1].text)
    for term in terms:
        if term.name == "all":
            return term.qualifier
        if term.name in _LOOKING and (yield from _matches(term, domain, count)):
            return term.qualifier
        count.open |= term.name in {"ip4", "ip6"} and term.qualifier == "+" and term.value.endswith("/0")
    if redirects:
        _counted(count, domain, redirects[0])
        if "%" not in redirects[0].value:
            return (yield from _check(redirects[0].value, count, redirects[0].text))
    return "?"


def _matches(term: _Term, domain: str, count: _Count) -> Generator[Question, tuple[str, ...], bool]:
    """Whether the term matches everybody. What a macro leads to depends on the sender and is counted, not followed."""
    _counted(count, domain, term)
    target = term.value or domain
    if term.name == "ptr" or "%" in target:
        return False
    if term.name == "include":
        return (yield from _check(target, count, term.text)) == "+"
    types = {"a": ("A", "AAAA"), "mx": ("MX",), "exists": ("A",)}[term.name]
    answers: list[tuple[str, ...]] = []
    for rtype in types:
        found = yield target, rtype
        answers.append(found)
    if not any(answers):
        count.voids += 1
        if count.voids > VOIDS_ALLOWED:
            raise _Stop(Problem.VOIDS, domain, term.text)
    if term.name == "mx" and len(answers[0]) > MX_ALLOWED:
        raise _Stop(Problem.MX, domain, term.text)
    return term.name == "exists" and bool(answers[0])


def _counted(count: _Count, domain: str, term: _Term) -> None:
    count.lookups += 1
    if count.lookups > LOOKUPS_ALLOWED:
        raise _Stop(Problem.LOOKUPS, domain, term.text)


def _parsed(text: str, place: str) -> _Term:
    """One mechanism or modifier (RFC 7208 §4.6.1, §5, §6); unknown modifiers are ignored."""
    wrong = _Stop(Problem.SYNTAX, place, text)
    met = _TERM.fullmatch(text)
    if met is None:
        raise wrong
    sign, name, mark, value = met[1], met[2].lower(), met[3] or "", met[4] or ""
    if "%" in _MACRO.sub("", value):
        raise wrong
    if mark == "=":
        if sign or (name in {"redirect", "exp"} and not value):
            raise wrong
        return _Term(text, "", name if name == "redirect" else "", value.removesuffix("."))
    if name in {"a", "mx"}:
        value = _without_prefix(mark, value, wrong)
    elif not _well_formed(name, mark, value):
        raise wrong
    return _Term(text, sign or "+", name, value.removesuffix("."))


def _well_formed(name: str, mark: str, value: str) -> bool:
    if name in {"ip4", "ip6"}:
        return mark == ":" and _network(name, value)
    if name in {"include", "exists"}:
        return mark == ":" and bool(value)
    return (name == "all" and not mark) or (name == "ptr" and (not mark or (mark == ":" and bool(value))))


def _without_prefix(mark: str, value: str, wrong: _Stop) -> str:
    """The domain of ``a`` or ``mx``, whose prefix lengths must be possible ones."""
    met = _DUAL.fullmatch(f"/{value}" if mark == "/" else value)
    if met is None or (mark == ":" and not met[1]) or (mark == "/" and met[1]):
        raise wrong
    if int((met[2] or "/0")[1:]) > 32 or int((met[3] or "//0")[2:]) > 128:
        raise wrong
    return met[1]


def _network(name: str, value: str) -> bool:
    try:
        found = ip_network(value, strict=False)
    except ValueError:
        return False
    length = value.partition("/")[2]
    return isinstance(found, IPv4Network if name == "ip4" else IPv6Network) and (not length or length.isdecimal())
