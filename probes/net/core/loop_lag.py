"""Detects stalls of the event loop: a wait that ran out during one is our own failure, not a timeout.

A timer that should fire ten times a second shows how long the loop stood still; meanwhile the answer may have lain in
the socket, unread.
"""

import asyncio
from collections import deque

BEAT = 0.1
"""Seconds between two beats."""
TOLERATED = 1.5
"""Seconds that the loop may stand still before a timeout is no longer believed, where no wait is shorter than USUAL."""
USUAL = 2.0
"""Seconds of the shortest wait of the profiles; where an operator wants shorter ones, less is tolerated."""
_KEPT = 600
"""Stalls remembered."""


class LoopLag:
    """Beats from ``start`` to ``stop``. Times are those of the running loop; ``shortest`` is the shortest wait."""

    def __init__(self, shortest: float = USUAL) -> None:
        self._share = min(1.0, shortest / USUAL)
        self._stalls: deque[tuple[float, float]] = deque(maxlen=_KEPT)
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._due = loop.time() + BEAT
        self._timer = loop.call_at(self._due, self._beat, loop)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def tolerated(self) -> float:
        return TOLERATED * self._share

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        if now - self._due >= self.tolerated:
            self._stalls.append((now, now - self._due))
        self._due = now + BEAT
        self._timer = loop.call_at(self._due, self._beat, loop)

    def stalled(self, since: float) -> float:
        """The longest time that the loop stood still since then, 0 when it kept up; a stall that is not over counts."""
        now = asyncio.get_running_loop().time()
        current = now - self._due
        over = [length for ended, length in self._stalls if ended >= since]
        return max([*over, *([current] if current >= self.tolerated else [])], default=0.0)
