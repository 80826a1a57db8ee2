"""Rolls samples up to long windows, from stored hours if there are any and from raw samples otherwise."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from auditor.framework.sample_periods import period, together
from auditor.service.derived.subject_series import SampleReader
from auditor.service.store.records import HOUR, Quality, Sample, Series
from probes.observations.series import SampleSummary

_HOUR = timedelta(seconds=HOUR)


def hours(
    series: Series,
    store: SampleReader,
    *,
    since: datetime,
    until: datetime,
    due: datetime,
    first: datetime | None,
    cadence: int,
) -> list[SampleSummary]:
    """Summarise every hour from ``since`` to ``until``, both whole hours.

    Slots are due from ``first`` on and before ``due``; those of an hour without a sample are gaps.
    """
    periods_by_moment = {period.start: period for period in store.rolled(series, HOUR, since, until)}
    rest = max(periods_by_moment, default=since - _HOUR) + _HOUR
    periods_by_moment.update(_raw(store.samples(series, rest, until)))
    number = (until - since) // _HOUR
    starts = (since + n * _HOUR for n in range(number))
    return [_with_gaps(start, periods_by_moment.get(start), _slots(start, first, due, cadence)) for start in starts]


def _raw(samples: Iterable[Sample]) -> Mapping[datetime, SampleSummary]:
    held: dict[datetime, list[Sample]] = {}
    for sample in samples:
        held.setdefault(sample.time.replace(minute=0, second=0, microsecond=0), []).append(sample)
    return {start: _of(start, some) for start, some in held.items()}


def _of(start: datetime, samples: Sequence[Sample]) -> SampleSummary:
    qualities = [
        sample.quality if sample.value is not None or sample.quality is not Quality.OK else Quality.GAP
        for sample in samples
    ]
    return period(
        start,
        [sample.value for sample in samples if sample.value is not None and sample.quality is Quality.OK],
        gaps=qualities.count(Quality.GAP),
        vantage=qualities.count(Quality.VANTAGE),
        maintenance=qualities.count(Quality.MAINTENANCE),
    )


def _slots(start: datetime, first: datetime | None, due: datetime, cadence: int) -> int:
    """Return the number of slots of an hour in which a sample was due."""
    if first is None:
        return 0
    seconds = (min(start + _HOUR, due) - max(start, first)).total_seconds()
    return max(0, math.ceil(seconds / cadence))


def _with_gaps(start: datetime, held: SampleSummary | None, due: int) -> SampleSummary:
    if held is None:
        return SampleSummary(start=start, gaps=due)
    there = held.counted + held.gaps + held.vantage + held.maintenance
    return together([held], gaps=max(0, due - there), exact=True)
