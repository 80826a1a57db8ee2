"""Finds the times at which an address that accepts connections shut the vantage out, also where it let it in again.

A ban of half a minute lapses during a run and comes back with the next connect to a closed port, so that the address
answers before, between and after bans. Pure; evidence may come in any order.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from auditor.framework.shut_out import FIRST, LAST, ShutTime
from inventory.model import IPAddress
from probes.framework.evidence import Evidence, Observation
from probes.observations.path import EchoTrain
from probes.observations.transport import EchoSeries

_ENOUGH = 2
"""The connects, of several pieces of evidence or seconds, that must fail at open ports: one may be lost by chance."""
_LONG = 5.0
"""Seconds. What an address that bans did for as long without an accepted connection is not known."""
_ACCEPTED, _OTHER = -1.0, -2.0
"""Numbers in place of those of sets of ports: a connection, and an answer to echo or to a datagram."""


class ShutTimes:
    """Holds, by address, when connections were accepted and refused: three numbers for each result.

    The numbers are a time in seconds, the number of the set of ports that were shut, and one for the evidence.
    """

    def __init__(self) -> None:
        self._seen: dict[IPAddress, array[float]] = {}
        self._sets: dict[int, int] = {}

    def accepted(self, address: IPAddress, at: datetime) -> None:
        self._add(address, at, _ACCEPTED)

    def shut(self, address: IPAddress, ports: int, at: datetime, evidence: Evidence) -> None:
        self._add(address, at, float(self._sets.setdefault(ports, len(self._sets))), float(hash(evidence.id)))

    def answered(self, step: Observation, at: datetime) -> None:
        """Take the answers of a step that made no connection."""
        for address, transport in step.answers() if step.failure is None else ():
            if transport.startswith("udp/") or (transport == "icmp" and _to_the_last(step)):
                self._add(address, at, _OTHER)

    def _add(self, address: IPAddress, at: datetime, what: float, id_: float = 0.0) -> None:
        self._seen.setdefault(address, array("d")).extend((at.timestamp(), what, id_))

    def seen(self, opened: Mapping[IPAddress, int]) -> Mapping[IPAddress, tuple[ShutTime, ...]]:
        """Return, by address, the times at which it was or may have been shut; ``opened`` are the ports it opened."""
        sets = tuple(self._sets)
        found = {address: self._times(seen, sets, opened.get(address, 0)) for address, seen in self._seen.items()}
        return {address: times for address, times in found.items() if times}

    @staticmethod
    def _times(seen: "array[float]", sets: Sequence[int], opened: int) -> tuple[ShutTime, ...]:
        results = tuple(zip(seen[::3], seen[1::3], seen[2::3], strict=True))
        silences = [(at, id_) for at, what, id_ in results if what >= 0 and sets[int(what)] & opened]
        if len(silences) < _ENOUGH:
            return ()
        accepted = sorted(at for at, what, _ in results if what == _ACCEPTED)
        others = sorted(at for at, what, _ in results if what == _OTHER)
        return tuple(_shut_times(accepted, others, silences))


def _to_the_last(step: Observation) -> bool:
    """True if the last echo request was answered: one that began before a ban shows nothing about its end."""
    return isinstance(step, EchoSeries | EchoTrain) and bool(step.rtts) and step.rtts[-1] is not None


_Silence = tuple[float, float]


def _shut_times(accepted: Sequence[float], others: Sequence[float], silences: Iterable[_Silence]) -> Iterator[ShutTime]:
    """Yield the times between two connections in which open ports were shut, and those in which they may have been.

    An echo or a datagram that was answered among connects that failed shows a limit on connections alone: then a short
    time takes nothing else.
    """
    found = _between(accepted, silences)
    shown = {gap for gap, within in found.items() if len({(id_, int(at)) for at, id_ in within}) >= _ENOUGH}
    mixed = {gap for gap in shown if _any_within(others, [at for at, _ in found[gap]])}
    whole = {gap for gap in shown - mixed if not mixed or _length(accepted, gap) >= _LONG}
    bans = any(_length(accepted, gap) >= _LONG for gap in shown)
    for gap in range(len(accepted) + 1):
        unknown = bans and gap > 0 and _length(accepted, gap) >= _LONG
        if gap in shown or unknown:
            swallowed = gap in whole or (unknown and bool(whole) and gap not in mixed)
            yield ShutTime(*_ends(accepted, gap), shown=gap in shown, whole=swallowed)


def _between(accepted: Sequence[float], silences: Iterable[_Silence]) -> Mapping[int, list[_Silence]]:
    """Return the silences by the number of connections that were accepted before them."""
    found: dict[int, list[_Silence]] = {}
    for at, id_ in silences:
        found.setdefault(bisect_right(accepted, at), []).append((at, id_))
    return found


def _any_within(times: Sequence[float], silences: Sequence[float]) -> bool:
    first = bisect_left(times, min(silences))
    return first < len(times) and times[first] <= max(silences)


def _length(accepted: Sequence[float], gap: int) -> float:
    inner = 0 < gap < len(accepted)
    return accepted[gap] - accepted[gap - 1] if inner else float("inf")


def _ends(accepted: Sequence[float], gap: int) -> tuple[datetime, datetime]:
    since = FIRST if gap == 0 else datetime.fromtimestamp(accepted[gap - 1], UTC)
    return since, LAST if gap == len(accepted) else datetime.fromtimestamp(accepted[gap], UTC)
