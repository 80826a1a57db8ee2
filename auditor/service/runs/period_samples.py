"""Reads the samples of a period from the store.

Reachability, loss, and the hourly measurements of web sites are read by day; the load of channels by hour.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property

from auditor.facts.tslcd.channels import leading
from auditor.figures.sampled_period import ChannelPeriod, PointPeriod, SitePeriod, Stretch, stretch
from auditor.framework.message_format import VIETNAM
from auditor.framework.sample_periods import period
from auditor.service.store.api import AT_ONCE, Store
from auditor.service.store.chunks import chunks
from auditor.service.store.records import DAY, HOUR, Quality, Sample, Series
from inventory.model import Kind, Subject, SubjectId
from probes.observations.series import (
    APP_OK,
    CADENCE,
    HOURLY,
    IN_RATE,
    LOSS,
    OUT_RATE,
    REACH,
    TOGETHER,
    WEB_OK,
    SampleSummary,
)

POINT_KINDS = frozenset({Kind.CONNECTION_POINT, Kind.DATACENTRE})
_FAMILIES = (4, 6)
_DAY = timedelta(days=1)


class PeriodSamples:
    """Reads the series of points from ``since`` to ``until``, as each of some vantages sampled them."""

    def __init__(self, store: Store, vantages: Sequence[str], since: datetime, until: datetime) -> None:
        self._store, self._vantages = store, tuple(vantages)
        self._since, self._until = since, until

    def points(self, subjects: Iterable[Subject]) -> Iterator[PointPeriod]:
        """Yield each point for each vantage that ever sampled it; once, as not measured, if none did."""
        for some in chunks(self._looks(subjects), AT_ONCE):
            reach = {look: self._series(look, REACH) for look in some}
            loss = {
                (look, family): series
                for look in some
                for family in _FAMILIES
                if (series := self._series(look, LOSS, family)) in self._known(look.subject, look.vantage)
            }
            wanted = [(look.subject, series) for look, series in reach.items()]
            wanted += [(look.subject, series) for (look, _), series in loss.items()]
            days = self._read(wanted, DAY)
            for look in some:
                lost = {family: loss[look, family] for family in _FAMILIES if (look, family) in loss}
                yield PointPeriod(
                    subject=look.subject.id,
                    name=look.subject.name,
                    agency=look.subject.agency,
                    vantage=look.vantage,
                    reach=self._stretch(look.subject, days[reach[look]], DAY),
                    days=tuple(days[reach[look]]),
                    loss={family: self._stretch(look.subject, days[series], DAY) for family, series in lost.items()},
                )

    def channels(self, subjects: Iterable[Subject]) -> Iterator[ChannelPeriod]:
        """Yield every interface of a point that has sampled rates.

        The registered bandwidth is that of the interface to TSLCD; of several such interfaces it is that of all
        together, which are yielded as one more channel.
        """
        for subject in (subject for subject in subjects if subject.kinds & POINT_KINDS):
            for vantage in self._vantages:
                known = self._known(subject, vantage)
                rates = (key for key in known if key.metric in (IN_RATE, OUT_RATE) and key.family == 0)
                interfaces = sorted({key.interface for key in rates})
                lines = leading(subject, interfaces)
                several = [lines] if len(lines) > 1 else []
                for some in (*((interface,) for interface in interfaces), *several):
                    yield self._channel(subject, vantage, some, registered=some == lines)

    def sites(self, subjects: Iterable[Subject]) -> Iterator[SitePeriod]:
        """Yield each web site and shared system for each vantage that ever measured it."""
        looked_at = (
            (subject, series)
            for subject in subjects
            for vantage in self._vantages
            for series in self._known(subject, vantage)
            if series.metric in (WEB_OK, APP_OK)
        )
        for some in chunks(looked_at, AT_ONCE):
            stretches = self._stretches(some, DAY, cadence=HOURLY)
            for subject, series in some:
                yield SitePeriod(
                    subject=subject.id,
                    name=subject.name,
                    agency=subject.agency,
                    vantage=series.vantage,
                    family=series.family,
                    answered=stretches[series],
                )

    @property
    def looked_at(self) -> frozenset[SubjectId]:
        """The subjects with a web site or shared system that was ever measured."""
        every = (series for known in self._by_vantage.values() for some in known.values() for series in some)
        return frozenset(series.subject for series in every if series.metric in (WEB_OK, APP_OK))

    @property
    def ids(self) -> frozenset[SubjectId]:
        """The subjects that were ever sampled."""
        return frozenset(subject for known in self._by_vantage.values() for subject in known)

    @cached_property
    def _by_vantage(self) -> Mapping[str, Mapping[SubjectId, tuple[Series, ...]]]:
        return {vantage: self._store.series_of(vantage) for vantage in self._vantages}

    def _known(self, subject: Subject, vantage: str) -> tuple[Series, ...]:
        return self._by_vantage.get(vantage, {}).get(subject.id, ())

    def _looks(self, subjects: Iterable[Subject]) -> Iterator["_SampledPoint"]:
        for subject in (subject for subject in subjects if subject.kinds & POINT_KINDS):
            reached = [
                vantage
                for vantage in self._vantages
                if any(series.metric == REACH for series in self._known(subject, vantage))
            ]
            yield from (_SampledPoint(subject, vantage) for vantage in reached or [""])

    def _series(self, look: "_SampledPoint", metric: str, family: int = 0) -> Series:
        return Series(subject=look.subject.id, metric=metric, vantage=look.vantage, family=family)

    def _channel(
        self, subject: Subject, vantage: str, interfaces: tuple[str, ...], *, registered: bool
    ) -> ChannelPeriod:
        received, sent = (
            [
                Series(subject=subject.id, metric=metric, vantage=vantage, interface=interface)
                for interface in interfaces
            ]
            for metric in (IN_RATE, OUT_RATE)
        )
        hours = self._read([(subject, series) for series in (*received, *sent)], HOUR)
        ways = ([hours[series] for series in way] for way in (received, sent))
        stretches = [self._stretch(subject, way[0] if len(way) == 1 else _added(way), HOUR) for way in ways]
        return ChannelPeriod(
            subject=subject.id,
            name=subject.name,
            agency=subject.agency,
            vantage=vantage,
            interface=TOGETHER.join(interfaces),
            mbps=subject.declared.bandwidth_mbps if registered else None,
            received=stretches[0],
            sent=stretches[1],
        )

    def _stretches(
        self, wanted: Sequence[tuple[Subject, Series]], step: int, *, cadence: int = CADENCE
    ) -> Mapping[Series, Stretch]:
        parts = self._read(wanted, step)
        return {series: self._stretch(subject, parts[series], step, cadence) for subject, series in wanted}

    def _stretch(self, subject: Subject, parts: Iterable[SampleSummary], step: int, cadence: int = CADENCE) -> Stretch:
        length = max(timedelta(), self._end(subject) - self._begin(subject))
        return stretch(parts, length // timedelta(seconds=cadence), hourly=step == HOUR)

    def _read(self, wanted: Iterable[tuple[Subject, Series]], step: int) -> Mapping[Series, Sequence[SampleSummary]]:
        owners = {series: subject for subject, series in wanted}
        begins, ends = ({series: of(one) for series, one in owners.items()} for of in (self._begin, self._end))
        parts = self._parts({series: since for series, since in begins.items() if since < ends[series]}, step)
        return {series: [part for part in parts.get(series, ()) if part.start < ends[series]] for series in begins}

    def _begin(self, subject: Subject) -> datetime:
        """Return the time from which a point was to be sampled in the period.

        A point listed within the period was not to be sampled before. The hour at which a point was put into operation
        is unknown, so it counts from the next day.
        """
        activated = subject.declared.activated
        days = (subject.valid_from, None if activated is None else activated + _DAY)
        return max([self._since, *(datetime.combine(day, time(), VIETNAM) for day in days if day is not None)])

    def _end(self, subject: Subject) -> datetime:
        """Return the time until which a point was to be sampled; one that was given up counts until its last day."""
        last = subject.valid_to
        return self._until if last is None else min(self._until, datetime.combine(last, time(), VIETNAM) + _DAY)

    def _parts(self, begins: Mapping[Series, datetime], step: int) -> Mapping[Series, Sequence[SampleSummary]]:
        """Return the rolled-up samples of each series, followed by later samples that are not yet rolled up."""
        length = timedelta(seconds=step)
        parts: dict[Series, list[SampleSummary]] = {}
        open_since: dict[datetime, list[Series]] = {}
        rolled = self._store.rolled_together(list(begins), step, min(begins.values(), default=self._until), self._until)
        for series, since in begins.items():
            parts[series] = [part for part in rolled[series] if part.start >= since]
            after = parts[series][-1].start + length if parts[series] else since
            open_since.setdefault(after, []).append(series)
        for after, some in open_since.items():
            for series, samples in self._store.samples_together(some, after, self._until).items():
                parts[series] += _grouped(samples, after, length)
        return parts


@dataclass(frozen=True, slots=True, eq=False)
class _SampledPoint:
    """Identifies a point as one vantage sampled it; the vantage is empty if none did."""

    subject: Subject
    vantage: str


def _added(several: Sequence[Sequence[SampleSummary]]) -> Iterator[SampleSummary]:
    """Yield the hours in which the rates of all interfaces are known, with the sum of the rates."""
    by_start = [{part.start: part for part in parts} for parts in several]
    for start in sorted(set(by_start[0]).intersection(*by_start[1:])):
        some = [parts[start] for parts in by_start]
        counted = min(part.counted for part in some)
        yield SampleSummary(
            start=start,
            counted=counted,
            vantage=max(part.vantage for part in some),
            maintenance=max(part.maintenance for part in some),
            total=counted * sum(part.mean or 0.0 for part in some),
        )


def _grouped(samples: Iterable[Sample], since: datetime, length: timedelta) -> Iterator[SampleSummary]:
    number, held = 0, list[Sample]()
    for sample in samples:
        if (sample.time - since) // length != number:
            if held:
                yield _of(since + number * length, held)
            number, held = (sample.time - since) // length, []
        held.append(sample)
    if held:
        yield _of(since + number * length, held)


def _of(start: datetime, samples: Sequence[Sample]) -> SampleSummary:
    qualities = [sample.quality for sample in samples]
    return period(
        start,
        [sample.value for sample in samples if sample.value is not None and sample.quality is Quality.OK],
        vantage=qualities.count(Quality.VANTAGE),
        maintenance=qualities.count(Quality.MAINTENANCE),
    )
