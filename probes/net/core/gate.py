"""So many at a time. Waiting for one's turn moves the deadline of a probe, as any wait for admission does."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext

from probes.framework.limits import DEADLINE

_STEP = 1.0
"""Seconds by which the deadline is moved ahead while one waits."""


@contextmanager
def held_back() -> Iterator[None]:
    """Around a wait for one's turn."""
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


class Turns:
    """First come, first served."""

    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)

    @asynccontextmanager
    async def mine(self) -> AsyncIterator[None]:
        with held_back() if self._free.locked() else nullcontext():
            await self._free.acquire()
        try:
            yield
        finally:
            self._free.release()
