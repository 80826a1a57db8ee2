"""Tests the official report of a period: its form, and every cell of its annexes as text."""

import io
from dataclasses import replace
from importlib import resources
from typing import Any

import pypdf
import pytest
from docx import Document
from docx.text.paragraph import Paragraph

from reports.period import official as official_module
from reports.period.official import column_widths, docx, official, pdf
from tests.support import published
from tests.unit.reports.period_sample import report

FORM = (
    *("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "BÁO CÁO", "Kính gửi:", "Nơi nhận:"),
    *("Số:", "QUYỀN HẠN, CHỨC VỤ CỦA NGƯỜI KÝ", "Phụ lục I"),
)


@pytest.fixture(scope="module")
def document() -> Any:
    return Document(io.BytesIO(docx(report())))


def test_docx_has_the_official_form(document: Any) -> None:
    cells = [cell.text for table in document.tables[:2] for row in table.rows for cell in row.cells]
    text = "\n".join([*cells, *(paragraph.text for paragraph in document.paragraphs)])
    assert [phrase for phrase in FORM if phrase not in text] == []
    assert "về IPv6 và mạng truyền số liệu chuyên dùng năm 2026" in text
    assert not any(mark in text for mark in ("{{", "{%", "[["))


def test_docx_has_every_row_of_every_annex(document: Any) -> None:
    annexes = [annex for annex in official(report())["annexes"] if annex["rows"]]
    tables = [table for table in document.tables if table.style.name == "Table Grid"]
    assert len(tables) == len(annexes)
    for table, annex in zip(tables, annexes, strict=True):
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        assert rows == [annex["head"], *annex["rows"]]


@pytest.mark.parametrize("form", ["letter", "period"])
def test_place_of_the_signature_in_docx_is_kept_with_the_last_sentence(form: str) -> None:
    document = Document(str(resources.files("reports") / f"templates/{form}.docx"))
    (table,) = [table for table in document.tables if "Nơi nhận" in table.cell(0, 0).text]
    last = Paragraph(table._tbl.getprevious(), document)
    assert last.text
    assert last.paragraph_format.keep_with_next
    assert table._tbl.xpath("w:tr/w:trPr/w:cantSplit")


def test_annexes_begin_with_the_frameworks() -> None:
    annexes = official(report())["annexes"]
    kinds = [annex["place"].startswith("[[framework-") for annex in annexes]
    assert kinds == sorted(kinds, reverse=True)
    assert [annex["number"] for annex in annexes][:3] == ["I", "II", "III"]


def test_hostile_name_of_a_unit_is_text_in_both(document: Any) -> None:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert published.HOSTILE in cells
    pages = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf(report()))).pages)
    assert "BÁO CÁO" in pages
    assert "Phụ lục I" in pages


def test_columns_are_as_wide_as_their_text_within_bounds() -> None:
    rows = [("II.1", "word " * 60, "31/12/2025"), ("II.2", "word " * 40, "–")]
    assert column_widths(("No.", "Requirement", "Due"), rows) == [9, 40, 15]
    assert column_widths(("x" * 20, "y"), []) == [20, 9]


def test_figures_are_whole_and_without_a_beginning_that_was_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    known = report().moves[0]
    words = "dài " * 80 + "hết"
    monkeypatch.setattr(official_module, "figure_words", lambda figure, _: "–" if figure is None else words)
    for start, ends in ((None, f"{words}."), (known.end, f"(đầu kỳ: {words}).")):
        made = replace(report(), moves=(replace(known, start=start),))
        (line,) = official(made)["parts"][1]["sentences"]
        assert line.endswith(ends)
        assert "–" not in line


@pytest.mark.parametrize("lines", [9, 11, 27])
def test_place_of_the_signature_is_not_parted_by_a_page(lines: int) -> None:
    made = replace(report(), moves=report().moves[:1] * lines)
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf(made))).pages]
    (signed,) = [page for page in pages if "QUYỀN HẠN, CHỨC VỤ" in page]
    assert "Họ và tên" in signed
    assert "- Như trên;" in signed
    assert "phụ lục kèm theo" in " ".join(signed.split()), "a signature below no text"
