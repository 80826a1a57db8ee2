"""Writes the long sheets of the workbook: findings, over as many sheets as they need, and subjects with scores."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from auditor.figures.compliance import FrameworkResult, RequirementResult
from auditor.figures.scoring import AREAS, Ladder
from auditor.framework.findings import Outcome
from auditor.texts.translate import Texts
from inventory.model import ExpectedState, written
from reports.document import AgencyReport, SubjectReport
from reports.figures import declared, measured
from reports.formats.xlsx.text_rows import TextSheet, cell
from reports.report_texts import say
from reports.shown_results import INCONCLUSIVE, NOT_TESTED
from reports.stage_counts import LADDERS, OPERATIONAL, counted
from reports.table_rows import COLUMNS, PlacedFinding

ROWS = 1_000_000
"""Findings on one sheet; a sheet holds 1,048,576 rows. More go on to the next."""

SUBJECT_COLUMNS = ("agency_code", "agency", "subject", "kind", "addresses", *AREAS, *LADDERS)
_WIDTHS = {
    "message": 60,
    "remedy": 60,
    "problem": 40,
    "title": 40,
    "agency": 28,
    "subject": 28,
    "check": 28,
    "address": 24,
    "waived": 28,
}
_ANY_TEXT = '"?*"'
"""Matches a cell that is not empty; an empty text is not matched by it in any spreadsheet."""
_FILLS = {
    Outcome.FAIL: "#F8D7DA",
    Outcome.ERROR: "#E2D4F0",
    Outcome.WARN: "#FFF3CD",
    Outcome.INCONCLUSIVE: "#E2E6EA",
    Outcome.PASS: "#DFF2E1",
}


class Styles:
    """The few formats that all sheets share."""

    def __init__(self, book: Workbook) -> None:
        add: Callable[[dict[str, object]], Format] = book.add_format
        self.head = add({"bold": True, "bg_color": "#1F3864", "font_color": "#FFFFFF", "text_wrap": True, "border": 1})
        self.wrapped = add({"text_wrap": True, "valign": "top"})
        self.bold = add({"bold": True})
        self.title = add({"bold": True, "font_size": 16})
        self.ratio = add({"num_format": "0.0%"})
        self.at_least = add({"num_format": '"≥ "0'})
        self.fills = {kind: add({"bg_color": color, "valign": "top"}) for kind, color in _FILLS.items()}


def new_sheet(book: Workbook, name: str) -> TextSheet:
    """Return a sheet that prints on A4, across, its first row on every page. Names are ours: at most 31 letters."""
    sheet: TextSheet = book.add_worksheet(name, worksheet_class=TextSheet)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    return sheet


def write_head(sheet: Worksheet, names: Sequence[str], style: Format, row: int = 0) -> None:
    for column, name in enumerate(names):
        sheet.write_string(row, column, name, style)


class FindingSheets:
    """Takes findings one by one. ``names`` are the sheets so far, for formulas that count over them."""

    def __init__(self, book: Workbook, texts: Texts, styles: Styles) -> None:
        self._book, self._texts, self._styles = book, texts, styles
        self._row_styles = {
            outcome: tuple(
                styles.fills.get(outcome) if name in ("result", "severity") else styles.wrapped for name in COLUMNS
            )
            for outcome in Outcome
        }
        self._sheet: TextSheet | None = None
        self._row = 0
        self.names: list[str] = []
        self._begin()

    def add(self, at: PlacedFinding) -> None:
        if self._row == ROWS:
            self.close()
            self._begin()
        self._row += 1
        assert self._sheet is not None
        texts, styles = self._texts, self._row_styles[at.finding.outcome]
        self._sheet.write_texts(self._row, [get(at, texts) for get in COLUMNS.values()], styles)

    def close(self) -> None:
        assert self._sheet is not None
        self._sheet.autofilter(0, 0, max(self._row, 1), len(COLUMNS) - 1)
        self._sheet.print_area(0, 0, self._row, list(COLUMNS).index("waived"))  # on paper without what programs read

    def counting(self, result: str, **wanted: str) -> str:
        """Return a formula that counts over all sheets the findings with one of ``RESULTS`` and these values."""
        if result not in (INCONCLUSIVE, NOT_TESTED):
            return "=" + self._counted(outcome=f'"{result}"', **wanted)
        undecided = {"outcome": f'"{INCONCLUSIVE}"', **wanted}
        measured = self._counted(evidence=_ANY_TEXT, **undecided)
        return f"={measured}" if result == INCONCLUSIVE else f"={self._counted(**undecided)}-({measured})"

    def _counted(self, **wanted: str) -> str:
        return "+".join(
            "COUNTIFS(" + ",".join(f"{self._range(sheet, name)},{text}" for name, text in wanted.items()) + ")"
            for sheet in self.names
        )

    @staticmethod
    def _range(sheet: str, name: str) -> str:
        letter = chr(ord("A") + list(COLUMNS).index(name))
        return f"'{sheet}'!${letter}$2:${letter}${ROWS + 1}"

    def _begin(self) -> None:
        base = say(self._texts, "findings_sheet")
        name = base if not self.names else f"{base} {len(self.names) + 1}"
        self.names.append(name)
        self._sheet, self._row = new_sheet(self._book, name), 0
        for column, key in enumerate(COLUMNS):
            self._sheet.set_column(column, column, _WIDTHS.get(key, 14))
        write_head(self._sheet, [column_title(self._texts, key) for key in COLUMNS], self._styles.head)
        self._sheet.freeze_panes(1, 3)


class SubjectSheet:
    """Takes subjects one by one, with their scores and the rungs they reached.

    ``day``: of the measurement, on which a promise about IPv6 is in force or not.
    """

    def __init__(self, book: Workbook, texts: Texts, styles: Styles, day: date) -> None:
        self._texts, self._styles, self._day = texts, styles, day
        at_least = (say(texts, "rung_at_least", level=level) for level in range(1, OPERATIONAL))
        self._undecided = (say(texts, "rung_undecided"), *at_least)
        self.name = say(texts, "subjects")
        self._sheet = new_sheet(book, self.name)
        for column, key in enumerate(SUBJECT_COLUMNS):
            self._sheet.set_column(column, column, _WIDTHS.get(key, 14))
        write_head(self._sheet, [self._title(key) for key in SUBJECT_COLUMNS], styles.head)
        self._sheet.freeze_panes(1, 3)
        self._row = 0

    def add(self, agency: AgencyReport, report: SubjectReport) -> None:
        self._row += 1
        addresses = ", ".join(written(address) for address in report.addresses)
        kind = self._texts.word("kind", report.subject.kind.value)
        first = (agency.agency or "", agency.name, report.subject.id, kind, addresses)
        for column, text in enumerate(first):
            self._sheet.write_string(self._row, column, cell(text), self._styles.wrapped)
        for column, area in enumerate(AREAS, len(first)):
            score = report.scores.get(area)
            if score is not None and score.score is not None:
                self._sheet.write_number(self._row, column, score.score)
        for name, ladder in self.ladders(report):
            self._write_level(SUBJECT_COLUMNS.index(name), ladder)

    def ladders(self, report: SubjectReport) -> Iterator[tuple[str, Ladder | None]]:
        """Yield the ladders by which a subject counts; None for one that it has not begun because IPv6 is planned."""
        planned = report.subject.expected.in_force(self._day) is ExpectedState.PLANNED
        return counted(report.subject.kind, report.ladders, planned=planned)

    def _write_level(self, column: int, ladder: Ladder | None) -> None:
        """Write the level as a number, or as words where none counts or where ``OPERATIONAL`` is not decided."""
        if ladder is None:
            self._sheet.write_string(self._row, column, say(self._texts, "level_planned"))
        elif ladder.at_least and ladder.level < OPERATIONAL:
            self._sheet.write_string(self._row, column, self._undecided[ladder.level])
        else:
            style = self._styles.at_least if ladder.at_least else None
            self._sheet.write_number(self._row, column, ladder.level, style)

    def close(self) -> None:
        self._sheet.autofilter(0, 0, max(self._row, 1), len(SUBJECT_COLUMNS) - 1)

    def counting_undecided(self, name: str) -> str:
        """Return a formula that counts the subjects whose level in this column is not decided."""
        return "=" + "+".join(f'COUNTIF({self.range(name)},"{words}")' for words in self._undecided)

    def range(self, name: str) -> str:
        """Return the cells of a column, for a formula."""
        letter = chr(ord("A") + SUBJECT_COLUMNS.index(name))
        return f"'{self.name}'!${letter}$2:${letter}${ROWS + 1}"

    def _title(self, key: str) -> str:
        if key in AREAS:
            return self._texts.area(key)
        return say(self._texts, f"level_{key}") if key in LADDERS else column_title(self._texts, key)


def column_title(texts: Texts, key: str) -> str:
    """Return the heading of a column in the reader's language."""
    return say(texts, f"column_{key}")


def requirement_cells(result: FrameworkResult, requirement_result: RequirementResult, texts: Texts) -> list[str]:
    """Return the cells of one requirement of a framework, with its declared value, author and date."""
    asked = requirement_result.requirement
    return [
        result.framework.title[texts.lang],
        asked.id,
        asked.article,
        asked.text[texts.lang],
        texts.word("legal_status", asked.legal_status.value),
        texts.word("compliance", requirement_result.compliance.value),
        measured(texts, requirement_result, result.day),
        "; ".join(declared(texts, asked, each) for each in requirement_result.declared),
    ]
