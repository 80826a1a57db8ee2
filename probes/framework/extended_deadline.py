"""Measures how late our own event loop is and extends the deadlines of probes by it.

A vantage that is short of processor time reads an answer long after it arrived, which is not the peer's delay: running
deadlines are moved by the lateness of a beat that is due every fifth of a second. The exchange's own timeouts are not
moved; they are seconds of network time, far above any lateness seen here.
"""

import asyncio

from probes.framework.limits import Deadline

EVERY = 0.2
"""The seconds between beats."""
_NOISE = 0.05
"""The lateness in seconds that every loop has now and then."""
_WEIGHT = 0.05
"""The weight of the newest beat in the mean lateness, which thus covers some four seconds."""
MOST = 300.0
"""The seconds by which one deadline is moved at most: a machine that stalls for longer ends its work."""


class DeadlineExtender:
    """Moves all running deadlines by the lateness of its beat, which runs while there is at least one."""

    def __init__(self) -> None:
        self._running: dict[Deadline, float] = {}
        self._beat: asyncio.TimerHandle | None = None
        self._lateness = 0.0

    @property
    def is_behind(self) -> bool:
        """True if this machine has been late for a while, so that it makes exchanges slow.

        More subjects at once would only take more of its memory.
        """
        return self._lateness > _NOISE

    def watch(self, deadline: Deadline) -> None:
        """Extend this deadline from now on."""
        self._running[deadline] = 0.0
        if self._beat is None:
            self._wait()

    def forget(self, deadline: Deadline) -> None:
        """Stop extending this deadline, which has ended."""
        del self._running[deadline]
        if not self._running and self._beat is not None:
            self._beat.cancel()
            self._beat = None

    def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + EVERY
        self._beat = loop.call_at(due, self._late, due)

    def _late(self, due: float) -> None:
        late = asyncio.get_running_loop().time() - due
        self._lateness += _WEIGHT * (late - self._lateness)
        if late > _NOISE:
            for deadline, moved in self._running.items():
                by = min(late, MOST - moved)
                deadline.move(due, by)
                self._running[deadline] = moved + by
        self._wait()
