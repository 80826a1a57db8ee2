"""Evaluates ``check_host()`` of RFC 7208 §4 as a generator of DNS questions. No I/O.

``evaluate`` yields each question and is sent the records of its answer, None if there was no answer, so that the probe
and the check walk the same way. An unlisted client reaches every term, so its count of look-ups is that of the worst
case. Only names without any records count as void: for an unlisted client, ``a`` with a name that has neither A nor
AAAA.
"""

from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address, ip_network

from probes.wire.mail.spf.asker import UNKNOWN, Asker, Depends, expanded, needs_name
from probes.wire.mail.spf.record import Term, Wrong, records_of, terms

LOOKUPS_ALLOWED = 10
VOIDS_ALLOWED = 2
MX_ALLOWED = 10
PTR_LOOKED_AT = 10
_LOOKING = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})

Question = tuple[str, str]
"""A name and a record type."""
Answer = tuple[str, ...] | None


class SpfProblem(StrEnum):
    """Names the reason for no result: ABSENT is RFC 7208's none, UNANSWERED temperror, DEPENDS ours; else permerror."""

    ABSENT = "absent"
    UNANSWERED = "unanswered"
    DEPENDS = "depends"
    MULTIPLE = "multiple"
    SYNTAX = "syntax"
    LEADS_NOWHERE = "leads_nowhere"
    LOOKUPS = "lookups"
    VOIDS = "voids"
    MX = "mx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spf:
    """Holds a result. ``result``: the qualifier that matched (``+ - ~ ?``); ``place``, ``term``: where a problem is.

    ``depends``: a term was skipped because its name depends on the sender. ``granting``: the mechanisms evaluated that
    allow senders, each with the domain that has the record.
    """

    result: str = ""
    problem: SpfProblem | None = None
    place: str = ""
    term: str = ""
    lookups: int = 0
    depends: bool = False
    granting: tuple[tuple[str, Term], ...] = ()


class _Stop(Exception):
    def __init__(self, problem: SpfProblem, place: str, term: str = "") -> None:
        super().__init__(problem)
        self.problem, self.place, self.term = problem, place, term


def evaluate(domain: str, asker: Asker) -> Generator[Question, Answer, Spf]:
    """Yield the DNS questions of ``check_host()`` for ``asker`` and return the result."""
    walk = _Walk(asker)
    try:
        result = yield from walk.check(domain, "")
    except _Stop as stop:
        return Spf(problem=stop.problem, place=stop.place, term=stop.term, lookups=walk.lookups, depends=walk.depends)
    granting = tuple(walk.granting)
    return Spf(result=result, place=domain, lookups=walk.lookups, depends=walk.depends, granting=granting)


Asking = Generator[Question, Answer, tuple[str, ...]]
Deciding = Generator[Question, Answer, bool]


class _Walk:
    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self.lookups = 0
        self._voids = 0
        self.depends = False
        self.granting: list[tuple[str, Term]] = []
        self._refusing = 0  # how many includes around the record reject the senders that it allows

    def check(self, domain: str, via: str) -> Generator[Question, Answer, str]:
        asked = not via or _is_name(domain)
        records = records_of((yield from self._ask(domain, "TXT", domain, via))) if asked else []
        if len(records) != 1:
            if not records:
                raise _Stop(SpfProblem.LEADS_NOWHERE if via else SpfProblem.ABSENT, domain, via)
            raise _Stop(SpfProblem.MULTIPLE, domain)
        try:
            parsed = terms(records[0])
        except Wrong as wrong:
            raise _Stop(SpfProblem.SYNTAX, domain, str(wrong)) from wrong
        for term in parsed:
            if term.name and term.name != "redirect" and (yield from self._matches(term, domain)):
                return term.qualifier
        redirect = next((term for term in parsed if term.name == "redirect"), None)
        return "?" if redirect is None else (yield from self._redirected(redirect, domain))

    def _redirected(self, term: Term, domain: str) -> Generator[Question, Answer, str]:
        self._count(term, domain)
        try:
            target = yield from self._target(term, domain)
        except Depends as unknown:
            raise _Stop(SpfProblem.DEPENDS, domain, term.text) from unknown
        return (yield from self.check(target, term.text))

    def _matches(self, term: Term, domain: str) -> Deciding:
        """True if the term matches; terms that depend on the sender are counted and skipped."""
        if term.qualifier == "+" and not self._refusing:
            self.granting.append((domain, term))
        if term.name == "all":
            return True
        if term.network is not None:
            return self._is_in(term.network.network_address.version, term.network.prefixlen, str(term.network))
        self._count(term, domain)
        try:
            target = yield from self._target(term, domain)
        except Depends:
            self.depends = True
            return False
        if term.name == "include":
            self._refusing += term.qualifier != "+"
            included = yield from self.check(target, term.text)
            self._refusing -= term.qualifier != "+"
            return included == "+"
        if not _is_name(target):
            return False
        if term.name == "ptr":
            names = yield from self._validated()
            return any(name == target.lower() or name.endswith(f".{target.lower()}") for name in names)
        return (yield from self._leads_here(term, target, domain))

    def _target(self, term: Term, domain: str) -> Generator[Question, Answer, str]:
        validated = UNKNOWN
        if needs_name(term.domain) and self._asker.address is not None:
            validated = _best(domain, (yield from self._validated()))
        return expanded(term.domain, self._asker, domain, validated) if term.domain else domain

    def _leads_here(self, term: Term, target: str, domain: str) -> Deciding:
        """True if an ``a``, ``mx`` or ``exists`` term matches (RFC 7208 §5.3, §5.4, §5.7)."""
        place = (domain, term.text)
        if term.name == "mx":
            names = [record.partition(" ")[2] for record in (yield from self._ask(target, "MX", *place))]
            self._void(names, term, domain)
            if len(names) > MX_ALLOWED:
                raise _Stop(SpfProblem.MX, *place)
        else:
            names = [target]
        if term.name == "exists":
            addresses = yield from self._ask(target, "A", *place)
            self._void(addresses, term, domain)
            return bool(addresses)
        return (yield from self._has_address(term, names, domain))

    def _has_address(self, term: Term, names: list[str], domain: str) -> Deciding:
        types = {4: ("A", "AAAA"), 6: ("AAAA", "A")}[self._asker.family]
        stranger = self._asker.address is None
        if (
            stranger and term.name == "mx"
        ):  # the hosts' addresses cannot match an unlisted client, except with a prefix length of 0
            return bool(names) and term.lengths[0 if self._asker.family == 4 else 1] == 0
        for name in names:
            if not _is_name(name):
                continue
            records = yield from self._ask(name, types[0], domain, term.text)
            other = (yield from self._ask(name, types[1], domain, term.text)) if stranger else ()
            if term.name == "a":
                self._void([*records, *other], term, domain)
            length = term.lengths[0 if self._asker.family == 4 else 1]
            if any(self._is_in(self._asker.family, length, f"{record}/{length}") for record in records):
                return True
        return False

    def _is_in(self, family: int, length: int, network: str) -> bool:
        """True if the client is in ``network``; an unlisted one is only in a network of all addresses."""
        if family != self._asker.family:
            return False
        if self._asker.address is None:
            return length == 0
        try:
            return self._asker.address in ip_network(network, strict=False)
        except ValueError:  # a record that is no address
            return False

    def _validated(self) -> Generator[Question, Answer, list[str]]:
        """Return the client's names that resolve back to its address (RFC 7208 §5.5); an error counts as no match."""
        address = self._asker.address
        if address is None:
            return []
        names = (yield address.reverse_pointer, "PTR") or ()
        confirmed = []
        for name in names[:PTR_LOOKED_AT]:
            addresses = (yield name, "A" if address.version == 4 else "AAAA") or ()
            if any(_address_is(record, str(address)) for record in addresses):
                confirmed.append(name.lower().removesuffix("."))
        return confirmed

    def _ask(self, name: str, rtype: str, place: str, term: str) -> Asking:
        answer = yield name, rtype
        if answer is None:
            raise _Stop(SpfProblem.UNANSWERED, place, term)
        return answer

    def _count(self, term: Term, domain: str) -> None:
        """Count a term that causes a look-up, over all records together (RFC 7208 §4.6.4); stop at the limit."""
        if term.name in _LOOKING:
            self.lookups += 1
            if self.lookups > LOOKUPS_ALLOWED:
                raise _Stop(SpfProblem.LOOKUPS, domain, term.text)

    def _void(self, records: list[str] | tuple[str, ...], term: Term, domain: str) -> None:
        if not records:
            self._voids += 1
            if self._voids > VOIDS_ALLOWED:
                raise _Stop(SpfProblem.VOIDS, domain, term.text)


def _is_name(name: str) -> bool:
    """True if the name can exist in the DNS and has more than one label (RFC 7208 §4.3)."""
    labels = name.removesuffix(".").split(".")
    return len(labels) > 1 and all(0 < len(label) < 64 for label in labels) and len(name) < 255


def _best(domain: str, names: list[str]) -> str:
    """Return the domain itself if validated, else a name below it, else any, else ``UNKNOWN`` (RFC 7208 §7.3)."""
    below = [name for name in names if name.endswith(f".{domain.lower()}")]
    return domain if domain.lower() in names else next(iter((*below, *names)), UNKNOWN)


def _address_is(record: str, address: str) -> bool:
    try:
        return ip_address(record) == ip_address(address)
    except ValueError:
        return False
