"""Detects that the kernel of this machine dropped packets for lack of room: a silence then is our own failure.

A full table of neighbours or of tracked connections is not reported: the first packet of a TCP connection is lost as if
on the way. The counters are read when a peer was silent, and at most so often.
"""

import asyncio
import errno
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace

from probes.framework.evidence import OF_THIS_MACHINE, Failure, FailureKind, O
from probes.net.core.neighbour_table import NeighbourTable, neighbour_table
from probes.net.core.tracked_connections import TrackedConnections, tracked_connections
from probes.observations.vantage import CONNECTIONS, NEIGHBOURS, LimitHit

PAUSE = 0.05
"""Seconds for which a reading of the counters holds: thousands of connects may be silent at one moment."""
_DROPPED = frozenset({errno.EPERM, errno.EINVAL})
"""The errnos of a datagram dropped by the packet filter, and of one to an IPv6 neighbour that found no room."""
_KEPT = 600
"""Moments remembered."""


class OwnLimits:
    """Compares the kernel's counters from ``start`` on. Times are those of the running loop."""

    def __init__(
        self,
        neighbours: Callable[[int], NeighbourTable | None] = neighbour_table,
        connections: Callable[[], TrackedConnections | None] = tracked_connections,
    ) -> None:
        self._neighbours, self._connections = neighbours, connections
        self._refused: dict[int, int] = {}
        """The count of neighbours that had found no room at the last look, by family."""
        self._looked = float("-inf")
        self._hits: deque[tuple[float, LimitHit]] = deque(maxlen=_KEPT)
        self._untold: dict[LimitHit, None] = {}

    def start(self) -> None:
        """Start comparing: ignore drops from before this run."""
        self._look()
        self._hits.clear()
        self._untold.clear()

    def believed(self, step: O, since: float, family: int) -> O:
        """Return the step, begun at ``since`` over ``family``, with a failure of ours if packets were dropped here.

        It applies to timeouts, and to the kernel's errors for dropped packets; the failure may pass.
        """
        failure = step.failure
        if failure is None or (failure.kind is not FailureKind.TIMEOUT and failure.errno not in _DROPPED):
            return step
        return self.blamed(step, since, family)

    def blamed(self, step: O, since: float, family: int) -> O:
        """Return a silent step, with a failure of ours if packets were dropped here."""
        hit = self.hit(since, family)
        if hit is None:
            return step
        detail = f"{OF_THIS_MACHINE} dropped packets: {hit.setting} is {hit.room}"
        return replace(step, failure=Failure(kind=FailureKind.CUT_SHORT, detail=detail))

    def hit(self, since: float, family: int) -> LimitHit | None:
        """Return the last limit that may have dropped packets of a family since then, or None."""
        self._look()
        return next((hit for at, hit in reversed(self._hits) if at >= since and hit.family in (0, family)), None)

    def untold(self) -> tuple[LimitHit, ...]:
        """Return each limit that was hit since the last call, once."""
        self._look(at_once=True)
        untold, self._untold = tuple(self._untold), {}
        return untold

    def _look(self, *, at_once: bool = False) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._looked < PAUSE and not at_once:
            return
        self._looked = now
        for hit in (*self._full_tables(), *self._full_connections()):
            self._hits.append((now, hit))
            self._untold[hit] = None

    def _full_tables(self) -> Iterator[LimitHit]:
        for family, setting in NEIGHBOURS.items():
            table = self._neighbours(family)
            if table is None:
                continue
            if table.refused > self._refused.get(family, table.refused):
                yield LimitHit(setting=setting, room=table.room, family=family)
            self._refused[family] = table.refused

    def _full_connections(self) -> Iterator[LimitHit]:
        tracked = self._connections()
        if tracked is not None and tracked.is_full:
            yield LimitHit(setting=CONNECTIONS, room=tracked.room)
