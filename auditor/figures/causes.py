"""Groups failing findings of several subjects that one measured thing explains: an address, a certificate, a prefix.

Pure. A group needs at least two subjects, and no measurement may contradict it: an address that answered for another
subject is not the shared cause.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address, ip_network

from auditor.figures.compliance import Compliance
from auditor.framework.findings import CheckId, FindingId, Severity
from inventory.model import AgencyId, IPAddress, SubjectId

_ANSWERED = 1
"""The bit of an address that sent anything; the others stand for the checks that it passed."""
_LENGTHS = {4: 24, 6: 48}
FEWEST_SUBJECTS = 2
FEWEST_ADDRESSES = 3
"""The silent addresses of one prefix before the prefix is named: two may be two machines that are switched off."""
MOST_CAUSES = 50
MOST_LISTED = 200
"""The most subjects and findings of one cause that are listed; all are counted."""


class CauseKind(StrEnum):
    """Names the kind of cause that several findings share; the first kind that explains a finding takes it."""

    ROUTE = "route"
    PREFIX = "prefix"
    CERTIFICATE = "certificate"
    NAME_SERVERS = "name-servers"
    MAIL_EXCHANGERS = "mail-exchangers"
    NAME_SERVER = "name-server"
    MAIL_GATEWAY = "mail-gateway"
    RESOLVER = "resolver"
    ADDRESS = "address"
    WEB_SERVER = "web-server"


PROBABLE = frozenset({CauseKind.PREFIX, CauseKind.WEB_SERVER})
"""Kinds that are only a probable cause of the findings; the others are shown by measurement."""


class OwnerBasis(StrEnum):
    """States the reason for which an agency is named as the owner of a cause."""

    ROW = "row"
    BLOCK = "block"
    ZONE = "zone"
    MEMBERS = "members"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseKey:
    """Identifies one measured thing.

    ``name``: an address, a prefix, names, a digest; ``vantage``: the vantage that saw it, because an address of a
    private range may be another machine elsewhere. ``port``: beside an address, where it matters.
    """

    kind: CauseKind
    name: str
    vantage: str = ""
    port: str = ""
    software: str = ""

    @property
    def id(self) -> str:
        """An id that is stable across runs."""
        parts = (self.kind.value, self.name, self.vantage, self.port, self.software)
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """Holds a failing finding and the measured things that would explain it."""

    finding: FindingId
    check: CheckId
    code: str
    severity: Severity
    subject: SubjectId
    agency: AgencyId | None
    address: str = ""
    keys: tuple[CauseKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SymptomGroup:
    """Holds one measured thing with the findings that it explains."""

    key: CauseKey
    symptoms: tuple[Symptom, ...]

    @property
    def subjects(self) -> tuple[SubjectId, ...]:
        return tuple(sorted({symptom.subject for symptom in self.symptoms}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """Holds a figure as it is and as it would be; ``figure`` is the id of an indicator or of a requirement's figure.

    ``possible``: how many more may be met then, among subjects that can only be measured after the fix.
    """

    figure: str
    met: int
    of: int
    met_after: int
    of_after: int
    possible: int = 0

    @property
    def grows(self) -> bool:
        return self.met_after + self.possible > self.met


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGain:
    """Names a requirement with a target that would be reached."""

    framework: str
    requirement: str
    now: Compliance


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseProblem:
    """Holds one check among the findings of a cause, with the code of the first of its most severe findings."""

    check: CheckId
    code: str
    severity: Severity
    findings: int
    subjects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Holds one cause with all the problems that end when it is fixed.

    ``subject_count``, ``finding_count``: of all; ``subjects`` and ``findings`` are the first. ``owner`` None: no row of
    the inventory names its owner. ``agencies``: those of the subjects, None for subjects of no agency;
    ``agency_subjects``: how many each of them has, empty where the cause was stored before this field existed.
    """

    id: str
    key: CauseKey
    severity: Severity
    problems: tuple[CauseProblem, ...]
    subjects: tuple[SubjectId, ...]
    subject_count: int
    findings: tuple[FindingId, ...]
    finding_count: int
    agencies: tuple[AgencyId | None, ...]
    owner: AgencyId | None = None
    owner_basis: OwnerBasis = OwnerBasis.UNKNOWN
    gains: tuple[Gain, ...] = ()
    targets: tuple[TargetGain, ...] = ()
    agency_subjects: tuple[int, ...] = ()

    @property
    def certain(self) -> bool:
        return self.key.kind not in PROBABLE


class Contradictions:
    """Records successes elsewhere: addresses that answered or passed a check, and names that were good.

    Memory: one number for each address, of which a run has tens of thousands and each passes dozens of checks.
    """

    def __init__(self) -> None:
        self._addresses: dict[str, int] = {}
        self._bits: dict[CheckId, int] = {}
        self._numbers: dict[int, int] = {}
        """The numbers themselves, shared: most addresses have one of a few values."""
        self._names: dict[CheckId, set[str]] = {}
        self._prefixes: frozenset[str] | None = None

    def answered(self, address: str) -> None:
        """Record an address, as it is written, that sent anything at all."""
        self._note(address, _ANSWERED)
        self._prefixes = None

    def passed(self, check: CheckId, address: str) -> None:
        """Record an address that passed a check."""
        self._note(address, self._bits.setdefault(check, _ANSWERED << (1 + len(self._bits))))

    def good(self, check: CheckId, names: Iterable[str]) -> None:
        """Record names of servers that were good by a check."""
        self._names.setdefault(check, set()).update(names)

    def of(self, key: CauseKey, check: CheckId, addresses: Set[str]) -> bool:
        """True if any measurement contradicts this cause of findings of ``check``."""
        if key.kind is CauseKind.PREFIX:
            return key.name in self._answering_prefixes()
        if key.kind in (CauseKind.NAME_SERVERS, CauseKind.MAIL_EXCHANGERS):
            return not self._names.get(check, set()).isdisjoint(key.name.split(", "))
        if key.kind is CauseKind.CERTIFICATE or key.kind is CauseKind.ROUTE:
            return False
        bit = self._bits.get(check, 0)
        return any(self._addresses.get(address, 0) & bit for address in addresses)

    def _note(self, address: str, bit: int) -> None:
        number = self._addresses.get(address, 0) | bit
        self._addresses[address] = self._numbers.setdefault(number, number)

    def _answering_prefixes(self) -> frozenset[str]:
        """Return the prefixes of the addresses that answered; computed when first needed, which is in few runs."""
        if self._prefixes is None:
            answering = (address for address, number in self._addresses.items() if number & _ANSWERED)
            self._prefixes = frozenset(prefix_of(ip_address(address)) for address in answering)
        return self._prefixes


def prefix_of(address: IPAddress) -> str:
    """Return the prefix of an address that has one owner on the Internet."""
    return str(ip_network((address, _LENGTHS[address.version]), strict=False))


def group(symptoms: Iterable[Symptom], against: Contradictions) -> Iterator[SymptomGroup]:
    """Yield the groups; each finding is in at most one, that of the first kind which explains it."""
    left = {symptom.finding: symptom for symptom in symptoms}
    for kind in CauseKind:
        buckets: dict[CauseKey, list[Symptom]] = {}
        for symptom in left.values():
            for key in symptom.keys:
                if key.kind is kind:
                    buckets.setdefault(key, []).append(symptom)
        for key in sorted(buckets, key=lambda each: each.id):
            members = tuple(_explained(key, buckets[key], against))
            if members:
                for symptom in members:
                    left.pop(symptom.finding, None)
                yield SymptomGroup(key=key, symptoms=members)


def _explained(key: CauseKey, symptoms: Sequence[Symptom], against: Contradictions) -> Iterator[Symptom]:
    """Yield the symptoms of checks that have enough subjects of their own and no contradiction."""
    of_checks: dict[CheckId, list[Symptom]] = {}
    for symptom in symptoms:
        of_checks.setdefault(symptom.check, []).append(symptom)
    whole = key.kind is CauseKind.PREFIX  # silence of a prefix is one cause for all services
    if whole and len({symptom.address for symptom in symptoms}) < FEWEST_ADDRESSES:
        return
    if whole and len({symptom.subject for symptom in symptoms}) < FEWEST_SUBJECTS:
        return
    for check, members in sorted(of_checks.items()):
        enough = whole or len({symptom.subject for symptom in members}) >= FEWEST_SUBJECTS
        if enough and not against.of(key, check, {symptom.address for symptom in members}):
            yield from members


def cause_of(
    found: SymptomGroup,
    owner: tuple[AgencyId | None, OwnerBasis],
    gains: Sequence[Gain] = (),
    targets: Sequence[TargetGain] = (),
) -> Cause:
    """Describe a group as a cause."""
    symptoms, subjects = found.symptoms, found.subjects
    owned = Counter({symptom.subject: symptom.agency for symptom in symptoms}.values())
    agencies = tuple(sorted(owned, key=lambda agency: agency or ""))
    findings = sorted({symptom.finding for symptom in symptoms})
    return Cause(
        id=found.key.id,
        key=found.key,
        severity=_worst(symptoms),
        problems=tuple(_problems(symptoms)),
        subjects=subjects[:MOST_LISTED],
        subject_count=len(subjects),
        findings=tuple(findings[:MOST_LISTED]),
        finding_count=len(findings),
        agencies=agencies,
        agency_subjects=tuple(owned[agency] for agency in agencies),
        owner=owner[0],
        owner_basis=owner[1],
        gains=tuple(gains),
        targets=tuple(targets),
    )


def _problems(symptoms: Iterable[Symptom]) -> Iterator[CauseProblem]:
    of_checks: dict[CheckId, list[Symptom]] = {}
    for symptom in symptoms:
        of_checks.setdefault(symptom.check, []).append(symptom)
    ranked = sorted(of_checks.items(), key=lambda item: (_worst(item[1]).rank, item[0]))
    for check, members in ranked:
        yield CauseProblem(
            check=check,
            code=min(members, key=lambda symptom: (symptom.severity.rank, symptom.finding)).code,
            severity=_worst(members),
            findings=len(members),
            subjects=len({symptom.subject for symptom in members}),
        )


def _worst(symptoms: Iterable[Symptom]) -> Severity:
    return min((symptom.severity for symptom in symptoms), key=lambda severity: severity.rank)


def ranked(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Order causes by the gain of fixing them: targets reached and subjects, then severity."""
    ordered = sorted(
        causes,
        key=lambda cause: (
            -len(cause.targets),
            -cause.subject_count,
            cause.severity.rank,
            -cause.finding_count,
            cause.id,
        ),
    )
    return tuple(ordered[:MOST_CAUSES])


def visible(cause: Cause, agencies: Mapping[SubjectId, AgencyId | None]) -> Cause | None:
    """Restrict a cause to the subjects that a reader may see, by their agencies; None if these are fewer than two.

    That subjects of other agencies share the address is not disclosed. Figures, counts and the owner would show it too.
    """
    subjects, owners = tuple(subject for subject in cause.subjects if subject in agencies), frozenset(agencies.values())
    counted = zip(cause.agencies, cause.agency_subjects, strict=False)
    count = max(len(subjects), sum(number for agency, number in counted if agency in owners))
    if count < FEWEST_SUBJECTS:
        return None
    known = cause.owner is not None and cause.owner in owners
    return Cause(
        id=cause.id,
        key=cause.key,
        severity=cause.severity,
        problems=(),
        subjects=subjects,
        subject_count=count,
        findings=(),
        finding_count=0,
        agencies=tuple(agency for agency in cause.agencies if agency in owners),
        owner=cause.owner if known else None,
        owner_basis=cause.owner_basis if known else OwnerBasis.UNKNOWN,
    )
