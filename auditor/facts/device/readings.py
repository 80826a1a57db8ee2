"""Compute the growth of a device's counters over this run's readings and those of earlier runs.

Growth between two readings counts only where the age of the counter (sysUpTime less its own discontinuity time) grew by
as much as there is between them: a device that started anew accuses nobody.
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
"""Where counters say nothing, or nothing yet."""


KEPT = timedelta(minutes=1)
"""For so long an agent may go on saying what it said: Net-SNMP keeps an answer of a program for half a minute."""


@dataclass(frozen=True, slots=True)
class Counter:
    """``interface`` as the inventory calls it; empty: the whole device."""

    metric: str
    family: int
    interface: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What several counters grew by in the same ``seconds``, by name. ``anew``: further back one began anew.
    ``last`` is what they showed at the end."""

    amounts: Mapping[Counter, int]
    last: Mapping[Counter, int]
    seconds: float
    anew: bool

    @property
    def hours(self) -> int:
        return int(self.seconds // 3_600)

    @property
    def minutes(self) -> int:
        """Begun ones count."""
        return -int(-self.seconds // 60)


Points = Mapping[Counter, Sequence[CounterPoint]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterReadings:
    """All readings of a device's counters, the oldest first. ``earlier``: the evidence that has those of before."""

    points: Points
    earlier: tuple[EvidenceId, ...]

    def grown(self, counters: Sequence[Counter], least: timedelta) -> Growth | None:
        """Back from the last reading as far as it takes to see ``least``, or as far as one can; None without two."""
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
        """True if there are earlier readings, and none of them can be gone on from."""
        points = self.points.get(counter, ())
        return len(points) > 1 and between(points[-2], points[-1], narrow=counter.metric in NARROW) is None

    def _together(self, counters: Sequence[Counter]) -> list[Mapping[Counter, CounterPoint]]:
        """Return the times at which all of them were read."""
        by_time = [{point.time: point for point in self.points.get(counter, ())} for counter in counters]
        times = (
            sorted(set.intersection(*(set(counter_points_by_moment) for counter_points_by_moment in by_time)))
            if by_time
            else []
        )
        return [{counter: points[time] for counter, points in zip(counters, by_time, strict=True)} for time in times]


def between(older: CounterPoint, newer: CounterPoint, *, narrow: bool) -> int | None:
    """Return how much a counter grew; None where it began anew between two readings, or may have."""
    before, after = (
        CounterReading(value=point.value, at=point.time.timestamp(), uptime=point.age) for point in (older, newer)
    )
    found = increase(before, after, bits=32 if narrow else 64)
    return found.amount if isinstance(found, Increase) else None


def readings(subject: Subject, device: SeenDevice, evidence: EvidenceSet) -> CounterReadings:
    """Of the address that ``is_first``, and of earlier runs; else of this run at another address.

    Addresses of one subject may be those of two machines that stand in for each other, whose counters are not the same.
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
    """Return the argument that says "one round" where no earlier run has a part in it."""
    return {} if read.earlier else {ROUNDS: 1}


def is_first(envelope: Evidence, subject: Subject) -> bool:
    """True if it is of the subject's first address: from it come the readings that are kept for later runs."""
    return envelope.endpoint is not None and envelope.endpoint.address in subject.addresses[:1]


def of_run(envelope: Evidence, subject: Subject, device: SeenDevice) -> Iterator[tuple[Counter, CounterPoint]]:
    """Yield the readings in the evidence of one address. All counters of one question have the time of its end."""
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
    """Return one for each time, the oldest first, without those that no time can be counted to from the one before."""
    unique: dict[datetime, CounterPoint] = {point.time: point for point in points}
    ordered: list[CounterPoint] = []
    for time in sorted(unique):
        if not (ordered and _from_cache(ordered[-1], unique[time])):
            ordered.append(unique[time])
    return tuple(ordered)


def _from_cache(older: CounterPoint, newer: CounterPoint) -> bool:
    """True if the device's clock disagrees with ours on how long it was because its agent kept an answer.

    It stands still then between two readings, or goes too fast if the answer to the first was the older one. A device
    that started anew shows less than before.
    """
    elapsed = newer.time - older.time
    if elapsed > KEPT or newer.age < older.age:
        return False
    return passed(older.age, newer.age, elapsed.total_seconds()) is UnknownIncrease.CLOCK
