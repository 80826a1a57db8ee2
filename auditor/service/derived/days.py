"""Rolls samples up to days of Vietnam, each from all of its samples, as its 95th percentile requires."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from auditor.framework.localdate import civil_day
from auditor.framework.message_format import VIETNAM
from auditor.framework.sample_periods import period
from auditor.service.derived.subject_series import SampleReader
from auditor.service.store.records import Quality, Sample, Series
from probes.observations.series import TOGETHER, SampleSummary, SeriesWindow

_WEEK = 7
_DAY = timedelta(days=1)
Slots = Sequence[Sample | None]


def by_days(
    name: str, several: Sequence[Series], store: SampleReader, now: datetime, *, days: int, cadence: int
) -> SeriesWindow:
    """Return the last ``days`` days up to the slot that ``now`` is in, of one series or of the sum of several.

    All of ``several`` are of one metric.
    """
    slot = timedelta(seconds=cadence)
    today = datetime.combine(civil_day(now), datetime.min.time(), VIETNAM).astimezone(UTC)
    since, until = today - (days - 1) * _DAY, today + ((now - today) // slot + 1) * slot
    begun = [first for series in several if (first := store.first_sample(series)) is not None]
    first = max(begun) if len(begun) == len(several) else None  # a sum is known where all of its parts are
    slots = _sums([_slots(series, store, since, until, slot) for series in several])
    skipped = len(slots) if first is None else max(0, (first - since) // slot)
    each = _DAY // slot
    starts = range(0, len(slots), each)
    return SeriesWindow(
        window=name,
        metric=several[0].metric,
        family=several[0].family,
        interface=TOGETHER.join(series.interface for series in several),
        since=since,
        until=until,
        cadence=cadence,
        first=first,
        whole=_period(slots, 0, len(slots), skipped, since),
        periods=tuple(_period(slots, n, n + each, skipped, since + n * slot) for n in starts if first is not None),
        weeks=tuple(
            _period(slots, n, n + _WEEK * each, skipped, since + n * slot)
            for n in starts
            if first is not None and n + _WEEK * each <= len(slots)
        ),
        calendar=True,
    )


def _slots(series: Series, store: SampleReader, since: datetime, until: datetime, slot: timedelta) -> Slots:
    """Return a sample or None for each slot; if a slot has several, the first counts."""
    found: dict[int, Sample] = {}
    for sample in store.samples(series, since, until):
        found.setdefault((sample.time - since) // slot, sample)
    return [found.get(number) for number in range((until - since) // slot)]


def _sums(every: Sequence[Slots]) -> list[tuple[float | None, Quality]]:
    return [_sum(some) for some in zip(*every, strict=True)]


def _sum(some: Sequence[Sample | None]) -> tuple[float | None, Quality]:
    """Return the sum of several series in a slot; None with a quality if the value of any is unknown."""
    values = [
        sample.value
        for sample in some
        if sample is not None and sample.quality is Quality.OK and sample.value is not None
    ]
    if len(values) == len(some):
        return sum(values), Quality.OK
    aside = (sample.quality for sample in some if sample is not None and sample.quality is not Quality.OK)
    return None, next(aside, Quality.GAP)


def _period(
    slots: Sequence[tuple[float | None, Quality]], start: int, end: int, skipped: int, at: datetime
) -> SampleSummary:
    some = slots[max(start, skipped) : max(end, skipped)]
    aside = Counter(quality for _, quality in some)
    return period(
        at,
        [value for value, _ in some if value is not None],
        gaps=aside[Quality.GAP],
        vantage=aside[Quality.VANTAGE],
        maintenance=aside[Quality.MAINTENANCE],
    )
