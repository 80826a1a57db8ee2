"""So many at a time. Waiting for one's turn moves the deadline of a probe, as any wait for admission does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from probes.framework.limits import DEADLINE

_STEP = 1.0
"""Seconds by which the deadline is moved ahead while one waits."""


class Turns:
    """First come, first served."""

    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)

    @asynccontextmanager
    async def mine(self) -> AsyncIterator[None]:
        loop, deadline = asyncio.get_running_loop(), DEADLINE.get()
        timer: asyncio.TimerHandle | None = None

        def wait_on() -> None:
            nonlocal timer
            if deadline is not None:
                deadline.hold(loop.time(), _STEP)
                timer = loop.call_later(_STEP, wait_on)

        if self._free.locked():
            wait_on()
        try:
            await self._free.acquire()
        finally:
            if timer is not None:
                timer.cancel()
        try:
            yield
        finally:
            self._free.release()
