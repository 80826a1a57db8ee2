"""Prepares figures over time for drawing: points on a grid of 200 by 60, and the difference to the run before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from auditor.figures.figure import Figure, difference
from reports.earlier_runs import HistoryPoint
from reports.figures import HEADLINES

WIDTH, HEIGHT = 200, 60
DRAWN = (*HEADLINES, "K20")
"""The headline figures, and how much of the inventory was assessed."""
_MARGIN = 6
"""Room for the marks at the edges."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """Places one run in the drawing: its certain share, and the share if all undecided subjects were met."""

    x: float
    y: float
    top: float
    same_rules: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendLine:
    """Holds one figure over several runs.

    ``difference``: in points, truncated to tenths; None where either of the last two is an interval or the one before
    was judged by other rules. ``before``: the figure to which the difference refers.
    """

    name: str
    latest: Figure
    dots: tuple[Dot, ...]
    difference: float | None
    before: Figure

    @property
    def counts_others(self) -> bool:
        """True if the run before counted more subjects or fewer, so that a difference need not be of their doing."""
        return self.before.of != self.latest.of

    @property
    def path(self) -> str:
        """The points of a polyline."""
        return " ".join(f"{dot.x:g},{dot.y:g}" for dot in self.dots)


def lines(points: Sequence[HistoryPoint]) -> Iterator[TrendLine]:
    """Yield the lines of figures that at least two runs have, the last run among them."""
    for name in DRAWN:
        known = [
            (number, figure) for number, point in enumerate(points) if (figure := point.figures.get(name)) is not None
        ]
        known = [(number, figure) for number, figure in known if figure.of]
        if len(known) > 1 and known[-1][0] == len(points) - 1:
            dots = (_dot(number, figure, points) for number, figure in known)
            (number, before), (_, latest) = known[-2:]
            moved = difference(before, latest) if points[number].same_rules else None
            yield TrendLine(name=name, latest=latest, dots=tuple(dots), difference=moved, before=before)


def _dot(number: int, figure: Figure, points: Sequence[HistoryPoint]) -> Dot:
    step = (WIDTH - 2 * _MARGIN) / max(1, len(points) - 1)
    return Dot(
        x=round(_MARGIN + number * step, 1),
        y=_height(figure.low or 0.0),
        top=_height(figure.high or 0.0),
        same_rules=points[number].same_rules,
    )


def _height(share: float) -> float:
    return round(HEIGHT - _MARGIN - share * (HEIGHT - 2 * _MARGIN), 1)
