"""Sends series of echo requests that leave close together, driven by one timer for all of them.

A hundred requests to each of thousands of points are hundreds of thousands of waits; here they are a few beats a
second, and all requests of one beat leave in one system call.
"""

import asyncio
from dataclasses import dataclass

from probes.net.core import faults
from probes.net.icmp.echo import Echo, RunningEchoes


@dataclass(slots=True, eq=False)
class _Member:
    series: RunningEchoes
    left: int
    size: int
    sent: "asyncio.Future[None]"


class Trains:
    """Runs all series of one engine that have the same interval, in seconds."""

    def __init__(self, echo: Echo, interval: float) -> None:
        self._echo = echo
        self._interval = interval
        self._members: list[_Member] = []
        self._timer: asyncio.TimerHandle | None = None

    async def run(self, series: RunningEchoes, count: int, size: int) -> None:
        """Send ``count`` requests of a series, one at each beat. Raises Fault if one could not be sent."""
        loop = asyncio.get_running_loop()
        member = _Member(series, count, size, loop.create_future())
        self._members.append(member)
        if self._timer is None:
            self._beat(loop.time())
        try:
            await member.sent
        finally:
            member.left = 0  # cancelled: no further beat sends for it

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _beat(self, due: float) -> None:
        loop = asyncio.get_running_loop()
        for member in self._members:
            self._send(member)
        self._echo.flush()
        self._members = [member for member in self._members if member.left]
        # A late beat is not caught up: two beats at once would be two requests at once.
        after = max(due, loop.time() - self._interval) + self._interval
        self._timer = loop.call_at(after, self._beat, after) if self._members else None

    def _send(self, member: _Member) -> None:
        if not member.left:
            return
        try:
            self._echo.put(member.series, member.size)
        except faults.Fault as problem:
            member.left = 0
            if not member.sent.done():
                member.sent.set_exception(problem)
            return
        member.left -= 1
        if not member.left and not member.sent.done():
            member.sent.set_result(None)
