"""Builds the TSLCD grid: a row for each commune, a column for each indicator of its connection, and suggestions.

Made of the published figures alone, so that the grid and the figures cannot contradict each other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from auditor.figures.figure import Figure
from auditor.figures.kpis import COMMUNES
from auditor.figures.mesh import CellState
from auditor.figures.rollup import Rollup, UnitRollup
from inventory.word_matching import fold

COLUMNS = ("K01", "K02", "K03", "K04", "K05", "K06")
_REGISTERED, _REACHED, _USED, _BOTH = range(4)
MANY = 0.30
"""From this share of silent communes on, the central network is to be checked before any commune."""
MOST_NAMES = 12


class CommuneState(Enum):
    """The status of a commune in one column. ``NOTHING``: the figure does not apply to it."""

    MET = "met"
    NOT_MET = "not_met"
    UNDECIDED = "undecided"
    EXEMPT = "exempt"
    NOTHING = "nothing"


SIGNS = {
    CommuneState.MET: "✔",
    CommuneState.NOT_MET: "✘",
    CommuneState.UNDECIDED: "?",
    CommuneState.EXEMPT: "⊘",
    CommuneState.NOTHING: "–",
}

MESH_SIGNS = {
    CellState.GOOD: "✔",
    CellState.LOSSY: "◐",
    CellState.DOWN: "✘",
    CellState.UNKNOWN: "?",
    CellState.NO_ADDRESS: "–",
    CellState.ITSELF: "·",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """``count`` is ``2/3`` where the figure speaks of several subjects of the commune, channels for example."""

    state: CommuneState
    count: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommuneRow:
    name: str
    cells: tuple[Cell, ...]

    @property
    def reached(self) -> bool:
        return self.is_(_REACHED, CommuneState.MET)

    def is_(self, column: int, state: CommuneState) -> bool:
        return self.cells[column].state is state


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A likely cause: a key of ``reports.report_texts``, the number of communes, and the first of their names."""

    key: str
    communes: int
    of: int
    names: tuple[str, ...] = ()


def grid(rollup: Rollup) -> tuple[CommuneRow, ...]:
    """Return the communes in force in the order of the tree; none where no figure speaks of any."""
    units = [unit for unit in rollup.units if unit.in_force and fold(unit.level) in COMMUNES]
    rows = tuple(_row(unit) for unit in units)
    return rows if any(cell.state is not CommuneState.NOTHING for row in rows for cell in row.cells) else ()


def _row(unit: UnitRollup) -> CommuneRow:
    return CommuneRow(name=unit.name, cells=tuple(_cell(unit.figures.get(name)) for name in COLUMNS))


def _cell(figure: Figure | None) -> Cell:
    if figure is None or not (figure.of or figure.exempt):
        return Cell(state=CommuneState.NOTHING)
    if not figure.of:
        return Cell(state=CommuneState.EXEMPT)
    count = f"{figure.met}/{figure.of}" if figure.of > 1 else ""
    if figure.not_met:
        return Cell(state=CommuneState.NOT_MET, count=count)
    return Cell(state=CommuneState.UNDECIDED if figure.unknown else CommuneState.MET, count=count)


def hints(rows: Sequence[CommuneRow]) -> Iterator[Hint]:
    """Yield suggestions for where to look first. They are not verdicts, unlike the findings."""
    silent = [row for row in rows if row.is_(_REACHED, CommuneState.NOT_MET)]
    decided = [row for row in rows if row.cells[_REACHED].state in (CommuneState.MET, CommuneState.NOT_MET)]
    if len(silent) >= 2 and len(silent) >= MANY * len(decided):
        yield _hint("grid_many_silent", silent, len(decided))
    for key, base, column in (
        ("grid_paper", _REGISTERED, _REACHED),
        ("grid_unused", _REACHED, _USED),
        ("grid_one_family", _REACHED, _BOTH),
    ):
        commune_rows = [
            row for row in rows if row.is_(base, CommuneState.MET) and row.is_(column, CommuneState.NOT_MET)
        ]
        if commune_rows:
            yield _hint(key, commune_rows, len(rows))
    unknown = [row for row in rows if row.is_(_REACHED, CommuneState.UNDECIDED)]
    if unknown:
        yield _hint("grid_undecided", unknown, len(rows))


def _hint(key: str, rows: Sequence[CommuneRow], of: int) -> Hint:
    return Hint(key=key, communes=len(rows), of=of, names=tuple(row.name for row in rows[:MOST_NAMES]))
