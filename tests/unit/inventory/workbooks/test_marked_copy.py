"""The coloured copy: texts where they stood, colours and comments where something is wrong."""

import io

from openpyxl import load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from inventory.loader import load_sent
from inventory.problems.problem import InventoryError, InventoryProblem, ProblemCollector
from inventory.sources.files import sheets_sent
from inventory.sources.sheet import Sheet
from inventory.tables.layout import TableLayout
from inventory.tables.merged_cells import Merge
from inventory.workbooks.marked_copy import marked_copy
from tests.unit.inventory import messy_workbooks


def _read(name: str, data: bytes) -> tuple[tuple[InventoryProblem, ...], tuple[TableLayout, ...]]:
    try:
        loaded = load_sent([(name, data)])
    except InventoryError as error:
        return error.problems, error.layouts
    return loaded.warnings, loaded.layouts


def _copy(name: str, data: bytes) -> bytes:
    return marked_copy(sheets_sent(name, data, ProblemCollector()), *_read(name, data), "vi")


def _cell(sheet: Worksheet, place: str) -> Cell:
    cell = sheet[place]
    assert isinstance(cell, Cell)
    return cell


def test_wrong_cells_are_red_with_a_comment_and_doubtful_ones_yellow() -> None:
    book = load_workbook(io.BytesIO(_copy("a.xlsx", messy_workbooks.departments())))
    sheet = book.worksheets[0]
    kind, address, plain = (_cell(sheet, place) for place in ("D10", "F11", "C10"))
    assert (kind.value, kind.fill.fgColor.rgb) == ("modem", "FFFFC7CE")
    assert kind.comment is not None
    assert kind.comment.text.startswith('Loại "modem" chưa được hỗ trợ. Chọn một trong: cổng thông tin điện tử')
    assert address.fill.fgColor.rgb == "FFFFEB9C"
    assert (plain.value, plain.comment, plain.fill.fgColor.rgb) == ("Modem", None, "00000000")
    assert [sheet.title for sheet in book.worksheets] == ["Danh sách", "Lỗi và cảnh báo"]
    assert [cell.value for cell in book.worksheets[1][7]][1:4] == ["10", "D10", "lỗi"]


def test_copy_is_read_as_the_file_it_was_made_from() -> None:
    for make in (messy_workbooks.departments, messy_workbooks.communes, messy_workbooks.two_sheets):
        data = make()
        again = _read("a.xlsx", _copy("a.xlsx", data))[0]
        told = [(problem.code, problem.row, problem.value) for problem in again]
        assert all((problem.code, problem.row, problem.value) in told for problem in _read("a.xlsx", data)[0])


def test_csv_becomes_a_workbook_with_an_empty_cell_marked() -> None:
    sheet = load_workbook(
        io.BytesIO(_copy("bang.csv", b"name,kind,ipv4\nR1,,10.0.0.1\n=1+1,router,10.0.0.2\n"))
    ).worksheets[0]
    assert sheet.title == "bang"
    missing = _cell(sheet, "B2")
    assert (missing.value, missing.fill.fgColor.rgb, missing.comment is not None) == (None, "FFFFC7CE", True)
    assert (_cell(sheet, "A3").value, _cell(sheet, "A3").data_type) == ("=1+1", "s")


def test_hostile_titles_and_merges_neither_break_nor_fill_the_copy() -> None:
    rows = ((1, ("a", "b")), (2, ("c", "d")))
    merges = (
        Merge(first_row=1, last_row=1_048_576, first_column=1, last_column=16_384),
        Merge(first_row=1, last_row=2, first_column=1, last_column=1),
        Merge(first_row=2, last_row=2, first_column=1, last_column=2),
        Merge(first_row=1, last_row=1, first_column=2, last_column=2),
    )
    titles = ("a/b[c]" * 10, "'", "", "Same", "same", "lỗi và cảnh báo", "x\u202ey")
    sheets = [Sheet(f"s{at}", title, rows, merges) for at, title in enumerate(titles)]
    book = load_workbook(io.BytesIO(marked_copy(sheets, (), (), "vi")))
    assert len({title.casefold() for title in book.sheetnames}) == len(titles) + 1
    assert [str(each_range) for each_range in book.worksheets[0].merged_cells.ranges] == ["A1:A2"]
    assert isinstance(book.worksheets[0]["A2"], MergedCell)
