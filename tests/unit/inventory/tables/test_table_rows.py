"""Rows under a header are entries, or are reported with what they are instead."""

from collections.abc import Sequence

from inventory.model import Kind, RowOrigin
from inventory.problems.codes import Code
from inventory.problems.problem import ProblemCollector
from inventory.tables.columns import Column
from inventory.tables.table_header import Record, read_header_at
from inventory.tables.table_rows import TableBody, TableRow


def _read(text: str, of_kind: Kind | None = None) -> tuple[TableBody, list[TableRow], list[tuple[int | None, Code]]]:
    """Return the reader, the entries, and the row and code of each report, of a table written with semicolons."""
    records: Sequence[Record] = [(row, line.split(";")) for row, line in enumerate(text.splitlines(), 1)]
    problems = ProblemCollector()
    header = read_header_at(records, 0)
    body = TableBody("a.csv", header, frozenset(), problems, of_kind)
    rows = list(body.rows(records[header.end :]))
    return body, rows, [(each.row, each.code) for each in problems.ordered()]


def test_headers_repeated_on_every_page_are_not_rows() -> None:
    body, rows, told = _read("STT;Tên;Loại\n1;a.vn;portal\nSTT;Tên;Loại\n2;b.vn;portal\n")
    assert [row.cells[Column.NAME] for row in rows] == ["a.vn", "b.vn"]
    assert (body.titles, body.left_out, told) == (1, 0, [])


def test_rows_that_are_no_entries_are_reported_and_counted() -> None:
    text = "STT;Tên;Loại\nI;Sở Y tế;\n1;a.vn;portal\n2;a.vn;portal\n;Tổng cộng: 2;\n;NGƯỜI LẬP BIỂU;\n;Nguyễn Văn A;\n"
    body, rows, told = _read(text)
    assert [row.cells for row in rows] == [{Column.NAME: "a.vn", Column.KIND: "portal", Column.AGENCY_NAME: "Sở Y tế"}]
    assert rows[0].origin == RowOrigin(source="a.csv", row=3)
    assert (body.titles, body.left_out) == (0, 5)
    assert told == [(2, Code.AGENCY_HEADING), (4, Code.COPIED_ROW), (5, Code.TOTAL_ROW), (6, Code.SIGNATURE_ROWS)]


def test_cells_of_unknown_titles_are_kept_and_cells_outside_are_told() -> None:
    _, rows, told = _read("Tên;Loại;Hãng;\na.vn;portal;Dell;x;y\n")
    assert rows[0].extra == (("Hãng", "Dell"), ("", "x"))
    assert told == [(2, Code.CELL_OUTSIDE), (2, Code.CELL_UNTITLED)]


def test_bandwidth_is_in_the_unit_of_its_title_and_a_kind_given_for_the_table_fills_rows_without_one() -> None:
    _, rows, _ = _read("Tên;Loại;Băng thông (Kbps)\na.vn;;2048\nb.vn;portal;\n", Kind.ROUTER)
    assert rows[0].cells[Column.BANDWIDTH_MBPS] == "2048 Kbps"
    assert [row.cells[Column.KIND] for row in rows] == ["router", "portal"]
