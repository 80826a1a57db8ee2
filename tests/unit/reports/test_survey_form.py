"""Tests the workbook of a survey: items to fill in are unlocked, everything else is locked and has its code."""

import io

import openpyxl

from auditor.figures.period import parse_period
from auditor.figures.survey import items
from auditor.regulations.model import SurveyForm
from auditor.service.pipeline.operator_files.frameworks import shipped_frameworks
from reports.survey_form import survey_form

PLAN = next(framework for framework in shipped_frameworks() if framework.id == "plan-daklak-2023-2025")


def test_form_has_a_line_for_each_item_and_only_answers_are_free() -> None:
    book = openpyxl.load_workbook(io.BytesIO(survey_form(PLAN, parse_period("2026"), SurveyForm.OPERATOR, "A", "vi")))
    sheet = book.worksheets[0]
    rows = list(sheet.iter_rows(min_row=9))
    assert [row[0].value for row in rows] == [item.code for _, item in items(PLAN, SurveyForm.OPERATOR)]
    assert {cell.protection.locked for row in rows for cell in row[:3]} == {True}
    assert {cell.protection.locked for row in rows for cell in row[3:8]} == {False}
    assert sheet.protection.sheet


def test_every_declared_requirement_of_the_plan_is_asked_of_somebody() -> None:
    asked = {requirement.id for form in SurveyForm for requirement, _ in items(PLAN, form)}
    assert {one.id for one in PLAN.requirements if one.rule.kind.value == "declared"} == asked


def test_form_is_in_the_language_asked_for_and_names_no_day_of_another_period() -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(survey_form(PLAN, parse_period("2027-Q1"), SurveyForm.DEPARTMENT, "A", "vi"))
    )
    sheet = book.worksheets[0]
    assert sheet.title == "Sở, ngành"
    assert [cell.value for cell in sheet[8]][4] == "Tính đến ngày (ngày/tháng/năm)"
