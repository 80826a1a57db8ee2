"""Tests that the workbook loses nothing, computes nothing from a target's text, and its counts add up."""

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from auditor.figures.figure import Figure
from auditor.figures.rollup import Rollup, UnitRollup
from auditor.figures.scoring import Ladder
from auditor.framework.findings import Outcome, Severity
from auditor.texts.translate import Texts
from inventory.model import WEB_KINDS, AgencyId, Expectation, ExpectedState
from reports.formats.xlsx import sheets
from reports.overview import gather
from reports.report_texts import say
from reports.shown_results import RESULTS
from reports.table_rows import COLUMNS
from tests.unit.reports.earlier import SEAL, whole_province
from tests.unit.reports.sample import FORMULA, SampleReport, province
from tests.unit.reports.table_files import table, written

VI = Texts("vi")


def book(report: SampleReport, *, values: bool = True, lang: str = "vi") -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(written(report, "xlsx", lang)), data_only=values)


def cells(sheet: Worksheet) -> Iterator[tuple[object, ...]]:
    yield from sheet.iter_rows(values_only=True)


def counts(workbook: openpyxl.Workbook) -> dict[object, object]:
    """Return the numbers of the first sheet by the label before them; for a repeated label, the first number."""
    pairs = [(row[0], row[1]) for row in cells(workbook[say(VI, "overview")]) if row[0] is not None]
    return dict(reversed(pairs))


def test_the_workbook_holds_the_rows_of_the_file() -> None:
    report = province()
    sheet = book(report)[say(VI, "findings_sheet")]
    _, *rows = cells(sheet)
    column = list(COLUMNS).index("finding")
    assert [row[column] for row in rows] == [finding.id for finding in report.findings]


def test_no_text_of_a_target_is_computed() -> None:
    report = province()
    for name in (say(VI, "findings_sheet"), say(VI, "subjects"), say(VI, "limits_sheet")):
        sheet = book(report, values=False)[name]
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}, name
    text = str(list(cells(book(report)[say(VI, "findings_sheet")])))
    assert FORMULA in text  # it is there, as text
    assert "\x1b" not in text


def test_counts_are_those_of_the_findings() -> None:
    report = province()
    failing = Counter(finding.severity for finding in report.findings if finding.outcome is Outcome.FAIL)
    summary = counts(book(report))
    assert {result: summary[VI.word("outcome", result)] for result in RESULTS} == {
        result: report.results[result] for result in RESULTS
    }
    assert {severity: summary[VI.severity(severity)] for severity in Severity} == {
        severity: failing[severity] for severity in Severity
    }


def test_agencies_are_counted_apart() -> None:
    report = province()
    _, *rows = cells(book(report)[say(VI, "agencies")])
    of_groups = [replace(report, groups=(group,)).results for group in report.groups]
    wanted = [tuple(results[result] for result in RESULTS) for results in of_groups]
    assert [tuple(row[2:]) for row in rows] == wanted


def test_formulas_count_what_the_sheets_hold() -> None:
    """The formulas give the right counts: each COUNTIFS is evaluated by hand over its cells."""
    report = province()
    formulas, values = book(report, values=False), book(report)
    sheet = values[say(VI, "findings_sheet")]
    _, *rows = cells(sheet)
    outcome, code, evidence = (list(COLUMNS).index(name) for name in ("outcome", "agency_code", "evidence"))
    for number, agency in enumerate(report.groups, 2):
        for column, one in enumerate(RESULTS, 3):
            formula = str(formulas[say(VI, "agencies")].cell(number, column).value)
            letters = [chr(ord("A") + index) for index in (code, outcome)]
            assert all(f"${letter}$2:${letter}${sheets.ROWS + 1}" in formula for letter in letters)
            untested = one == "not_tested"
            assert f'"{"inconclusive" if untested else one}"' in formula
            assert ('"?*"' in formula) == (one in ("inconclusive", "not_tested"))
            counted = sum(
                (row[code] or "") == (agency.agency or "")
                and ("not_tested" if row[outcome] == "inconclusive" and not row[evidence] else row[outcome]) == one
                for row in rows
            )
            assert values[say(VI, "agencies")].cell(number, column).value == counted


def test_more_findings_than_a_sheet_holds_go_on_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "ROWS", 10)
    report = province()
    workbook = book(report)
    names = [name for name in workbook.sheetnames if name.startswith(say(VI, "findings_sheet"))]
    assert len(names) == -(-len(report.findings) // 10)
    assert sum(workbook[name].max_row - 1 for name in names) == len(report.findings)
    assert counts(workbook)[VI.outcome(Outcome.PASS)] == sum(
        finding.outcome is Outcome.PASS for finding in report.findings
    )


def test_an_empty_report_is_a_workbook_too() -> None:
    empty = replace(province(), groups=())
    assert book(empty)[say(VI, "findings_sheet")].max_row == 1
    assert table(empty) == []


FIGURE = Figure(met=3, of=5, unknown=1)


ROLLUP = Rollup(
    day=date(2026, 3, 2),
    total=UnitRollup(agency=None, name="", figures={"K08": FIGURE}),
    units=(UnitRollup(agency=AgencyId("so-xd"), name="Sở Xây dựng", figures={"K08": Figure(met=1, of=2)}),),
)


def test_figures_stand_in_the_workbook_unit_by_unit() -> None:
    report = replace(province(), rollup=ROLLUP)
    _, *rows = cells(book(report)[say(VI, "figures")])
    assert [row[:2] + row[3:7] for row in rows] == [
        (say(VI, "whole"), "K08", 3, 5, 1, 0),
        ("Sở Xây dựng", "K08", 1, 2, 0, 0),
    ]
    assert rows[0][7] == VI.figure(FIGURE)


def test_the_workbook_names_judgement_and_seal() -> None:
    sheet = book(whole_province())[say(VI, "limits_sheet")]
    about = {(row[0], row[1]) for row in cells(sheet)}
    assert {(say(VI, "judgement"), "2026Q1-01-bb"), (say(VI, "seal"), SEAL.root)} <= about


def test_share_is_never_rounded_up_to_100_percent() -> None:
    report = province()
    group = report.groups[0]
    (subject, *_) = group.subjects
    many = [
        replace(subject, findings=(), ladders={"service": Ladder(level=0 if number == 0 else 2, at_least=False)})
        for number in range(2_500)
    ]
    made = replace(report, groups=(replace(group, subjects=many),))
    shares = [
        next(
            row[4] for row in cells(book(made, values=values)[say(VI, "overview")]) if row[0] == say(VI, "rate_service")
        )
        for values in (True, False)
    ]
    assert shares[0] == 0.999  # 99.96 %
    assert "ROUNDDOWN" in str(shares[1])


def test_undecided_level_is_in_words_and_totals_are_those_of_the_overview() -> None:
    report = province()
    group = report.groups[0]
    subject = next(each for each in group.subjects if each.subject.kind in WEB_KINDS)
    later = replace(subject.subject, expected=Expectation(state=ExpectedState.PLANNED))
    ladders = [(0, True), (1, True), (2, True), (0, False), (1, False), (4, False)]
    many = [
        replace(subject, findings=(), ladders={"service": Ladder(level=level, at_least=at_least)})
        for level, at_least in ladders
    ]
    made = replace(report, groups=(replace(group, subjects=[*many, replace(subject, subject=later, ladders={})]),))
    _, *rows = cells(book(made)[say(VI, "subjects")])
    levels = [row[sheets.SUBJECT_COLUMNS.index("service")] for row in rows]
    undecided = [say(VI, "rung_undecided"), say(VI, "rung_at_least", level=1)]
    assert levels == [*undecided, 2, 0, 1, 4, say(VI, "level_planned")]

    services = gather(made).services
    assert (services.met, services.unknown, services.of) == (2, 2, 7)
    values, formulas = (
        next(
            row[1:6] for row in cells(book(made, values=each)[say(VI, "overview")]) if row[0] == say(VI, "rate_service")
        )
        for each in (True, False)
    )
    assert values == (2, 2, 7, 0.285, 0.571)  # 2 of 7, and 4 of 7 if all that is undecided works
    assert [str(formula).split("(")[0] for formula in formulas[:3]] == ["=COUNTIF", "=COUNTIF", "=COUNTA"]
    assert all(f'"{words}"' in str(formulas[1]) for words in undecided)


def test_requirements_stand_under_their_code_and_not_under_that_of_a_message() -> None:
    sheet = book(whole_province())[say(VI, "frameworks")]
    heads = next(cells(sheet))
    assert "Mã yêu cầu" in heads
    assert "Mã thông điệp" not in heads
