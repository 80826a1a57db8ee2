"""Reads the standing of each subject of a judged run in figures: the rows behind a number."""

from collections.abc import Iterable

from auditor.figures.compliance import figure_id, rules
from auditor.figures.kpis import KPIS, Kpi
from auditor.figures.movement import OfSubjects, StandingRecorder, Standings
from auditor.figures.rollup import Summing
from auditor.framework.localdate import civil_day
from auditor.regulations.model import Framework, Requirement, RuleKind
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.pipeline.summaries.subject_facts import FactsReader
from auditor.service.pipeline.summaries.summarising import kept_standings
from auditor.service.store.api import Store


def standings_of(judged: LoadedJudgement, store: Store, kpis: Iterable[Kpi]) -> Standings:
    """Read the standing of every subject in some figures, as it was kept with these, or else from the findings."""
    kpis = tuple(kpis)
    kept = kept_standings(judged.id, store, [kpi.id for kpi in kpis])
    return _counted_again(judged, store, kpis) if kept is None else kept


def _counted_again(judged: LoadedJudgement, store: Store, kpis: Iterable[Kpi]) -> Standings:
    recorder = StandingRecorder()
    day = civil_day(judged.run.started)
    summing = Summing(judged.inventory.organisation, day, kpis, recorder=recorder)
    for _, _, facts, _ in FactsReader(judged, store).every():
        summing.add(facts)
    summing.rollup()
    return recorder.by_figure


def requirement_standings(
    judged: LoadedJudgement, store: Store, framework: Framework, requirement: Requirement
) -> OfSubjects:
    """Read the standing of every subject that a requirement counts; empty if no figure measures it."""
    kpi = _kpi(judged, framework, requirement)
    return {} if kpi is None else standings_of(judged, store, [kpi]).get(kpi.id, {})


def _kpi(judged: LoadedJudgement, framework: Framework, requirement: Requirement) -> Kpi | None:
    wanted = figure_id(framework, requirement)
    own = next((rule for rule in rules([framework], civil_day(judged.run.started)) if rule.id == wanted), None)
    return KPIS.get(requirement.rule.kpi) if own is None and requirement.rule.kind is RuleKind.KPI else own
