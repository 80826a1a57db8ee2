"""Computes the geometry of charts of series: paths that end where samples are missing, and the gaps themselves.

A drawing is WIDTH by HEIGHT units and is stretched to its place. It has no text: labels stand beside it, and the values
in a table.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from auditor.service.store.records import Quality
from auditor.service.web.connection_points.slot_series import SlotSeries

WIDTH, HEIGHT = 1000, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class StateBlock:
    """Describes a stretch of slots from ``x`` on: ``up``, ``down``, ``gap`` (no sample) or ``aside`` (set aside)."""

    x: float
    width: float
    kind: str


def top_of(values: Sequence[float]) -> float:
    """Return the upper end of a scale: the smallest 1, 2 or 5 times a power of ten that no value exceeds."""
    most = max(values, default=0.0)
    if most <= 0:
        return 1.0
    scale = 1e-6
    while True:
        for step in (1, 2, 5):
            if most <= step * scale:
                return step * scale
        scale *= 10


def paths(slots: SlotSeries, top: float) -> str:
    """Return the line as an SVG path, with a subpath for each stretch without a gap.

    A lone sample is a dash as long as its slot.
    """
    return " ".join(_piece(slots, start, end, top) for start, end in _stretches(slots.values))


def blocks(slots: SlotSeries) -> Iterator[StateBlock]:
    """Yield consecutive stretches of slots in the same state."""
    yield from _merged([_state(value, quality) for value, quality in zip(slots.values, slots.qualities, strict=True)])


def missing(slots: SlotSeries) -> Iterator[StateBlock]:
    """Return the stretches without a sample that counts."""
    return (block for block in blocks(slots) if block.kind in ("gap", "aside"))


def _state(value: float | None, quality: Quality) -> str:
    if value is not None:
        return "up" if value > 0 else "down"
    return "gap" if quality is Quality.GAP else "aside"


def _merged(kinds: Sequence[str]) -> Iterator[StateBlock]:
    unit = WIDTH / max(1, len(kinds))
    start = 0
    for number in range(1, len(kinds) + 1):
        if number == len(kinds) or kinds[number] != kinds[start]:
            yield StateBlock(x=round(start * unit, 1), width=round((number - start) * unit, 1), kind=kinds[start])
            start = number


def _stretches(values: Sequence[float | None]) -> Iterator[tuple[int, int]]:
    start: int | None = None
    for number, value in enumerate((*values, None)):
        if value is not None and start is None:
            start = number
        elif value is None and start is not None:
            yield start, number
            start = None


def _piece(slots: SlotSeries, start: int, end: int, top: float) -> str:
    unit = WIDTH / len(slots.values)
    points = [(round((start + n + 0.5) * unit, 1), _y(slots.values[start + n], top)) for n in range(end - start)]
    if len(points) == 1:
        x, y = points[0]
        return f"M{round(x - unit / 2, 1)} {y}H{round(x + unit / 2, 1)}"
    return "M" + "L".join(f"{x} {y}" for x, y in points)


def _y(value: float | None, top: float) -> float:
    return round(HEIGHT - HEIGHT * min(1.0, (value or 0.0) / top), 1)
