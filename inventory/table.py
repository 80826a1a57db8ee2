"""Rows of a table as text, with where each stands; and finding the header in what people call a table.

Above the header there may be titles, under it a row that only numbers the columns: both are usual in official forms.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inventory.codes import Code
from inventory.columns import Column, Recognised, TableKind, nearest_column, read_header
from inventory.errors import Place, Problems
from inventory.model import Origin

ROW_LIMIT = 200_000
WIDTH_LIMIT = 256
_HEADER_WITHIN = 30
_NUMBERING = re.compile(r"\(?\d{1,2}\)?")
_NEEDED: Mapping[TableKind, tuple[frozenset[Column], ...]] = {
    TableKind.TARGETS: (
        frozenset({Column.NAME, Column.ID, Column.FQDN, Column.IPV4, Column.IPV6}),
        frozenset({Column.KIND}),
    ),
    TableKind.UNITS: (),
    TableKind.EXEMPTIONS: (frozenset({Column.SUBJECT, Column.AGENCY}), frozenset({Column.REASON})),
}

Record = tuple[int, Sequence[str]]  # row number as the spreadsheet counts, cells


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its texts by column, without the empty ones. What the whole table lacks is not missed in each row."""

    origin: Origin
    cells: Mapping[Column, str]
    absent: frozenset[Column] = frozenset()


@dataclass(frozen=True, slots=True)
class Table:
    kind: TableKind
    rows: tuple[Row, ...]


def make_table(source: str, records: Sequence[Record], problems: Problems) -> Table | None:
    """The table in these records; nothing, with a problem, when they have no header that is known."""
    filled = _filled(records)
    position = _find_header(filled)
    if position is None:
        Place(problems, Origin(source=source)).report(Code.NO_HEADER)
        return None
    number, header = filled[position]
    place = Place(problems, Origin(source=source, row=number))
    if position:
        place.report(Code.ROWS_ABOVE_HEADER, header=str(number), count=str(position))
    recognised = read_header(tuple(header[:WIDTH_LIMIT]))
    absent = _check_header(header, recognised, place)
    body = filled[position + 1 :]
    if body and _is_numbering(body[0][1]):
        body = body[1:]
    if len(body) > ROW_LIMIT:
        place.report(Code.TOO_MANY_ROWS, limit=str(ROW_LIMIT))
    rows: list[Row] = []
    for number, cells in body[:ROW_LIMIT]:
        if list(cells) != list(header):  # repeated at the top of each printed page
            origin = Origin(source=source, row=number)
            rows.append(Row(origin, _by_column(cells, recognised, Place(problems, origin)), absent))
    return Table(recognised.kind, tuple(rows))


def has_header(records: Sequence[Record]) -> bool:
    """For sheets of explanations beside the tables."""
    return _find_header(_filled(records)) is not None


def _filled(records: Sequence[Record]) -> list[Record]:
    return [(number, cells) for number, cells in records if any(map(str.strip, cells))]


def known_columns(cells: Sequence[str]) -> int:
    return read_header(tuple(cells[:WIDTH_LIMIT])).count


def _find_header(records: Sequence[Record]) -> int | None:
    """The first of the upper rows with two known columns, else the first with one."""
    counts = [known_columns(cells) for _, cells in records[:_HEADER_WITHIN]]
    for enough in (2, 1):
        for position, count in enumerate(counts):
            if count >= enough:
                return position
    return None


def _check_header(header: Sequence[str], recognised: Recognised, place: Place) -> frozenset[Column]:
    """Report unknown, repeated and missing columns; returns the missing ones."""
    first: dict[Column, str] = {}
    for title, column in zip(header, recognised.columns, strict=False):
        if column is None:
            if title.strip():
                place.report(Code.UNKNOWN_COLUMN, title, suggestion=nearest_column(title, recognised.kind))
        elif column in first and column is not Column.ORDINAL:
            place.report(Code.COLUMN_TWICE, title, column=column, first=first[column])
        else:
            first[column] = title
    absent: set[Column] = set()
    for alternatives in _NEEDED[recognised.kind]:
        if not alternatives & first.keys():
            place.report(Code.MISSING_COLUMN, column=" / ".join(each for each in Column if each in alternatives))
            absent |= alternatives
    return frozenset(absent)


def _is_numbering(cells: Sequence[str]) -> bool:
    """``(1) (2) (3) …``, as official forms have it."""
    written = [cell.strip() for cell in cells if cell.strip()]
    numbers = [int(text.strip("()")) for text in written if _NUMBERING.fullmatch(text)]
    return len(written) > 1 and len(numbers) == len(written) and numbers[:2] in ([1, 2], [0, 1])


def _by_column(cells: Sequence[str], recognised: Recognised, place: Place) -> Mapping[Column, str]:
    found: dict[Column, str] = {}
    known = len(recognised.columns)
    for position, (text, column) in enumerate(zip(cells, recognised.columns, strict=False), 1):
        if not text.strip():
            continue
        if column is not None:
            found.setdefault(column, text)
        elif position in recognised.untitled:  # those under an unknown header are reported with the header
            place.report(Code.CELL_OUTSIDE, text, position=str(position))
    for position, text in enumerate(cells[known:], known + 1):
        if text.strip():
            place.report(Code.CELL_OUTSIDE, text, position=str(position))
            break  # one separator too many shifts all the rest
    found.pop(Column.ORDINAL, None)
    return found
