"""Reads the samples of one subject slot by slot, for tables and charts.

A slot without a sample is a gap, never a zero. Nothing here has an effect; only the store is read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from auditor.framework.sample_periods import nearest_rank
from auditor.service.store.api import Store
from auditor.service.store.records import Quality, Sample, Series
from inventory.model import SubjectId
from probes.observations import series as names
from probes.observations.series import CADENCE

DAY, WEEK = timedelta(days=1), timedelta(days=7)
FAMILIES = (6, 4)
_SLOT = timedelta(seconds=CADENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSeries:
    """Holds one series from ``since`` on, in slots of CADENCE seconds.

    ``values`` are samples that count; where one is None, ``qualities`` says whether there was no sample (gap), or one
    that was set aside.
    """

    metric: str
    family: int
    interface: str
    since: datetime
    values: tuple[float | None, ...]
    qualities: tuple[Quality, ...]

    @property
    def counted(self) -> Sequence[float]:
        return [value for value in self.values if value is not None]

    @property
    def gaps(self) -> int:
        return self.qualities.count(Quality.GAP)

    @property
    def aside(self) -> int:
        return self.qualities.count(Quality.VANTAGE) + self.qualities.count(Quality.MAINTENANCE)

    @property
    def share(self) -> float | None:
        """The share of samples with the value 1 among those that count; None without any."""
        counted = self.counted
        return sum(counted) / len(counted) if counted else None

    @property
    def median(self) -> float | None:
        return _rank(self.counted, 0.5)

    @property
    def p95(self) -> float | None:
        return _rank(self.counted, 0.95)

    @property
    def worst(self) -> float | None:
        return max(self.counted, default=None)

    @property
    def last(self) -> tuple[datetime, float] | None:
        """The latest sample that counts, and its time."""
        return next(((self.at(n), one) for n, one in reversed(list(enumerate(self.values))) if one is not None), None)

    @property
    def held(self) -> datetime | None:
        """The time since which samples have had the latest value; None if it is so since the first slot."""
        latest = self.last
        if latest is None:
            return None
        begin: datetime | None = None
        for number, one in reversed(list(enumerate(self.values))):
            if one is not None and one != latest[1]:
                return begin
            begin = begin if one is None else self.at(number)
        return None if self.values[0] is not None else begin

    def at(self, number: int) -> datetime:
        return self.since + number * _SLOT

    def parts(self, slots: int) -> Iterator["SlotSeries"]:
        """Split the slots into pieces of so many, the last one perhaps shorter."""
        for start in range(0, len(self.values), slots):
            yield SlotSeries(
                metric=self.metric,
                family=self.family,
                interface=self.interface,
                since=self.at(start),
                values=self.values[start : start + slots],
                qualities=self.qualities[start : start + slots],
            )


class SampledSubject:
    """Reads the series of one subject as one vantage sampled them, only from ``since`` on if it is given."""

    def __init__(self, store: Store, subject: SubjectId, vantage: str, since: datetime | None = None) -> None:
        self._store, self._subject, self._vantage, self._since = store, subject, vantage, since

    def known(self) -> tuple[Series, ...]:
        return self._store.series(self._subject, self._vantage)

    def slots(
        self, wanted: Iterable[tuple[str, int, str]], until: datetime, length: timedelta
    ) -> Mapping[tuple[str, int, str], SlotSeries]:
        """Read together, for each metric, family and interface, the slots of ``length`` before that of ``until``."""
        series = {
            Series(subject=self._subject, metric=metric, vantage=self._vantage, family=family, interface=interface): (
                metric,
                family,
                interface,
            )
            for metric, family, interface in wanted
        }
        end = slot_of(until)
        begin = end - length if self._since is None else min(end, max(end - length, self._since))
        found = self._store.samples_together(list(series), begin, end)
        return {
            series[other_series]: fitted(other_series, held, end - length, length // _SLOT)
            for other_series, held in found.items()
        }

    def charts(self, until: datetime, length: timedelta) -> Sequence[SlotSeries]:
        """Return the series that a page draws: answers, loss, delay and the traffic of interfaces, if ever sampled.

        Of a subject that belonged to another agency before, only series with samples since then are returned.
        """
        there = self.known()
        wanted = [
            (series.metric, series.family, series.interface)
            for metric in (names.REACH, names.LOSS, names.RTT_MEDIAN, names.IN_RATE, names.OUT_RATE)
            for series in there
            if series.metric == metric
        ]
        slot_series_by_triple = self.slots(wanted, until, length)
        return [
            slot_series_by_triple[key]
            for key in wanted
            if self._since is None or set(slot_series_by_triple[key].qualities) - {Quality.GAP}
        ]


def slot_of(when: datetime) -> datetime:
    """Return the beginning of the slot that a moment lies in."""
    seconds = int(when.timestamp())
    return datetime.fromtimestamp(seconds - seconds % CADENCE, UTC)


def fitted(series: Series, samples: Iterable[Sample], since: datetime, number: int) -> SlotSeries:
    """Put samples into their slots; of two in one slot the later one counts."""
    values: list[float | None] = [None] * number
    qualities = [Quality.GAP] * number
    for sample in samples:
        slot = int((sample.time - since) / _SLOT)
        if 0 <= slot < number:
            counts = sample.quality is Quality.OK and sample.value is not None
            values[slot] = sample.value if counts else None
            qualities[slot] = sample.quality if counts or sample.quality is not Quality.OK else Quality.GAP
    return SlotSeries(
        metric=series.metric,
        family=series.family,
        interface=series.interface,
        since=since,
        values=tuple(values),
        qualities=tuple(qualities),
    )


def _rank(values: Sequence[float], share: float) -> float | None:
    return nearest_rank(sorted(values), share) if values else None
