"""Tests the first sheet of the workbook: one row a problem, cells to fill in, no accepted problems."""

import io
from dataclasses import replace
from datetime import date
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from auditor.framework.findings import Outcome
from auditor.texts.translate import Texts
from reports.document import Options, RemediationStatus
from reports.formats.xlsx.fix_columns import COLUMNS, heading, problem_key
from reports.formats.xlsx.fix_sheet import problems
from reports.registry import renderer
from tests.unit.reports.earlier import whole_province
from tests.unit.reports.sample import V4, V6, MemorySink
from tests.unit.reports.troubled import troubled

VI = Texts("vi")


def sheet(options: Options) -> Worksheet:
    sink = MemorySink()
    renderer("xlsx", options)(whole_province(), sink)
    (body,) = sink.files.values()
    book = load_workbook(io.BytesIO(body))
    return book[book.sheetnames[0]]


def rows(made: Worksheet) -> list[dict[str, Any]]:
    _, *lines = made.iter_rows(values_only=True)
    return [dict(zip(COLUMNS, line, strict=True)) for line in lines]


def expected() -> set[str]:
    bad = (Outcome.FAIL, Outcome.WARN, Outcome.ERROR)
    findings = [each for each in whole_province().stream_findings() if each.outcome in bad and each.waived is None]
    return {problem_key(each) for each in findings}


def test_fix_sheet_is_the_first_and_has_a_row_for_each_problem() -> None:
    made = sheet(Options(lang="vi"))
    assert made.title == "Cần khắc phục"
    assert [cell.value for cell in made[1]] == [heading(VI, name) for name in COLUMNS]
    keys = [row["key"] for row in rows(made)]
    assert sorted(keys) == sorted(expected())
    assert keys


def test_fix_sheet_shows_what_people_hold_of_a_problem() -> None:
    key = sorted(expected())[0]
    work = RemediationStatus(state="in_work", owner="Phòng CNTT", deadline=date(2026, 12, 31), comment="=1+1")
    (row,) = [row for row in rows(sheet(Options(lang="vi", work={key: work}))) if row["key"] == key]
    assert (row["state"], row["owner"]) == ("đang xử lý", "Phòng CNTT")
    assert row["deadline"].date() == date(2026, 12, 31)
    assert (row["comment"], row["was"]) == ("=1+1", "in_work|2026-12-31|Phòng CNTT")


def test_fix_sheet_offers_the_states_and_hides_what_programs_read() -> None:
    made = sheet(Options(lang="vi"))
    (validation,) = [each for each in made.data_validations.dataValidation if each.type == "list"]
    assert "đang xử lý" in validation.formula1
    letters = [get_column_letter(1 + list(COLUMNS).index(name)) for name in ("key", "was")]
    assert all(made.column_dimensions[letter].hidden or made.column_dimensions["K"].hidden for letter in letters)


def test_fix_sheet_says_how_person_and_deadline_are_taken_away() -> None:
    made = sheet(Options(lang="vi"))
    told = {str(each.sqref).split(":")[0]: each.prompt for each in made.data_validations.dataValidation if each.prompt}
    cells = {f"{get_column_letter(list(COLUMNS).index(name) + 1)}2" for name in ("owner", "deadline")}
    assert told.keys() == cells
    assert all("dấu gạch ngang (-)" in text for text in told.values())


def test_problems_group_findings_of_one_check_worst_first() -> None:
    subjects = (each for agency in whole_province().agencies() for each in agency.subjects)
    subject = next(each for each in subjects if any(problems(each.findings)))
    groups = list(problems(subject.findings))
    assert [len({problem_key(each) for each in group}) for group in groups] == [1] * len(groups)
    ranks = [group[0].severity.rank for group in groups]
    assert ranks == sorted(ranks)


def test_problems_leave_out_accepted_exceptions() -> None:
    waived = [each for each in whole_province().stream_findings() if each.waived is not None]
    fails = [replace(each, outcome=Outcome.FAIL) for each in waived]
    assert fails
    assert list(problems(fails)) == []


def test_addresses_of_a_problem_stand_below_each_other() -> None:
    sink = MemorySink()
    renderer("xlsx", Options(lang="vi"))(troubled(), sink)
    (body,) = sink.files.values()
    book = load_workbook(io.BytesIO(body))
    addresses = {str(row["address"]) for row in rows(book[book.sheetnames[0]])}
    assert f"{V4}\n{V6}" in addresses
    assert not any("\\n" in each for each in addresses)
