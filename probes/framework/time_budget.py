"""Limits the seconds that one subject may take, independent of its peers' behaviour.

The clock of a subject runs while at least one of its probes is at work. It stops while all of them wait for admission,
which is our own rate limit, and between the rounds of an audit. When the time is used up, every probe at work is cut,
and no other of the subject begins.
"""

import asyncio
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context

from probes.framework.evidence import Failure, FailureKind
from probes.framework.limits import Deadline

_ROUNDING = 1e-6
"""Shorter times are rounding errors."""


def out_of_time(seconds: float) -> Failure:
    """Return the failure of a probe that was cut or did not begin."""
    return Failure(kind=FailureKind.OUT_OF_TIME, detail=f"the subject's {seconds:g} s were used up")


class TimeBudget:
    """Counts the time of one subject. ``clock`` is the time of the event loop."""

    __slots__ = ("_alarm", "_clock", "_since", "_spent", "_waiting", "_working", "seconds")

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self.seconds = seconds
        self._clock = clock
        self._spent = 0.0
        self._since: float | None = None
        self._working: set[Deadline] = set()
        self._waiting: dict[Deadline, float] = {}
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def left(self) -> float:
        """The seconds left, if probes work without a pause."""
        running = 0.0 if self._since is None else self._clock() - self._since
        left = self.seconds - self._spent - running
        return left if left > _ROUNDING else 0.0

    @property
    def over(self) -> bool:
        return not self.left

    @contextmanager
    def spent_by(self, deadline: Deadline) -> Iterator[None]:
        """Count the work of one probe in this block; cut its deadline when the time is used up."""
        self._working.add(deadline)
        deadline.tell(self)
        self._look()
        try:
            yield
        finally:
            self._working.discard(deadline)
            self._waiting.pop(deadline, None)
            self._look()

    def held(self, deadline: Deadline, until: float) -> None:
        """Note that a probe waits for admission until ``until``."""
        self._waiting[deadline] = until
        self._look()

    def _look(self) -> None:
        now = self._clock()
        for deadline in [deadline for deadline, until in self._waiting.items() if until <= now]:
            del self._waiting[deadline]
        busy = len(self._waiting) < len(self._working)
        if busy and self._since is not None and self._alarm is not None:
            return  # unchanged
        self._spent += 0.0 if self._since is None else now - self._since
        self._since = now if busy else None
        if self.over:
            self._cut()
        elif self._working:
            self._wait(now + self.left if busy else min(self._waiting.values()))
        elif self._alarm is not None:  # otherwise it would keep these objects for minutes after the subject is done
            self._alarm.cancel()
            self._alarm = None

    def _wait(self, until: float) -> None:
        """Check again at ``until`` or earlier: an early alarm costs less than a new one for each probe."""
        if self._alarm is not None:
            if self._alarm.when() <= until:
                return
            self._alarm.cancel()
            self._alarm = None
        if until < math.inf:
            self._alarm = asyncio.get_running_loop().call_at(until, self._ring, context=Context())

    def _ring(self) -> None:
        self._alarm = None
        self._look()

    def _cut(self) -> None:
        self._since = None
        for deadline in self._working:
            deadline.cut()
