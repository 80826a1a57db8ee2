"""Writes an inventory as a workbook that people edit and send back: a sheet for each table, pick lists, no formulas."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from inventory.tables.column_guide import COLUMN_VALUES, GUIDE, guide_rows
from inventory.tables.columns import Column, TableKind
from inventory.tables.display_names import HELP_HEADER, HELP_SHEET, LISTS_SHEET, DisplayNames, column_name
from inventory.tables.written_tables import ORDER, WrittenTable

_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_LAST_ROW = 5_000
"""The number of rows with pick lists, beyond those that are filled."""
_WIDTH = 40
_TITLES: Mapping[TableKind, DisplayNames] = {
    TableKind.TARGETS: DisplayNames("Hệ thống, thiết bị", "Targets"),
    TableKind.UNITS: DisplayNames("Cơ quan, đơn vị", "Units"),
    TableKind.EXEMPTIONS: DisplayNames("Miễn trừ", "Exemptions"),
}
_EXAMPLE = DisplayNames("Ví dụ: Cổng thông tin điện tử Sở Y tế", "Example: portal of the Department of Health")
_EXAMPLE_UNIT = DisplayNames("Ví dụ: Sở Y tế", "Example: Department of Health")


def filled_workbook(tables: Sequence[WrittenTable], lang: str) -> bytes:
    """Return a workbook with these tables."""
    written = BytesIO()
    with _book(written) as book:
        sheets = [(table, book.add_worksheet(_TITLES[table.kind].of(lang))) for table in tables]
        _add_lists(book, lang)
        for table, sheet in sheets:
            _fill(book, sheet, table, lang)
    return written.getvalue()


def template_workbook(lang: str) -> bytes:
    """Return an empty workbook with every column, pick lists, and an explanation of each column.

    Each table has an example that is left out when it is read.
    """
    written = BytesIO()
    with _book(written) as book:
        tables = [_example(TableKind.TARGETS, lang), _example(TableKind.UNITS, lang)]
        sheets = [(table, book.add_worksheet(_TITLES[table.kind].of(lang))) for table in tables]
        _explain(book, lang)
        _add_lists(book, lang)
        for table, sheet in sheets:
            _fill(book, sheet, table, lang)
    return written.getvalue()


@contextmanager
def _book(written: BytesIO) -> Iterator[xlsxwriter.Workbook]:
    with xlsxwriter.Workbook(written, _OPTIONS) as book:
        yield book


def _example(kind: TableKind, lang: str) -> WrittenTable:
    columns = tuple(ORDER[kind])
    texts = {column: GUIDE[column].example for column in columns}
    texts |= {column: values[0].of(lang) for column, values in COLUMN_VALUES.items() if column in texts}
    texts[Column.NAME if kind is TableKind.TARGETS else Column.AGENCY_NAME] = (
        _EXAMPLE if kind is TableKind.TARGETS else _EXAMPLE_UNIT
    ).of(lang)
    return WrittenTable(kind, columns, (tuple(texts[column] for column in columns),))


def _fill(book: xlsxwriter.Workbook, sheet: Worksheet, table: WrittenTable, lang: str) -> None:
    bold = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1, "text_wrap": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    header = table.header(lang)
    sheet.freeze_panes(1, 0)
    for position, (title, column) in enumerate(zip(header, table.columns, strict=True)):
        longest = max([len(title), *(len(row[position]) for row in table.rows)])
        sheet.set_column(position, position, min(_WIDTH, longest + 3), wrapped)
        sheet.write_string(0, position, title, bold)
        sheet.write_comment(0, position, GUIDE[column].meaning.of(lang))
        if column in COLUMN_VALUES:
            last = max(_LAST_ROW, len(table.rows) + _LAST_ROW)
            sheet.data_validation(
                1,
                position,
                last,
                position,
                {"validate": "list", "source": _list_range(column, lang), "error_type": "warning"},
            )
    for number, row in enumerate(table.rows, 1):
        for position, text in enumerate(row):
            if text:
                sheet.write_string(number, position, text, wrapped)
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(header) - 1)


def _list_range(column: Column, lang: str) -> str:
    letter = "ABCD"[list(COLUMN_VALUES).index(column)]
    return f"='{LISTS_SHEET.of(lang)}'!${letter}$2:${letter}${len(COLUMN_VALUES[column]) + 1}"


def _add_lists(book: xlsxwriter.Workbook, lang: str) -> None:
    sheet = book.add_worksheet(LISTS_SHEET.of(lang))
    for position, (column, values) in enumerate(COLUMN_VALUES.items()):
        sheet.write_string(0, position, f"{LISTS_SHEET.of(lang)}: {column_name(column, lang)}")
        for number, names in enumerate(values, 1):
            sheet.write_string(number, position, names.of(lang))
    sheet.hide()


def _explain(book: xlsxwriter.Workbook, lang: str) -> None:
    sheet = book.add_worksheet(HELP_SHEET.of(lang))
    bold = book.add_format({"bold": True, "bg_color": "#DDEBF7"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 26, wrapped)
    sheet.set_column(1, 1, 80, wrapped)
    sheet.set_column(2, 2, 36, wrapped)
    for position, names in enumerate(HELP_HEADER):
        sheet.write_string(0, position, names.of(lang), bold)
    word = DisplayNames("Cột", "Column").of(lang)
    for number, (name, meaning, example) in enumerate(guide_rows(lang), 1):
        sheet.write_string(number, 0, f"{word} “{name}”")
        sheet.write_string(number, 1, meaning)
        sheet.write_string(number, 2, example)
    sheet.freeze_panes(1, 0)
