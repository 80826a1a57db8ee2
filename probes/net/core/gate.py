"""Lets a fixed number through at a time; waiting does not count against the deadline of a probe."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from probes.framework.limits import DEADLINE, Deadline

_STEP = 1.0
"""Seconds by which the deadline is moved ahead while a task waits."""


@contextmanager
def deadline_held() -> Iterator[None]:
    """Move the deadline of the probe ahead for as long as the block waits.

    To find out whether it will wait, a caller asks a semaphore: a lock that was just released to the first in its queue
    reports that it is free, and lets no other task in.
    """
    deadline = DEADLINE.get()
    if deadline is None:
        yield
        return
    hold = _Hold(deadline)
    try:
        yield
    finally:
        hold.end()


class _Hold:
    """Moves one deadline ahead until ``end``.
    Its only reference to itself is its timer, which forgets it when cancelled: a cycle would hold the probe and its
    context until the next garbage collection, which is rare."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline, self._loop = deadline, asyncio.get_running_loop()
        self._wait_on()

    def _wait_on(self) -> None:
        self._deadline.hold(self._loop.time(), _STEP)
        self._timer = self._loop.call_later(_STEP, self._wait_on)

    def end(self) -> None:
        self._timer.cancel()


class QueueGate:
    """Has a fixed number of places, which tasks take for a while, one or several each, first come, first served."""

    def __init__(self, places: int) -> None:
        self._all = self._free = places
        self._queue: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def is_full(self) -> bool:
        """True if the next task has to wait."""
        return bool(self._queue) or not self._free

    @asynccontextmanager
    async def slot(self, places: int = 1) -> AsyncIterator["Place"]:
        """Take as ``take`` does, and give back at the end."""
        place = await self.take(places)
        try:
            yield place
        finally:
            place.leave()

    async def take(self, places: int = 1) -> "Place":
        """Return so many places, or all if there are fewer, once all that came before have theirs."""
        wanted = min(places, self._all)
        if self._queue or self._free < wanted:
            await self.wait(wanted)
        else:
            self._free -= wanted
        return Place(self, wanted)

    async def wait(self, places: int, *, ahead: bool = False) -> None:
        """Wait for free places behind, or ``ahead`` of, all that wait."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if ahead:
            self._queue.appendleft((places, turn))
        else:
            self._queue.append((places, turn))
        self.give_back(0)
        try:
            with deadline_held():
                await turn
        except asyncio.CancelledError:
            self.give_back(0 if turn.cancelled() else places)  # those behind it may fit
            raise

    def give_back(self, places: int) -> None:
        """Let those in that fit now."""
        self._free += places
        while self._queue and (self._queue[0][1].cancelled() or self._queue[0][0] <= self._free):
            wanted, turn = self._queue.popleft()
            if not turn.cancelled():
                self._free -= wanted
                turn.set_result(None)


class Place:
    """Holds places of a gate for one task, which may lend them while it only waits for a host that may be dead."""

    __slots__ = ("_gate", "_is_held", "_places")

    def __init__(self, gate: QueueGate, places: int) -> None:
        self._gate, self._places, self._is_held = gate, places, True

    def leave(self) -> None:
        """Give the places back; may be called twice."""
        if self._is_held:
            self._is_held = False
            self._gate.give_back(self._places)

    @contextmanager
    def lent_if_slow(self, seconds: float) -> Iterator[None]:
        """Give the places back if the block takes longer than so many seconds; see ``regain``."""
        timer = asyncio.get_running_loop().call_later(seconds, self.leave)
        try:
            yield
        finally:
            timer.cancel()

    async def regain(self) -> None:
        """Take as many places again if they were lent, ahead of all tasks that wait for their first."""
        if not self._is_held:
            await self._gate.wait(self._places, ahead=True)
            self._is_held = True
