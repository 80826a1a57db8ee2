"""Defines the report document that every format receives. Plain data: no texts, no layout, nothing of the store.

A ``Report`` is read agency by agency and may be read several times; one agency's subjects are read once each time, so
that a format needs no more memory for a province than for a commune.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import BinaryIO, Protocol

from auditor.figures.causes import Cause
from auditor.figures.compliance import FrameworkResult
from auditor.figures.held_states import DefectAge
from auditor.figures.mesh import Grid
from auditor.figures.movement import Standings
from auditor.figures.path_changes import PathChange
from auditor.figures.rollup import Rollup
from auditor.figures.scoring import Ladder, Score
from auditor.framework.check import Check
from auditor.framework.context import Health
from auditor.framework.findings import Arg, CheckId, Finding, FindingId, Outcome
from auditor.judging.seen_from import SeenFrom
from inventory.model import AgencyId, Coordinates, IPAddress, Subject
from probes.framework.evidence import Evidence, EvidenceId, RunId
from reports.earlier_runs import EarlierRuns, Timelines
from reports.issuer import ReportIssuer


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A coded sentence about the report itself; its words are in ``auditor.texts.messages_en.LIMITS``."""

    code: str
    args: Mapping[str, Arg] = field(default_factory=dict)

    def __str__(self) -> str:
        """Free of language: ``VANTAGE_NO_IPV6 vantage=trung-tam-tinh``."""
        return " ".join([self.code, *(f"{name}={_flat(value)}" for name, value in self.args.items())])


def _flat(value: Arg) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)


NOT_STATUTORY = Statement(code="NOT_STATUTORY")
"""Stands in every report (CHECKS §0.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VantageReport:
    """Describes the vantage of the measurements and the health of its network."""

    name: str
    ipv4: Health
    ipv6: Health
    dns: Health
    sources: tuple[IPAddress, ...] = ()
    selftest: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryInfo:
    """The inventory behind the run: as the operator named it, its digest, its date, and ``meta.inventory.*``."""

    source: str
    digest: str = ""
    as_of: date | None = None
    subjects: int = 0
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SealInfo:
    """The seal of an official run. ``covers``: this judgement was there when it was made. ``key``: the fingerprint of
    the key that signed it, empty where none did. ``sealed_by``: who did that, where the seal says so."""

    root: str
    sealed_at: datetime
    covers: bool
    key: str = ""
    sealed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportHeader:
    """Operator, time, vantage and rules of the measurements. ``policy`` and ``inventory.digest`` are ``sha256:…``."""

    run: RunId
    name: str
    started: datetime
    finished: datetime | None
    version: str
    catalogue: str
    policy: str
    profile: str
    vantages: tuple[VantageReport, ...]
    limits: tuple[Statement, ...] = ()
    inventory: InventoryInfo | None = None
    judged_at: datetime | None = None
    period: tuple[date, date] | None = None
    judgement: str = ""
    seal: SealInfo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectReport:
    """Holds one subject with its findings, scores and evidence. ``evidence`` may be a mapping that reads on demand.

    ``derived``: planning added it, and no row of the inventory lists it. ``seen_from``: the vantages of a round, with
    whether the subject answered each.
    """

    subject: Subject
    addresses: tuple[IPAddress, ...]
    findings: tuple[Finding, ...]
    scores: Mapping[str, Score] = field(default_factory=dict)
    ladders: Mapping[str, Ladder] = field(default_factory=dict)
    evidence: Mapping[EvidenceId, Evidence] = field(default_factory=dict)
    derived: bool = False
    seen_from: tuple[SeenFrom, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyReport:
    """Holds one organisation unit; ``agency`` is None for subjects without one.

    ``path`` holds the names of the units above, top first; ``contact`` is that of the unit.
    """

    agency: AgencyId | None
    name: str
    level: str
    path: tuple[str, ...]
    subjects: Iterable[SubjectReport]
    contact: str = ""


class Report(Protocol):
    """A judgement, ready to be rendered. ``summary`` counts findings; ``checks`` are those that may occur in it."""

    @property
    def header(self) -> ReportHeader: ...

    @property
    def summary(self) -> Mapping[Outcome, int]: ...

    @property
    def checks(self) -> Mapping[CheckId, Check]: ...

    @property
    def rollup(self) -> Rollup | None:
        """Figures of the whole and of every unit; None where there is no inventory to count in."""
        ...

    @property
    def frameworks(self) -> Sequence[FrameworkResult]:
        """The result of each framework; empty with ``rollup`` None."""
        ...

    @property
    def causes(self) -> Sequence[Cause]:
        """Return the causes that several subjects share, by descending gain; empty with ``rollup`` None."""
        ...

    @property
    def standings(self) -> Standings:
        """Return the standing of each subject in each figure; empty if it was not stored with the figures."""
        ...

    @property
    def history(self) -> EarlierRuns:
        """Earlier runs beside this one; empty where none are known."""
        ...

    @property
    def positions(self) -> Mapping[AgencyId, Coordinates]:
        """Return the coordinates of units, for the map of communes; they are never published."""
        ...

    @property
    def mesh(self) -> Grid:
        """The vantages among each other; empty of names where no mesh is configured."""
        ...

    @property
    def path_changes(self) -> Sequence[PathChange]:
        """The paths that lead elsewhere than earlier runs saw; events to look at, never defects."""
        ...

    @property
    def lives(self) -> Mapping[FindingId, DefectAge]:
        """Since when each defect is there, by earlier runs; empty where none are known."""
        ...

    @property
    def timelines(self) -> Timelines:
        """The outcomes of the last rounds for each subject; at most one moment where no earlier rounds are known."""
        ...

    def agencies(self) -> Iterator[AgencyReport]:
        """Yield every agency with a subject in the run, in a fixed order; each call begins anew."""
        ...

    def stream_findings(self) -> Iterator[Finding]:
        """Yield every finding in a fixed order, without the subjects around them: much less is read for it."""
        ...

    def stream_untested(self) -> Iterator[Finding]:
        """Yield those of ``stream_findings`` that are ``not_tested``, in its order."""
        ...

    def stream_subjects(self) -> Iterator[SubjectReport]:
        """Yield every subject in the order of ``agencies``, without findings and evidence: much less is read for it."""
        ...


class Sink(Protocol):
    """Takes the files of a format. A sink for one file or for standard output may disregard the name.

    ``many`` tells whether it takes more than one: names are then relative paths, a folder before a slash.
    """

    @property
    def many(self) -> bool: ...

    def open(self, name: str) -> AbstractContextManager[BinaryIO]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RemediationStatus:
    """Holds the progress of a repair as people entered it: state, owner, deadline and the last comment."""

    state: str = "new"
    owner: str = ""
    deadline: date | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of a report. ``lang`` is the language, or the one shown first; ``color`` to ``everything`` are for
    terminals.

    ``width`` None means: do not fold lines. ``everything`` also lists what passed. ``work`` is what people hold of
    problems, by ``problem_key``.
    """

    lang: str = "vi"
    issuer: ReportIssuer = field(default_factory=ReportIssuer)
    color: bool = False
    ascii: bool = False
    width: int | None = None
    everything: bool = False
    work: Mapping[str, RemediationStatus] = field(default_factory=dict)


RenderFn = Callable[[Report, Sink], None]


def not_tested(finding: Finding) -> bool:
    """True if a finding says that nothing was measured, rather than that the measurement decided nothing."""
    return finding.outcome is Outcome.INCONCLUSIVE and not finding.evidence


def failing_selftests(header: ReportHeader) -> Iterator[tuple[VantageReport, Finding]]:
    """Yield the ``meta.*`` findings that limit the conclusions of this report."""
    for vantage in header.vantages:
        for finding in vantage.selftest:
            if finding.outcome not in (Outcome.PASS, Outcome.NOT_APPLICABLE):
                yield vantage, finding


def limits(header: ReportHeader) -> tuple[Statement, ...]:
    """Return all limits of a report, the standing one last."""
    return (*(limit for limit in header.limits if limit.code != NOT_STATUTORY.code), NOT_STATUTORY)
