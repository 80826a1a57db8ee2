"""Writes the workbook in which a telecom operator or a department states its figures of a period, each with its code.

Column A holds codes: by them the workbook is read again, whatever an office does to its rows, order and words.
"""

import io
from collections.abc import Sequence

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from auditor.figures.period import Period
from auditor.figures.survey import items
from auditor.framework.message_format import clean
from auditor.regulations.model import Framework, SurveyForm
from auditor.texts.translate import Texts
from reports.period.texts import tell
from reports.public.site import period_words

HEAD = {"framework": "FRAMEWORK", "period": "PERIOD", "form": "FORM", "respondent": "RESPONDENT"}
"""The codes of the rows above the table; their values stand in the column of values."""
COLUMNS = ("code", "item", "unit", "value", "as_of", "source", "signatory", "note")
"""The columns of the table, from A on."""
_HEADINGS = {name: "survey_note_column" if name == "note" else f"survey_{name}" for name in COLUMNS}
_WIDTHS = (16, 60, 24, 16, 16, 32, 24, 32)
_HEAD_ROW = 7


def survey_form(framework: Framework, period: Period, form: SurveyForm, respondent: str, lang: str) -> bytes:
    """Return the workbook for one respondent. Cells that are to be filled in are yellow, all others are locked."""
    texts, made = Texts(lang), io.BytesIO()
    with Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(tell(texts, f"survey_sheet_{form.value}"))
        plain = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
        head = book.add_format(
            {"bold": True, "bg_color": "#1F3864", "font_color": "#FFFFFF", "text_wrap": True, "border": 1}
        )
        fill = {"bg_color": "#FFF9DB", "text_wrap": True, "valign": "top", "border": 1, "locked": False}
        free, number = book.add_format(fill), book.add_format({**fill, "num_format": "0.00##"})
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)
        title = tell(texts, f"survey_{form.value}", period=period_words(texts, period))
        sheet.write_string(0, 1, title, book.add_format({"bold": True, "font_size": 14, "text_wrap": True}))
        sheet.write_string(1, 1, tell(texts, "survey_note"), book.add_format({"text_wrap": True}))
        values = {"framework": framework.id, "period": period.name, "form": form.value, "respondent": respondent}
        for row, (key, code) in enumerate(HEAD.items(), 2):
            sheet.write_string(row, 0, code)
            sheet.write_string(row, 1, tell(texts, f"survey_{key}"))
            sheet.write_string(row, COLUMNS.index("value"), clean(values[key]), plain)
        _line(sheet, _HEAD_ROW, [tell(texts, _HEADINGS[name]) for name in COLUMNS], [head] * len(COLUMNS))
        styles = [plain, plain, plain, number, free, free, free, free]
        for row, (_, item) in enumerate(items(framework, form), _HEAD_ROW + 1):
            unit = "" if item.unit is None else item.unit[lang]
            _line(sheet, row, [item.code, item.text[lang], unit, "", "", "", "", ""], styles)
        sheet.freeze_panes(_HEAD_ROW + 1, 2)
        sheet.protect("", {"format_columns": True, "format_rows": True, "insert_rows": True})
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
    return made.getvalue()


def _line(sheet: Worksheet, row: int, texts: Sequence[str], styles: Sequence[object]) -> None:
    for column, (text, style) in enumerate(zip(texts, styles, strict=True)):
        if text:
            sheet.write_string(row, column, clean(text, 2_000), style)
        else:
            sheet.write_blank(row, column, None, style)
