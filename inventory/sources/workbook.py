"""XLSX, XLSM, XLS and ODS through calamine: every sheet with a known header is a table of its own."""

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from inventory.codes import Code
from inventory.errors import Place, Problems
from inventory.model import Origin
from inventory.sources.contents import Content, recognise
from inventory.sources.sheet_bounds import CELLS_LIMIT, UNPACKED_LIMIT, TooManyCellsError, repacked
from inventory.table import ROW_LIMIT, WIDTH_LIMIT, Record, Table, has_header, make_table

_BROKEN = (CalamineError, OSError, ValueError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError)
"""Also what ``zipfile`` lets through: of its decompressors, and that a member is encrypted, or of an unknown method."""

Cell = int | float | str | bool | time | date | datetime | timedelta


def read_workbook(source: str, data: bytes, problems: Problems) -> tuple[Table, ...]:
    """The tables of a workbook; sheets without a known header are left out unless no sheet has one."""
    place = Place(problems, Origin(source=source))
    try:
        if recognise(data) is not Content.XLS:
            unpacked = repacked(data)
            if unpacked is None:
                place.report(Code.FILE_TOO_LARGE, limit=str(UNPACKED_LIMIT // 2**20))
                return ()
            data = unpacked
        sheets = list(_sheets(data))
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
    return tuple(_tables(source, sheets, problems))


def _tables(source: str, sheets: list[tuple[str, list[Record]]], problems: Problems) -> Iterator[Table]:
    filled = [(name, records) for name, records in sheets if records]
    if not filled:
        Place(problems, Origin(source=source)).report(Code.EMPTY_FILE)
        return
    some = any(has_header(records) for _, records in filled)
    for name, records in filled:
        named = source if len(filled) == 1 else f"{source}[{name}]"
        if some and not has_header(records):
            Place(problems, Origin(source=named)).report(Code.SHEET_WITHOUT_HEADER)
            continue
        table = make_table(named, records, problems)
        if table is not None:
            yield table


def _sheets(data: bytes) -> Iterator[tuple[str, list[Record]]]:
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        for name in book.sheet_names:
            yield name, _records(book.get_sheet_by_name(name))


def _records(sheet: CalamineSheet) -> list[Record]:
    """Rows with anything in them, under the number that the spreadsheet shows, bounded in both directions."""
    found: list[Record] = []
    for number, cells in enumerate(sheet.iter_rows(), 1):
        texts = [_text(cell) for cell in cells[: WIDTH_LIMIT + 1]]
        if any(texts):
            found.append((number, texts))
        if len(found) > ROW_LIMIT + 1000:
            break
    return found


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
