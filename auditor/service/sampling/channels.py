"""Reads the counters of a device's interfaces over SNMP and compares them with those of the round before.

The interfaces are those that the inventory names (``wan=NAME``); without any, those that hold the subject's addresses.
Their indexes are looked up once a day, after each restart and where one is gone, as they may change then; once an hour
if the device lacks any that are named.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from auditor.facts.device.counters import SLACK, CounterReading, Increase, UnknownIncrease, increase, passed
from auditor.service.sampling.clock import Clock
from auditor.service.sampling.points import SNMP, profiles
from inventory.model import Endpoint, IPAddress, Subject
from probes.framework.recorder import Recorder
from probes.net.api import Net, SnmpDevice
from probes.observations import series as names
from probes.observations.snmp import Varbind
from probes.wire.snmp import counters, oids
from probes.wire.snmp.addresses import addresses
from probes.wire.snmp.interface_names import interface_names
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.tree import Tree

LOOKED_UP_EVERY = 86_400.0
SHORTEST, LONGEST = names.CADENCE / 3, names.CADENCE * 1.5
"""The shortest and the longest time between two readings that give a sample, in seconds.

Over a longer time a peak of five minutes cannot be seen, and a shorter one is not five minutes.
"""
LONGEST_COUNT = 3_600.0
"""The longest time for metrics that are counts and not rates: a count stays true over rounds without an answer."""
MOST = 8
"""The most interfaces that are read of one device."""
_FEW = 8
"""Objects in one request, if a device does not answer for all at once."""
_ROWS = 1_000
_COUNTS: Mapping[str, tuple[str, ...]] = {
    names.IN_PACKETS: counters.IN_PACKETS,
    names.OUT_PACKETS: counters.OUT_PACKETS,
    names.IN_ERRORS: (counters.IN_ERRORS,),
    names.OUT_ERRORS: (counters.OUT_ERRORS,),
    names.IN_DISCARDS: (counters.IN_DISCARDS,),
    names.OUT_DISCARDS: (counters.OUT_DISCARDS,),
}
COUNTED = frozenset(_COUNTS)
_DECIMALS = 3
"""Decimals of bits a second: finer is noise, which no store can make small."""
_RATES = {
    (names.IN_RATE, 0): counters.IN_OCTETS,
    (names.OUT_RATE, 0): counters.OUT_OCTETS,
    (names.IN_RATE, 6): counters.IN_V6_OCTETS,
    (names.OUT_RATE, 6): counters.OUT_V6_OCTETS,
}

Value = tuple[str, int, str, float | None]
"""Metric, family, interface and value; None if it could not be measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceReading:
    """Holds one reading of a device, which is kept until the next one.

    ``wall``, ``steady`` and ``boot`` are the time of the reading; the rest is as the device reports it. ``given`` is by
    the name of the interface, empty for the device itself; ``looked_up`` is the steady time at which the indexes were
    looked up; ``machine`` is hrSystemUptime.
    """

    wall: str
    steady: float
    boot: str
    uptime: int | None
    boots: int | None
    indexes: Mapping[str, int]
    looked_up: float
    given: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    machine: int | None = None

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "DeviceReading | None":
        """Read a stored reading; None if it is damaged or of an older version."""
        try:
            return cls(**json.loads(data))
        except (ValueError, TypeError):
            return None


class ChannelReader:
    """Reads devices through one Net."""

    def __init__(self, net: Net, clock: Clock) -> None:
        self._net = net
        self._clock = clock

    async def read(
        self, subject: Subject, order: Sequence[IPAddress], before: DeviceReading | None
    ) -> DeviceReading | None:
        """Read the device at its first address that answers; None if none does, or the device gives nothing."""
        ports = [service.port for service in subject.services if service.name == SNMP]
        for address in order if ports else ():
            endpoint = Endpoint(address=address, port=ports[0])
            rec = Recorder(lambda: self._clock().steady, limit=0)
            async with self._net.snmp(rec, endpoint, profiles(subject), device=subject.id) as device:
                if device is not None:
                    return await self._reading(device, rec, subject, before)
        return None

    async def _reading(
        self, device: SnmpDevice, rec: Recorder, subject: Subject, before: DeviceReading | None
    ) -> DeviceReading | None:
        now = self._clock()
        known = before if before is not None and before.boot == now.boot else None
        stale = known is None or not 0 <= now.steady - known.looked_up < _good_for(known, subject)
        indexes = await _look_up(device, rec, subject) if stale or known is None else known.indexes
        tree, now = await self._ask(device, rec, indexes), self._clock()
        uptime = tree.integer(counters.UP_TIME)
        if known is not None and not stale and _may_have_moved(known, tree, uptime, now.steady):
            indexes, stale = await _look_up(device, rec, subject), True
            tree, now = await self._ask(device, rec, indexes), self._clock()
            uptime = tree.integer(counters.UP_TIME)
        if uptime is None and not any(counters.given(tree, index) for index in indexes.values()):
            return None
        return DeviceReading(
            wall=now.wall.isoformat(),
            steady=now.steady,
            boot=now.boot,
            uptime=uptime,
            boots=tree.integer(counters.ENGINE_BOOTS),
            machine=tree.integer(counters.HOST_UP_TIME),
            indexes=dict(indexes),
            looked_up=now.steady if stale or known is None else known.looked_up,
            given={name: counters.given(tree, index) for name, index in [("", None), *indexes.items()]},
        )

    async def _ask(self, device: SnmpDevice, rec: Recorder, indexes: Mapping[str, int]) -> Tree:
        """Read all objects in one request, so that they are of one moment; in several if the device cannot."""
        wanted = counters.wanted(indexes)
        got = await device.get(rec, wanted)
        rows: list[Varbind] = list(got.rows)
        if got.failure is not None:
            for start in range(0, len(wanted), _FEW):
                rows += (await device.get(rec, wanted[start : start + _FEW])).rows
        return Tree(rows)


def _good_for(known: DeviceReading, subject: Subject) -> float:
    wanted = max(1, min(len(subject.tag_values("wan")), MOST))
    return LOOKED_UP_EVERY if len(known.indexes) >= wanted else LOOKED_UP_EVERY / 24


def _may_have_moved(known: DeviceReading, tree: Tree, uptime: int | None, steady: float) -> bool:
    """True if the indexes may now be those of other interfaces.

    The device has restarted, perhaps long before it was reached again, or one of the indexes is gone (a line that is
    dialled anew has another one on many systems).
    """
    restarted = uptime is not None and (uptime < (known.uptime or 0) or uptime / 100 < steady - known.steady)
    gone = any(known.given.get(name) and not counters.given(tree, index) for name, index in known.indexes.items())
    return restarted or gone


async def _look_up(device: SnmpDevice, rec: Recorder, subject: Subject) -> dict[str, int]:
    """Return the interfaces to read, by name, and their indexes."""
    columns = (oids.IF_ALIAS, oids.IF_DESCR, oids.IF_NAME)
    tree = Tree([row for column in columns for row in (await device.walk(rec, dotted(column), rows=_ROWS)).rows])
    called = interface_names(tree)
    shown = {
        index[0]: text for column in columns for index, text in tree.texts(column).items() if index[1:] == () and text
    }
    declared = subject.tag_values("wan")
    if declared:
        found = {name: called[name.casefold()] for name in declared if name.casefold() in called}
        return dict(list(found.items())[:MOST])
    roots = (oids.IP_ADDRESS_ENTRY, oids.IP_ADDR_ENTRY)
    held = addresses(Tree([row for root in roots for row in (await device.walk(rec, dotted(root), rows=_ROWS)).rows]))
    indexes = {
        declared.if_index
        for declared in held
        if declared.address in subject.addresses and declared.if_index is not None
    }
    return {shown.get(index, str(index)): index for index in sorted(indexes)[:MOST]}


def too_soon(before: DeviceReading, after: DeviceReading) -> bool:
    """True if too little time lies between two readings: the next one is then compared with ``before`` too."""
    return before.boot == after.boot and 0 <= after.steady - before.steady < SHORTEST


def between(before: DeviceReading, after: DeviceReading) -> float:
    """Return the seconds between two readings by our clock."""
    if before.boot == after.boot:
        return after.steady - before.steady
    return (datetime.fromisoformat(after.wall) - datetime.fromisoformat(before.wall)).total_seconds()


def samples(before: DeviceReading | None, after: DeviceReading) -> Iterator[Value]:
    """Yield the values that two readings give.

    Without an earlier reading there is only the speed of the ports: increases are not known.
    """
    for name, given in after.given.items():
        if name and counters.HIGH_SPEED in given:
            yield names.SPEED, 0, name, given[counters.HIGH_SPEED] * 1e6
    if before is None:
        return
    elapsed = between(before, after)
    restarted = _restarted(before, after, elapsed)
    if before.uptime is not None and after.uptime is not None:
        yield names.RESTARTS, 0, "", None if isinstance(restarted, UnknownIncrease) else float(restarted)
    if before.machine is not None and after.machine is not None:
        yield names.MACHINE_RESTARTS, 0, "", _machine_restarted(before.machine, after.machine, elapsed)
    for name in after.given:
        interface = _Interface(before, after, name, elapsed)
        yield from interface.rates(usable=restarted is False and elapsed <= LONGEST)
        if name:
            yield from interface.counts(usable=restarted is False and elapsed <= LONGEST_COUNT)


def missing(before: DeviceReading) -> Iterator[Value]:
    """Return the samples that the reading would have given, as gaps."""
    for name, given in before.given.items():
        rates = ((metric, family) for (metric, family), counter in _RATES.items() if counter in given)
        counts = ((metric, 0) for metric, parts in _COUNTS.items() if name and any(part in given for part in parts))
        yield from ((metric, family, name, None) for metric, family in (*rates, *counts))
        if counters.LAST_CHANGE in given:
            yield names.CHANGES, 0, name, None


def _restarted(before: DeviceReading, after: DeviceReading, elapsed: float) -> bool | UnknownIncrease:
    if before.boots is not None and after.boots is not None and after.boots > before.boots:
        return True
    seconds = passed(before.uptime, after.uptime, elapsed)
    if seconds is UnknownIncrease.RESTART:
        # The count of starts did not change: this is no restart, sysUpTime was set in another way.
        return UnknownIncrease.CLOCK if before.boots is not None and after.boots == before.boots else True
    return seconds if isinstance(seconds, UnknownIncrease) else False


def _machine_restarted(before: int, after: int, elapsed: float) -> float | None:
    """Return 1 if the machine restarted, 0 if not; None if that cannot be told.

    The machine's clock may be set, and its uptime with it: only an uptime below the time between the readings is new.
    """
    seconds = passed(before, after, elapsed)
    if seconds is UnknownIncrease.RESTART:
        return 1.0 if after / 100 <= elapsed + SLACK else None
    return None if isinstance(seconds, UnknownIncrease) else 0.0


@dataclass(frozen=True, slots=True)
class _Interface:
    before: DeviceReading
    after: DeviceReading
    name: str
    elapsed: float

    def rates(self, *, usable: bool) -> Iterator[Value]:
        for (metric, family), counter in _RATES.items():
            if counter in self.after.given[self.name]:
                grown = self._grown(counter, 64) if usable else None
                yield metric, family, self.name, None if grown is None else round(8 * grown.rate, _DECIMALS)

    def counts(self, *, usable: bool) -> Iterator[Value]:
        for metric, parts in _COUNTS.items():
            bits = 64 if parts[0] in counters.WIDE else 32
            present = [part for part in parts if part in self.after.given[self.name]]
            if present:
                grown = [self._grown(part, bits) if usable else None for part in present]
                known = [increase.amount for increase in grown if increase is not None]
                yield metric, 0, self.name, float(sum(known)) if len(known) == len(grown) else None
        if counters.LAST_CHANGE in self.after.given[self.name]:
            yield names.CHANGES, 0, self.name, self._changed() if usable else None

    def _grown(self, counter: str, bits: int) -> Increase | None:
        earlier = self.before.given.get(self.name, {})
        if counter not in earlier or self._moved():
            return None
        found = increase(
            self._as_reading(self.before, 0.0, counter), self._as_reading(self.after, self.elapsed, counter), bits=bits
        )
        return found if isinstance(found, Increase) else None

    def _as_reading(self, reading: DeviceReading, at: float, counter: str) -> CounterReading:
        given = reading.given[self.name]
        return CounterReading(
            value=given[counter], at=at, uptime=reading.uptime, discontinuity=given.get(counters.DISCONTINUITY)
        )

    def _changed(self) -> float | None:
        earlier, later = self.before.given.get(self.name, {}), self.after.given[self.name]
        if counters.LAST_CHANGE not in earlier or self._moved():
            return None
        keys = (counters.LAST_CHANGE, counters.STATUS)
        return float(any(earlier.get(key) != later.get(key) for key in keys))

    def _moved(self) -> bool:
        """True if the name now stands for another interface than before."""
        return self.before.indexes.get(self.name) != self.after.indexes.get(self.name)
