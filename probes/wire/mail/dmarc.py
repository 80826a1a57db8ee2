"""Discovers a DMARC policy (RFC 9989 §4.7, §4.10) and what its reports need (RFC 9990 §4), as a walk without I/O.

The tree is walked by the DNS alone, no list of public suffixes is asked. Whatever is not known is ignored; ``pct``,
which RFC 9989 no longer has, is read because receivers that follow RFC 7489 heed it.
"""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from enum import StrEnum

from probes.wire.mail.spf.record import text_of
from probes.wire.mail.taglist import NotATagList, parse

REPORTS_FOLLOWED = 5
POLICIES = ("none", "quarantine", "reject")
_LABELS_ASKED = 7
_VERSION = re.compile(r"[vV][ \t]*=[ \t]*DMARC1[ \t]*(;|\Z)", re.ASCII)
_MAILTO = re.compile(r"mailto:[^@!]+@([A-Za-z0-9.-]+?)\.?(?:![0-9]+[kmgt]?)?", re.ASCII | re.IGNORECASE)

_TAG = re.compile(r"[ \t]*([A-Za-z][A-Za-z0-9_]*[ \t]*=|(p|sp|np)\b)", re.ASCII | re.IGNORECASE)
"""A tag, or what was meant to be one that decides; whatever else stands between semicolons is ignored (§4.8). Small or
capital letters are the same in the grammar, but for those of ``DMARC1``."""

Question = tuple[str, str]
Answer = tuple[str, ...] | None


class DmarcProblem(StrEnum):
    """Why no policy applies. UNANSWERED: a name was not answered for, on which the policy hangs."""

    ABSENT = "absent"
    MULTIPLE = "multiple"
    INVALID = "invalid"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True, kw_only=True)
class DmarcRecord:
    """One policy record. ``p`` empty: there is none, which counts as ``none``; ``wrong``: what makes it useless.

    ``percent``: of how much failing mail the policy is asked for, for receivers that follow RFC 7489; ``reports``: the
    text of where reports should go, of which only ``report_hosts`` can take them.
    """

    p: str = ""
    sp: str = ""
    np: str = ""
    testing: bool = False
    psd: str = "u"
    report_hosts: tuple[str, ...] = ()
    reports: str = ""
    percent: int = 100
    wrong: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dmarc:
    """What holds for mail of a domain. ``place``: the domain whose record it is; ``inherited``: that is one above.

    ``policy`` is the one for the domain itself. ``refused`` are hosts that were told to get reports and did not agree;
    ``uncertain``: some of those could not be asked.
    """

    place: str = ""
    record: DmarcRecord | None = None
    problem: DmarcProblem | None = None
    refused: tuple[str, ...] = ()
    uncertain: bool = False

    def policy(self, domain: str) -> str:
        """The policy for ``domain``, which exists; below the record's own domain that is ``sp`` where there is one."""
        if self.record is None:
            return ""
        own = self.record.p or "none"
        return own if self.place == domain else self.record.sp or own


Walk = Generator[Question, Answer, Dmarc]
_Step = Generator[Question, Answer, "list[DmarcRecord] | None"]


def evaluate(domain: str) -> Walk:
    """Discover the policy for mail of ``domain`` and whether its report addresses agreed."""
    tree = _Tree()
    own = yield from tree.at(domain)
    if own is not None and len(own) > 1:
        return Dmarc(place=domain, problem=DmarcProblem.MULTIPLE)
    organisation = yield from tree.organisation(domain)
    if own is None or (not own and tree.unanswered):
        return Dmarc(place=domain, problem=DmarcProblem.UNANSWERED)
    place, record = next(
        ((name, tree.only(name)) for name in (domain, organisation, tree.suffix) if tree.only(name)), ("", None)
    )
    if record is None:
        repeated = tree.repeated()
        return Dmarc(place=repeated or domain, problem=DmarcProblem.MULTIPLE if repeated else DmarcProblem.ABSENT)
    if record.wrong:
        return Dmarc(place=place, record=record, problem=DmarcProblem.INVALID)
    refused, uncertain = yield from _refused(place, organisation, record)
    return Dmarc(place=place, record=record, refused=refused, uncertain=uncertain or tree.unanswered)


class _Tree:
    """The names above a domain, as far as they were asked."""

    def __init__(self) -> None:
        self._found: dict[str, list[DmarcRecord]] = {}
        self.unanswered = False
        self.suffix = ""

    def at(self, name: str) -> _Step:
        """Yield the policy records at one name, asked once; None where nobody answered."""
        if name not in self._found:
            answer = yield f"_dmarc.{name}", "TXT"
            if answer is None:
                return None
            self._found[name] = records_of(answer)
        return self._found[name]

    def only(self, name: str) -> DmarcRecord | None:
        """Return the record at a name; where there are several, none counts (RFC 9989 §4.10)."""
        records = self._found.get(name, [])
        return records[0] if len(records) == 1 else None

    def repeated(self) -> str:
        """Return the first name asked that has several records, empty where none has."""
        return next((name for name, records in self._found.items() if len(records) > 1), "")

    def organisation(self, domain: str) -> Generator[Question, Answer, str]:
        """Yield the organisational domain (RFC 9989 §4.10.2)."""
        last, below = domain, domain
        for name in climb(domain):
            policy = yield from self.at(name)
            self.unanswered |= policy is None
            record = self.only(name)
            if record is not None:
                if record.psd == "n":
                    return name
                if record.psd == "y" and name != domain:
                    self.suffix = name
                    return below
                last = name
            below = name
        return last


def climb(domain: str) -> Iterator[str]:
    """Yield the names of the tree walk: the domain, then those above it, of at most seven labels, down to one."""
    labels = domain.split(".")
    yield domain
    for count in range(min(len(labels) - 1, _LABELS_ASKED), 0, -1):
        yield ".".join(labels[-count:])


def records_of(answer: tuple[str, ...]) -> list[DmarcRecord]:
    """Those of the TXT records that are DMARC policy records (RFC 9989 §4.7)."""
    return [read(text) for text in map(text_of, answer) if _VERSION.match(text)]


def read(text: str) -> DmarcRecord:
    """One record. Unknown tags are ignored, and so are mistakes everywhere but in the policies: with a wrong ``p``,
    ``sp`` or ``np`` receivers do nothing (RFC 9989 §4.10.1)."""
    try:
        tags = parse(";".join(_small(piece) for piece in text.split(";") if _TAG.match(piece)))
    except NotATagList as problem:
        return DmarcRecord(wrong=str(problem) or text[:80])
    p, sp, np = (tags.get(name, "").lower() for name in ("p", "sp", "np"))
    bad = [f"{name}={value[:40]}" for name, value in (("p", p), ("sp", sp), ("np", np)) if value not in (*POLICIES, "")]
    return DmarcRecord(
        p=p,
        sp=sp,
        np=np,
        testing=tags.get("t", "").lower() == "y",
        psd=tags.get("psd", "u").lower(),
        report_hosts=_report_hosts(tags.get("rua", "")),
        reports=tags.get("rua", ""),
        percent=_percent(tags.get("pct", "")),
        wrong=next(iter(bad), ""),
    )


def _small(piece: str) -> str:
    """Return a tag with its name in small letters."""
    name, equals, value = piece.partition("=")
    return f"{name.lower()}{equals}{value}"


def _percent(value: str) -> int:
    """Return a value that is none counts as if it were not there."""
    return min(int(value), 100) if re.fullmatch(r"[0-9]{1,3}", value, re.ASCII) else 100


def _report_hosts(rua: str) -> tuple[str, ...]:
    met = (_MAILTO.fullmatch(uri.strip()) for uri in rua.split(",")[:50])
    return tuple(dict.fromkeys(match[1].lower() for match in met if match is not None))


def _refused(
    place: str, organisation: str, record: DmarcRecord
) -> Generator[Question, Answer, tuple[tuple[str, ...], bool]]:
    """Yield the hosts outside the organisation that do not say that they take the domain's reports (RFC 9990 §4)."""
    refused: list[str] = []
    uncertain = False
    for host in record.report_hosts[:REPORTS_FOLLOWED]:
        tree = _Tree()
        if host == place or organisation in ((yield from tree.organisation(host)), host):
            continue
        answer = yield f"{place}._report._dmarc.{host}", "TXT"
        if answer is None or tree.unanswered:
            uncertain = True
        elif not any(_VERSION.match(text_of(record)) for record in answer):
            refused.append(host)
    return tuple(refused), uncertain
