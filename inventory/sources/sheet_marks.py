"""Notes marks that a spreadsheet library leaves out: hidden rows and columns, merged cells, errors of formulas."""

from dataclasses import dataclass, field

from inventory.tables.merged_cells import Merge

ERRORS = 10_000
MERGES = 200_000
HIDDEN = 250_000
"""The most rows, and the most columns, that are remembered as hidden: more than are read."""


@dataclass(slots=True)
class SheetMarks:
    """Holds the marks of one sheet; rows and columns are counted from 1."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)

    def hide_rows(self, first: int, last: int = 0) -> None:
        self.hidden_rows.update(_bounded(first, last or first))

    def hide_columns(self, first: int, last: int) -> None:
        self.hidden_columns.update(_bounded(first, last))

    def add_error(self, row: int, column: int, text: str) -> None:
        """Remember an error such as ``#REF!``, which the library reads as an empty cell."""
        if len(self.errors) < ERRORS and text.strip():
            self.errors[row, column] = text.strip()

    def merge(self, row: int, column: int, rows: int, columns: int) -> None:
        """Remember a cell that spans several rows or columns."""
        if rows * columns > 1 and len(self.merges) < MERGES:
            self.merges.append(
                Merge(first_row=row, last_row=row + rows - 1, first_column=column, last_column=column + columns - 1)
            )


def _bounded(first: int, last: int) -> range:
    return range(first, min(last, HIDDEN) + 1)
