"""Draws communes where they are: points for a drawing without tiles, made of coordinates of the inventory.

North is up and a kilometre is as long in both directions. Each state has a shape of its own beside its colour.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from auditor.figures.kpis import COMMUNES
from auditor.figures.rollup import UnitRollup
from auditor.framework.findings import Outcome
from inventory.model import AgencyId, Coordinates
from inventory.word_matching import fold
from reports.formats.html.tslcd_grid import CommuneState

MOST = 400
"""Communes that are drawn."""
WIDTH, LEAST_HEIGHT, MOST_HEIGHT = 640, 200, 560
MARGIN = 16
_SMALLEST = 0.02
"""Degrees that the drawing spans at least, so that two communes side by side do not stand in the corners."""
SHAPES: Mapping[CommuneState, str] = {
    CommuneState.UNDECIDED: "M0-8 8 6H-8Z",
    CommuneState.MET: "M-6 0A6 6 0 1 0 6 0A6 6 0 1 0-6 0Z",
    CommuneState.NOT_MET: "M0-9 9 0 0 9-9 0Z",
}
"""A triangle, a circle and a diamond around the point. Communes that need action are drawn last, above the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommuneCell:
    """Holds the state of one commune's required checks."""

    agency: AgencyId
    name: str
    state: CommuneState
    fails: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MapPoint:
    """Places one commune in the drawing."""

    cell: CommuneCell
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CommuneMap:
    """The drawing. ``cells`` are all communes, also the ``missing`` that have no coordinates."""

    cells: Sequence[CommuneCell]
    points: Sequence[MapPoint]
    height: int
    missing: int

    @property
    def width(self) -> int:
        return WIDTH


def commune_cells(units: Iterable[UnitRollup]) -> Sequence[CommuneCell]:
    """Return the communes in force, in the order of the tree; none where there is only one."""
    communes = [unit for unit in units if unit.in_force and fold(unit.level) in COMMUNES]
    cells = [cell for unit in communes[:MOST] if (cell := _cell(unit)) is not None]
    return cells if len(cells) > 1 else []


def _cell(unit: UnitRollup) -> CommuneCell | None:
    if unit.agency is None:
        return None
    if unit.required_fails:
        state = CommuneState.NOT_MET
    else:
        state = CommuneState.MET if unit.outcomes.get(Outcome.PASS) else CommuneState.UNDECIDED
    return CommuneCell(agency=unit.agency, name=unit.name, state=state, fails=unit.required_fails)


def commune_map(cells: Sequence[CommuneCell], positions: Mapping[AgencyId, Coordinates]) -> CommuneMap | None:
    """Place communes by their coordinates; None where fewer than two have any."""
    placed = [(cell, positions[cell.agency]) for cell in cells if cell.agency in positions]
    if len(placed) < 2:
        return None
    north = max(place.latitude for _, place in placed)
    south = min(place.latitude for _, place in placed)
    west = min(place.longitude for _, place in placed)
    narrow = math.cos(math.radians((north + south) / 2))
    wide = max(narrow * (max(place.longitude for _, place in placed) - west), _SMALLEST)
    high = max(north - south, _SMALLEST)
    scale = min((WIDTH - 2 * MARGIN) / wide, (MOST_HEIGHT - 2 * MARGIN) / high)
    height = max(round(high * scale) + 2 * MARGIN, LEAST_HEIGHT)
    left, top = (WIDTH - wide * scale) / 2, (height - high * scale) / 2
    points = [
        MapPoint(
            cell=cell,
            x=round(left + narrow * (place.longitude - west) * scale, 1),
            y=round(top + (north - place.latitude) * scale, 1),
        )
        for cell, place in placed
    ]
    order = tuple(SHAPES)
    return CommuneMap(
        cells=cells,
        points=sorted(points, key=lambda point: order.index(point.cell.state)),
        height=height,
        missing=len(cells) - len(placed),
    )
