"""Detects stalls of the event loop: a wait that ran out during one is our own failure, not a timeout.

A timer that should fire ten times a second shows how long the loop stood still; meanwhile the answer may have been in
the socket, unread. A machine that is put to sleep stops that timer's clock as well, so two clocks are compared, one of
which goes on. While it sleeps peers give up and answers are lost, and when it wakes up its network takes a while to
come back.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

from probes.framework.evidence import OF_THIS_MACHINE, Failure, FailureKind, O

BEAT = 0.1
"""Seconds between two beats."""
TOLERATED = 1.5
"""Seconds that the loop may stand still before timeouts are not trusted, if no wait is shorter than USUAL."""
USUAL = 2.0
"""Seconds of the shortest wait of the profiles; where an operator wants shorter ones, less is tolerated."""
SETTLING = 15.0
"""Seconds after waking up in which failures are not trusted either."""
_KEPT = 600
"""Stalls remembered."""


def _asleep() -> float:
    """Return the seconds that this machine has slept since it was started."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)


class LoopLag:
    """Measures stalls from ``start`` to ``stop``. Times are those of the running loop.

    ``shortest`` is the shortest wait. ``asleep``: the seconds that this machine has slept.
    """

    def __init__(self, shortest: float = USUAL, *, asleep: Callable[[], float] = _asleep) -> None:
        self.tolerated = TOLERATED * min(1.0, shortest / USUAL)
        self._stalls: deque[tuple[float, float]] = deque(maxlen=_KEPT)
        self._sleeps: deque[tuple[float, float]] = deque(maxlen=_KEPT)
        self._asleep, self._slept = asleep, asleep()
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

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        if now - self._due >= self.tolerated:
            self._stalls.append((now, now - self._due))
        slept = self._asleep() - self._slept
        if slept >= self.tolerated:
            self._sleeps.append((now + SETTLING, slept))
        self._slept += slept
        self._due = now + BEAT
        self._timer = loop.call_at(self._due, self._beat, loop)

    def believed(self, step: O, since: float) -> O:
        """Return the step, begun at ``since``, with a failure of ours if it timed out while this machine stood still.

        If this machine slept, any failure that would need confirming becomes one of ours.
        """
        timed_out = step.failure is not None and step.failure.kind is FailureKind.TIMEOUT
        if not timed_out and not step.worth_confirming:
            return step
        if slept := self.slept(since):
            return _ours(step, f"{OF_THIS_MACHINE} slept for {slept:.1f} s")
        if timed_out and (stalled := self.stalled(since)):
            return _ours(step, f"{OF_THIS_MACHINE} was too busy: it stood still for {stalled:.1f} s")
        return step

    def slept(self, since: float) -> float:
        """Return the longest sleep in seconds that ended since then, or shortly before; one that no beat saw counts."""
        current = self._asleep() - self._slept
        if not self._sleeps and current < self.tolerated:  # the common case, checked for every step
            return 0.0
        return _longest(since, self._sleeps, current, self.tolerated)

    def stalled(self, since: float) -> float:
        """Return the longest stall since then in seconds, 0 if there was none; a stall that is not over counts."""
        now = asyncio.get_running_loop().time()
        current = now - self._due
        return _longest(since, self._stalls, current, self.tolerated)


def _longest(since: float, over: Iterable[tuple[float, float]], current: float, tolerated: float) -> float:
    lengths = [length for ended, length in over if ended >= since]
    return max([*lengths, *([current] if current >= tolerated else [])], default=0.0)


def _ours(step: O, detail: str) -> O:
    return replace(step, failure=Failure(kind=FailureKind.CUT_SHORT, detail=detail))
