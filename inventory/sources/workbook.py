"""Reads XLSX, XLSM, XLS and ODS by calamine: every sheet with a known header is a table of its own."""

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from inventory.merged_cells import Merge, fill_down
from inventory.model import RowOrigin
from inventory.problem_codes import Code
from inventory.problems import CellPosition, ProblemCollector
from inventory.sources.file_types import Content, recognise
from inventory.sources.sheet import Sheet
from inventory.sources.sheet_bounds import CELLS_LIMIT, UNPACKED_LIMIT, TooManyCellsError, repacked
from inventory.table import ROW_LIMIT, WIDTH_LIMIT, Record, SourceTable, has_header, make_table

_BROKEN = (CalamineError, OSError, ValueError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError)
"""Also what ``zipfile`` lets through: of its decompressors, and that a member is encrypted, or of an unknown method."""

Cell = int | float | str | bool | time | date | datetime | timedelta


def read_workbook(source: str, data: bytes, problems: ProblemCollector) -> tuple[SourceTable, ...]:
    """The tables of a workbook; sheets without a known header are left out unless no sheet has one."""
    return tuple(_tables(source, read_sheets(source, data, problems), problems))


def read_sheets(source: str, data: bytes, problems: ProblemCollector) -> tuple[Sheet, ...]:
    """The sheets of a workbook that have anything in them; none, with a problem, where it cannot be read."""
    place = CellPosition(problems, RowOrigin(source=source))
    try:
        if recognise(data) is not Content.XLS:
            unpacked = repacked(data)
            if unpacked is None:
                place.report(Code.FILE_TOO_LARGE, limit=str(UNPACKED_LIMIT // 2**20))
                return ()
            data = unpacked
        sheets = tuple(sheet for sheet in _sheets(source, data) if sheet.records)
    except TooManyCellsError:
        place.report(Code.TOO_MANY_CELLS, limit=str(CELLS_LIMIT))
        return ()
    except PasswordError:
        place.report(Code.LOCKED_WORKBOOK)
        return ()
    except _BROKEN as error:
        place.report(Code.BROKEN_WORKBOOK, why=str(error) or type(error).__name__)
        return ()
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how calamine's bugs show: no Exception, and not importable
            raise
        place.report(Code.BROKEN_WORKBOOK, why=str(error))
        return ()
    if not sheets:
        place.report(Code.EMPTY_FILE)
    return sheets if len(sheets) > 1 else tuple(replace(sheet, source=source) for sheet in sheets)


def _tables(source: str, sheets: Sequence[Sheet], problems: ProblemCollector) -> Iterator[SourceTable]:
    filled = [(sheet.source, list(fill_down(sheet.records, sheet.merges))) for sheet in sheets]
    some = any(has_header(records) for _, records in filled)
    for named, records in filled:
        if some and not has_header(records):
            CellPosition(problems, RowOrigin(source=named)).report(Code.SHEET_WITHOUT_HEADER)
            continue
        table = make_table(named, records, problems)
        if table is not None:
            yield table


def _sheets(source: str, data: bytes) -> Iterator[Sheet]:
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            yield Sheet(f"{source}[{name}]", name, _records(sheet), _merges(sheet))


def _records(sheet: CalamineSheet) -> tuple[Record, ...]:
    """Rows with anything in them, under the number that the spreadsheet shows, bounded in both directions."""
    pairs: list[Record] = []
    for number, cells in enumerate(sheet.iter_rows(), 1):
        texts = [_text(cell) for cell in cells[: WIDTH_LIMIT + 1]]
        if any(texts):
            pairs.append((number, texts))
        if len(pairs) > ROW_LIMIT + 1000:
            break
    return tuple(pairs)


def _merges(sheet: CalamineSheet) -> tuple[Merge, ...]:
    """Ranges of ODS are not told by calamine."""
    return tuple(
        Merge(first_row=top + 1, last_row=bottom + 1, first_column=left + 1, last_column=right + 1)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or []
    )


def _text(cell: Cell) -> str:
    """A cell as a person would have typed it. Three decimals get a fourth: 1.125 is no Vietnamese thousand."""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        if cell.is_integer():
            return str(int(cell))
        text = repr(cell)
        return text + "0" if len(text.partition(".")[2]) == 3 else text
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)
