"""Prepares the requirements of frameworks for one account: measured, declared and missing values against their targets.

An account that is bound to an agency gets its own figures and no declared value or standing: these are of the whole.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from auditor.figures.compliance import Compliance, FrameworkResult, RequirementResult, judge_framework
from auditor.figures.figure import Figure
from auditor.figures.kpis import Kpi, Standing
from auditor.figures.movement import OfSubjects
from auditor.figures.period import Period
from auditor.regulations.model import Framework, Requirement, RuleKind
from auditor.service.inventories.agency_view import within
from auditor.service.pipeline.summaries.declared import Declared
from auditor.service.pipeline.summaries.subject_lines import SubjectLine
from auditor.service.pipeline.summaries.summarising import summarise
from auditor.service.runs.figure_standings import requirement_standings, standings_of
from auditor.service.runs.period_counts import closing
from auditor.service.store.api import Store
from auditor.service.web.figures.tiles import FigureTarget
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.judgement_summary import JudgementSummaries
from inventory.model import AgencyId, Kind, SubjectId
from probes.observations.declared import DeclaredValue
from reports.period.tables import source_of

_REACHED: Mapping[Compliance, bool] = {
    Compliance.MET: True,
    Compliance.DECLARED_MET: True,
    Compliance.NOT_MET: False,
    Compliance.DECLARED_NOT_MET: False,
}
_ORDER = (Standing.NOT_MET, Standing.UNKNOWN, Standing.EXEMPT, Standing.MET)
UNITS = f"{Kind.UNIT.value}:"
"""The prefix of the id of a unit that stands for its connection points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementLine:
    """Describes a requirement in force. ``source``: measured, declared or missing; ``standing`` is None for an agency.

    ``scale``: the value that the whole bar of a declared value stands for.
    """

    requirement: Requirement
    source: str
    figure: Figure | None
    declared: DeclaredValue | None
    target: FigureTarget | None
    standing: Compliance | None
    is_late: bool

    @property
    def scale(self) -> float:
        parts = [self.declared.value if self.declared else 0.0, self.target.value if self.target else 0.0]
        return max(*parts, 100.0 if self.requirement.unit is None else 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkLines:
    """Holds a framework with its lines, and the number of them in each standing."""

    framework: Framework
    day: date
    lines: Sequence[RequirementLine]

    @property
    def counts(self) -> Mapping[Compliance, int]:
        counted = Counter(line.standing for line in self.lines if line.standing is not None)
        return {standing: counted[standing] for standing in Compliance if counted[standing]}

    @property
    def sources(self) -> Mapping[str, int]:
        return Counter(line.source for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingLine:
    """Describes a subject that a figure counts. ``line`` is None for a unit that stands for its connection points."""

    subject: SubjectId
    agency: AgencyId | None
    standing: Standing
    line: SubjectLine | None


def held_frameworks(
    view: AccountView, digests: JudgementSummaries, store: Store, period: Period | None = None
) -> Sequence[FrameworkResult]:
    """Judge a run's frameworks by its figures; for a period use the values declared for it, later ones too."""
    judgement = view.digest.judgement  # declared values may come from evidence added later
    about = ("published", judgement.id)
    summary = digests.remembered(about, lambda: summarise(digests.judged(judgement), store), untold=True)
    if view.whole:
        if period is None:
            return summary.frameworks
        return closing(summary.frameworks, summary.rollup, period, Declared(store))
    own = view.total()
    if own is None:
        return ()
    rollup = replace(summary.rollup, total=own, units=())
    return [judge_framework(held.framework, rollup) for held in summary.frameworks]


def framework_lines(held: FrameworkResult, *, whole: bool) -> FrameworkLines:
    """Return the requirements of a framework that are in force."""
    lines = (_line(result, whole=whole) for result in held.results if result.compliance is not Compliance.NOT_IN_FORCE)
    return FrameworkLines(framework=held.framework, day=held.day, lines=tuple(lines))


def _line(result: RequirementResult, *, whole: bool) -> RequirementLine:
    figure = result.figure if result.figure is not None and (result.figure.of or result.figure.exempt) else None
    return RequirementLine(
        requirement=result.requirement,
        source=source_of(result),
        figure=figure,
        declared=next(iter(result.declared), None),
        target=_target(result, whole=whole),
        standing=result.compliance if whole else None,
        is_late=whole and result.late,
    )


def _target(result: RequirementResult, *, whole: bool) -> FigureTarget | None:
    """Return the target; ``reached`` is None for an agency, because the target is that of the whole."""
    rule = result.requirement.rule
    value = 100.0 if rule.kind is RuleKind.ALL else rule.target
    if value is None:
        return None
    return FigureTarget(sign=rule.sign or ">=", value=value, reached=_REACHED.get(result.compliance) if whole else None)


def standing_lines(
    view: AccountView, digests: JudgementSummaries, store: Store, framework: Framework, requirement: Requirement
) -> Sequence[StandingLine]:
    """Return the visible subjects that the figure of a requirement counts, those that do not meet it first."""
    judged = digests.judged(view.digest.judgement)
    return list(_visible(view, requirement_standings(judged, store, framework, requirement)))


def figure_lines(
    view: AccountView, digests: JudgementSummaries, store: Store, kpi: Kpi, agency: AgencyId | None
) -> Sequence[StandingLine]:
    """Return the visible subjects that a figure counts, with those first that do not meet it.

    They are of one agency and the units under it, or of everything visible.
    """
    judged = digests.judged(view.digest.judgement)
    lines = _visible(view, standings_of(judged, store, [kpi]).get(kpi.id, {}))
    return [line for line in lines if within(agency, line.agency, view.digest.organisation)]


def _visible(view: AccountView, standings: OfSubjects) -> Iterator[StandingLine]:
    seen = {agency: view.sees(agency) for agency in {kept.agency for kept in standings.values()}}
    lines, shown = view.by_id, {subject: kept for subject, kept in standings.items() if seen[kept.agency]}
    for standing in _ORDER:
        for subject in sorted(subject for subject, kept in shown.items() if kept.standing is standing):
            line = lines.get(subject)
            if line is not None or subject.startswith(UNITS):
                yield StandingLine(subject=subject, agency=shown[subject].agency, standing=standing, line=line)
