"""Tests that rows of texts written at once equal those that the library writes cell by cell."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence

import pytest
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from reports.formats.xlsx.text_rows import TextSheet, cell

Fill = Callable[[TextSheet, Sequence[str], Sequence[Format | None]], None]
TEXTS = {
    "plain": "Cổng thông tin điện tử",
    "identifiers": "1f:2a~3 www.example.vn/x",
    "identifier with a space behind it": "1f ",
    "empty": "",
    "markup": "<b>&amp;\"'</b>",
    "rich": "<r><t>x</t></r>",
    "spaces": " begins and ends ",
    "no-break-space": "\u00a0x",
    "lines": "a\nb\tc",
    "control": "\x00\x1b[31m\u202e\ufffe\uffff",
    "escape of the format": "_x0041_",
    "beyond the first plane": "𝄞" * 20,
    "formula": "=1+1",
    "long": "x" * 5_000,
}


def _parts(fill: Fill, texts: Sequence[str]) -> Mapping[str, bytes]:
    """Return the files of a workbook with a single cell before and behind the rows of texts."""
    out = io.BytesIO()
    with Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("x", worksheet_class=TextSheet)
        sheet.set_column(0, 3, 20)
        sheet.write_string(0, 0, "head", bold)
        fill(sheet, texts, [None if text and number % 2 else bold for number, text in enumerate(texts)])
        sheet.write_number(3, 0, 1)
    with zipfile.ZipFile(io.BytesIO(out.getvalue())) as made:
        return {name: made.read(name) for name in made.namelist() if not name.startswith("docProps/")}


def _at_once(sheet: TextSheet, texts: Sequence[str], styles: Sequence[Format | None]) -> None:
    for row in (1, 2):
        sheet.write_texts(row, texts, tuple(styles))


def _cell_by_cell(sheet: TextSheet, texts: Sequence[str], styles: Sequence[Format | None]) -> None:
    for row in (1, 2):
        for column, (text, style) in enumerate(zip(texts, styles, strict=True)):
            if text:
                sheet.write_string(row, column, cell(text), style)
            else:
                sheet.write_blank(row, column, None, style)


@pytest.mark.parametrize("name", [name for name in TEXTS if name != "rich"])
def test_write_texts_writes_what_single_cells_would(name: str) -> None:
    text = TEXTS[name]
    assert _parts(_at_once, [text, "x", text]) == _parts(_cell_by_cell, [text, "x", text])


def test_write_texts_takes_no_text_for_markup_of_the_format() -> None:
    parts = _parts(_at_once, [TEXTS["rich"]])
    assert b"<t>&lt;r&gt;&lt;t&gt;x&lt;/t&gt;&lt;/r&gt;</t>" in parts["xl/worksheets/sheet1.xml"]


def test_write_texts_of_all_columns_at_once() -> None:
    texts = [*(text for name, text in TEXTS.items() if name != "rich"), *map(str, range(30))]
    assert _parts(_at_once, texts) == _parts(_cell_by_cell, texts)
