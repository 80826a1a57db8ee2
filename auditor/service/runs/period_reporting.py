"""Builds the report of a period from the runs and samples of a store."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from functools import cache

from auditor.figures.kpis import KPIS
from auditor.figures.movement import FigureMove, Standings, moves
from auditor.figures.period import Period, PeriodPoint, is_slight, previous_period
from auditor.figures.period_report import PeriodBefore, PeriodReport, UnitName
from auditor.figures.sampled_period import SampledPeriod, sampled_period
from auditor.framework.catalogue import Catalogue
from auditor.framework.localdate import civil_day
from auditor.framework.message_format import VIETNAM
from auditor.service.pipeline.judging.evaluating import InventoryReader, stored_judgement
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.pipeline.summaries.summarising import organisation_of
from auditor.service.runs.comparing import same_rules
from auditor.service.runs.figure_standings import standings_of
from auditor.service.runs.judged_runs import JudgedRuns
from auditor.service.runs.period_counts import last_count, period_progress
from auditor.service.runs.period_samples import POINT_KINDS, PeriodSamples
from auditor.service.store.api import Store
from inventory.inventory import Inventory
from inventory.model import SubjectId
from inventory.organisation import Organisation
from probes.framework.evidence import RunId

_DAY = timedelta(days=1)


class _Counts:
    """Reads the counted runs, and an inventory of several runs only once."""

    def __init__(self, store: Store, catalogue: Catalogue, inventory_of: InventoryReader | None) -> None:
        self._store, self._catalogue = store, catalogue
        self.runs = JudgedRuns(store)
        self._inventory_of = inventory_of or cache(lambda digest: Inventory.from_json(store.blob(digest)))

    def judged(self, run: RunId) -> LoadedJudgement:
        judgement = next(judgement for counted, judgement in self.runs.every if counted.id == run)
        return stored_judgement(judgement, self._store, self._catalogue, inventory_of=self._inventory_of)


def period_report(
    period: Period,
    store: Store,
    catalogue: Catalogue,
    now: datetime,
    issuer: str = "",
    inventory_of: InventoryReader | None = None,
) -> PeriodReport:
    """Report a period up to its end, or up to now if it is not over. Raises StoreError if nothing was counted in it.

    ``inventory_of`` reads an inventory by its digest, by default from the store.
    """
    counts = _Counts(store, catalogue, inventory_of)
    progress = period_progress(period, store, catalogue, now, counts.runs)
    end = counts.judged(RunId(progress.end.run))
    start = None if progress.start is None else counts.judged(RunId(progress.start.run))
    since, until = bounds(period, now)
    runs = [judged.run.id for judged in (start, end) if judged]
    organisation = organisation_of(end, store)
    samples = PeriodSamples(store, counts.runs.vantages, since, until)
    moved = _moves(start, end, progress.start, progress.end, store)
    return PeriodReport(
        progress=progress,
        moves=moved,
        sampled=_sampled(runs, _between(period, counts.runs), organisation, samples, store),
        since=since,
        until=until,
        made=now,
        issuer=issuer,
        same_rules=start is None or same_rules(start, end),
        before=_before(period, end, store, catalogue, counts, now),
        units={unit.code: UnitName(name=unit.name, level=unit.level) for unit in organisation.units},
        subjects=_names(runs, moved, store),
    )


def _before(
    period: Period, end: LoadedJudgement, store: Store, catalogue: Catalogue, counts: _Counts, now: datetime
) -> PeriodBefore | None:
    """Return the previous period, to compare; None without a count of it from the same networks.

    In counts from other networks a change may be in the view and not in the province.
    """
    earlier = previous_period(period)
    count = last_count(earlier, store, now, counts.runs)
    if count is None or count[0].networks != end.run.networks:
        return None
    span = bounds(earlier, datetime.combine(period.first, time(), VIETNAM))
    judged = counts.judged(count[0].id)
    samples, between = PeriodSamples(store, counts.runs.vantages, *span), _between(earlier, counts.runs)
    sampled = _sampled([judged.run.id], between, organisation_of(judged, store), samples, store)
    progress = period_progress(earlier, store, catalogue, now, counts.runs)
    totals = (counts.runs.total(each.record.id) for each in (judged, end))
    slight = is_slight(*(None if total is None else total.decided for total in totals))
    return PeriodBefore(progress=progress, whole=sampled.whole, same_rules=same_rules(judged, end), slight=slight)


def bounds(period: Period, now: datetime) -> tuple[datetime, datetime]:
    """Return the start of a period, and its end, or now if it is not over."""
    since = datetime.combine(period.first, time(), VIETNAM)
    return since, max(since, min(datetime.combine(period.last + _DAY, time(), VIETNAM), now))


def _moves(
    start: LoadedJudgement | None, end: LoadedJudgement, first: PeriodPoint | None, last: PeriodPoint, store: Store
) -> tuple[FigureMove, ...]:
    before: Standings = {} if start is None else standings_of(start, store, KPIS.values())
    after: Standings = standings_of(end, store, KPIS.values()) if start is not None else {}
    figures = ({} if first is None else first.rollup.total.figures, last.rollup.total.figures)
    return tuple(moves(KPIS, figures, (before, after)))


def _names(runs: Sequence[RunId], moved: Iterable[FigureMove], store: Store) -> Mapping[SubjectId, str]:
    """Return the names of the subjects that moved a figure, from the last of some runs that has them."""
    ids = {subject.subject for move in moved for agency in move.agencies for subject in agency.subjects}
    return {subject.id: subject.name for run in runs for subject in store.subjects(run, frozenset(), ids)}


def _between(period: Period, runs: JudgedRuns) -> Sequence[RunId]:
    """Return the last run in a period for each inventory: it may have points that no run at either end has."""
    within = [run for run, _ in runs.every if period.first <= civil_day(run.started) <= period.last]
    return tuple({run.inventory: run.id for run in within}.values())


def _sampled(
    ends: Sequence[RunId], between: Sequence[RunId], organisation: Organisation, samples: PeriodSamples, store: Store
) -> SampledPeriod:
    """Summarise every point of the runs at the ends of the period, and the sampled points of the runs in between."""
    others = (
        subject for run in between if run not in ends for subject in store.subjects(run, frozenset(), samples.ids)
    )
    wanted = (subject for run in ends for subject in store.subjects(run, POINT_KINDS, samples.looked_at))
    known = {subject.id: subject for subject in others} | {subject.id: subject for subject in wanted}
    ordered = sorted(known.values(), key=lambda subject: (subject.agency or "", subject.id))
    points, channels, sites = samples.points(ordered), samples.channels(ordered), samples.sites(ordered)
    return sampled_period(tuple(points), tuple(channels), organisation, tuple(sites))
