"""Tables as bad as offices send them: each row is taken, left out with a reason, or has an error; none is lost."""

import csv
import io
import unicodedata

import pytest
from openpyxl import load_workbook

from inventory.loader import LoadedInventory, load_sent
from inventory.problems.codes import Code
from inventory.problems.problem import InventoryError, ProblemCollector, ProblemSeverity
from inventory.sources.files import sheets_sent
from inventory.workbooks.marked_copy import marked_copy
from tests.unit.inventory import awful_workbooks
from tests.unit.inventory.awful_workbooks import TABLES

_LEFT_OUT = {Code.TOTAL_ROW, Code.EXAMPLE_ROW, Code.REMARK_ROW, Code.AGENCY_HEADING, Code.GROUP_HEADING}
_NEVER_ADDRESSED = frozenset({"không-loại.xlsx"})
"""Errors of the table as a whole: nothing of it is taken."""


def _load(name: str) -> LoadedInventory:
    return load_sent([(name, TABLES[name]())], good_rows=True)


def _rows(name: str, data: bytes) -> int:
    """Return the number of rows with any content, counted without the reader under test."""
    if name.endswith(".xlsx"):
        sheets = load_workbook(io.BytesIO(data)).worksheets
        return sum(any(str(cell or "").strip() for cell in row) for sheet in sheets for row in sheet.values)
    if name.endswith(".ods"):
        return 6
    encoding = {"cp1258.csv": "windows-1258", "utf16.txt": "utf-16", "sep.csv": "utf-8-sig"}[name]
    text = data.decode(encoding)
    rows = csv.reader(io.StringIO(text), delimiter="\t" if name == "utf16.txt" else ";")
    return sum(any(map(str.strip, row)) and not row[0].startswith("sep=") for row in rows)


@pytest.mark.parametrize("name", TABLES)
def test_every_row_is_taken_left_out_with_a_reason_or_wrong(name: str) -> None:
    data = TABLES[name]()
    if name in _NEVER_ADDRESSED:
        with pytest.raises(InventoryError) as refused:
            load_sent([(name, data)], good_rows=True)
        layouts, problems, taken, waiting = refused.value.layouts, refused.value.problems, None, 0
    else:
        loaded = _load(name)
        layouts, problems = loaded.layouts, loaded.warnings
        taken, waiting = len(loaded.inventory.subjects), len(loaded.waiting)
    counted = sum(each.above + each.titles + each.left_out + each.rows for each in layouts)
    assert counted == _rows(name, data)
    told = sum(problem.code in _LEFT_OUT for problem in problems)
    told += sum(int(dict(each.args)["count"]) for each in problems if each.code is Code.SIGNATURE_ROWS)
    assert sum(each.left_out for each in layouts) == told
    above = sum(int(dict(each.args)["count"]) for each in problems if each.code is Code.ROWS_ABOVE_HEADER)
    assert sum(each.above for each in layouts) == above
    if taken is not None:
        assert taken + waiting == sum(each.rows for each in layouts)


@pytest.mark.parametrize("name", TABLES)
def test_every_row_that_waits_has_an_error_of_its_own(name: str) -> None:
    if name in _NEVER_ADDRESSED:
        return
    loaded = _load(name)
    wrong = {(each.source, each.row) for each in loaded.warnings if each.severity is ProblemSeverity.ERROR}
    assert {(each.origin.source, each.origin.row) for each in loaded.waiting if each.origin} == wrong


def _subjects(name: str) -> list[tuple[str, str, str, list[str]]]:
    return [
        (str(each.id), str(each.agency), each.host or each.kind.value, [str(address) for address in each.addresses])
        for each in _load(name).inventory.subjects
    ]


def _waiting(name: str) -> list[int | None]:
    return [each.origin.row if each.origin else None for each in _load(name).waiting]


def test_two_sheets_of_a_department_are_read_whole() -> None:
    assert _subjects("hai-trang.xlsx") == [
        ("Cổng Sở Y tế", "so-y-te", "soyte.sonlam.example", []),
        ("Trang tuyển dụng", "so-y-te", "tuyendung.soyte.sonlam.example", []),
        ("Cổng Sở Xây dựng", "so-xay-dung", "soxaydung.sonlam.example", []),
        (
            "so-y-te/Máy chủ web",
            "so-y-te",
            "host",
            ["10.20.1.5", "10.20.1.6", "10.20.1.7", "10.20.1.8", "10.20.1.9", "2001:db8:20::5"],
        ),
        ("so-y-te/Switch tầng 1", "so-y-te", "switch", []),
        ("so-xay-dung/Máy chủ web", "so-xay-dung", "host", ["10.30.1.5"]),
        ("so-xay-dung/Switch tầng 1", "so-xay-dung", "switch", ["10.30.1.2"]),
    ]
    codes = {problem.code for problem in _load("hai-trang.xlsx").warnings}
    assert {Code.RANGE_OF_ONE, Code.ADDRESS_DYNAMIC, Code.COLUMN_AS_NOTE} <= codes


def test_duplicates_and_unknown_kinds_wait_and_the_others_are_taken() -> None:
    assert [each[0] for each in _subjects("trùng-lặp.xlsx")] == ["Switch tầng 1", "Tường lửa"]
    assert _waiting("trùng-lặp.xlsx") == [3, 5, 6, 7]


def test_addresses_are_understood_in_the_forms_that_have_one_meaning() -> None:
    read = {each[0]: each[3] for each in _subjects("địa-chỉ.xlsx")}
    assert read == {
        "Một": ["10.1.0.1", "2001:db8:1::1"],
        "Hai": ["10.1.0.2"],
        "Bốn": ["10.1.0.4", "10.1.0.5", "2001:db8:1::4", "2001:db8:1::5"],
        "Bảy": ["10.1.0.7"],
        "Chín": ["10.1.0.9", "10.1.0.10", "10.1.0.11"],
        "Mười": ["10.1.0.12", "10.1.0.13", "2001:db8:1::12"],
        "Mười ba": ["10.1.0.15", "2001:db8:1::13"],
        "Mười lăm": [],
    }
    assert _waiting("địa-chỉ.xlsx") == [4, 6, 7, 9, 12, 13, 15]


def test_dates_and_numbers_are_read_in_each_way_of_writing() -> None:
    declared = [each.declared for each in _load("ngày-số.xlsx").inventory.subjects]
    assert [(each.bandwidth_mbps, str(each.activated), each.security_level) for each in declared] == [
        (100.0, "2026-03-01", 2),
        (100.0, "2026-03-15", 2),
        (1000.0, "2026-03-02", 3),
        (50.0, "2026-03-01", 3),
    ]
    assert _waiting("ngày-số.xlsx") == [6, 7]


def test_hidden_rows_columns_and_sheets_are_read_and_told() -> None:
    loaded = _load("ẩn.xlsx")
    assert [each.name for each in loaded.inventory.subjects] == [
        "Router",
        "Router cũ",
        "Switch",
        "Switch cũ",
        "Router 2025",
    ]
    assert [(each.code, each.row, each.args) for each in loaded.warnings] == [
        (Code.HIDDEN_SHEET, None, ()),
        (Code.HIDDEN_COLUMNS, None, (("letters", "F"),)),
        (Code.HIDDEN_ROWS, 3, (("count", "2"),)),
    ]


def test_headings_give_agencies_and_similar_names_are_hinted() -> None:
    assert [each[:2] for each in _subjects("nhóm.xlsx")] == [
        ("Cổng Sở Y tế", "so-y-te"),
        ("Một cửa", "so-y-te"),
        ("Trang xã", "ubnd-xa-suoi-may"),
        ("Trang xã cũ", "xa-suoi-may"),
    ]
    similar = [each for each in _load("nhóm.xlsx").warnings if each.code is Code.UNIT_LIKE_ANOTHER]
    assert [each.text("vi") for each in similar] == [
        'đơn vị "Xã Suối Mây" có thể là UBND xã Suối Mây ở nhóm.xlsx:10;'
        " nếu là một thì ghi cùng một tên hoặc cùng một mã"
    ]


def test_a_list_of_portals_without_kinds_is_refused_for_that_alone() -> None:
    with pytest.raises(InventoryError) as refused:
        load_sent([("không-loại.xlsx", TABLES["không-loại.xlsx"]())])
    errors = [each for each in refused.value.problems if each.severity is ProblemSeverity.ERROR]
    assert [each.line("vi") for each in errors] == [
        "không-loại.xlsx:2: thiếu cột Loại; hãy thêm cột này và ghi loại của mỗi dòng, ví dụ: cổng thông tin điện tử,"
        " thư điện tử, bộ định tuyến"
    ]


def test_a_formula_error_is_no_empty_cell() -> None:
    assert _waiting("lỗi-công-thức.xlsx") == [6, 11]
    wrong = [each for each in _load("lỗi-công-thức.xlsx").warnings if each.row == 6]
    assert [each.line("vi") for each in wrong] == [
        'lỗi-công-thức.xlsx:6:Địa chỉ IPv4: "#REF!" không phải địa chỉ IP hợp lệ'
    ]


def test_merged_cells_of_ods_are_filled_down_and_hidden_rows_told() -> None:
    assert [each[:2] for each in _subjects("gộp-ô.ods")] == [
        ("Switch tầng 1", "so-y-te"),
        ("Switch tầng 2", "so-y-te"),
        ("Switch cũ", "so-xay-dung"),
    ]
    assert [each.row for each in _load("gộp-ô.ods").warnings if each.code is Code.HIDDEN_ROWS] == [8]


@pytest.mark.parametrize("name", ["cp1258.csv", "utf16.txt", "sep.csv"])
def test_texts_of_every_encoding_keep_their_accents(name: str) -> None:
    names = [each.name for each in _load(name).inventory.subjects]
    assert [each.replace("-", ";") for each in names] == ["Cổng Sở Y tế", "Cổng; Sở Xây dựng", "Cổng Sở Nội vụ"]
    assert all(unicodedata.is_normalized("NFC", each) for each in names)


@pytest.mark.parametrize("name", TABLES)
def test_a_coloured_copy_shows_each_error_in_its_cell(name: str) -> None:
    data = TABLES[name]()
    try:
        loaded = load_sent([(name, data)])
        problems, layouts = loaded.warnings, loaded.layouts
    except InventoryError as error:
        problems, layouts = error.problems, error.layouts
    copy = load_workbook(io.BytesIO(marked_copy(sheets_sent(name, data, ProblemCollector()), problems, layouts, "vi")))
    comments = [
        (cell.row, cell.comment.text)
        for sheet in copy.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment
    ]
    for problem in problems:
        if problem.row is not None:
            assert any(row == problem.row and problem.text("vi") in text for row, text in comments), problem.line("vi")


def test_a_table_right_of_empty_columns_is_marked_where_it_stands() -> None:
    data = awful_workbooks.formula_errors_and_blanks()
    with pytest.raises(InventoryError) as refused:
        load_sent([("a.xlsx", data)])
    copy = marked_copy(
        sheets_sent("a.xlsx", data, ProblemCollector()), refused.value.problems, refused.value.layouts, "vi"
    )
    comment = load_workbook(io.BytesIO(copy)).worksheets[0]["E6"].comment
    assert comment is not None
    assert "#REF!" in comment.text
