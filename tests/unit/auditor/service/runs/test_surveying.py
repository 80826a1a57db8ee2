"""Tests survey workbooks as offices return them: good ones are stored, each bad cell is reported with its place."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from auditor.figures.period import parse_period
from auditor.regulations.loading import parse
from auditor.regulations.model import SurveyForm
from auditor.service.runs.declaring import DeclarationError
from auditor.service.runs.surveying import keep_answers, keep_values, missing_answers, read_answers
from auditor.service.store.kept.declared_values import DeclaredValues
from auditor.service.store.url import open_store
from reports.survey_form import survey_form
from tests.unit.auditor.figures.test_survey import HEAD, RATIO, VALUE

PLAN = parse(HEAD + RATIO + VALUE, source="plan.toml")
YEAR = parse_period("2026")
ASKED = {SurveyForm.OPERATOR: ("Nhà mạng A", "B=1+1"), SurveyForm.DEPARTMENT: ("Sở KHCN",)}
NOW = datetime(2027, 1, 12, tzinfo=UTC)
Change = Callable[[Any], None]


def filled(folder: Path, respondent: str, form: SurveyForm, change: Change = lambda sheet: None) -> Path:
    """Write a workbook with all its items filled in, apply ``change`` to its sheet, and return its path."""
    book = openpyxl.load_workbook(io.BytesIO(survey_form(PLAN, YEAR, form, respondent, "vi")))
    sheet = book.worksheets[0]
    for row in range(9, sheet.max_row + 1):
        sheet.cell(row, 4, 450)
        sheet.cell(row, 5, date(2026, 12, 31))
        sheet.cell(row, 6, "BC 12")
        sheet.cell(row, 7, "Trần Thị B")
    change(sheet)
    path = folder / f"{form.value}-{len(list(folder.iterdir()))}.xlsx"
    book.save(path)
    return path


def test_answers_of_all_make_a_value_and_name_what_is_missing(tmp_path: Path) -> None:
    paths = [filled(tmp_path, name, SurveyForm.OPERATOR) for name in ASKED[SurveyForm.OPERATOR]]
    with open_store(f"sqlite:///{tmp_path / 'auditor.db'}") as store:
        values = DeclaredValues(store.database)
        assert values.add(read_answers(paths, [PLAN]).entries, who="an", now=NOW) == 2
        assert keep_values(values, PLAN, YEAR, ASKED, who="an", now=NOW) == ()
        absent = missing_answers(values, PLAN, YEAR, ASKED)
        assert [(each.respondent, each.item.code) for each in absent] == [
            ("Sở KHCN", "II.1.a/2"),
            ("Sở KHCN", "II.1.d"),
        ]
        department = filled(tmp_path, "Sở KHCN", SurveyForm.DEPARTMENT, lambda sheet: sheet.cell(9, 4, 1_000))
        values.add(read_answers([department], [PLAN]).entries, who="an", now=NOW)
        made = keep_values(values, PLAN, YEAR, ASKED, who="an", now=NOW)
        assert [(entry.requirement, entry.value, entry.as_of) for entry in made] == [
            ("II.1.a", 90.0, date(2026, 12, 31)),
            ("II.1.d", 450.0, date(2026, 12, 31)),
        ]
        assert made[0].source == "Nhà mạng A; B=1+1; Sở KHCN"
        assert missing_answers(values, PLAN, YEAR, ASKED) == ()


def test_line_without_a_value_is_missing_and_no_mistake(tmp_path: Path) -> None:
    path = filled(tmp_path, "Sở KHCN", SurveyForm.DEPARTMENT, lambda sheet: sheet.cell(9, 4).__setattr__("value", None))
    assert [entry.item for entry in read_answers([path], [PLAN]).entries] == ["II.1.d"]


def test_workbook_without_any_value_is_told_as_missing(tmp_path: Path) -> None:
    def emptied(sheet: Any) -> None:
        for row in range(9, sheet.max_row + 1):
            sheet.cell(row, 4).value = None

    answers = read_answers([filled(tmp_path, "Sở KHCN", SurveyForm.DEPARTMENT, emptied)], [PLAN])
    with open_store(f"sqlite:///{tmp_path / 'auditor.db'}") as store:
        kept, (standing,) = keep_answers(
            DeclaredValues(store.database), answers, [PLAN], {SurveyForm.DEPARTMENT: ("Sở KHCN",)}, who="an", now=NOW
        )
    assert (kept, standing.complete) == (0, ())
    assert [each.item.code for each in standing.missing] == ["II.1.a/2", "II.1.d"]


def test_rows_are_found_by_code_wherever_an_office_moves_them(tmp_path: Path) -> None:
    path = filled(tmp_path, "Sở KHCN", SurveyForm.DEPARTMENT, lambda sheet: sheet.insert_rows(9, 3))
    assert [(entry.item, entry.row) for entry in read_answers([path], [PLAN]).entries] == [
        ("II.1.a/2", 12),
        ("II.1.d", 13),
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda sheet: sheet.cell(9, 4, "khoảng 450"), "operator-0.xlsx:9:value: is not a number: 'khoảng 450'"),
        (lambda sheet: sheet.cell(9, 4, "1.234"), "operator-0.xlsx:9:value: could be read in two ways"),
        (lambda sheet: sheet.cell(9, 4, -3), "operator-0.xlsx:9:value: is below zero"),
        (lambda sheet: sheet.cell(9, 5, "cuối năm"), "operator-0.xlsx:9:as_of: is not a date"),
        (
            lambda sheet: sheet.cell(9, 5, date(2025, 12, 31)),
            "operator-0.xlsx:9:as_of: 31 Dec 2025 is not in the period",
        ),
        (lambda sheet: sheet.cell(9, 7, " "), "operator-0.xlsx:9:signatory: is empty"),
        (lambda sheet: sheet.cell(9, 1, "II.1.a/7"), "operator-0.xlsx:9:code: unknown code 'II.1.a/7'"),
        (lambda sheet: sheet.cell(3, 4, "plan-x"), "operator-0.xlsx: FRAMEWORK: unknown framework 'plan-x'"),
        (lambda sheet: sheet.cell(4, 4, "năm nay"), "operator-0.xlsx: PERIOD: 'năm nay' is not a period"),
        (lambda sheet: sheet.cell(6, 4, ""), "operator-0.xlsx: the row RESPONDENT is missing or empty"),
    ],
)
def test_bad_cell_is_told_with_file_row_and_field(tmp_path: Path, change: Change, said: str) -> None:
    path = filled(tmp_path, "Nhà mạng A", SurveyForm.OPERATOR, change)
    with pytest.raises(DeclarationError) as caught:
        read_answers([path], [PLAN])
    assert said in str(caught.value)


def test_bad_cells_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    paths = [
        filled(tmp_path, name, SurveyForm.OPERATOR, lambda sheet: sheet.cell(9, 4, "?"))
        for name in ASKED[SurveyForm.OPERATOR]
    ]
    with pytest.raises(DeclarationError) as caught:
        read_answers(paths, [PLAN])
    assert len(caught.value.problems) == 2


def test_file_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 400_000_000)
    with pytest.raises(DeclarationError, match="is not a workbook that can be read"):
        read_answers([path], [PLAN])


def test_form_holds_a_respondent_that_looks_like_a_formula_as_text() -> None:
    book = openpyxl.load_workbook(io.BytesIO(survey_form(PLAN, YEAR, SurveyForm.OPERATOR, "=1+1", "en")))
    cell = book.worksheets[0].cell(6, 4)
    assert (cell.value, cell.data_type) == ("=1+1", "s")
