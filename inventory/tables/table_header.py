"""Finds the header in a table of text and reads its titles.

Above the header there may be titles, under it a row that only numbers the columns: both are usual in official forms.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inventory.tables.columns import Recognised, read_header
from inventory.tables.wider_titles import divides, lower_titles, repeats_titles

WIDTH_LIMIT = 256
HEADER_WITHIN = 30
"""How many of the upper rows are searched for the header."""
_HEADER_ROWS = 3
_TITLE = 100
_NUMBERING = re.compile(r"\(?\d{1,2}\)?")

Record = tuple[int, Sequence[str]]  # row number as the spreadsheet counts, cells


@dataclass(frozen=True, slots=True)
class Header:
    """Holds the header of a table: its row, its titles, and how many records it takes with those above it."""

    row: int
    titles: tuple[str, ...]
    recognised: Recognised
    end: int


def has_header(records: Sequence[Record], columns: int = 2) -> bool:
    """True if one of the upper rows has at least ``columns`` known columns; in sheets of explanations any row may."""
    return any(known_columns(cells) >= columns for _, cells in filled_rows(records)[:HEADER_WITHIN])


def filled_rows(records: Sequence[Record]) -> list[Record]:
    return [(number, cells) for number, cells in records if any(map(str.strip, cells))]


def known_columns(cells: Sequence[str]) -> int:
    return read_header(tuple(cells[:WIDTH_LIMIT])).count


def find_header(records: Sequence[Record]) -> int | None:
    """Return the first of the upper rows with two known columns, else the first with one."""
    counts = [known_columns(cells) for _, cells in records[:HEADER_WITHIN]]
    for enough in (2, 1):
        for position, count in enumerate(counts):
            if count >= enough:
                return position
    return None


def read_header_at(records: Sequence[Record], position: int) -> Header:
    """Return the header that begins there. Under titles merged over several rows, a column has the lower title."""
    row, cells = records[position]
    titles = list(cells[:WIDTH_LIMIT])
    end = position + 1
    for _, cells in records[end : end + _HEADER_ROWS - 1]:
        below = cells[:WIDTH_LIMIT]
        if not repeats_titles(titles, below) and not divides(titles, below):
            break
        titles = lower_titles(titles, below)
        end += 1
    if end < len(records) and _is_numbering(records[end][1]):
        end += 1
    return Header(row, tuple(titles), read_header(tuple(titles)), end)


def _is_numbering(cells: Sequence[str]) -> bool:
    """True if the row numbers the columns: ``(1) (2) (3) …``, as in official forms."""
    written = [cell.strip() for cell in cells if cell.strip()]
    numbers = [int(text.strip("()")) for text in written if _NUMBERING.fullmatch(text)]
    return len(written) > 1 and len(numbers) == len(written) and numbers[:2] in ([1, 2], [0, 1])


def one_title(title: str) -> str:
    """Put a title on one line, no longer than titles are."""
    return " ".join(title.split())[:_TITLE]
