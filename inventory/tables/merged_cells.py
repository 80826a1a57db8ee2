"""Repeats the text of a merged cell downwards; a spreadsheet keeps it only in the first cell of the range."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Holds a merged range by its corners, rows and columns counted from 1."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass(slots=True)
class _Column:
    """Holds the merged ranges that begin in one column, from the top down, and the one that the current row is in."""

    ranges: list[tuple[int, int]]
    next: int = 0
    current: tuple[int, int] = (0, 0)
    text: str = ""

    def text_at(self, row: int, written: str) -> str:
        """Return the text that this column shows in ``row``; rows are asked for in ascending order."""
        while self.next < len(self.ranges) and self.ranges[self.next][0] <= row:
            self.current, self.text = self.ranges[self.next], ""
            self.next += 1
        first, last = self.current
        if row == first:
            self.text = written
        return written if written.strip() or not first <= row <= last else self.text


def fill_down(
    records: Iterable[tuple[int, Sequence[str]]], merges: Iterable[Merge]
) -> Iterator[tuple[int, Sequence[str]]]:
    """Repeat the text of each range that is merged over several rows in its first column; nothing goes sideways."""
    ranges: dict[int, list[tuple[int, int]]] = {}
    for merge in merges:
        if merge.last_row > merge.first_row:
            ranges.setdefault(merge.first_column, []).append((merge.first_row, merge.last_row))
    columns = {position: _Column(sorted(of_column)) for position, of_column in ranges.items()}
    for row, cells in records:
        filled = list(cells)
        for position, column in columns.items():
            if position <= len(filled):
                filled[position - 1] = column.text_at(row, filled[position - 1])
        yield row, filled
