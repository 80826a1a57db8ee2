"""Writes the report of a period in the official Vietnamese form (NĐ 30/2020/NĐ-CP, Phụ lục I), as DOCX and as PDF.

The DOCX is made of ``templates/period.docx``, which an office can edit. Number, date, addressee and signature are left
blank. Always in Vietnamese, in any language of the interface.
"""

import io
import json
import pkgutil
from collections.abc import Iterator, Sequence
from typing import Any

import fontpkg_be_vietnam_pro
import typst
from docxtpl import DocxTemplate

from auditor.figures.compliance import Compliance
from auditor.figures.movement import FigureMove
from auditor.figures.period import is_target
from auditor.figures.period_report import PeriodReport
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from reports.period.cells import NONE, PeriodTable, share_words
from reports.period.tables import figure_words, shown, summary, tables
from reports.period.texts import tell
from reports.public.site import period_words

MOST_ROWS = 1_000
"""The most rows of one annex: more is of no use on paper; the workbook has all of them."""
_NUMERALS = (
    *("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"),
    *(f"X{n}" for n in ("I", "II", "III", "IV")),
)
_DOTS = "…………………………"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_NINE_POINTS = 114_300
"""Nine points in the unit of lengths of DOCX."""
_NARROWEST, _WIDEST, _LONGEST_WORD = 9, 40, 16
"""The widths of a column in characters; a longer word may be broken."""
_CLOSED = frozenset({Compliance.MET, Compliance.DECLARED_MET})
Data = dict[str, Any]


def docx(report: PeriodReport) -> bytes:
    """Return the document to be signed."""
    form = pkgutil.get_data("reports", "templates/period.docx")
    assert form is not None
    data = official(report)
    letter = DocxTemplate(io.BytesIO(form))
    letter.render(data, autoescape=True)
    tables_by_place = {annex["place"]: annex for annex in data["annexes"]}
    for paragraph in letter.docx.paragraphs:
        annex = tables_by_place.get(paragraph.text)
        if annex is not None:
            paragraph.runs[0].text = annex["more"]
            if annex["rows"]:
                _insert(letter.docx, paragraph, annex["head"], annex["rows"], annex["widths"])
    made = io.BytesIO()
    letter.save(made)
    return made.getvalue()


def pdf(report: PeriodReport) -> bytes:
    """Return the same to be printed, set by typst: all text is data there and never markup."""
    template = pkgutil.get_data("reports", "templates/period.typ")
    assert template is not None
    data = json.dumps(official(report), ensure_ascii=True)
    fonts = typst.Fonts(font_paths=[str(fontpkg_be_vietnam_pro.ROOT / "files")], include_system_fonts=False)
    made: bytes = typst.compile(
        template, font_paths=fonts, format="pdf", sys_inputs={"data": data}, pdf_standards="ua-1"
    )
    return made


def official(report: PeriodReport) -> Data:
    """Return the content of the form: the head, the parts and the annexes, the frameworks' tables first."""
    texts = Texts("vi")
    period = period_words(texts, report.progress.period)
    issuer = clean(report.issuer)
    annexes = sorted(shown(list(tables(report, texts))), key=lambda table: not table.key.startswith("framework-"))
    return {
        "above": _DOTS,
        "issuer": issuer.upper() or _DOTS,
        "issuer_named": issuer or _DOTS,
        "subject": tell(texts, "official_subject", period=period),
        "opening": tell(texts, "official_opening", period=period),
        "closing": tell(texts, "official_closing"),
        "parts": [
            {"number": number, "title": title, "sentences": sentences}
            for number, (title, sentences) in enumerate(_parts(report, texts), 1)
        ],
        "annexes": [_annex(number, table, texts) for number, table in enumerate(annexes)],
    }


def _parts(report: PeriodReport, texts: Texts) -> Iterator[tuple[str, list[str]]]:
    yield tell(texts, "official_results"), summary(report, texts)[1:]
    yield (tell(texts, "official_figures"), [_figure(move, texts) for move in report.moves])
    yield tell(texts, "official_network"), [_network(report, texts)]
    yield tell(texts, "official_open"), list(_open(report, texts)) or [tell(texts, "official_all_met")]
    yield tell(texts, "official_proposals"), [tell(texts, "official_dots")]


def _figure(move: FigureMove, texts: Texts) -> str:
    """Return a figure at the end of the period, and at its beginning where it was counted then.

    Joined here: as a value of a template it would be cut to the length of what comes from elsewhere.
    """
    line = f"- {texts.kpi(move.figure)}: {figure_words(move.end, texts)}"
    start = figure_words(move.start, texts)
    beginning = tell(texts, "official_beginning")
    return f"{line}." if start == NONE else f"{line} ({beginning}: {start})."


def _network(report: PeriodReport, texts: Texts) -> str:
    whole = report.sampled.whole
    if whole is None or not whole.measured:
        return tell(texts, "nothing_sampled")
    due = whole.counted + whole.not_measured
    return tell(
        texts,
        "official_availability",
        measured=whole.measured,
        points=whole.points,
        up=share_words(whole.share, texts),
        lowest=share_words(whole.lowest, texts),
        missing=share_words(whole.not_measured / due if due else None, texts),
    )


def _open(report: PeriodReport, texts: Texts) -> Iterator[str]:
    for target in report.progress.targets:
        result = target.end
        if is_target(result) and result.compliance not in _CLOSED:
            yield tell(
                texts,
                "official_line",
                article=clean(result.requirement.heading),
                requirement=clean(result.requirement.text["vi"]),
                standing=texts.compliance(result.compliance.value),
            )


def _annex(number: int, table: PeriodTable, texts: Texts) -> Data:
    more = len(table.rows) - MOST_ROWS
    return {
        "number": _NUMERALS[number] if number < len(_NUMERALS) else str(number + 1),
        "title": table.title,
        "note": table.note,
        "place": f"[[{table.key}]]",
        "head": list(table.head),
        "rows": [list(row) for row in table.rows[:MOST_ROWS]],
        "widths": column_widths(table.head, table.rows[:MOST_ROWS]),
        "more": tell(texts, "too_long", n=more) if more > 0 else "",
    }


def column_widths(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Share the width of a page among columns by how much text they hold, none too narrow for a word."""
    return [_width(column) for column in zip(head, *rows, strict=True)]


def _width(column: Sequence[str]) -> int:
    longest = max(len(word) for text in column for word in text.split() or [""])
    mean = sum(map(len, column)) / len(column)
    return round(min(_WIDEST, max(_NARROWEST, min(longest + 5, _LONGEST_WORD), mean)))


def _insert(
    document: Any, paragraph: Any, head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]
) -> None:
    """Put a table before a paragraph; its first row stands on every page."""
    table = document.add_table(rows=1, cols=len(head), style="Table Grid")
    table.autofit = False
    section = document.sections[-1]
    room = section.page_width - section.left_margin - section.right_margin
    for column, width in zip(table.columns, widths, strict=True):
        column.width = room * width // sum(widths)
    first = table.rows[0]
    properties = first._tr.get_or_add_trPr()
    properties.append(properties.makeelement(f"{{{_WORD}}}tblHeader", {}))
    for cell, text in zip(first.cells, head, strict=True):
        _write(cell, text, bold=True)
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            _write(cell, text, bold=False)
    paragraph._p.addprevious(table._tbl)


def _write(cell: Any, text: str, *, bold: bool) -> None:
    run = cell.paragraphs[0].add_run(text)
    run.bold, run.font.size = bold, _NINE_POINTS
    cell.paragraphs[0].paragraph_format.space_after = 0
