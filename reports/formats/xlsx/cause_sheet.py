"""Writes the sheet of shared causes: one a row, by descending gain, with the affected subjects."""

from xlsxwriter.worksheet import Worksheet

from auditor.texts.translate import Texts
from reports import cause_texts
from reports.document import Report
from reports.figures import agency_names
from reports.formats.xlsx.sheets import Styles, write_head
from reports.formats.xlsx.text_rows import cell, cell_of_lines
from reports.report_texts import say

COLUMNS = (
    ("cause_number", 6),
    ("cause", 56),
    ("cause_certainty", 14),
    ("column_severity", 16),
    ("cause_whose", 40),
    ("subjects", 12),
    ("findings_sheet", 12),
    ("agencies", 40),
    ("cause_problems", 48),
    ("column_remedy", 60),
    ("cause_after", 60),
    ("cause_subjects", 60),
)


def write_causes(sheet: Worksheet, report: Report, texts: Texts, styles: Styles) -> None:
    """Fill the sheet; without causes it says so."""
    write_head(sheet, [say(texts, key) for key, _ in COLUMNS], styles.head)
    for column, (_, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 2)
    names = agency_names(report.rollup)
    if not report.causes:
        sheet.write_string(1, 1, say(texts, "causes_none"), styles.wrapped)
    for row, cause in enumerate(report.causes, 1):
        told = cause_texts.line(cause, texts, names)
        certainty = say(texts, "cause_certain" if cause.certain else "cause_probable")
        gains = [gain for gain in (told.targets, *told.gains) if gain] or [say(texts, "cause_no_gain")]
        cells: tuple[str | int, ...] = (
            row,
            cell(told.title),
            certainty,
            cell(told.severity),
            cell(told.owner),
            cause.subject_count,
            cause.finding_count,
            cell(told.agencies),
            cell_of_lines(told.problems),
            cell_of_lines(told.remedies),
            cell_of_lines(gains),
            cell_of_lines(told.subjects),
        )
        for column, value in enumerate(cells):
            if isinstance(value, int):
                sheet.write_number(row, column, value, styles.wrapped)
            else:
                sheet.write_string(row, column, value, styles.wrapped)
    sheet.autofilter(0, 0, max(len(report.causes), 1), len(COLUMNS) - 1)
