"""Reads what was sampled over a period from the store.

By the day: reachability, loss, and the hourly looks at web sites; by the hour: the load of channels.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta

from auditor.facts.series import period
from auditor.figures.sampled_period import ChannelPeriod, PointPeriod, SitePeriod, Stretch, stretch
from auditor.framework.message_format import VIETNAM
from auditor.service.store.api import Store
from auditor.service.store.records import DAY, HOUR, Quality, Sample, Series
from inventory.model import Kind, Subject
from probes.observations.series import APP_OK, CADENCE, HOURLY, IN_RATE, LOSS, OUT_RATE, REACH, WEB_OK, Period

POINT_KINDS = frozenset({Kind.CONNECTION_POINT, Kind.DATACENTRE})
_FAMILIES = (4, 6)


class PeriodSamples:
    """Reads the series of points from ``since`` to ``until``, as each of some vantages sampled them."""

    def __init__(self, store: Store, vantages: Sequence[str], since: datetime, until: datetime) -> None:
        self._store, self._vantages = store, tuple(vantages)
        self._since, self._until = since, until

    def points(self, subjects: Iterable[Subject]) -> Iterator[PointPeriod]:
        """Yield each point for each vantage that ever sampled it; once, as not measured, where none did."""
        for subject in (subject for subject in subjects if subject.kinds & POINT_KINDS):
            vantages = [name for name in self._vantages if self._reached(subject, name)]
            yield from (self._point(subject, name) for name in vantages or [""])

    def channels(self, subjects: Iterable[Subject]) -> Iterator[ChannelPeriod]:
        """Yield every interface of a point of which rates were sampled."""
        for subject in (subject for subject in subjects if subject.kinds & POINT_KINDS):
            for vantage in self._vantages:
                known = self._store.series(subject.id, vantage)
                rates = (one for one in known if one.metric in (IN_RATE, OUT_RATE) and one.family == 0)
                for interface in sorted({one.interface for one in rates}):
                    yield self._channel(subject, vantage, interface)

    def sites(self, subjects: Iterable[Subject]) -> Iterator[SitePeriod]:
        """Yield each web site and shared system for each vantage that ever looked at it."""
        for subject in subjects:
            for vantage in self._vantages:
                for series in self._store.series(subject.id, vantage):
                    if series.metric in (WEB_OK, APP_OK):
                        yield SitePeriod(
                            subject=subject.id,
                            name=subject.name,
                            agency=subject.agency,
                            vantage=vantage,
                            family=series.family,
                            answered=self._stretch(subject, series, DAY, cadence=HOURLY),
                        )

    def _reached(self, subject: Subject, vantage: str) -> bool:
        return any(series.metric == REACH for series in self._store.series(subject.id, vantage))

    def _point(self, subject: Subject, vantage: str) -> PointPeriod:
        known = {(series.metric, series.family) for series in self._store.series(subject.id, vantage)}
        families = [family for family in _FAMILIES if (LOSS, family) in known]
        return PointPeriod(
            subject=subject.id,
            name=subject.name,
            agency=subject.agency,
            vantage=vantage,
            reach=self._stretch(subject, Series(subject=subject.id, metric=REACH, vantage=vantage), DAY),
            loss={
                family: self._stretch(
                    subject, Series(subject=subject.id, metric=LOSS, vantage=vantage, family=family), DAY
                )
                for family in families
            },
        )

    def _channel(self, subject: Subject, vantage: str, interface: str) -> ChannelPeriod:
        received, sent = (
            self._stretch(
                subject, Series(subject=subject.id, metric=metric, vantage=vantage, interface=interface), HOUR
            )
            for metric in (IN_RATE, OUT_RATE)
        )
        return ChannelPeriod(
            subject=subject.id,
            name=subject.name,
            agency=subject.agency,
            vantage=vantage,
            interface=interface,
            mbps=subject.declared.bandwidth_mbps,
            received=received,
            sent=sent,
        )

    def _stretch(self, subject: Subject, series: Series, step: int, *, cadence: int = CADENCE) -> Stretch:
        """A point that was put into operation within the period was not to be sampled before."""
        activated, since = subject.declared.activated, self._since
        if activated is not None:
            since = max(since, datetime.combine(activated, time(), VIETNAM))
        if since >= self._until:
            return Stretch(slots=0)
        slots = (self._until - since) // timedelta(seconds=cadence)
        return stretch(self._parts(series, step, since), slots, hourly=step == HOUR)

    def _parts(self, series: Series, step: int, since: datetime) -> Iterator[Period]:
        """What is rolled up, then the samples after it, which are not yet."""
        length, after = timedelta(seconds=step), since
        for part in self._store.rolled(series, step, since, self._until):
            after = part.start + length
            yield part
        yield from _grouped(self._store.samples(series, after, self._until), after, length)


def _grouped(samples: Iterable[Sample], since: datetime, length: timedelta) -> Iterator[Period]:
    number, held = 0, list[Sample]()
    for sample in samples:
        if (sample.time - since) // length != number:
            if held:
                yield _of(since + number * length, held)
            number, held = (sample.time - since) // length, []
        held.append(sample)
    if held:
        yield _of(since + number * length, held)


def _of(start: datetime, samples: Sequence[Sample]) -> Period:
    qualities = [sample.quality for sample in samples]
    return period(
        start,
        [sample.value for sample in samples if sample.value is not None and sample.quality is Quality.OK],
        vantage=qualities.count(Quality.VANTAGE),
        maintenance=qualities.count(Quality.MAINTENANCE),
    )
