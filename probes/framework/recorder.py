"""The only way a probe says anything: it records observations, in order, with times from one monotonic clock."""

from collections.abc import Callable
from dataclasses import replace

from probes.framework.evidence import O, Observation


class Recorder:
    """Collects the steps of one probe run. What was recorded before a deadline is kept.

    ``clock`` is monotonic seconds; ``now()`` is the time since the run of the probe started, the unit of t0 and t.
    """

    def __init__(self, clock: Callable[[], float], *, limit: int = 2_000) -> None:
        self._clock = clock
        self._start = clock()
        self._steps: list[Observation] = []
        self._limit = limit
        self.dropped = 0

    def now(self) -> float:
        return round(self._clock() - self._start, 6)

    def record(self, step: O, *, t0: float) -> O:
        """Store ``step`` as having lasted from ``t0`` until now and hand it back with its times.

        Beyond the limit steps are dropped: a hostile delegation must not fill the store; the probe's own bounds come
        first and this is the last fence. ``dropped`` counts them, so that the evidence can say that it is not all.
        """
        timed = replace(step, t0=t0, t=self.now())
        if len(self._steps) < self._limit:
            self._steps.append(timed)
        else:
            self.dropped += 1
        return timed

    def aside(self) -> "Recorder":
        """A recorder for steps that serve another step and are summed up in it; what it records is not kept."""
        return Recorder(self._clock, limit=0)

    @property
    def steps(self) -> tuple[Observation, ...]:
        return tuple(self._steps)
