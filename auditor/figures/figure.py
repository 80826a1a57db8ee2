"""Defines a figure: a numerator with its denominator, the number of subjects decided, and of those unknown.

Averages are never averaged: figures of units are added up from counts (CHECKS §4.3).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from auditor.figures.kpis import Kpi, Standing, SubjectFacts, SubjectStanding
from auditor.framework.findings import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Counts ``met`` of the ``of`` subjects to which a figure applies; ``unknown`` of these were not decided.

    ``exempt`` subjects are not in ``of``. ``waived`` of those not met are accepted exceptions, ``planned`` of them are
    planned, the last one until ``planned_until``. ``reasons`` count the unknown subjects by reason: one with several
    counts once, for the reason to be dealt with first, so that they add up to ``unknown``. ``value`` is a share of
    sums, ``median`` and ``tenth`` belong to a figure with a spread, ``backends`` are the distinct addresses behind all
    its subjects; each None where the figure has none.
    """

    of: int = 0
    met: int = 0
    unknown: int = 0
    exempt: int = 0
    waived: int = 0
    planned: int = 0
    planned_until: date | None = None
    reasons: Mapping[str, int] = field(default_factory=dict)
    backends: int | None = None
    value: float | None = None
    median: float | None = None
    tenth: float | None = None

    @property
    def decided(self) -> int:
        return self.of - self.unknown

    @property
    def not_met(self) -> int:
        return self.of - self.met - self.unknown

    @property
    def low(self) -> float | None:
        """The share that is certainly met, 0 to 1; None if no subject is counted."""
        if self.value is not None:
            return self.value
        return self.met / self.of if self.of else None

    @property
    def high(self) -> float | None:
        """The share that would be met if everything unknown were met; None if no subject is counted."""
        if self.value is not None:
            return self.value
        return (self.met + self.unknown) / self.of if self.of else None

    @property
    def of_decided(self) -> float | None:
        return self.met / self.decided if self.decided else None

    @property
    def interval(self) -> bool:
        return is_interval(self.unknown, self.of)

    def with_exempt(self) -> "Figure":
        """Return the same figure with exempt subjects as undecided: an agency's declaration does not lift a law."""
        return replace(self, of=self.of + self.exempt, unknown=self.unknown + self.exempt, exempt=0)

    def reaches(self, sign: str, target: float) -> bool | None:
        """True if the figure, in percent, is ``>=`` or ``<=`` a target; None where the unknown decides."""
        low, high = self.low, self.high
        if low is None or high is None or (self.value is not None and self.interval):
            return None
        good, bad = (low, high) if sign == ">=" else (high, low)
        if _holds(good, sign, target):
            return True
        return None if _holds(bad, sign, target) else False


def is_interval(unknown: int, of: int) -> bool:
    """True if more than a tenth is unknown, so that a figure is an interval (CHECKS §4.3)."""
    return unknown * 10 > of


def difference(before: Figure | None, after: Figure | None) -> float | None:
    """Return by how many percentage points a figure moved, truncated to tenths so that it is never overstated.

    None where either is an interval, of which no difference is known, or does not apply.
    """
    if before is None or after is None or before.low is None or after.low is None:
        return None
    if before.interval or after.interval:
        return None
    return int((after.low - before.low) * 1_000 + (1e-9 if after.low > before.low else -1e-9)) / 10


def _holds(ratio: float, sign: str, target: float) -> bool:
    return ratio * 100 >= target - 1e-9 if sign == ">=" else ratio * 100 <= target + 1e-9


_REASONS = (
    *(reason.value for reason in (Reason.INV, Reason.SCOPE, Reason.CRED, Reason.VP, Reason.PRIV, Reason.REF)),
    *(reason.value for reason in (Reason.V6, Reason.V4, Reason.DNS, Reason.EGR, Reason.RATE, Reason.OBJ)),
    *(reason.value for reason in (Reason.SMPL, Reason.CUT, Reason.AMB)),
)


def _first_reason(reason: str) -> tuple[int, str]:
    """Return the sort key of a reason: reasons that a person can remove come before those that need another run."""
    return _REASONS.index(reason) if reason in _REASONS else len(_REASONS), reason


_NOTHING, _NO_BACKENDS = Figure(), Figure(backends=0)
"""Figures that count no subject."""


class FigureSum:
    """Adds up one figure subject by subject; the order does not matter."""

    def __init__(self, kpi: Kpi) -> None:
        self._kpi = kpi
        self._counts: dict[Standing, int] = {}
        self._waived = self._planned = 0
        self._until: date | None = None
        self._reasons: dict[str, int] = {}
        self._backends: set[str] = set()
        self._values: list[float] = []
        self._others: list[float] = []

    def add(self, place: SubjectStanding, facts: SubjectFacts) -> None:
        self._counts[place.standing] = self._counts.get(place.standing, 0) + 1
        self._waived += place.waived
        self._planned += place.planned
        if place.planned and facts.planned_until is not None:
            self._until = max(self._until or facts.planned_until, facts.planned_until)
        if place.reasons:
            reason = min(place.reasons, key=_first_reason)
            self._reasons[reason] = self._reasons.get(reason, 0) + 1
        if self._kpi.backends:
            self._backends |= facts.addresses
        if self._kpi.spread is not None and self._kpi.spread in facts.values:
            self._values.append(facts.values[self._kpi.spread])
        is_decided = place.standing is not Standing.UNKNOWN
        if self._kpi.total is not None and is_decided and set(self._kpi.total) <= set(facts.values):
            self._values.append(facts.values[self._kpi.total[0]])
            self._others.append(facts.values[self._kpi.total[1]])

    def figure(self) -> Figure:
        if not self._counts:  # the usual case: most units have no subject in a figure
            return _NO_BACKENDS if self._kpi.backends else _NOTHING
        met, not_met, unknown, exempt = (
            self._counts.get(standing, 0)
            for standing in (Standing.MET, Standing.NOT_MET, Standing.UNKNOWN, Standing.EXEMPT)
        )
        whole = math.fsum(self._values) + math.fsum(self._others)
        spread = sorted(self._values) if self._kpi.spread is not None else []
        return Figure(
            of=met + not_met + unknown,
            met=met,
            unknown=unknown,
            exempt=exempt,
            waived=self._waived,
            planned=self._planned,
            planned_until=self._until,
            reasons=dict(sorted(self._reasons.items())),
            backends=len(self._backends) if self._kpi.backends else None,
            value=math.fsum(self._values) / whole if self._kpi.total is not None and whole else None,
            median=percentile(spread, 50) if spread else None,
            tenth=percentile(spread, 10) if spread else None,
        )


def percentile(ordered: Sequence[float], percent: int) -> float:
    """Return the percentile by nearest rank; ``ordered`` holds at least one value, in ascending order."""
    return ordered[max(0, math.ceil(percent * len(ordered) / 100) - 1)]
