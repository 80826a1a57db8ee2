"""Rolls a judgement up to figures: counts each subject once, then judges the frameworks by the figures."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from auditor.figures.cause_gains import GainBase
from auditor.figures.causes import Cause
from auditor.figures.compliance import FrameworkResult, judge_framework, rules
from auditor.figures.figure import Figure
from auditor.figures.kpis import KPIS
from auditor.figures.movement import Standings
from auditor.figures.rollup import Rollup, Summing
from auditor.framework.context import ReferenceData
from auditor.framework.findings import Outcome
from auditor.framework.localdate import civil_day
from auditor.regulations.model import Framework
from auditor.regulations.provinces import concerning
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.pipeline.operator_files.frameworks import frameworks_of
from auditor.service.pipeline.summaries import kept_units
from auditor.service.pipeline.summaries.declared import Declared
from auditor.service.pipeline.summaries.kept_standings import StandingStrips
from auditor.service.pipeline.summaries.kept_standings import read as read_standings
from auditor.service.pipeline.summaries.kept_units import PlacedUnits
from auditor.service.pipeline.summaries.shared_causes import CauseSearch
from auditor.service.pipeline.summaries.subject_facts import FactsReader
from auditor.service.pipeline.summaries.subject_lines import SubjectLine, WrittenLines, line_of, read
from auditor.service.store.api import Store
from auditor.service.store.records import Digest, JudgementId, RunRecord
from inventory.organisation import Organisation
from probes.framework.codec import CodecError, dump_frozen, load_frozen
from probes.observations.declared import DeclaredValue

_DECIDED = (Outcome.PASS, Outcome.WARN, Outcome.FAIL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Holds the roll-up of one judgement, the result of each framework, and the shared causes of its findings.

    ``causes`` is empty for a judgement with figures from before causes were looked for.
    """

    rollup: Rollup
    frameworks: tuple[FrameworkResult, ...]
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSummary:
    """Holds the figures of a judgement and the rules for which they were made.

    Published figures never change, even if a later program counts differently or a later regulation differs.
    """

    rollup: Rollup
    frameworks: tuple[Framework, ...]
    causes: tuple[Cause, ...] = ()
    lines: Digest | None = None
    """The blob with a line for each subject; None if the figures were kept before lines were."""
    standings: Digest | None = None
    """The blob with the standing of each subject in each figure; None if figures were kept before standings were."""
    units: Digest | None = None
    """The blob with the units and their positions; None if the figures were kept before units were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTotal:
    """Holds the figures of the whole run, and the number of its outcomes, one for each check and subject."""

    figures: Mapping[str, Figure]
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)

    @property
    def decided(self) -> int:
        return sum(self.outcomes.get(outcome, 0) for outcome in _DECIDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Total:
    total: KeptTotal


@dataclass(frozen=True, slots=True, kw_only=True)
class _KeptTotal:
    rollup: _Total


@dataclass(frozen=True, slots=True, kw_only=True)
class _KeptBeside:
    standings: Digest | None = None
    units: Digest | None = None


def keep(judged: LoadedJudgement, store: Store) -> None:
    """Store the figures of a judgement that was just made; without an inventory there are none."""
    if judged.inventory.sources:
        lines = WrittenLines()
        made, strips = _made(judged, store, _chosen(judged, store), lines.add)
        units = kept_units.written(kept_units.units_of(judged.inventory))
        kept = replace(
            made,
            lines=store.put_blob(lines.written()),
            standings=store.put_blob(strips.written()),
            units=store.put_blob(units),
        )
        store.add_summary(judged.id, store.put_blob(dump_frozen(kept)))


def summarise(
    judged: LoadedJudgement,
    store: Store,
    frameworks: Sequence[Framework] | None = None,
    declared: Declared | None = None,
) -> Summary:
    """Count the figures for the day on which the run began, under the rules in force on that day.

    Without ``frameworks``, those kept with the judgement are used, and its kept figures. Declared values are always the
    current ones: they are entered after the run. A caller that asks for several runs reads them once and passes them.
    """
    declared = declared or Declared(store)
    published = published_summary(judged.id, judged.run, store, declared) if frameworks is None else None
    if published is not None:
        return published
    made, _ = _made(judged, store, _chosen(judged, store) if frameworks is None else tuple(frameworks))
    return _held(made, declared.of(judged.run))


def published_summary(judgement: JudgementId, run: RunRecord, store: Store, declared: Declared) -> Summary | None:
    """Return the summary as it was published, without reading the inventory of the run; None if none was kept."""
    kept = kept_summary(judgement, store)
    return None if kept is None else _held(kept, declared.of(run))


def _held(kept: KeptSummary, declared: Sequence[DeclaredValue]) -> Summary:
    results = (judge_framework(framework, kept.rollup, declared) for framework in kept.frameworks)
    return Summary(rollup=kept.rollup, frameworks=tuple(results), causes=kept.causes)


def _chosen(judged: LoadedJudgement, store: Store) -> tuple[Framework, ...]:
    """Return the frameworks that the run was planned with, without plans of other provinces."""
    planned = frameworks_of(load_frozen(ReferenceData, store.blob(judged.run.reference)).frameworks)
    return concerning(planned, judged.inventory.organisation, day=civil_day(judged.run.started))


def lines_in(kept: KeptSummary, store: Store) -> tuple[SubjectLine, ...] | None:
    """Return a line for each subject; None if none were kept."""
    return None if kept.lines is None else read(store.blob(kept.lines))


def units_in(kept: KeptSummary, store: Store) -> PlacedUnits | None:
    """Return the units of the inventory; None if none were kept."""
    return None if kept.units is None else kept_units.read(store.blob(kept.units))


def lines_of(judged: LoadedJudgement, store: Store) -> Iterator[SubjectLine]:
    """Yield a line for each subject, made from its findings, which takes time."""
    for subject, outlines, _, scored in FactsReader(judged, store).every():
        yield line_of(subject, outlines, scored.ladders)


def kept_summary(judgement: JudgementId, store: Store) -> KeptSummary | None:
    """Read the figures as they were published, with all data kept beside them.

    None for a judgement from before figures were kept, or with figures that this program cannot read.
    """
    digest = store.summary(judgement)
    try:
        return None if digest is None else load_frozen(KeptSummary, store.blob(digest))
    except CodecError:
        return None


def kept_total(judgement: JudgementId, store: Store) -> KeptTotal | None:
    """Read only the figures of the whole run, a small part of the kept data; None as for ``kept_summary``."""
    digest = store.summary(judgement)
    try:
        return None if digest is None else load_frozen(_KeptTotal, store.blob(digest), part=True).rollup.total
    except CodecError:
        return None


def kept_standings(judgement: JudgementId, store: Store, figures: Collection[str]) -> Standings | None:
    """Read each subject's standing in some figures as it was kept with them; None if it was not kept."""
    kept = _kept_beside(judgement, store)
    return None if kept is None or kept.standings is None else read_standings(store.blob(kept.standings), figures)


def organisation_of(judged: LoadedJudgement, store: Store) -> Organisation:
    """Return the units kept with the figures, or else those of the inventory."""
    kept = _kept_beside(judged.id, store)
    units = None if kept is None or kept.units is None else kept_units.read(store.blob(kept.units))
    return judged.inventory.organisation if units is None else units.organisation


def _kept_beside(judgement: JudgementId, store: Store) -> _KeptBeside | None:
    digest = store.summary(judgement)
    try:
        return None if digest is None else load_frozen(_KeptBeside, store.blob(digest), part=True)
    except CodecError:
        return None


def _made(
    judged: LoadedJudgement,
    store: Store,
    frameworks: Sequence[Framework],
    take_line: Callable[[SubjectLine], None] = lambda line: None,
) -> tuple[KeptSummary, StandingStrips]:
    """Count every subject, then look for shared causes of failing findings. Writes nothing.

    ``take_line`` is called with the line of each subject.
    """
    day = civil_day(judged.run.started)
    organisation, kpis = judged.inventory.organisation, (*KPIS.values(), *rules(frameworks, day))
    strips = StandingStrips(kpi.id for kpi in kpis)
    summing = Summing(organisation, day, kpis, recorder=strips)
    search, reader = CauseSearch(judged, store), FactsReader(judged, store)
    for subject, outlines, facts, scored in reader.every():
        summing.add(facts)
        take_line(line_of(subject, outlines, scored.ladders))
        search.add(subject, outlines, facts)
    rollup = summing.rollup()
    results = tuple(judge_framework(framework, rollup) for framework in frameworks)
    base = GainBase(organisation=organisation, rollup=rollup, kpis=kpis, frameworks=results)
    causes = search.causes(base, reader.read)
    return KeptSummary(rollup=rollup, frameworks=tuple(frameworks), causes=causes), strips
