"""Computes figures by agency that can be published: they do not disclose the status of a single host.

An agency of which a figure counts fewer than ``SMALL`` subjects is added to the others of its level; a sum that is
still too small, or that a reader could compute by subtraction, is added to the next one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.figures.figure import Figure
from auditor.figures.rollup import Rollup, UnitRollup

SMALL = 5
"""The fewest subjects that a published number counts."""
NAMES = (
    *("K01", "K02", "K03", "K04", "K08", "K08.full", "K09", "K09.full", "K10", "K10.full", "K11", "K12"),
    *("K13.capable", "K13.enabled", "K13.routed", "K13.carrying"),
)
"""Figures of progress, published by agency; those of security are published only for the whole province."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicCount:
    """Holds the counts of one figure."""

    of: int
    met: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRow:
    """Holds one figure of one agency, or of ``units`` of them together: of a level, or all others (``level`` empty)."""

    figure: str
    name: str
    level: str
    units: int
    count: PublicCount


def rows(rollup: Rollup, names: Sequence[str] = NAMES) -> tuple[PublicRow, ...]:
    """Return each figure by agency, the larger ones by name, the others together."""
    return tuple(row for name in names for row in _of_figure(name, rollup))


def _of_figure(name: str, rollup: Rollup) -> list[PublicRow]:
    whole = rollup.total.figures.get(name)
    if whole is None or whole.of < SMALL:
        return []
    units = [unit for unit in _divisions(rollup) if name in unit.figures and unit.figures[name].of]
    named = [_row(name, unit) for unit in units if unit.figures[name].of >= SMALL]
    small = [unit for unit in units if unit.figures[name].of < SMALL]
    by_level: dict[str, list[UnitRollup]] = {}
    for unit in small:
        by_level.setdefault(unit.level, []).append(unit)
    merged = [_merged(name, level, [unit.figures[name] for unit in group]) for level, group in by_level.items()]
    rest = _rest(name, whole, [*named, *merged])
    return _without_small(name, named, merged, rest)


def _divisions(rollup: Rollup) -> list[UnitRollup]:
    """Return the units directly under the province, each with those under it; without one province, the top units."""
    top = [unit for unit in rollup.units if unit.depth == 0 and unit.level]
    return [unit for unit in rollup.units if unit.depth == 1] if len(top) == 1 else top


def _row(name: str, unit: UnitRollup) -> PublicRow:
    return PublicRow(figure=name, name=unit.name, level=unit.level, units=1, count=_count(unit.figures[name]))


def _merged(name: str, level: str, figures: Sequence[Figure]) -> PublicRow:
    count = _sum([_count(figure) for figure in figures])
    return PublicRow(figure=name, name="", level=level, units=len(figures), count=count)


def _rest(name: str, whole: Figure, shown: Sequence[PublicRow]) -> PublicRow | None:
    """Return the remainder that belongs to none of the units, or None: the province's own, and agencies of no unit."""
    told = _sum([row.count for row in shown])
    count = PublicCount(of=whole.of - told.of, met=whole.met - told.met, unknown=whole.unknown - told.unknown)
    return PublicRow(figure=name, name="", level="", units=1, count=count) if count.of > 0 else None


def _without_small(
    name: str, named: list[PublicRow], merged: list[PublicRow], rest: PublicRow | None
) -> list[PublicRow]:
    """Add up the rows that are too small; if the sum is still too small, add the smallest other rows to it.

    A reader could compute a single small group as the whole less all rows shown.
    """
    fine = [row for row in merged if _is_fine(row)]
    small = [row for row in merged if not _is_fine(row)] + ([rest] if rest is not None else [])
    shown = sorted([*named, *fine], key=lambda row: row.count.of, reverse=True)
    while small and shown and not _is_fine(_together(name, small)):
        small.append(shown.pop())
    kept = [row for row in (*named, *fine) if row in shown]
    return [*kept, _together(name, small)] if small else kept


def _is_fine(row: PublicRow) -> bool:
    return row.count.of >= SMALL and row.units > 1


def _together(name: str, some: Sequence[PublicRow]) -> PublicRow:
    units = sum(row.units for row in some)
    return PublicRow(figure=name, name="", level="", units=units, count=_sum([row.count for row in some]))


def _sum(counts: Sequence[PublicCount]) -> PublicCount:
    return PublicCount(
        of=sum(count.of for count in counts),
        met=sum(count.met for count in counts),
        unknown=sum(count.unknown for count in counts),
    )


def _count(figure: Figure) -> PublicCount:
    return PublicCount(of=figure.of, met=figure.met, unknown=figure.unknown)
