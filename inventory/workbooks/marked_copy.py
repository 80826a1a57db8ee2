"""Writes a copy of a table with its problems: wrong cells coloured, each with a comment, for an office to correct."""

import re
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO

import xlsxwriter
from xlsxwriter.exceptions import OverlappingRange
from xlsxwriter.worksheet import Worksheet

from inventory.problems.problem import InventoryProblem, ProblemSeverity
from inventory.sources.sheet import Sheet
from inventory.tables.display_names import DisplayNames
from inventory.tables.layout import TableLayout, letter, positions_by_source
from inventory.tables.merged_cells import Merge

_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_COLOURS: Mapping[ProblemSeverity, str] = {ProblemSeverity.ERROR: "#FFC7CE", ProblemSeverity.WARNING: "#FFEB9C"}
_MERGED_CELLS = 200_000
"""The most cells of merged ranges that stay merged, in all of a sheet: XlsxWriter remembers each."""
_COMMENT = 2_000
_WIDTH = 45
_TITLE = 31
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\]")
_PROBLEMS = DisplayNames("Lỗi và cảnh báo", "Problems")
_HEADER = (
    DisplayNames("Trang tính", "Sheet"),
    DisplayNames("Dòng số", "Row no."),
    DisplayNames("Ô", "Cell"),
    DisplayNames("Mức", "Severity"),
    DisplayNames("Nội dung cần xem lại", "Problem"),
)
_SEVERITIES: Mapping[ProblemSeverity, DisplayNames] = {
    ProblemSeverity.ERROR: DisplayNames("lỗi", "error"),
    ProblemSeverity.WARNING: DisplayNames("cảnh báo", "warning"),
}
_Place = tuple[int, int]


def marked_copy(
    sheets: Sequence[Sheet], problems: Sequence[InventoryProblem], layouts: Sequence[TableLayout], lang: str
) -> bytes:
    """Return an XLSX workbook with the texts of the sheets in place, coloured, and a last sheet with all problems."""
    positions = positions_by_source(layouts)
    written = BytesIO()
    with xlsxwriter.Workbook(written, _OPTIONS) as book:
        titles: set[str] = {_PROBLEMS.of(lang).casefold()}
        for number, sheet in enumerate(sheets, 1):
            here = [each for each in problems if each.source == sheet.source and each.row is not None]
            title = _free_title(sheet.title, number, titles)
            _Copy(book, book.add_worksheet(title), lang).write(sheet, here, positions.get(sheet.source, {}))
        _list_problems(book, problems, positions, lang)
    return written.getvalue()


def _free_title(title: str, number: int, taken: set[str]) -> str:
    """Return the sheet's title as XLSX allows it, each once."""
    allowed = _NOT_IN_TITLES.sub(" ", title)[:_TITLE].strip("' ")
    if not allowed or not allowed.isprintable() or allowed.casefold() in taken:
        allowed = f"{number}. {allowed}"[:_TITLE].strip("' ") if allowed.isprintable() else str(number)
    taken.add(allowed.casefold())
    return allowed


class _Copy:
    """Writes one sheet."""

    def __init__(self, book: xlsxwriter.Workbook, sheet: Worksheet, lang: str) -> None:
        self._sheet, self._lang = sheet, lang
        self._plain = book.add_format({"text_wrap": True, "valign": "top"})
        self._formats = {
            severity: book.add_format({"text_wrap": True, "valign": "top", "bg_color": colour, "border": 1})
            for severity, colour in _COLOURS.items()
        }

    def write(self, sheet: Sheet, problems: Sequence[InventoryProblem], positions: Mapping[str, int]) -> None:
        marks = _marks(sheet, problems, positions)
        self._merge(sheet)
        widths: dict[int, int] = {}
        empty = set(marks)
        for row, cells in sheet.records:
            for position, text in enumerate(cells, 1):
                if text:
                    self._write((row, position), text, marks)
                    empty.discard((row, position))
                    widths[position] = max(widths.get(position, 0), min(len(text), _WIDTH))
        for place, here in marks.items():
            self._mark(place, here, empty=place in empty)
        for position, width in widths.items():
            self._sheet.set_column(position - 1, position - 1, max(8, width + 2))
        self._sheet.ignore_errors({"number_stored_as_text": "A1:IV200000"})

    def _write(self, place: _Place, text: str, marks: Mapping[_Place, Sequence[InventoryProblem]]) -> None:
        row, position = place
        self._sheet.write_string(row - 1, position - 1, text, self._format(marks.get(place, ())))

    def _mark(self, place: _Place, problems: Sequence[InventoryProblem], *, empty: bool) -> None:
        row, position = place[0] - 1, place[1] - 1
        if empty:
            self._sheet.write_blank(row, position, None, self._format(problems))
        text = "\n".join(problem.text(self._lang) for problem in problems)
        self._sheet.write_comment(row, position, text[:_COMMENT], {"x_scale": 2.5, "y_scale": 1.5})

    def _format(self, problems: Iterable[InventoryProblem]) -> object:
        severities = {problem.severity for problem in problems}
        if not severities:
            return self._plain
        return self._formats[ProblemSeverity.ERROR if ProblemSeverity.ERROR in severities else ProblemSeverity.WARNING]

    def _merge(self, sheet: Sheet) -> None:
        left = _MERGED_CELLS
        last = sheet.records[-1][0] if sheet.records else 0
        for merge in sheet.merges:
            size = _size(merge)
            if not 1 < size <= left or merge.last_row > last:
                continue
            left -= size
            corners = (merge.first_row - 1, merge.first_column - 1, merge.last_row - 1, merge.last_column - 1)
            try:
                self._sheet.merge_range(*corners, "", self._plain)
            except OverlappingRange:
                continue


def _size(merge: Merge) -> int:
    return (merge.last_row - merge.first_row + 1) * (merge.last_column - merge.first_column + 1)


def _marks(
    sheet: Sheet, problems: Iterable[InventoryProblem], positions: Mapping[str, int]
) -> Mapping[_Place, list[InventoryProblem]]:
    """Return the problems by cell: that of the column, else the first of the row with a text."""
    first = {
        row: next((position for position, text in enumerate(cells, 1) if text.strip()), 1)
        for row, cells in sheet.records
    }
    marks: dict[_Place, list[InventoryProblem]] = {}
    for problem in problems:
        if problem.row is not None:
            position = positions.get(problem.field) or first.get(problem.row, 1)
            marks.setdefault((problem.row, position), []).append(problem)
    return marks


def _list_problems(
    book: xlsxwriter.Workbook,
    problems: Sequence[InventoryProblem],
    positions: Mapping[str, Mapping[str, int]],
    lang: str,
) -> None:
    sheet = book.add_worksheet(_PROBLEMS.of(lang))
    bold = book.add_format({"bold": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 30)
    sheet.set_column(4, 4, 110, wrapped)
    for position, names in enumerate(_HEADER):
        sheet.write_string(0, position, names.of(lang), bold)
    for number, problem in enumerate(problems, 1):
        place = positions.get(problem.source, {}).get(problem.field)
        cell = f"{letter(place)}{problem.row}" if place and problem.row else ""
        texts = (
            problem.source,
            str(problem.row or ""),
            cell,
            _SEVERITIES[problem.severity].of(lang),
            problem.text(lang),
        )
        for column, text in enumerate(texts):
            sheet.write_string(number, column, text)
    sheet.freeze_panes(1, 0)
