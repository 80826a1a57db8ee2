"""Measures how late our own event loop is and extends the deadlines of probes by it.

A vantage that is short of processor time reads an answer long after it arrived. What that costs is ours: the deadlines
that run are moved by the lateness that a beat, due every fifth of a second, shows. The exchange's own timeouts are not
moved; they are measured in seconds of the network, far above any lateness seen here.
"""

import asyncio

from probes.framework.limits import Deadline

EVERY = 0.2
"""Seconds between beats."""
_NOISE = 0.05
"""Lateness in seconds that every loop has now and then."""
_WEIGHT = 0.05
"""Of the newest beat in the mean lateness, which looks back some four seconds that way."""
MOST = 300.0
"""Seconds by which one deadline is moved for lateness: a machine that stands still for longer ends its work."""


class Patience:
    """Beats while at least one deadline runs."""

    def __init__(self) -> None:
        self._running: dict[Deadline, float] = {}
        self._beat: asyncio.TimerHandle | None = None
        self._lateness = 0.0

    @property
    def is_behind(self) -> bool:
        """True if this machine has been late for a while: what is slow is slow because of it, and more subjects at once
        would only take more of its memory."""
        return self._lateness > _NOISE

    def watch(self, deadline: Deadline) -> None:
        """Move this deadline from now on."""
        self._running[deadline] = 0.0
        if self._beat is None:
            self._wait()

    def forget(self, deadline: Deadline) -> None:
        """It has ended."""
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
