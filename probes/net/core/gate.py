"""Lets a fixed number through at a time; waiting does not count against the deadline of a probe."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext

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
    """Lets a fixed number of tasks through at a time, first come, first served."""

    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)

    @property
    def is_full(self) -> bool:
        """True if the next task has to wait."""
        return self._free.locked()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        with deadline_held() if self.is_full else nullcontext():
            await self._free.acquire()
        try:
            yield
        finally:
            self._free.release()
