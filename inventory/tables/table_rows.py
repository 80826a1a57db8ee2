"""Reads the rows under the header of a table: entries, and the other rows that offices write between and under them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from inventory.cells.decimals import unmistakable
from inventory.cells.numbers import with_unit
from inventory.model import Kind, RowOrigin
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition, ProblemCollector
from inventory.tables.columns import Column, TableKind
from inventory.tables.heading_agencies import HeadingAgency
from inventory.tables.layout import letter
from inventory.tables.row_roles import (
    RowRole,
    describes_entry,
    example_name,
    heading_text,
    is_sparse,
    role_of,
    unit_name,
)
from inventory.tables.table_header import WIDTH_LIMIT, Header, Record, one_title


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


class TableBody:
    """Reads the rows under a header: entries, and the other rows that offices write between and under them."""

    def __init__(
        self,
        source: str,
        header: Header,
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
                by_column.setdefault(column, with_unit(self._header.titles[position - 1], unmistakable(text)))
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
