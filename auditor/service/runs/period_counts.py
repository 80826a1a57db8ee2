"""Reads the counts of a period from the store, and finds subject data in files that are to be published.

A count is the kept figures of a judged run or round. A run that was cut off, re-checks a part of another, or is in
doubt because of its vantage does not count; nor does a member of a round, because the round has the figures. Counts
that decided little compared with others of their time are skipped. So is a count dated later than now: it was made
while the clock was ahead, and would stand for the end of its period even if later counts follow.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from auditor.figures.comparison import Credibility
from auditor.figures.compliance import FrameworkResult, judge_framework
from auditor.figures.period import (
    Extent,
    JudgedAgain,
    PassedOver,
    PassedRun,
    Period,
    PeriodPoint,
    PeriodProgress,
    fuller,
    is_slight,
    periods_of,
    progress,
    small,
)
from auditor.figures.rollup import Rollup
from auditor.framework.catalogue import Catalogue
from auditor.framework.localdate import civil_day
from auditor.service.pipeline.judging.members import cut_off_vantages
from auditor.service.pipeline.summaries.declared import Declared
from auditor.service.pipeline.summaries.summarising import KeptTotal
from auditor.service.runs.judged_runs import JudgedRun, JudgedRuns
from auditor.service.store.api import Store
from auditor.service.store.records import RunRecord, RunState, StoreError
from inventory.model import Subject, written

_SHORTEST = 4
"""The shortest value, in characters, that is searched in published files; shorter ones occur in any text."""


def period_progress(
    period: Period, store: Store, catalogue: Catalogue, now: datetime, runs: JudgedRuns | None = None
) -> PeriodProgress:
    """Compute the progress of a period from the runs of the store. Raises StoreError if nothing was counted in it.

    ``runs`` are those of the store, for a caller that asks for several periods.
    """
    runs = runs or JudgedRuns(store)
    chosen = _chosen(period, runs, store, now)
    points = [runs.point(run, judgement, catalogue) for run, judgement in chosen.runs]
    found = progress(period, _with_closing_values(points, period, runs.declared))
    if found is None:
        raise _nothing_counted(period, runs, store)
    doubt = chosen.runs[-1][0].doubt
    return replace(
        found,
        passed_over=chosen.passed_over,
        fuller=fuller(chosen.extents, found.end.run),
        slight_start=_begins_slight(found, chosen.extents),
        doubtful=doubt is not None and doubt.state in (Credibility.WAITING, Credibility.UNSETTLED),
        judged_again=tuple(_judged_again(found, chosen.runs, runs, store)),
    )


def _begins_slight(found: PeriodProgress, extents: Iterable[Extent]) -> bool:
    decided = {extent.run: extent.decided for extent in extents}
    return found.start is not None and is_slight(decided[found.start.run], decided[found.end.run])


def _nothing_counted(period: Period, runs: JudgedRuns, store: Store) -> StoreError:
    within = [run for run, _ in _judged_runs(period, runs) if civil_day(run.started) >= period.first]
    cut_off = [run for run in within if run.state is not RunState.FINISHED and not run.amends]
    if not cut_off:
        return StoreError("no run of {period} was finished and judged", period=period.name)
    missing = cut_off_vantages(cut_off[-1], store)
    if not missing:
        return StoreError("no run of {period} counts: {run} was cut off", period=period.name, run=cut_off[-1].id)
    return StoreError(
        "no run of {period} counts: in {run} not everything was measured from {vantages}",
        period=period.name,
        run=cut_off[-1].id,
        vantages=", ".join(missing),
    )


def counted_periods(store: Store, now: datetime) -> tuple[str, ...]:
    """Return the names of the periods in which anything was counted, the years first."""
    counted = [run for run in store.runs() if _counts(run)]
    return periods_of(civil_day(run.started) for run in _of_the_past(counted, now))


def last_count(period: Period, store: Store, now: datetime, runs: JudgedRuns | None = None) -> JudgedRun | None:
    """Return the last count of a period; None if nothing was counted in it."""
    run, judgement = next(reversed(_chosen(period, runs or JudgedRuns(store), store, now).runs), (None, None))
    if run is None or judgement is None or civil_day(run.started) < period.first:
        return None
    return run, judgement


def closing(
    frameworks: Iterable[FrameworkResult], rollup: Rollup, period: Period, declared: Declared
) -> tuple[FrameworkResult, ...]:
    """Judge frameworks by a count and values declared for days up to the period's end, even if declared later."""
    values = declared.until(period.last)
    return tuple(judge_framework(held.framework, rollup, values, until=period.last) for held in frameworks)


def leaks(files: Mapping[str, bytes], subjects: Iterable[Subject]) -> list[tuple[str, str]]:
    """Find hosts and addresses of subjects in files that are to be published; return pairs of file and value."""
    values = sorted(set(_values(subjects)))
    texts = {name: data.decode("utf-8", "replace").lower() for name, data in files.items()}
    return [(name, value) for name, text in texts.items() for value in values if value in text]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """Holds the counts that stand for the period and the time before it, in order.

    It also holds the later counts that were skipped, and how much each count decided.
    """

    runs: Sequence[JudgedRun]
    passed_over: tuple[PassedRun, ...]
    extents: Sequence[Extent]


def _chosen(period: Period, runs: JudgedRuns, store: Store, now: datetime) -> _Chosen:
    """Choose the counts up to the end of the period, from the networks of the last one that is not skipped."""
    every = [each for each in _judged_runs(period, runs) if _counts(each[0])]
    counts = {run.id for run in _of_the_past([run for run, _ in every], now)}
    counted = [each for each in every if each[0].id in counts]
    extents = {run.id: _extent(run, runs.total(judgement.id)) for run, judgement in counted}
    little = small(extents.values(), period)
    last = next((run for run, _ in reversed(counted) if run.id not in little), None)
    same = [each for each in counted if last is not None and each[0].networks == last.networks]
    of_same = [extents[run.id] for run, _ in same]
    little |= small(of_same, period)
    return _Chosen(
        runs=[(run, judgement) for run, judgement in same if run.id not in little],
        passed_over=() if last is None else tuple(_passed(period, last, runs, store, now)),
        extents=of_same,
    )


def _passed(period: Period, last: RunRecord, runs: JudgedRuns, store: Store, now: datetime) -> Iterator[PassedRun]:
    """Yield the runs in the period that came after its last count, except members of rounds and re-checks."""
    for run, _ in _judged_runs(period, runs):
        day = civil_day(run.started)
        if run.started <= last.started or day < period.first or run.amends or run.round is not None:
            continue
        missing = cut_off_vantages(run, store)
        yield PassedRun(
            run=run.id, day=day, why=PassedOver.AHEAD if run.started > now else _why(run, missing), vantages=missing
        )


def _why(run: RunRecord, missing: Sequence[str]) -> PassedOver:
    if run.is_blamed:
        return PassedOver.VANTAGE
    if run.state is RunState.FINISHED:
        return PassedOver.PART
    return PassedOver.MISSING if missing else PassedOver.CUT_OFF


def _judged_again(
    found: PeriodProgress, chosen: Iterable[JudgedRun], runs: JudgedRuns, store: Store
) -> Iterator[JudgedAgain]:
    """Compare the figures of both ends with those of their first judgements; a sealed run keeps its figures."""
    ends = {point.run for point in (found.start, found.end) if point is not None}
    for run, judgement in chosen:
        if run.id not in ends or store.is_sealed(run.id):
            continue
        said, says = (runs.total(each) for each in (store.judgements(run.id)[0].id, judgement.id))
        if said is None or says is None:
            continue
        names = tuple(name for name, figure in says.figures.items() if figure != said.figures.get(name))
        if names:
            judged = civil_day(judgement.judged_at)
            yield JudgedAgain(run=run.id, day=civil_day(run.started), judged=judged, figures=names)


def _judged_runs(period: Period, runs: JudgedRuns) -> Iterator[JudgedRun]:
    """Yield the judged runs up to the end of a period, in the order of their start."""
    return (each for each in runs.every if civil_day(each[0].started) <= period.last)


def _of_the_past(runs: Sequence[RunRecord], now: datetime) -> Sequence[RunRecord]:
    """Return the runs that are not dated ahead, or all if there are no others.

    Then a user whose clock was ahead and was corrected still sees the existing runs.
    """
    return [run for run in runs if run.started <= now] or runs


def _extent(run: RunRecord, total: KeptTotal | None) -> Extent:
    decided = None if total is None else total.decided
    return Extent(run=run.id, day=civil_day(run.started), decided=decided, part=run.is_part)


def _counts(run: RunRecord) -> bool:
    return run.state is RunState.FINISHED and not run.amends and not run.is_blamed and run.round is None


def _with_closing_values(points: list[PeriodPoint], period: Period, declared: Declared) -> list[PeriodPoint]:
    if not points:
        return points
    *before, last = points
    return [*before, replace(last, frameworks=closing(last.frameworks, last.rollup, period, declared))]


def _values(subjects: Iterable[Subject]) -> Iterator[str]:
    for subject in subjects:
        for address in subject.addresses:
            yield from {written(address), str(address), address.exploded}
        names = (subject.host or "", subject.id.partition(":")[2])
        yield from (name.lower() for name in names if "." in name and len(name) >= _SHORTEST)
