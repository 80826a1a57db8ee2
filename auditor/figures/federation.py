"""Holds the data of one round that a province sends to a national centre, and adds up provinces.

Pure. Figures, targets, counts and the worst defects are sent; evidence stays in the province. A centre takes them as
they are: it counts and compares, and judges nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite

from auditor.figures.compliance import Compliance
from auditor.framework.findings import Level, Outcome, Severity

MOST_FIGURES, MOST_TARGETS, MOST_COUNTS = 500, 2_000, 2_000
MOST_KEPT = 1_000
"""The most defects of a province that a centre keeps, the worst ones; all of them are counted."""
_LONGEST, _MOST_ARGS = 1_000, 32
_HIGHEST = 10**9
Argument = str | int | float | tuple[str, ...]


class FederationError(ValueError):
    """Raised for a value that a province cannot have sent; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvinceHead:
    """Names the province, the round, and the judgement that the figures are of.

    ``issued``: when the file was made; of two files of one province and round the later one corrects the other.
    """

    province: str
    name: str
    round: str
    run: str
    judgement: str
    started: datetime
    judged_at: datetime
    issued: datetime
    catalogue: str
    policy: str
    version: str
    vantages: tuple[str, ...]
    subjects: int

    def __post_init__(self) -> None:
        for text in (self.province, self.round):
            if not text.strip() or len(text) > 100 or not text.isprintable():
                raise FederationError("the name of the province or of the round")
        _texts(self.name, self.run, self.judgement, self.catalogue, self.policy, self.version, *self.vantages)
        _counts(self.subjects, len(self.vantages))
        if any(moment.tzinfo is None for moment in (self.started, self.judged_at, self.issued)):
            raise FederationError("a time without its zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvinceFigure:
    """Holds one figure with its denominator, as ``figures.figure.Figure`` has it."""

    name: str
    of: int
    met: int
    unknown: int
    exempt: int
    value: float | None = None

    def __post_init__(self) -> None:
        _texts(self.name)
        _counts(self.of, self.met, self.unknown, self.exempt)
        if self.met + self.unknown > self.of:
            raise FederationError(f"figure {self.name[:40]} has more parts than its whole")
        if self.value is not None and not (isfinite(self.value) and 0 <= self.value <= 1):
            raise FederationError(f"figure {self.name[:40]} is not a share")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvinceTarget:
    """Holds the status of one requirement of a framework."""

    framework: str
    requirement: str
    compliance: Compliance

    def __post_init__(self) -> None:
        _texts(self.framework, self.requirement)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvinceCount:
    """Counts findings of one outcome, severity and level."""

    outcome: Outcome
    severity: Severity
    level: Level
    waived: bool
    count: int

    def __post_init__(self) -> None:
        _counts(self.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvinceArgument:
    """Holds a named value of a message."""

    name: str
    value: Argument

    def __post_init__(self) -> None:
        _texts(self.name, *(self.value if isinstance(self.value, tuple) else ()))
        if isinstance(self.value, str):
            _texts(self.value)
        elif isinstance(self.value, float) and not isfinite(self.value):
            raise FederationError("a number that is none")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvinceDefect:
    """Holds a failing or warning finding without its evidence; ``agency`` is the name of the unit that owns it."""

    id: str
    check: str
    code: str
    outcome: Outcome
    severity: Severity
    level: Level
    subject: str
    agency: str
    address: str
    detail: str
    waived: bool
    args: tuple[ProvinceArgument, ...] = ()

    def __post_init__(self) -> None:
        if self.outcome not in (Outcome.FAIL, Outcome.WARN):
            raise FederationError("a finding that is not a defect")
        _texts(self.id, self.check, self.code, self.subject, self.agency, self.address, self.detail)
        _counts(len(self.args), most=_MOST_ARGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvinceSummary:
    """Holds everything that a centre keeps of one file; ``worst`` are the gravest of its ``defects``."""

    head: ProvinceHead
    figures: tuple[ProvinceFigure, ...] = ()
    targets: tuple[ProvinceTarget, ...] = ()
    counts: tuple[ProvinceCount, ...] = ()
    defects: int = 0
    worst: tuple[ProvinceDefect, ...] = ()

    def figure(self, name: str) -> ProvinceFigure | None:
        return next((figure for figure in self.figures if figure.name == name), None)

    def of_outcome(self, outcome: Outcome) -> int:
        return sum(count.count for count in self.counts if count.outcome is outcome)

    @property
    def coverage(self) -> float | None:
        """The share of applicable findings that were decided; None if there are none."""
        undecided = self.of_outcome(Outcome.INCONCLUSIVE) + self.of_outcome(Outcome.ERROR)
        decided = sum(map(self.of_outcome, (Outcome.PASS, Outcome.WARN, Outcome.FAIL)))
        return decided / (decided + undecided) if decided + undecided else None

    @property
    def met_targets(self) -> tuple[int, int]:
        """The number of targets met, and of those that were decided or could have been."""
        standings = Counter(target.compliance for target in self.targets)
        met = standings[Compliance.MET] + standings[Compliance.DECLARED_MET]
        missed = standings[Compliance.NOT_MET] + standings[Compliance.DECLARED_NOT_MET]
        return met, met + missed + standings[Compliance.UNDECIDED]

    def failing(self, severity: Severity) -> int:
        """Count the failures of a severity that are not waived."""
        return sum(
            count.count
            for count in self.counts
            if count.outcome is Outcome.FAIL and count.severity is severity and not count.waived
        )


def gravity(defect: ProvinceDefect) -> tuple[bool, bool, int, str, str]:
    """Return the sort key of a defect, the gravest first: waived ones last, failures before warnings."""
    return defect.waived, defect.outcome is not Outcome.FAIL, defect.severity.rank, defect.check, defect.subject


def together(summaries: Sequence[ProvinceSummary]) -> Mapping[str, ProvinceFigure]:
    """Add up each figure over the provinces that have it; a share of sums cannot be added and is left out."""
    sums: dict[str, Counter[str]] = {}
    for figure in (figure for summary in summaries for figure in summary.figures):
        counts = sums.setdefault(figure.name, Counter())
        counts.update(of=figure.of, met=figure.met, unknown=figure.unknown, exempt=figure.exempt)
    return {name: ProvinceFigure(name=name, **_named(counts)) for name, counts in sorted(sums.items())}


def _named(counts: Counter[str]) -> dict[str, int]:
    return {name: counts[name] for name in ("of", "met", "unknown", "exempt")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Widespread:
    """Describes a check that fails in several provinces, among the defects that these sent as their worst.

    ``codes`` are those that it failed with, the most frequent first.
    """

    check: str
    codes: tuple[str, ...]
    severity: Severity
    provinces: int
    subjects: int


def widespread(summaries: Iterable[ProvinceSummary]) -> tuple[Widespread, ...]:
    """Return the failing checks, those of most provinces first."""
    provinces: dict[str, set[str]] = {}
    subjects: dict[str, set[tuple[str, str]]] = {}
    codes: dict[str, Counter[str]] = {}
    severities: dict[str, Severity] = {}
    for summary in summaries:
        for defect in summary.worst:
            if defect.outcome is Outcome.FAIL and not defect.waived:
                name = summary.head.province
                provinces.setdefault(defect.check, set()).add(name)
                subjects.setdefault(defect.check, set()).add((name, defect.subject))
                codes.setdefault(defect.check, Counter())[defect.code] += 1
                graver = severities.get(defect.check, defect.severity)
                severities[defect.check] = min(graver, defect.severity, key=lambda severity: severity.rank)
    rows = (
        Widespread(
            check=check,
            codes=tuple(sorted(codes[check], key=lambda code: (-codes[check][code], code))),
            severity=severities[check],
            provinces=len(names),
            subjects=len(subjects[check]),
        )
        for check, names in provinces.items()
    )
    return tuple(sorted(rows, key=lambda row: (-row.provinces, row.severity.rank, -row.subjects, row.check)))


def _texts(*texts: str) -> None:
    if any(len(text) > _LONGEST for text in texts):
        raise FederationError(f"a text of more than {_LONGEST} characters")


def _counts(*numbers: int, most: int = _HIGHEST) -> None:
    if any(not 0 <= number <= most for number in numbers):
        raise FederationError("a number that counts nothing")
