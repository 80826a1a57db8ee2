"""Tests the report of a period as a page and as a workbook: every cell of every table, nothing a spreadsheet runs."""

import io
import re
from html import unescape

import openpyxl
import pytest

from auditor.texts.translate import Texts
from reports.period.page import html, workbook
from reports.period.tables import shown, tables
from tests.support import published
from tests.unit.reports.period_sample import report


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_page_has_every_cell_escaped(lang: str) -> None:
    page = html(report(), lang).decode()
    assert "<script" not in page
    assert published.HOSTILE not in page
    cells = [unescape(cell) for cell in re.findall(r"<t[dh][^>]*>([^<]*)</t[dh]>", page)]
    wanted = [text for table in tables(report(), Texts(lang)) for row in table.rows for text in row]
    assert set(wanted) <= set(cells)
    assert published.HOSTILE in wanted


def test_workbook_holds_text_alone() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(report(), "vi")))
    made = shown(list(tables(report(), Texts("vi"))))
    assert len(book.sheetnames) == 1 + len(made)
    for sheet, table in zip(book.worksheets[1:], made, strict=True):
        rows = [tuple(cell.value or "" for cell in row) for row in sheet.iter_rows(min_row=4)]
        assert rows[: len(table.rows)] == list(table.rows)
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
