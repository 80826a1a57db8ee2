"""Makes a table of text into rows with the position of each, under columns whose meaning is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from inventory.model import RowOrigin
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition, ProblemCollector
from inventory.tables.choices import NO_CHOICES, Choices, TableChoice
from inventory.tables.columns import Column, TableKind, nearest_column
from inventory.tables.layout import TableLayout, TitledColumn
from inventory.tables.old_fonts import is_in_old_font
from inventory.tables.table_header import (
    HEADER_WITHIN,
    Header,
    Record,
    filled_rows,
    find_header,
    one_title,
    read_header_at,
)
from inventory.tables.table_rows import TableBody, TableRow

ROW_LIMIT = 200_000
_NEEDED: Mapping[TableKind, tuple[frozenset[Column], ...]] = {
    TableKind.TARGETS: (
        frozenset({Column.NAME, Column.ID, Column.FQDN, Column.IPV4, Column.IPV6}),
        frozenset({Column.KIND}),
    ),
    TableKind.UNITS: (),
    TableKind.EXEMPTIONS: (frozenset({Column.SUBJECT, Column.AGENCY}), frozenset({Column.REASON})),
}


@dataclass(frozen=True, slots=True)
class SourceTable:
    kind: TableKind
    rows: tuple[TableRow, ...]
    layout: TableLayout | None = None


def make_table(
    source: str, records: Sequence[Record], problems: ProblemCollector, choices: Choices = NO_CHOICES
) -> SourceTable | None:
    """Return the table in these records; nothing, with a problem, when they have no known header."""
    choice = choices.get(source, TableChoice(source=source))
    filled = filled_rows(records)
    position = find_header(filled)
    if position is None:
        in_old_font = is_in_old_font(cells for _, cells in filled)
        CellPosition(problems, RowOrigin(source=source)).report(Code.OLD_FONT if in_old_font else Code.NO_HEADER)
        return None
    header = read_header_at(filled, position)
    header = replace(header, recognised=choice.applied(header.recognised))
    place = CellPosition(problems, RowOrigin(source=source, row=header.row))
    if position:
        place.report(Code.ROWS_ABOVE_HEADER, header=str(header.row), count=str(position))
    if is_in_old_font(cells for _, cells in filled[header.end :]):
        place.report(Code.OLD_FONT_TEXT)
    records = filled[header.end :]
    if len(records) > ROW_LIMIT:
        place.report(Code.TOO_MANY_ROWS, limit=str(ROW_LIMIT))
    kind = header.recognised.kind
    layout = TableLayout(
        source=source, kind=kind, header=header.row, rows=0, columns=_titled(header, records), above=position
    )
    if choice.left_out:
        place.report(Code.TABLE_LEFT_OUT, count=str(len(records)))
        return SourceTable(kind, (), replace(layout, titles=header.end - position, left_out=len(records)))
    body = TableBody(source, header, _check_header(header, place, choice.given), problems, choice.kind)
    rows = tuple(body.rows(records[:ROW_LIMIT]))
    titles = header.end - position + body.titles
    return SourceTable(kind, rows, replace(layout, rows=len(rows), titles=titles, left_out=body.left_out))


def _titled(header: Header, records: Sequence[Record]) -> tuple[TitledColumn, ...]:
    examples: dict[int, str] = {}
    for _, cells in records[:HEADER_WITHIN]:
        for position, text in enumerate(cells, 1):
            if text.strip():
                examples.setdefault(position, one_title(text))
    pairs = zip(header.titles, header.recognised.columns, strict=False)
    return tuple(
        TitledColumn(position=position, title=one_title(title), column=column, example=examples.get(position, ""))
        for position, (title, column) in enumerate(pairs, 1)
        if title.strip()
    )


def _check_header(header: Header, place: CellPosition, given: frozenset[Column]) -> frozenset[Column]:
    """Report unknown, repeated and missing columns; return the missing ones. Those ``given`` need not be there."""
    kind = header.recognised.kind
    first: dict[Column, str] = {}
    for title, column in zip(header.titles, header.recognised.columns, strict=False):
        if column is None:
            if title.strip():
                code = Code.COLUMN_AS_NOTE if kind is TableKind.TARGETS else Code.COLUMN_LEFT_OUT
                place.report(code, title, suggestion=nearest_column(title, kind))
        elif column in first and column is not Column.ORDINAL:
            place.report(Code.COLUMN_TWICE, title, column=column, first=first[column])
        else:
            first[column] = title
    absent: set[Column] = set()
    for alternatives in _NEEDED[kind]:
        if not alternatives & (first.keys() | given):
            code = Code.MISSING_KINDS if Column.KIND in alternatives else Code.MISSING_COLUMN
            place.report(code, columns=" ".join(each for each in Column if each in alternatives))
            absent |= alternatives
    return frozenset(absent)
