"""The only way a probe says anything: it records observations, in order, with times from one monotonic clock."""

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter

from probes.framework.evidence import O, Observation


class _Copier:
    """Copies observations of one kind with other times; ``dataclasses.replace`` works their fields out every time."""

    __slots__ = ("_names", "_values")

    def __init__(self, kind: type[Observation]) -> None:
        self._names = tuple(one.name for one in fields(kind) if one.name not in ("t0", "t"))
        self._values = attrgetter(*self._names)

    def timed(self, step: O, t0: float, t: float) -> O:
        return type(step)(t0=t0, t=t, **dict(zip(self._names, self._values(step), strict=True)))


_COPIERS: dict[type[Observation], _Copier] = {}


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
        kind = type(step)
        copier = _COPIERS.get(kind) or _COPIERS.setdefault(kind, _Copier(kind))
        timed = copier.timed(step, t0, self.now())
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
