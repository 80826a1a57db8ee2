"""Records how a table was read: the row of its header, and the column for each heading."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inventory.tables.columns import Column, TableKind


@dataclass(frozen=True, slots=True, kw_only=True)
class TitledColumn:
    """Describes one column of a table. ``column`` is None where the title is not known."""

    position: int  # from 1
    title: str
    column: Column | None = None
    example: str = ""
    """The first text under the title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLayout:
    """Holds the layout of one table, in which every row with anything in it is counted once.

    ``rows`` are those that were read, ``above`` those above the header, ``titles`` the header with its repetitions, and
    ``left_out`` those that are no entries: totals, headings, remarks, signatures.
    """

    source: str
    kind: TableKind
    header: int
    rows: int
    columns: tuple[TitledColumn, ...] = ()
    above: int = 0
    titles: int = 1
    left_out: int = 0

    @property
    def keeps_notes(self) -> bool:
        """True if notes and the cells of columns that are not known are kept."""
        return self.kind is TableKind.TARGETS

    def positions(self) -> Mapping[str, int]:
        """Return positions by the column's value, and by the title where it means no column."""
        return {each.column or each.title: each.position for each in reversed(self.columns)}


def letter(position: int) -> str:
    """Return the letter that a spreadsheet shows above a column: 1 is A, 27 is AA."""
    letters = ""
    while position > 0:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def positions_by_source(layouts: Sequence[TableLayout]) -> Mapping[str, Mapping[str, int]]:
    """Return the positions of every table, by the source that its problems name."""
    return {layout.source: layout.positions() for layout in layouts}
