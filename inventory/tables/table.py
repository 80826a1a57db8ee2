"""Finds the header in a table of text, and gives its rows with the position of each.

Above the header there may be titles, under it a row that only numbers the columns: both are usual in official forms.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from inventory.cells.numbers import with_unit
from inventory.model import Kind, RowOrigin
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition, ProblemCollector
from inventory.tables.choices import NO_CHOICES, Choices, TableChoice
from inventory.tables.columns import Column, Recognised, TableKind, nearest_column, read_header
from inventory.tables.heading_agencies import HeadingAgency
from inventory.tables.layout import TableLayout, TitledColumn, letter
from inventory.tables.old_fonts import is_in_old_font
from inventory.tables.row_roles import (
    RowRole,
    describes_entry,
    example_name,
    heading_text,
    is_sparse,
    role_of,
    unit_name,
)

ROW_LIMIT = 200_000
WIDTH_LIMIT = 256
_HEADER_WITHIN = 30
_HEADER_ROWS = 3
_TITLE = 100
_NUMBERING = re.compile(r"\(?\d{1,2}\)?")
_REMARK = re.compile(r"\((?!\d)[^()]{1,60}\)")
_VALUE = re.compile(r"\d[.:\d]|@|://")
"""Found in numbers, addresses and names, and in no title of a part: of IPv4 one digit stands alone."""
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
class TableRow:
    """Holds one row: its texts by column, without the empty ones.

    ``absent`` are columns that the whole table lacks, which are not reported as missing in each row. ``extra`` are the
    cells under titles that mean no column, with these titles.
    """

    origin: RowOrigin
    cells: Mapping[Column, str]
    absent: frozenset[Column] = frozenset()
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SourceTable:
    kind: TableKind
    rows: tuple[TableRow, ...]
    layout: TableLayout | None = None


@dataclass(frozen=True, slots=True)
class _Header:
    """Holds the header of a table: its first row, its titles, and how many records it takes with those above it."""

    row: int
    titles: tuple[str, ...]
    recognised: Recognised
    end: int


def make_table(
    source: str, records: Sequence[Record], problems: ProblemCollector, choices: Choices = NO_CHOICES
) -> SourceTable | None:
    """Return the table in these records; nothing, with a problem, when they have no known header."""
    choice = choices.get(source, TableChoice(source=source))
    filled = _filled(records)
    position = _find_header(filled)
    if position is None:
        in_old_font = is_in_old_font(cells for _, cells in filled)
        CellPosition(problems, RowOrigin(source=source)).report(Code.OLD_FONT if in_old_font else Code.NO_HEADER)
        return None
    header = _read_header(filled, position)
    header = replace(header, recognised=choice.applied(header.recognised))
    place = CellPosition(problems, RowOrigin(source=source, row=header.row))
    if position:
        place.report(Code.ROWS_ABOVE_HEADER, header=str(header.row), count=str(position))
    if is_in_old_font(cells for _, cells in filled[header.end :]):
        place.report(Code.OLD_FONT_TEXT)
    start = header.end + (header.end < len(filled) and _is_numbering(filled[header.end][1]))
    records = filled[start:]
    if len(records) > ROW_LIMIT:
        place.report(Code.TOO_MANY_ROWS, limit=str(ROW_LIMIT))
    kind = header.recognised.kind
    layout = TableLayout(
        source=source, kind=kind, header=header.row, rows=0, columns=_titled(header, records), above=position
    )
    if choice.left_out:
        place.report(Code.TABLE_LEFT_OUT, count=str(len(records)))
        return SourceTable(kind, (), replace(layout, titles=start - position, left_out=len(records)))
    body = _Body(source, header, _check_header(header, place, choice.given), problems, choice.kind)
    rows = tuple(body.rows(records[:ROW_LIMIT]))
    titles = start - position + body.titles
    return SourceTable(kind, rows, replace(layout, rows=len(rows), titles=titles, left_out=body.left_out))


def has_header(records: Sequence[Record], columns: int = 2) -> bool:
    """True if one of the upper rows has at least ``columns`` known columns; in sheets of explanations any row may."""
    return any(known_columns(cells) >= columns for _, cells in _filled(records)[:_HEADER_WITHIN])


def _filled(records: Sequence[Record]) -> list[Record]:
    return [(number, cells) for number, cells in records if any(map(str.strip, cells))]


def known_columns(cells: Sequence[str]) -> int:
    return read_header(tuple(cells[:WIDTH_LIMIT])).count


def _find_header(records: Sequence[Record]) -> int | None:
    """Return the first of the upper rows with two known columns, else the first with one."""
    counts = [known_columns(cells) for _, cells in records[:_HEADER_WITHIN]]
    for enough in (2, 1):
        for position, count in enumerate(counts):
            if count >= enough:
                return position
    return None


def _read_header(records: Sequence[Record], position: int) -> _Header:
    """Return the header that begins there. Under titles merged over several rows, a column has the lower title."""
    row, cells = records[position]
    titles = list(cells[:WIDTH_LIMIT])
    end = position + 1
    for _, below in records[end : end + _HEADER_ROWS - 1]:
        if not _continues(titles, below) and not _divides(titles, below):
            break
        titles = _lower_titles(titles, below[:WIDTH_LIMIT])
        end += 1
    return _Header(row, tuple(titles), read_header(tuple(titles)), end)


def _continues(titles: Sequence[str], below: Sequence[str]) -> bool:
    """True if the row below repeats two titles, as titles merged over both rows do, and has others beside them."""
    pairs = list(zip_longest(titles, below[:WIDTH_LIMIT], fillvalue=""))
    repeated = sum(bool(upper.strip()) and upper == lower for upper, lower in pairs)
    return repeated >= 2 and any(lower.strip() and upper != lower for upper, lower in pairs)


def _divides(titles: Sequence[str], below: Sequence[str]) -> bool:
    """True if the row below only divides wider titles, or adds remarks to titles.

    Examples are ``IPv4`` and ``IPv6`` under ``Địa chỉ``, and ``(Kbps)``. Tables with merged titles are written so where
    each title is kept once.
    """
    parts: list[int] = []
    for position, (upper, after, lower) in enumerate(
        zip_longest(titles, titles[1:], below[:WIDTH_LIMIT], fillvalue="")
    ):
        if not lower.strip() or _is_remark(lower):
            continue
        if (upper.strip() and after.strip()) or _VALUE.search(lower):
            return False
        parts.append(position)
    return len(parts) >= 2 and _knows_part(titles, below, parts)


def _knows_part(titles: Sequence[str], below: Sequence[str], parts: Iterable[int]) -> bool:
    """True if one of the lower titles at these positions means a column, beside the other titles of the table."""
    whole = [*titles, *[""] * (len(below) - len(titles))]
    for position in parts:
        whole[position] = below[position]
    columns = read_header(tuple(whole)).columns
    return any(columns[position] for position in parts)


def _is_remark(title: str) -> bool:
    return _REMARK.fullmatch(title.strip()) is not None


def _lower_titles(titles: Sequence[str], below: Sequence[str]) -> list[str]:
    """Return the title of each column under two rows of titles."""
    pairs = list(zip_longest(titles, below, fillvalue=""))
    lower_titles = [_lower_title(upper, lower) for upper, lower in pairs]
    for parts in _parts(pairs):
        if _knows_part(titles, below, parts):  # else the wider title tells more of the first part than its own
            lower_titles[parts.start : parts.stop] = below[parts.start : parts.stop]
    return lower_titles


def _parts(pairs: Sequence[tuple[str, str]]) -> Iterator[range]:
    """Yield the positions of the parts of each title that is wider than a column."""
    start = 0
    for position in range(1, len(pairs) + 1):
        if position < len(pairs) and not pairs[position][0].strip() and _is_part(*pairs[position]):
            continue
        if position - start >= 2 and _is_part(*pairs[start]):
            yield range(start, position)
        start = position


def _is_part(upper: str, lower: str) -> bool:
    return bool(lower.strip()) and lower != upper and not _is_remark(lower)


def _lower_title(upper: str, lower: str) -> str:
    if not lower.strip():
        return upper
    if upper != lower and _is_remark(lower):
        whole = f"{upper} {lower.strip()}"
        return whole if known_columns((whole,)) else upper
    return upper if known_columns((upper,)) and not known_columns((lower,)) else lower


def _titled(header: _Header, records: Sequence[Record]) -> tuple[TitledColumn, ...]:
    examples: dict[int, str] = {}
    for _, cells in records[:_HEADER_WITHIN]:
        for position, text in enumerate(cells, 1):
            if text.strip():
                examples.setdefault(position, " ".join(text[:_TITLE].split()))
    pairs = zip(header.titles, header.recognised.columns, strict=False)
    return tuple(
        TitledColumn(position=position, title=one_title(title), column=column, example=examples.get(position, ""))
        for position, (title, column) in enumerate(pairs, 1)
        if title.strip()
    )


def one_title(title: str) -> str:
    """Put a title on one line, no longer than titles are."""
    return " ".join(title.split())[:_TITLE]


def _check_header(header: _Header, place: CellPosition, given: frozenset[Column]) -> frozenset[Column]:
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


class _Body:
    """Reads the rows under a header: entries, and the other rows that offices write between and under them."""

    def __init__(
        self,
        source: str,
        header: _Header,
        absent: frozenset[Column],
        problems: ProblemCollector,
        of_kind: Kind | None = None,
    ) -> None:
        self._source, self._header, self._absent, self._problems = source, header, absent, problems
        self._of_kind = of_kind  # for the rows that name none
        self._kind, self._columns = header.recognised.kind, header.recognised.columns
        self._agency = HeadingAgency()
        self._entries: dict[tuple[str, ...], int] = {}  # the texts of each entry, with the number of its row
        self._signatures: CellPosition | None = None
        self._signature_rows, self._signature_text = 0, ""
        self.titles = self.left_out = 0
        """Rows that repeat the header, and rows that are no entries for another reason, each of which is reported."""

    def rows(self, records: Sequence[Record]) -> Iterator[TableRow]:
        end = self._end_of_entries(records)
        for position, (number, cells) in enumerate(records):
            if self._is_header_again(cells):  # at the top of each printed page
                self.titles += 1
                continue
            place = CellPosition(self._problems, RowOrigin(source=self._source, row=number))
            if self._is_entry(cells, place, ended=position >= end) and not self._is_copy(number, cells, place):
                yield self._row(cells, place)
            else:
                self.left_out += 1
        if self._signatures is not None:
            self._signatures.report(Code.SIGNATURE_ROWS, self._signature_text, count=str(self._signature_rows))

    def _end_of_entries(self, records: Sequence[Record]) -> int:
        """Return the position after the last row that describes an entry; signatures follow it."""
        for position in range(len(records) - 1, -1, -1):
            cells = records[position][1]
            if describes_entry(cells, self._columns, self._kind) and not self._is_header_again(cells):
                return position + 1
        return 0

    def _is_header_again(self, cells: Sequence[str]) -> bool:
        titles = self._header.titles
        return cells[0] == titles[0] and tuple(cells[:WIDTH_LIMIT]) == titles

    def _is_entry(self, cells: Sequence[str], place: CellPosition, *, ended: bool) -> bool:
        """True if the row is an entry; reports the role of any other row."""
        role = role_of(cells, self._columns, self._kind, ended=ended)
        if role is RowRole.SIGNATURE or (self._signatures and is_sparse(cells)):
            self._sign(cells, place)
        elif role is RowRole.TOTAL:
            place.report(Code.TOTAL_ROW, _first_text(cells))
        elif role is RowRole.EXAMPLE:
            place.report(Code.EXAMPLE_ROW, example_name(cells, self._columns))
        elif role is RowRole.REMARK:
            place.report(Code.REMARK_ROW, _first_text(cells))
        elif role is RowRole.AGENCY_HEADING and Column.AGENCY_CODE not in self._columns:
            self._agency.begin(cells)
            place.report(Code.AGENCY_HEADING, self._agency.name)
        elif role is not RowRole.ENTRY:
            self._agency.pass_group(cells)
            place.report(Code.GROUP_HEADING, heading_text(cells))
        else:
            return True
        return False

    def _is_copy(self, number: int, cells: Sequence[str], place: CellPosition) -> bool:
        """True if an entry equals one above it in every cell except the running number; reports it then."""
        if self._kind is not TableKind.TARGETS:
            return False
        said = [self._agency.name, *map(str.strip, cells)]
        if Column.ORDINAL in self._columns[: len(cells)]:
            said[self._columns.index(Column.ORDINAL) + 1] = ""
        first = self._entries.setdefault(tuple(said), number)
        if first != number:
            place.report(Code.COPIED_ROW, first=str(first))
        return first != number

    def _sign(self, cells: Sequence[str], place: CellPosition) -> None:
        if self._signatures is None:
            self._signatures, self._signature_text = place, _first_text(cells)
        self._signature_rows += 1

    def _row(self, cells: Sequence[str], place: CellPosition) -> TableRow:
        by_column: dict[Column, str] = {}
        extra: list[tuple[str, str]] = []
        for position, (text, column) in enumerate(zip(cells, self._columns, strict=False), 1):
            if not text.strip():
                continue
            if column is None:
                extra.append((self._title(position, text, place), text))
            elif column is Column.BANDWIDTH_MBPS:
                by_column.setdefault(column, with_unit(self._header.titles[position - 1], text))
            else:
                by_column.setdefault(column, text)
        self._check_width(cells, place)
        if self._of_kind is not None and self._kind is TableKind.TARGETS:
            by_column.setdefault(Column.KIND, self._of_kind.value)
        ordinal = by_column.pop(Column.ORDINAL, "")
        if self._kind is TableKind.UNITS and (name := unit_name(by_column.get(Column.AGENCY_NAME, ""), ordinal)):
            by_column[Column.AGENCY_NAME] = name
        if self._agency.name:
            by_column.setdefault(Column.AGENCY_NAME, self._agency.name)
        return TableRow(place.origin, by_column, self._absent, tuple(extra))

    def _title(self, position: int, text: str, place: CellPosition) -> str:
        title = one_title(self._header.titles[position - 1])
        if not title:
            code = Code.CELL_UNTITLED if self._kind is TableKind.TARGETS else Code.CELL_LEFT_OUT
            place.report(code, text, letter=letter(position))
        return title

    def _check_width(self, cells: Sequence[str], place: CellPosition) -> None:
        """Report the first text outside the columns: one separator too many shifts all cells behind it."""
        width = len(self._columns)
        for position, text in enumerate(cells[width:], width + 1):
            if text.strip():
                place.report(Code.CELL_OUTSIDE, text, position=str(position))
                return


def _first_text(cells: Sequence[str]) -> str:
    return " ".join(next((text for text in cells if text.strip()), "").split())


def _is_numbering(cells: Sequence[str]) -> bool:
    """True if the row numbers the columns: ``(1) (2) (3) …``, as in official forms."""
    written = [cell.strip() for cell in cells if cell.strip()]
    numbers = [int(text.strip("()")) for text in written if _NUMBERING.fullmatch(text)]
    return len(written) > 1 and len(numbers) == len(written) and numbers[:2] in ([1, 2], [0, 1])
