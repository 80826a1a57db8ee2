"""Computes the growth of a device's counters over this run's readings and those of earlier runs.

Growth between two readings counts only if the age of the counter (sysUpTime less its own discontinuity time) grew by
the time between them, so that a restarted device is not reported as a defect.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.counters import CounterReading, Increase, UnknownIncrease, increase, passed
from auditor.facts.device.interfaces import declared
from auditor.framework.check import Message, inconclusive, standard
from auditor.framework.findings import ROUNDS, Arg, Reason
from inventory.model import Subject
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet
from probes.observations.series import CounterPoint, SeriesCounter
from probes.observations.snmp import SnmpGet
from probes.wire.snmp.totals import NARROW, counted
from probes.wire.snmp.tree import Tree

CODES: Mapping[str, Message] = standard(
    ONE_READING=inconclusive(
        "The counters of {name} have not been read over a day yet; one run can decide nothing here.",
        fix="Audit the device again after a day with the same store.",
        reason=Reason.SMPL,
    ),
    COUNTED_ANEW=inconclusive(
        "The counters of {name} cannot be compared with those of a day ago: they, or its clock, began anew since.",
        fix="Audit the device again after a day with the same store.",
        reason=Reason.SMPL,
    ),
    PAST_PROCESSOR=inconclusive(
        "{name} counts IPv6 only for the whole device; where hardware forwards, that is only what its processor sees.",
        fix="Measure by flow export (IPFIX, NetFlow), or look at the counters of the forwarding hardware on the device"
        " itself.",
        reason=Reason.OBJ,
    ),
)
"""Messages for counters that show nothing, or nothing yet."""


KEPT = timedelta(minutes=1)
"""Time for which an agent may repeat an answer: Net-SNMP caches a program's answer for half a minute."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Identifies a counter; ``interface`` is named as in the inventory, empty for the whole device."""

    metric: str
    family: int
    interface: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Holds the growth of several counters over the same ``seconds``.

    ``anew``: before that time a counter was reset. ``last``: the values at the end.
    """

    amounts: Mapping[Counter, int]
    last: Mapping[Counter, int]
    seconds: float
    anew: bool

    @property
    def hours(self) -> int:
        return int(self.seconds // 3_600)

    @property
    def minutes(self) -> int:
        """The duration in minutes, rounded up."""
        return -int(-self.seconds // 60)


Points = Mapping[Counter, Sequence[CounterPoint]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterReadings:
    """Holds all readings of a device's counters, the oldest first; ``earlier``: the evidence of earlier runs."""

    points: Points
    earlier: tuple[EvidenceId, ...]

    def grown(self, counters: Sequence[Counter], least: timedelta) -> Growth | None:
        """Return the growth up to the last reading over at least ``least`` if possible, else over all usable readings.

        None if fewer than two readings can be compared.
        """
        rows = self._together(counters)
        if len(rows) < 2:
            return None
        amounts, covered, anew = dict.fromkeys(counters, 0), timedelta(), False
        for older, newer in zip(reversed(rows[:-1]), reversed(rows[1:]), strict=True):
            steps = {
                counter: between(older[counter], newer[counter], narrow=counter.metric in NARROW)
                for counter in counters
            }
            if None in steps.values():
                anew = True
                break
            amounts = {counter: amounts[counter] + (steps[counter] or 0) for counter in counters}
            covered += newer[counters[0]].time - older[counters[0]].time
            if covered >= least:
                break
        if not covered:
            return None
        last = {counter: rows[-1][counter].value for counter in counters}
        return Growth(amounts=amounts, last=last, seconds=covered.total_seconds(), anew=anew)

    def has(self, counter: Counter) -> bool:
        return bool(self.points.get(counter))

    def began_anew(self, counter: Counter) -> bool:
        """True if there are earlier readings, and the last one cannot be compared with them."""
        points = self.points.get(counter, ())
        return len(points) > 1 and between(points[-2], points[-1], narrow=counter.metric in NARROW) is None

    def _together(self, counters: Sequence[Counter]) -> list[Mapping[Counter, CounterPoint]]:
        """Return the readings at the times at which all of the counters were read."""
        by_time = [{point.time: point for point in self.points.get(counter, ())} for counter in counters]
        times = (
            sorted(set.intersection(*(set(counter_points_by_moment) for counter_points_by_moment in by_time)))
            if by_time
            else []
        )
        return [{counter: points[time] for counter, points in zip(counters, by_time, strict=True)} for time in times]


def between(older: CounterPoint, newer: CounterPoint, *, narrow: bool) -> int | None:
    """Return the growth of a counter; None if it was, or may have been, reset between two readings."""
    before, after = (
        CounterReading(value=point.value, at=point.time.timestamp(), uptime=point.age) for point in (older, newer)
    )
    found = increase(before, after, bits=32 if narrow else 64)
    return found.amount if isinstance(found, Increase) else None


def readings(subject: Subject, device: SeenDevice, evidence: EvidenceSet) -> CounterReadings:
    """Return the readings of the address that ``is_first``, with those of earlier runs; else of another address.

    For another address only this run counts: addresses of one subject may belong to two redundant machines with
    different counters.
    """
    first = [envelope for envelope in evidence if envelope.id in device.evidence and is_first(envelope, subject)]
    others = [envelope for envelope in evidence if envelope.id in device.evidence]
    taken = [pair for envelope in (first or others)[:1] for pair in of_run(envelope, subject, device)]
    points: dict[Counter, list[CounterPoint]] = {}
    earlier: list[EvidenceId] = []
    for envelope, step in evidence.of(SeriesCounter) if first else ():
        if step.points:
            earlier.append(envelope.id)
            points.setdefault(Counter(step.metric, step.family, step.interface), []).extend(step.points)
    for counter, point in taken:
        points.setdefault(counter, []).append(point)
    ordered = {counter: _in_order(counter_points) for counter, counter_points in points.items()}
    return CounterReadings(points=ordered, earlier=tuple(dict.fromkeys(earlier)))


def rounds(read: CounterReadings) -> Mapping[str, Arg]:
    """Return the argument for "one round" if no reading is from an earlier run."""
    return {} if read.earlier else {ROUNDS: 1}


def is_first(envelope: Evidence, subject: Subject) -> bool:
    """True if the evidence is of the subject's first address; its readings are kept for later runs."""
    return envelope.endpoint is not None and envelope.endpoint.address in subject.addresses[:1]


def of_run(envelope: Evidence, subject: Subject, device: SeenDevice) -> Iterator[tuple[Counter, CounterPoint]]:
    """Yield the readings in the evidence of one address; all counters of one question have the time of its end."""
    uplinks = {wanted.index: wanted.name for wanted in declared(subject, device, ("wan",)) if wanted.index is not None}
    for step in envelope.steps:
        if isinstance(step, SnmpGet) and step.failure is None:
            time = envelope.time_of(step)
            for counter in counted(Tree(step.rows)):
                interface = uplinks.get(counter.interface) if counter.interface else ""
                if interface is not None:
                    point = CounterPoint(time=time, value=counter.value, age=counter.age)
                    yield Counter(counter.metric, counter.family, interface), point


def _in_order(points: Iterable[CounterPoint]) -> tuple[CounterPoint, ...]:
    """Return one reading for each time, the oldest first, without those that an agent's cache repeats."""
    unique: dict[datetime, CounterPoint] = {point.time: point for point in points}
    ordered: list[CounterPoint] = []
    for time in sorted(unique):
        if not (ordered and _from_cache(ordered[-1], unique[time])):
            ordered.append(unique[time])
    return tuple(ordered)


def _from_cache(older: CounterPoint, newer: CounterPoint) -> bool:
    """True if the device's clock disagrees with ours on the elapsed time because its agent cached an answer.

    The clock then stands still between two readings, or runs fast if the older answer was cached. A restarted device
    shows less uptime than before.
    """
    elapsed = newer.time - older.time
    if elapsed > KEPT or newer.age < older.age:
        return False
    return passed(older.age, newer.age, elapsed.total_seconds()) is UnknownIncrease.CLOCK
