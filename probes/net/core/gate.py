"""Lets a fixed number through at a time; waiting does not count against the deadline of a probe."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext

from probes.framework.limits import DEADLINE

_STEP = 1.0
"""Seconds by which the deadline is moved ahead while one waits."""


@contextmanager
def deadline_held() -> Iterator[None]:
    """Moves the deadline of the probe ahead for as long as the block waits.

    Who asks whether it will wait asks a semaphore: a lock that was just released to the first in its queue says that it
    is free, and lets nobody else in.
    """
    loop, deadline = asyncio.get_running_loop(), DEADLINE.get()
    timer: asyncio.TimerHandle | None = None

    def wait_on() -> None:
        nonlocal timer
        if deadline is not None:
            deadline.hold(loop.time(), _STEP)
            timer = loop.call_later(_STEP, wait_on)

    wait_on()
    try:
        yield
    finally:
        if timer is not None:
            timer.cancel()


class QueueGate:
    """Lets so many through at a time, first come, first served."""

    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        with deadline_held() if self._free.locked() else nullcontext():
            await self._free.acquire()
        try:
            yield
        finally:
            self._free.release()
