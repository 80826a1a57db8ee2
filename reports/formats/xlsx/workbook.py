"""Writes the workbook: counts that the spreadsheet itself computes from the findings beside them, filters, colours.

Written row by row into temporary files, so that memory does not grow with the findings. Text from targets is always a
string cell, never a formula. The values accompany their formulas for programs that do not calculate.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date
from functools import partial

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from auditor.framework.findings import Outcome, Severity
from auditor.framework.localdate import civil_day
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from inventory.model import written
from reports.document import AgencyReport, Options, RemediationStatus, RenderFn, Report, Sink, failing_selftests, limits
from reports.figures import figures
from reports.formats.xlsx.cause_sheet import write_causes
from reports.formats.xlsx.fix_sheet import FixSheet
from reports.formats.xlsx.sheets import (
    FindingSheets,
    Styles,
    SubjectSheet,
    column_title,
    new_sheet,
    requirement_cells,
    write_head,
)
from reports.formats.xlsx.text_rows import cell
from reports.overview import Ratio
from reports.report_texts import say
from reports.shown_results import RESULTS, result_of
from reports.stage_counts import LADDERS, OPERATIONAL
from reports.table_rows import PlacedFinding


def renderer(options: Options) -> RenderFn:
    """Words in ``options.lang``."""
    return partial(_render, options)


def _render(options: Options, report: Report, sink: Sink) -> None:
    texts = Texts(options.lang, report.checks)
    with sink.open("findings.xlsx") as out:
        settings = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with Workbook(out, settings) as book:
            made = report.header.judged_at or report.header.started  # never the time of writing
            book.set_properties(
                {
                    "title": say(texts, "title"),
                    "comments": clean(report.header.run),
                    "created": made.astimezone(UTC).replace(tzinfo=None),
                }
            )
            _Book(book, texts, options.work, civil_day(report.header.started)).fill(report)


class _Book:
    """Fills one workbook. Sheets are created in the order in which they are shown."""

    def __init__(self, book: Workbook, texts: Texts, work: Mapping[str, RemediationStatus], day: date) -> None:
        self._texts, self._styles = texts, Styles(book)
        self._to_fix = FixSheet(book, texts, self._styles, work)
        self._summary = new_sheet(book, say(texts, "overview"))
        self._causes = new_sheet(book, say(texts, "causes"))
        self._agencies = new_sheet(book, say(texts, "agencies"))
        self._figures = new_sheet(book, say(texts, "figures"))
        self._frameworks = new_sheet(book, say(texts, "frameworks"))
        self._subjects = SubjectSheet(book, texts, self._styles, day)
        self._findings = FindingSheets(book, texts, self._styles)
        self._about = new_sheet(book, say(texts, "limits_sheet"))
        self._results: Counter[tuple[int, str]] = Counter()
        self._severities: Counter[Severity] = Counter()
        self._reached = {name: Ratio() for name in LADDERS}

    def fill(self, report: Report) -> None:
        agencies, seal = [], report.header.seal
        for number, agency in enumerate(report.agencies()):
            agencies.append(agency)
            for subject in agency.subjects:
                self._subjects.add(agency, subject)
                self._to_fix.add(agency, subject)
                for name, ladder in self._subjects.ladders(subject):
                    self._reached[name].add_ladder(ladder)
                for finding in subject.findings:
                    self._results[number, result_of(finding)] += 1
                    if finding.outcome is Outcome.FAIL:
                        self._severities[finding.severity] += 1
                    self._findings.add(PlacedFinding(agency, subject, finding, seal))
        self._to_fix.close()
        self._subjects.close()
        self._findings.close()
        self._write_summary(report)
        write_causes(self._causes, report, self._texts, self._styles)
        self._write_agencies(agencies)
        self._write_figures(report)
        self._write_frameworks(report)
        self._write_about(report)

    def _write_figures(self, report: Report) -> None:
        """Write the indicators of the whole and of every unit with their counts, one a row, for pivot tables."""
        texts, sheet = self._texts, self._figures
        keys = ("agency", "kpi", "figure", "met_column", "of_column", "undecided_column", "exempt_column", "result")
        write_head(sheet, [say(texts, key) for key in keys], self._styles.head)
        for column, width in enumerate((40, 14, 60, 12, 12, 18, 12, 40)):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 1)
        row, whole = 0, say(texts, "whole")  # the root has its name too, and not what is of no agency
        rollup = report.rollup
        units = [] if rollup is None else [(whole, rollup.total), *((unit.name, unit) for unit in rollup.units)]
        for title, unit in units:
            for name, figure in figures(unit):
                row += 1
                sheet.write_string(row, 0, cell(title or say(texts, "no_agency")))
                sheet.write_string(row, 1, name)
                sheet.write_string(row, 2, texts.kpi(name))
                for column, number in enumerate((figure.met, figure.of, figure.unknown, figure.exempt), 3):
                    sheet.write_number(row, column, number)
                sheet.write_string(row, 7, texts.figure(figure))
        sheet.autofilter(0, 0, max(row, 1), len(keys) - 1)

    def _write_frameworks(self, report: Report) -> None:
        """Write every requirement in force, manual ones included, with the legal status of its text."""
        texts, sheet = self._texts, self._frameworks
        heads = (
            say(texts, "frameworks"),
            say(texts, "requirement_code"),
            say(texts, "article"),
            say(texts, "requirement"),
            say(texts, "legal_status"),
            say(texts, "standing"),
            say(texts, "figure"),
            say(texts, "declared_column"),
        )
        write_head(sheet, heads, self._styles.head)
        for column, width in enumerate((40, 20, 24, 70, 28, 24, 40, 60)):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 2)
        rows = [(framework, result) for framework in report.frameworks for result in framework.results]
        for row, (framework, requirement_result) in enumerate(rows, 1):
            for column, text in enumerate(requirement_cells(framework, requirement_result, texts)):
                sheet.write_string(row, column, cell(text), self._styles.wrapped)
        sheet.autofilter(0, 0, max(len(rows), 1), len(heads) - 1)

    def _write_summary(self, report: Report) -> None:
        sheet, texts = self._summary, self._texts
        sheet.set_column(0, 0, 64)
        sheet.set_column(1, 5, 16)
        sheet.write_string(0, 0, say(texts, "title"), self._styles.title)
        sheet.write_string(
            1, 0, cell(f"{report.header.name or report.header.run}, {texts.moment(report.header.started)}")
        )
        row = self._counts(
            3,
            say(texts, "findings"),
            [
                (
                    texts.word("outcome", result),
                    self._findings.counting(result),
                    sum(n for (_, kind), n in self._results.items() if kind == result),
                )
                for result in RESULTS
            ],
        )
        row = self._counts(
            row + 1,
            texts.outcome(Outcome.FAIL),
            [
                (
                    texts.severity(severity),
                    self._findings.counting(Outcome.FAIL.value, severity=_quoted(texts.severity(severity))),
                    self._severities[severity],
                )
                for severity in Severity
            ],
        )
        self._rates(row + 1)

    def _counts(self, row: int, title: str, lines: Sequence[tuple[str, str, int]]) -> int:
        """A small table of counts; returns the row behind it."""
        write_head(self._summary, (title, say(self._texts, "count")), self._styles.head, row)
        for number, (name, formula, value) in enumerate(lines, row + 1):
            self._summary.write_string(number, 0, name)
            self._summary.write_formula(number, 1, formula, None, value)
        return row + 1 + len(lines)

    def _rates(self, top: int) -> None:
        """The number of services, devices and points at the rung from which they count as working (CHECKS §4.2)."""
        texts, sheet = self._texts, self._summary
        head = (
            say(texts, "level_reached"),
            say(texts, "met_column"),
            say(texts, "undecided_column"),
            say(texts, "of_column"),
            say(texts, "share_least"),
            say(texts, "share_most"),
        )
        write_head(sheet, head, self._styles.head, top)
        for row, name in enumerate(LADDERS, top + 1):
            cells, ratio, line = self._subjects.range(name), self._reached[name], row + 1
            sheet.write_string(row, 0, say(texts, f"rate_{name}"))
            sheet.write_formula(row, 1, f'=COUNTIF({cells},">={OPERATIONAL}")', None, ratio.met)
            sheet.write_formula(row, 2, self._subjects.counting_undecided(name), None, ratio.unknown)
            sheet.write_formula(row, 3, f"=COUNTA({cells})", None, ratio.of)
            for column, part, n in ((4, f"B{line}", ratio.met), (5, f"(B{line}+C{line})", ratio.met + ratio.unknown)):
                share = f'=IF(D{line}=0,"–",ROUNDDOWN({part}/D{line},3))'  # 100 % is everything
                value = 1_000 * n // ratio.of / 1_000 if ratio.of else "–"
                sheet.write_formula(row, column, share, self._styles.ratio, value)

    def _write_agencies(self, agencies: Sequence[AgencyReport]) -> None:
        sheet, texts = self._agencies, self._texts
        sheet.set_column(0, 0, 16)
        sheet.set_column(1, 1, 44)
        heads = [column_title(texts, "agency_code"), column_title(texts, "agency")]
        write_head(sheet, [*heads, *(texts.word("outcome", result) for result in RESULTS)], self._styles.head)
        sheet.freeze_panes(1, 2)
        for number, agency in enumerate(agencies):
            row = number + 1
            sheet.write_string(row, 0, cell(agency.agency or ""))
            sheet.write_string(row, 1, cell(agency.name or say(texts, "no_agency")))
            for column, result in enumerate(RESULTS, 2):
                code = f"$A{row + 1}" if agency.agency else '""'
                formula = self._findings.counting(result, agency_code=code)
                sheet.write_formula(row, column, formula, None, self._results[number, result])
        sheet.autofilter(0, 0, max(len(agencies), 1), 1 + len(RESULTS))

    def _write_about(self, report: Report) -> None:
        texts, header, sheet = self._texts, report.header, self._about
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 100)
        write_head(sheet, (say(texts, "report"), ""), self._styles.head)
        facts = [
            ("run", header.run),
            ("measured", texts.moment(header.started)),
            ("version", header.version),
            ("catalogue", header.catalogue),
            ("policy", header.policy),
            *([("judgement", header.judgement)] if header.judgement else []),
            *([("seal", header.seal.root)] if header.seal is not None else []),
            *([("seal", say(texts, "seal_other"))] if header.seal is not None and not header.seal.covers else []),
            ("profile", texts.word("profile", header.profile)),
            *(
                ("vantage", f"{vantage.name}: {', '.join(map(written, vantage.sources))}")
                for vantage in header.vantages
            ),
            *(
                ("limits", f"{clean(vantage.name)}: {texts.message(finding)}")
                for vantage, finding in failing_selftests(header)
            ),
            *(("limits", texts.limit(limit.code, limit.args)) for limit in limits(header)),
        ]
        for row, (key, value) in enumerate(facts, 1):
            _line(sheet, row, say(texts, key), value, self._styles)


def _line(sheet: Worksheet, row: int, name: str, value: str, styles: Styles) -> None:
    sheet.write_string(row, 0, name, styles.bold)
    sheet.write_string(row, 1, cell(value), styles.wrapped)


def _quoted(text: str) -> str:
    """Return a word of ours as a string of a formula."""
    return '"' + text.replace('"', '""') + '"'
