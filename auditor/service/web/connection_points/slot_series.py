"""Reads the samples of one subject slot by slot, for tables and charts.

A slot without a sample is a gap, never a zero. Nothing here has an effect; only the store is read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from auditor.framework.sample_periods import nearest_rank
from auditor.service.store.api import Store
from auditor.service.store.chunks import chunks
from auditor.service.store.records import Quality, Sample, Series
from inventory.model import SubjectId
from probes.observations import series as names
from probes.observations.series import CADENCE

DAY, WEEK = timedelta(days=1), timedelta(days=7)
FAMILIES = (6, 4)
_SLOT = timedelta(seconds=CADENCE)
_AT_ONCE = 100
"""Subjects whose samples are read in one query, and are in memory at the same time."""
SlotKey = tuple[str, int, str]
"""Metric, family and interface of a series."""


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
        self.store, self._subject, self._vantage, self._since = store, subject, vantage, since

    def known(self) -> tuple[Series, ...]:
        return self.store.series(self._subject, self._vantage)

    def slots(self, wanted: Iterable[SlotKey], until: datetime, length: timedelta) -> Mapping[SlotKey, SlotSeries]:
        """Read together, for each metric, family and interface, the slots of ``length`` before that of ``until``."""
        return next(slots_together([self], list(wanted), until, length))

    def series(self, wanted: Iterable[SlotKey]) -> dict[SlotKey, Series]:
        return {
            (metric, family, interface): Series(
                subject=self._subject, metric=metric, vantage=self._vantage, family=family, interface=interface
            )
            for metric, family, interface in wanted
        }

    def begin(self, end: datetime, length: timedelta) -> datetime:
        """Return the time from which samples are read for the slots of ``length`` before ``end``."""
        return end - length if self._since is None else min(end, max(end - length, self._since))

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
        slots = self.slots(wanted, until, length)
        return [slots[key] for key in wanted if self._since is None or set(slots[key].qualities) - {Quality.GAP}]


def slots_together(
    subjects: Iterable[SampledSubject], wanted: Sequence[SlotKey], until: datetime, length: timedelta
) -> Iterator[Mapping[SlotKey, SlotSeries]]:
    """Yield the slots of each subject, see ``SampledSubject.slots``; reads many subjects of one store in one query."""
    end, number = slot_of(until), length // _SLOT
    for some in chunks(subjects, _AT_ONCE):
        series = [subject.series(wanted) for subject in some]
        by_begin: dict[datetime, list[Series]] = {}
        for subject, keyed in zip(some, series, strict=True):
            by_begin.setdefault(subject.begin(end, length), []).extend(keyed.values())
        found: dict[Series, Sequence[Sample]] = {}
        for begin, read in by_begin.items():
            found |= some[0].store.samples_together(read, begin, end)
        for keyed in series:
            yield {key: fitted(one, found[one], end - length, number) for key, one in keyed.items()}


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
