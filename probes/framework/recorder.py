"""Records the observations of a probe, in order, with times from one monotonic clock; a probe has no other output."""

from collections.abc import Callable
from dataclasses import fields
from itertools import repeat
from operator import attrgetter, call
from typing import TypeVar

from probes.framework.evidence import O, Observation

T = TypeVar("T")


class _Copier:
    """Copies observations of one kind with other times, without their constructor.

    They were constructed and checked before; ``dataclasses.replace`` would repeat that for each.
    """

    __slots__ = ("_put_t", "_put_t0", "_puts", "_values")

    def __init__(self, kind: type[Observation]) -> None:
        names = tuple(field.name for field in fields(kind) if field.name not in ("t0", "t"))
        self._values = attrgetter(*names)
        self._puts = tuple(putter(kind, name) for name in names)
        self._put_t0, self._put_t = putter(kind, "t0"), putter(kind, "t")

    def timed(self, step: O, t0: float, t: float) -> O:
        copy: O = object.__new__(type(step))
        self.stamp(copy, t0, t)
        list(map(call, self._puts, repeat(copy), self._values(step)))  # no loop, as every step of an audit passes here
        return copy

    def stamp(self, step: Observation, t0: float, t: float) -> None:
        self._put_t0(step, t0)
        self._put_t(step, t)


def putter(kind: type[T], name: str) -> Callable[[T, object], None]:
    """Return the setter of a field of a frozen object that is not shared yet: that of the slot itself."""
    setter: Callable[[T, object], None] = getattr(kind, name).__set__
    return setter


_COPIERS: dict[type[Observation], _Copier] = {}


def _copier(kind: type[Observation]) -> _Copier:
    return _COPIERS.get(kind) or _COPIERS.setdefault(kind, _Copier(kind))


class Recorder:
    """Collects the steps of one probe run. Steps recorded before a deadline are kept.

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
        """Store ``step`` as having lasted from ``t0`` until now and return it with its times.

        Beyond the limit steps are dropped, so that a hostile delegation cannot fill the store; the probe's own bounds
        come first. ``dropped`` counts them, so that the evidence shows that it is incomplete.
        """
        return self._keep(_copier(type(step)).timed(step, t0, self.now()))

    def record_fresh(self, step: O, *, t0: float) -> O:
        """Store a step as ``record`` does, without a copy: for a new step that is not shared, which gets its times."""
        _copier(type(step)).stamp(step, t0, self.now())
        return self._keep(step)

    def _keep(self, step: O) -> O:
        if len(self._steps) < self._limit:
            self._steps.append(step)
        else:
            self.dropped += 1
        return step

    def aside(self) -> "Recorder":
        """Return a recorder that keeps nothing, for steps that are summarised in another step."""
        return Recorder(self._clock, limit=0)

    @property
    def steps(self) -> tuple[Observation, ...]:
        return tuple(self._steps)
