"""Discovers a DMARC policy (RFC 9989 §4.7, §4.10) and consent to its reports (RFC 9990 §4), as a walk without I/O.

The tree is walked with DNS queries only, without a list of public suffixes. Unknown tags are ignored; ``pct``, which
RFC 9989 no longer has, is read because receivers that follow RFC 7489 apply it.
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
"""A tag, or the name of a policy tag without "="; anything else between semicolons is ignored (§4.8).

The grammar is case-insensitive except for ``DMARC1``.
"""

Question = tuple[str, str]
Answer = tuple[str, ...] | None


class DmarcProblem(StrEnum):
    """Names the reason why no policy applies. UNANSWERED: a query on which the policy depends got no answer."""

    ABSENT = "absent"
    MULTIPLE = "multiple"
    INVALID = "invalid"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True, kw_only=True)
class DmarcRecord:
    """Holds one policy record. ``p`` empty: it has none, which counts as ``none``; ``wrong``: its invalid part.

    ``percent``: the share of failing mail to apply the policy to, for receivers that follow RFC 7489; ``reports``: the
    text of the report addresses; ``report_hosts``: the hosts of those that can receive reports.
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
    """Holds the result for mail of a domain. ``place``: the domain that has the record, which may be one above.

    ``policy`` returns the policy for a domain. ``refused``: hosts named for reports that did not agree to get them;
    ``uncertain``: a query that may matter got no answer.
    """

    place: str = ""
    record: DmarcRecord | None = None
    problem: DmarcProblem | None = None
    refused: tuple[str, ...] = ()
    uncertain: bool = False

    def policy(self, domain: str) -> str:
        """Return the policy for ``domain``, which exists; below the record's own domain that is ``sp`` if present."""
        if self.record is None:
            return ""
        own = self.record.p or "none"
        return own if self.place == domain else self.record.sp or own


Walk = Generator[Question, Answer, Dmarc]
_Step = Generator[Question, Answer, "list[DmarcRecord] | None"]


def evaluate(domain: str) -> Walk:
    """Discover the policy for mail of ``domain`` and the report hosts that did not agree."""
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
    """Caches the records of a domain and of the names above it, as far as they were queried."""

    def __init__(self) -> None:
        self._found: dict[str, list[DmarcRecord]] = {}
        self.unanswered = False
        self.suffix = ""

    def at(self, name: str) -> _Step:
        """Return the policy records at one name, queried once; None if there was no answer."""
        if name not in self._found:
            answer = yield f"_dmarc.{name}", "TXT"
            if answer is None:
                return None
            self._found[name] = records_of(answer)
        return self._found[name]

    def only(self, name: str) -> DmarcRecord | None:
        """Return the record at a name; None if there is none or more than one (RFC 9989 §4.10)."""
        records = self._found.get(name, [])
        return records[0] if len(records) == 1 else None

    def repeated(self) -> str:
        """Return the first queried name that has several records, empty if none has."""
        return next((name for name, records in self._found.items() if len(records) > 1), "")

    def organisation(self, domain: str) -> Generator[Question, Answer, str]:
        """Return the organisational domain (RFC 9989 §4.10.2)."""
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
    """Yield the names of the tree walk: the domain, then its parents of at most seven labels, down to one label."""
    labels = domain.split(".")
    yield domain
    for count in range(min(len(labels) - 1, _LABELS_ASKED), 0, -1):
        yield ".".join(labels[-count:])


def records_of(answer: tuple[str, ...]) -> list[DmarcRecord]:
    """Return the DMARC policy records among TXT records (RFC 9989 §4.7)."""
    return [read(text) for text in map(text_of, answer) if _VERSION.match(text)]


def read(text: str) -> DmarcRecord:
    """Return one record. Unknown tags and mistakes outside the policies are ignored.

    With a wrong ``p``, ``sp`` or ``np`` receivers do nothing (RFC 9989 §4.10.1).
    """
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
    """Return a tag with its name in lower case."""
    name, equals, value = piece.partition("=")
    return f"{name.lower()}{equals}{value}"


def _percent(value: str) -> int:
    """Return a percentage, at most 100; an invalid value counts as absent, which is 100."""
    return min(int(value), 100) if re.fullmatch(r"[0-9]{1,3}", value, re.ASCII) else 100


def _report_hosts(rua: str) -> tuple[str, ...]:
    met = (_MAILTO.fullmatch(uri.strip()) for uri in rua.split(",")[:50])
    return tuple(dict.fromkeys(match[1].lower() for match in met if match is not None))


def _refused(
    place: str, organisation: str, record: DmarcRecord
) -> Generator[Question, Answer, tuple[tuple[str, ...], bool]]:
    """Return the hosts outside the organisation that did not accept the domain's reports (RFC 9990 §4).

    The second value is True if a query about one of the hosts got no answer.
    """
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
