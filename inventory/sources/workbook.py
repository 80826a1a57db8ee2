"""Reads XLSX, XLSM, XLS and ODS by calamine: every sheet with a known header is a table of its own."""

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from inventory.cells.decimals import of_number
from inventory.model import RowOrigin
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition, ProblemCollector
from inventory.sources.file_types import Content, recognise
from inventory.sources.sheet import Sheet
from inventory.sources.sheet_bounds import CELLS_LIMIT, UNPACKED_LIMIT, Repacked, TooManyCellsError, repacked
from inventory.sources.sheet_marks import SheetMarks
from inventory.sources.xlsx_parts import sheet_members
from inventory.tables.choices import NO_CHOICES, Choices
from inventory.tables.display_names import HELP_HEADER, HELP_SHEET, LISTS_SHEET
from inventory.tables.layout import letter
from inventory.tables.merged_cells import Merge, fill_down
from inventory.tables.table import ROW_LIMIT, SourceTable, make_table
from inventory.tables.table_header import WIDTH_LIMIT, Record, has_header

_BROKEN = (CalamineError, OSError, ValueError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError)
"""Errors of a broken workbook.

Some are passed on by ``zipfile``: those of its decompressors, for an encrypted member, and for an unknown method.
"""

_ARCHIVE = b"PK\x03\x04"
_NAMED = 20
"""The most hidden columns that a message names."""
Cell = int | float | str | bool | time | date | datetime | timedelta


def _why(error: Exception, data: bytes) -> str:
    """Return a reason of ``problem_reasons`` for the two commonest errors; otherwise the message of the exception."""
    if isinstance(error, zipfile.BadZipFile):
        return "cut-off" if data.startswith(_ARCHIVE) else "no-workbook"
    return str(error) or type(error).__name__


def read_workbook(
    source: str, data: bytes, problems: ProblemCollector, choices: Choices = NO_CHOICES
) -> tuple[SourceTable, ...]:
    """Return the tables of a workbook; sheets without a known header are left out unless no sheet has one."""
    return tuple(_tables(read_sheets(source, data, problems), problems, choices))


def read_sheets(source: str, data: bytes, problems: ProblemCollector) -> tuple[Sheet, ...]:
    """Return the sheets of a workbook that have anything in them; none, with a problem, where it cannot be read."""
    place = CellPosition(problems, RowOrigin(source=source))
    try:
        marks: Mapping[str, SheetMarks] = {}
        if recognise(data) is not Content.XLS:
            unpacked = repacked(data)
            if unpacked is None:
                place.report(Code.FILE_TOO_LARGE, limit=str(UNPACKED_LIMIT // 2**20))
                return ()
            data, marks = unpacked.archive, _by_sheet(unpacked)
        sheets = tuple(sheet for sheet in _sheets(source, data, marks) if sheet.records)
    except TooManyCellsError:
        place.report(Code.TOO_MANY_CELLS, limit=str(CELLS_LIMIT))
        return ()
    except PasswordError:
        place.report(Code.LOCKED_WORKBOOK)
        return ()
    except _BROKEN as error:
        place.report(Code.BROKEN_WORKBOOK, why=_why(error, data))
        return ()
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # raised by bugs of calamine: no Exception, and not importable
            raise
        place.report(Code.BROKEN_WORKBOOK, why=str(error))
        return ()
    if not sheets:
        place.report(Code.EMPTY_FILE)
    return sheets if len(sheets) > 1 else tuple(replace(sheet, source=source) for sheet in sheets)


def _tables(sheets: Sequence[Sheet], problems: ProblemCollector, choices: Choices) -> Iterator[SourceTable]:
    filled = [(sheet, list(fill_down(sheet.records, sheet.merges))) for sheet in sheets]
    some = any(has_header(records) for _, records in filled)
    for sheet, records in filled:
        if some and not has_header(records):
            if _is_beside_tables(sheet):
                continue
            place = CellPosition(problems, RowOrigin(source=sheet.source))
            place.report(Code.SHEET_WITHOUT_HEADER, count=str(len(records)))
            continue
        table = make_table(sheet.source, records, problems, choices)
        if table is not None:
            _tell_hidden(sheet, table, problems)
            yield table


def _is_beside_tables(sheet: Sheet) -> bool:
    """True if a sheet is one that workbooks made here have beside their tables, not an office's of the same name."""
    _, cells = sheet.records[0]
    first = cells[0] if cells else ""
    is_list = sheet.title in LISTS_SHEET and first.startswith(f"{sheet.title}: ")
    return is_list or (sheet.title in HELP_SHEET and first in HELP_HEADER[0])


def _tell_hidden(sheet: Sheet, table: SourceTable, problems: ProblemCollector) -> None:
    """Report rows that are read although the spreadsheet hides them."""
    rows = [number for number in sheet.hidden_rows if table.layout and number > table.layout.header]
    if sheet.hidden:
        CellPosition(problems, RowOrigin(source=sheet.source)).report(Code.HIDDEN_SHEET, sheet.title)
    if rows:
        CellPosition(problems, RowOrigin(source=sheet.source, row=rows[0])).report(
            Code.HIDDEN_ROWS, count=str(len(rows))
        )
    if sheet.hidden_columns:
        letters = ", ".join(map(letter, sheet.hidden_columns[:_NAMED]))
        CellPosition(problems, RowOrigin(source=sheet.source)).report(Code.HIDDEN_COLUMNS, letters=letters)


def _by_sheet(unpacked: Repacked) -> Mapping[str, SheetMarks]:
    """Return the marks by the names of sheets."""
    with zipfile.ZipFile(io.BytesIO(unpacked.archive)) as archive:
        members = sheet_members(archive)
    marks = unpacked.marks
    return {**marks, **{name: marks[member] for name, member in members.items() if member in marks}}


def _sheets(source: str, data: bytes, marks: Mapping[str, SheetMarks]) -> Iterator[Sheet]:
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        for metadata in book.sheets_metadata:
            name = metadata.name
            if metadata.typ is SheetTypeEnum.WorkSheet:
                yield _sheet(source, book.get_sheet_by_name(name), metadata, marks.get(name, SheetMarks()))


def _sheet(source: str, sheet: CalamineSheet, metadata: SheetMetadata, marks: SheetMarks) -> Sheet:
    records = _records(sheet, marks)
    width = max((len(cells) for _, cells in records), default=0)
    return Sheet(
        f"{source}[{metadata.name}]",
        metadata.name,
        records,
        (*_merges(sheet), *marks.merges),
        hidden=metadata.visible is not SheetVisibleEnum.Visible,
        hidden_rows=tuple(number for number, _ in records if number in marks.hidden_rows),
        hidden_columns=tuple(sorted(each for each in marks.hidden_columns if each <= width)),
    )


def _records(sheet: CalamineSheet, marks: SheetMarks) -> tuple[Record, ...]:
    """Return rows with anything in them, under the number that the spreadsheet shows, bounded in both directions."""
    pairs: list[Record] = []
    wrong: dict[int, dict[int, str]] = {}
    for (row, column), error in marks.errors.items():
        wrong.setdefault(row, {})[column] = error
    before = [""] * (sheet.start[1] if sheet.start else 0)  # empty columns on the left, which calamine leaves out
    for number, cells in enumerate(sheet.iter_rows(), 1):
        texts = [*before, *map(_text, cells)][: WIDTH_LIMIT + 1]
        for column, error in wrong.get(number, {}).items():
            if column <= len(texts) and not texts[column - 1]:
                texts[column - 1] = error
        if any(texts):
            pairs.append((number, texts))
        if len(pairs) > ROW_LIMIT + 1000:
            break
    return tuple(pairs)


def _merges(sheet: CalamineSheet) -> tuple[Merge, ...]:
    """Return the merged ranges of a sheet; those of ODS come from the marks, as calamine does not report them."""
    return tuple(
        Merge(first_row=top + 1, last_row=bottom + 1, first_column=left + 1, last_column=right + 1)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or []
    )


def _text(cell: Cell) -> str:
    """Return a cell as a person would have typed it."""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else of_number(repr(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)
