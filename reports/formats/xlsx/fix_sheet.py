"""Writes the first sheet of the workbook: problems to fix, with cells for state, person, deadline and comment."""

from collections.abc import Iterator, Mapping, Sequence

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from auditor.framework.findings import Finding, Outcome
from auditor.texts.translate import Texts
from inventory.model import written
from reports.document import AgencyReport, RemediationStatus, SubjectReport
from reports.formats.xlsx.fix_columns import COLUMNS, STATES, heading, problem_key, state_word, was
from reports.formats.xlsx.sheets import ROWS, Styles, new_sheet, write_head
from reports.formats.xlsx.text_rows import cell, cell_of_lines
from reports.report_texts import say

_BADNESS = {Outcome.FAIL: 0, Outcome.ERROR: 1, Outcome.WARN: 2}
_SHOWN_ADDRESSES = 4
_NO_WORK = RemediationStatus()


class FixSheet:
    """Takes the problems of one subject after the other. ``work`` holds the progress of repairs by problem key."""

    def __init__(self, book: Workbook, texts: Texts, styles: Styles, work: Mapping[str, RemediationStatus]) -> None:
        self._texts, self._styles, self._work = texts, styles, work
        self._input: Format = book.add_format(
            {"text_wrap": True, "valign": "top", "bg_color": "#FFFDE7", "border": 1, "border_color": "#D0C9A0"}
        )
        self._day: Format = book.add_format(
            {"num_format": "dd/mm/yyyy", "valign": "top", "bg_color": "#FFFDE7", "border": 1, "border_color": "#D0C9A0"}
        )
        self._sheet = new_sheet(book, say(texts, "fix_sheet"))
        for column, (name, width) in enumerate(COLUMNS.items()):
            options = {"hidden": True} if name in ("key", "was") else {}
            self._sheet.set_column(column, column, width, None, options)
        write_head(self._sheet, [heading(texts, name) for name in COLUMNS], styles.head)
        self._sheet.freeze_panes(1, 2)
        self._row = 0

    def add(self, agency: AgencyReport, subject: SubjectReport) -> None:
        """Add a row for each problem; accepted exceptions are left out."""
        for findings in problems(subject.findings):
            if self._row < ROWS:
                self._row += 1
                self._write(agency, subject, findings)

    def close(self) -> None:
        """Add the choice of states, filters and the print area, which leaves out the columns for programs."""
        last, columns = max(self._row, 1), list(COLUMNS)
        state, deadline = columns.index("state"), columns.index("deadline")
        words = [state_word(self._texts, each) for each in STATES]
        self._sheet.data_validation(1, state, last, state, {"validate": "list", "source": words})
        note = {
            "validate": "any",
            "input_title": say(self._texts, "fix_sheet"),
            "input_message": say(self._texts, "fix_dash"),
        }
        for column in (columns.index("owner"), deadline):
            self._sheet.data_validation(1, column, last, column, note)
        self._sheet.set_column(deadline, deadline, COLUMNS["deadline"], self._day)
        self._sheet.autofilter(0, 0, last, len(COLUMNS) - 1)
        self._sheet.print_area(0, 0, self._row, columns.index("comment"))
        if not self._row:
            self._sheet.write_string(1, columns.index("problem"), say(self._texts, "fix_nothing"))

    def _write(self, agency: AgencyReport, subject: SubjectReport, findings: Sequence[Finding]) -> None:
        worst, texts = findings[0], self._texts
        key = problem_key(worst)
        work = self._work.get(key, _NO_WORK)
        addresses = list(dict.fromkeys(written(each.address) for each in findings if each.address is not None))
        more = len(addresses) - _SHOWN_ADDRESSES
        shown = [*addresses[:_SHOWN_ADDRESSES], *([say(texts, "more", n=more)] if more > 0 else [])]
        fixed = {
            "agency": cell(agency.name or agency.agency or say(texts, "no_agency")),
            "subject": cell(subject.subject.id),
            "problem": cell(texts.defect(worst)),
            "severity": cell(texts.severity(worst.severity)),
            "address": cell_of_lines(shown),
            "remedy": cell(texts.remedy(worst) or ""),
            "key": cell(key),
            "was": cell(was(work)),
        }
        typed = {"state": state_word(texts, work.state), "owner": work.owner, "comment": work.comment}
        for column, name in enumerate(COLUMNS):
            if name == "deadline":
                if work.deadline is None:
                    self._sheet.write_blank(self._row, column, None, self._day)
                else:
                    self._sheet.write_datetime(self._row, column, work.deadline, self._day)
            elif name in typed:
                self._sheet.write_string(self._row, column, cell(typed[name]), self._input)
            else:
                style = self._styles.fills[worst.outcome] if name == "severity" else self._styles.wrapped
                self._sheet.write_string(self._row, column, fixed[name], style)


def problems(findings: Sequence[Finding]) -> Iterator[Sequence[Finding]]:
    """Yield groups of failures, warnings and errors by problem: the worst first, in each group and among groups."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.outcome in _BADNESS and finding.waived is None:
            groups.setdefault(problem_key(finding), []).append(finding)
    for group in groups.values():
        group.sort(key=_rank)
    yield from sorted(groups.values(), key=lambda group: _rank(group[0]))


def _rank(finding: Finding) -> tuple[int, int]:
    return finding.severity.rank, _BADNESS[finding.outcome]
