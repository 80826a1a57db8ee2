"""Renders the report of a period as one page that needs nothing else, and as a workbook of the same tables."""

import io

from xlsxwriter.workbook import Workbook

from auditor.figures.period_report import PeriodReport
from auditor.texts.translate import Texts
from reports.formats.xlsx.sheets import new_sheet, write_head
from reports.formats.xlsx.text_rows import cell
from reports.page_templates import environment
from reports.period.cells import PeriodTable
from reports.period.tables import shown, summary, tables, title

_WIDTH, _WIDEST_NAME = 24, 31
_BAD_IN_NAMES = str.maketrans("[]:*?/\\'", "        ")


def html(report: PeriodReport, lang: str) -> bytes:
    """Return the page in a language."""
    texts = Texts(lang)
    page = (
        environment()
        .get_template("period.html.j2")
        .render(
            lang=lang,
            title=title(report, texts),
            sentences=summary(report, texts),
            tables=shown(list(tables(report, texts))),
        )
    )
    return page.encode("utf-8", "backslashreplace")


def workbook(report: PeriodReport, lang: str) -> bytes:
    """Return the workbook in a language: a sheet for each table. Every cell is text, none a formula."""
    texts, made = Texts(lang), io.BytesIO()
    with Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": title(report, texts), "created": report.made.replace(tzinfo=None)})
        styles = book.add_format({"bold": True, "font_size": 16}), book.add_format({"text_wrap": True, "valign": "top"})
        head = book.add_format({"bold": True, "bg_color": "#1F3864", "font_color": "#FFFFFF", "text_wrap": True})
        first = new_sheet(book, "0")
        first.set_column(0, 0, 120)
        first.write_string(0, 0, cell(title(report, texts)), styles[0])
        for row, sentence in enumerate(summary(report, texts), 2):
            first.write_string(row, 0, cell(sentence), styles[1])
        for number, table in enumerate(shown(list(tables(report, texts))), 1):
            sheet = new_sheet(book, _sheet_name(number, table))
            sheet.set_column(0, max(0, len(table.head) - 1), _WIDTH)
            sheet.write_string(0, 0, cell(table.title), styles[0])
            sheet.write_string(1, 0, cell(table.note))
            write_head(sheet, table.head, head, row=2)
            for row, line in enumerate(table.rows, 3):
                for column, text in enumerate(line):
                    sheet.write_string(row, column, cell(text), styles[1])
    return made.getvalue()


def _sheet_name(number: int, table: PeriodTable) -> str:
    """Spreadsheets want at most 31 characters, none of some, and no two alike."""
    return f"{number} {table.title.translate(_BAD_IN_NAMES)}"[:_WIDEST_NAME].strip()
