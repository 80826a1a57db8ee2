#!/usr/bin/env python3
"""Write reports/templates/period.docx, the official report of a period in the form of NĐ 30/2020/NĐ-CP, Phụ lục I.

Run it after a change here: .venv/bin/python scripts/period_form.py. An office may edit the file itself instead: the
program fills in what stands in braces, whoever signs the dotted places.
"""

from collections.abc import Sequence
from pathlib import Path

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt
from docx.table import _Cell as Cell
from docx.text.paragraph import Paragraph

CENTRE, BOTH = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY
FONT = "Times New Roman"
PLACE = Path(__file__).resolve().parents[1] / "reports" / "templates" / "period.docx"
Line = tuple[str, int, bool]
"""Text, size in points, whether it is bold."""


def write(place: Path) -> None:
    """Write the form to ``place``."""
    document = docx.Document()
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin = page.bottom_margin = Mm(20)
    page.left_margin, page.right_margin = Mm(30), Mm(20)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(14)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    style.paragraph_format.space_after = Pt(6)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "vi-VN")
    style.element.rPr.append(language)
    numbered(page)
    head(document)
    body(document)
    signature(document)
    annexes(document)
    document.core_properties.author = ""
    document.core_properties.title = "Báo cáo"
    document.save(str(place))


def numbered(page: Section) -> None:
    """Page numbers in the middle of the top margin, none on the first page."""
    page.different_first_page_header_footer = True
    added = page.header.paragraphs[0]
    added.alignment = CENTRE
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = added.add_run()
        run.font.size = Pt(13)
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        element.text = text or None
        run._r.append(element)


def head(document: Document) -> None:
    left, right = halves(document, 65, 95)
    lines(
        left,
        [("{{ above }}", 13, False), ("{{ issuer }}", 13, True), ("──────", 8, False), ("Số:        /BC-…", 13, False)],
    )
    lines(
        right,
        [
            ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, True),
            ("Độc lập - Tự do - Hạnh phúc", 13, True),
            ("─────────────────", 8, False),
            ("……………, ngày … tháng … năm ……", 14, False),
        ],
    )
    right.paragraphs[-1].runs[0].italic = True


def body(document: Document) -> None:
    paragraph(document, "")
    paragraph(document, "BÁO CÁO", bold=True, align=CENTRE)
    paragraph(document, "{{ subject }}", bold=True, align=CENTRE)
    paragraph(document, "─────────", size=8, align=CENTRE)
    paragraph(document, "Kính gửi: ……………………………………………", align=CENTRE)
    paragraph(document, "{{ opening }}")
    paragraph(document, "{%p for part in parts %}")
    paragraph(document, "{{ part.number }}. {{ part.title }}", bold=True)
    paragraph(document, "{%p for sentence in part.sentences %}")
    paragraph(document, "{{ sentence }}")
    paragraph(document, "{%p endfor %}")
    paragraph(document, "{%p endfor %}")
    # The place of the signature never stands on a page alone.
    paragraph(document, "{{ closing }}").paragraph_format.keep_with_next = True


def signature(document: Document) -> None:
    left, right = halves(document, 70, 90)
    row = document.tables[-1].rows[0]
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    lines(
        left,
        [("Nơi nhận:", 12, True), ("- Như trên;", 11, False), ("- ………………;", 11, False), ("- Lưu: VT, ….", 11, False)],
        align=None,
    )
    left.paragraphs[0].runs[0].italic = True
    lines(
        right,
        [("QUYỀN HẠN, CHỨC VỤ CỦA NGƯỜI KÝ", 14, True), ("", 14, False), ("", 14, False), ("Họ và tên", 14, True)],
    )


def annexes(document: Document) -> None:
    """Add each annex on a landscape page of its own, with the form's reference to its report."""
    page = document.add_section(WD_SECTION.NEW_PAGE)
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = Mm(297), Mm(210)
    page.left_margin, page.right_margin = Mm(20), Mm(20)
    paragraph(document, "{%p for annex in annexes %}")
    paragraph(document, "Phụ lục {{ annex.number }}", bold=True, align=CENTRE, page=True)
    paragraph(document, "{{ annex.title }}", bold=True, align=CENTRE)
    paragraph(document, "(Kèm theo Báo cáo số        /BC-… ngày …/…/…… của {{ issuer_named }})", size=13, align=CENTRE)
    paragraph(document, "{%p if annex.note %}")
    paragraph(document, "{{ annex.note }}", size=12)
    paragraph(document, "{%p endif %}")
    paragraph(document, "{{ annex.place }}", size=10, align=None)
    paragraph(document, "{%p endfor %}")


def halves(document: Document, *widths: int) -> tuple[Cell, Cell]:
    table = document.add_table(rows=1, cols=2)
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = column.cells[0].width = Mm(width)
    left, right = table.rows[0].cells
    return left, right


def lines(cell: Cell, texts: Sequence[Line], align: WD_ALIGN_PARAGRAPH | None = CENTRE) -> None:
    for number, (text, size, bold) in enumerate(texts):
        added = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        added.alignment = align
        added.paragraph_format.space_after = Pt(0)
        run = added.add_run(text)
        run.font.size, run.bold = Pt(size), bold


def paragraph(
    document: Document,
    text: str,
    *,
    bold: bool = False,
    size: int = 14,
    align: WD_ALIGN_PARAGRAPH | None = BOTH,
    page: bool = False,
) -> Paragraph:
    added = document.add_paragraph()
    if align is not None:
        added.alignment = align
    added.paragraph_format.keep_with_next = bold
    added.paragraph_format.page_break_before = page
    if align is BOTH:
        added.paragraph_format.first_line_indent = Mm(10)
    run = added.add_run(text)
    run.bold, run.font.size = bold, Pt(size)
    return added


if __name__ == "__main__":
    write(PLACE)
