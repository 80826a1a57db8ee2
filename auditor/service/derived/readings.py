"""Stores readings of devices' counters as series after each run, and reads them before the next is judged.

Each counter has two series: its value, and its age, the hundredths of a second for which it had been counting.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.readings import Counter, is_first, of_run
from auditor.service.derived.subject_series import SampleReader
from auditor.service.store.records import Sample, Series
from inventory.model import Subject
from probes.framework.evidence import Evidence
from probes.observations.series import CounterPoint, SeriesCounter
from probes.observations.snmp import SnmpGet, SnmpSession, SnmpWalk
from probes.wire.snmp.totals import IF_OCTETS, IP_OCTETS, METRICS
from probes.wire.snmp.tree import Tree

_BACK = timedelta(days=35)
_APART = timedelta(hours=1)
_MOST = 200
_AGE = "-age"


def window(store: SampleReader, vantage: str, subject: Subject, now: datetime) -> tuple[SeriesCounter, ...]:
    """Return the earlier readings of a device by counter, leaving out counters without any.

    Counters are read together: each by itself takes two queries, and a device has a dozen of them.
    """
    counters = {counter: _pair(subject, vantage, counter) for counter in _known(subject)}
    found = store.samples_together([series for pair in counters.values() for series in pair], now - _BACK, now)
    read = (_counted(counter, *(found[series] for series in pair)) for counter, pair in counters.items())
    return tuple(series_counter for series_counter in read if series_counter.points)


def samples(envelope: Evidence, subject: Subject, vantage: str) -> Iterator[tuple[Series, Sample]]:
    """Yield the samples to keep from the evidence of the first address: the last reading of each counter."""
    rows = [row for step in envelope.steps if isinstance(step, SnmpGet | SnmpWalk) for row in step.rows]
    opened = tuple(step for step in envelope.steps if isinstance(step, SnmpSession) and step.profile is not None)
    if not opened or not is_first(envelope, subject):
        return
    device = SeenDevice(subject.name, Tree(rows), (), (envelope.id,), opened, envelope.started)
    for counter, point in dict(of_run(envelope, subject, device)).items():
        value, age = _pair(subject, vantage, counter)
        yield value, Sample(time=point.time, value=float(point.value))
        yield age, Sample(time=point.time, value=float(point.age))


def _known(subject: Subject) -> Iterator[Counter]:
    for metric in METRICS:
        families = (4, 6) if metric == IP_OCTETS else (0,) if metric == IF_OCTETS else (6,)
        for family in families:
            if metric != IF_OCTETS:
                yield Counter(metric, family)
            if metric in (IP_OCTETS, IF_OCTETS):
                yield from (Counter(metric, family, name) for name in subject.tag_values("wan"))


def _pair(subject: Subject, vantage: str, counter: Counter) -> tuple[Series, Series]:
    """Return the series of a counter's values and the series of its ages."""
    value, age = (
        Series(subject=subject.id, metric=metric, vantage=vantage, family=counter.family, interface=counter.interface)
        for metric in (counter.metric, counter.metric + _AGE)
    )
    return value, age


def _counted(counter: Counter, read: Iterable[Sample], aged: Iterable[Sample]) -> SeriesCounter:
    values, ages = ({sample.time: sample.value for sample in samples} for samples in (read, aged))
    points = [
        CounterPoint(time=time, value=int(value), age=int(age))
        for time, value in sorted(values.items())
        if value is not None and (age := ages.get(time)) is not None
    ]
    kept = tuple(_apart(points))
    return SeriesCounter(
        metric=counter.metric, family=counter.family, interface=counter.interface, points=kept[-_MOST:]
    )


def _apart(points: Iterable[CounterPoint]) -> Iterator[CounterPoint]:
    """Yield readings at least an hour apart; a counter loses nothing without those in between."""
    last: datetime | None = None
    for point in points:
        if last is None or point.time - last >= _APART:
            last = point.time
            yield point
