"""Restricts a report to one agency: its own subjects, and statements about the run itself.

Parts that count or compare more than these subjects (figures, frameworks, earlier runs, the mesh) are left out.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType

from auditor.figures.causes import Cause, visible
from auditor.figures.compliance import FrameworkResult
from auditor.figures.held_states import DefectAge
from auditor.figures.mesh import Grid
from auditor.figures.movement import Standings
from auditor.figures.path_changes import PathChange
from auditor.figures.rollup import Rollup
from auditor.framework.check import Check
from auditor.framework.findings import CheckId, Finding, FindingId, Outcome
from auditor.texts.redaction import finding_for
from inventory.model import AgencyId, Coordinates, SubjectId
from reports.document import AgencyReport, Report, ReportHeader, Statement, SubjectReport
from reports.earlier_runs import EarlierRuns, Timelines
from reports.redaction import report_for

_OF_ALL_ALIKE = frozenset(
    {
        "VANTAGE_NO_IPV6",
        "VANTAGE_NO_IPV4",
        "VANTAGE_NAT64",
        "VANTAGE_IMPAIRED_IPV6",
        "VANTAGE_IMPAIRED_IPV4",
        "VANTAGE_IMPAIRED_DNS",
        "ONE_ROUND",
        "NO_PRIVILEGE",
        "NO_TSLCD_VANTAGE",
        "NO_INTERNET_VANTAGE",
        "SELECTED_CHECKS",
        "SKIPPED_CHECKS",
        "NOT_SEALED",
        "INVENTORY_AGE",
        "AMENDS",
        "PART",
        "DOUBTFUL",
        "DOUBT_CONFIRMED",
        "DOUBT_VANTAGE",
    }
)
"""Limits that hold for every subject and count none; other limits are left out."""


class ScopedReport:
    """Implements ``Report`` over another one, restricted to an agency. ``sees`` tells whether an agency is visible.

    ``subjects`` are those of the agency, ``names`` those of its units; ``moved`` reads the subjects that another agency
    owned in an earlier run.
    """

    rollup: Rollup | None = None
    frameworks: Sequence[FrameworkResult] = ()
    history = EarlierRuns()
    mesh = Grid()
    positions: Mapping[AgencyId, Coordinates] = MappingProxyType({})
    path_changes: Sequence[PathChange] = ()
    standings: Standings = MappingProxyType({})

    def __init__(
        self,
        whole: Report,
        sees: Callable[[AgencyId | None], bool],
        subjects: Set[SubjectId],
        *,
        names: Set[str] = frozenset(),
        moved: Callable[[], Set[SubjectId]] = frozenset,
    ) -> None:
        self._whole, self._sees, self._subjects = whole, sees, subjects
        self._names, self._read_moved = names, moved

    @cached_property
    def header(self) -> ReportHeader:
        header = self._whole.header
        known = (
            None
            if header.inventory is None
            else replace(header.inventory, source="", subjects=len(self._subjects), findings=())
        )
        return replace(header, inventory=known, limits=tuple(self._limits(header.limits)))

    def _limits(self, limits: Sequence[Statement]) -> Iterator[Statement]:
        yield from (limit for limit in limits if limit.code in _OF_ALL_ALIKE)
        if accepted := self._counted[1]:
            yield Statement(code="WAIVED", args={"findings": accepted})
        if self.summary.get(Outcome.ERROR):
            yield Statement(code="BUGS", args={"findings": self.summary[Outcome.ERROR]})

    @cached_property
    def summary(self) -> Mapping[Outcome, int]:
        return self._counted[0]

    @cached_property
    def _counted(self) -> tuple[Mapping[Outcome, int], int]:
        """Count the findings of each outcome and the accepted findings, both in one pass."""
        outcomes, accepted = dict.fromkeys(Outcome, 0), 0
        for finding in self._unredacted():
            outcomes[finding.outcome] += 1
            accepted += finding.waived is not None
        return outcomes, accepted

    @property
    def checks(self) -> Mapping[CheckId, Check]:
        return self._whole.checks

    @cached_property
    def causes(self) -> Sequence[Cause]:
        """The causes of subjects that the agency may see, without data of others."""
        if not self._whole.causes:
            return ()
        own = {subject.subject.id: subject.subject.agency for subject in self.stream_subjects()}
        restricted = (visible(cause, own) for cause in self._whole.causes)
        return tuple(cause for cause in restricted if cause is not None)

    @cached_property
    def _moved(self) -> Set[SubjectId]:
        return self._read_moved()

    @cached_property
    def lives(self) -> Mapping[FindingId, DefectAge]:
        own = {item.id for item in self._unredacted() if item.subject not in self._moved}
        return {finding: life for finding, life in self._whole.lives.items() if finding in own}

    @cached_property
    def timelines(self) -> Timelines:
        known, told = self._whole.timelines, self._subjects - self._moved
        return replace(known, strips={subject: strip for subject, strip in known.strips.items() if subject in told})

    def agencies(self) -> Iterator[AgencyReport]:
        for agency in self._whole.agencies():
            if self._sees(agency.agency):
                path = tuple(name for name in agency.path if name in self._names)
                yield replace(agency, path=path, subjects=self._own(agency.subjects))

    def stream_findings(self) -> Iterator[Finding]:
        return map(self._finding, self._unredacted())

    def _unredacted(self) -> Iterator[Finding]:
        """Yield the findings with names of other subjects; only for counting and ids, never for output."""
        return (finding for finding in self._whole.stream_findings() if finding.subject in self._subjects)

    def stream_untested(self) -> Iterator[Finding]:
        return (self._finding(item) for item in self._whole.stream_untested() if item.subject in self._subjects)

    def stream_subjects(self) -> Iterator[SubjectReport]:
        return self._own(self._whole.stream_subjects())

    def _own(self, subjects: Iterable[SubjectReport]) -> Iterator[SubjectReport]:
        for subject in subjects:
            if subject.subject.id in self._subjects:
                yield report_for(subject, self.checks, self._subjects)

    def _finding(self, finding: Finding) -> Finding:
        return finding_for(finding, self.checks.get(finding.check), self._subjects)
