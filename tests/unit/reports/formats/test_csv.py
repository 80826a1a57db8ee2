"""Tests that the comma-separated file loses nothing and computes nothing from a target's text."""

import pytest

from reports.table_rows import COLUMNS, safe
from tests.unit.reports.sample import FORMULA, province
from tests.unit.reports.table_files import table, written


def test_every_finding_is_a_row_in_its_place() -> None:
    report = province()
    rows = table(report)
    assert [row["finding"] for row in rows] == [finding.id for finding in report.findings]
    assert [row["outcome"] for row in rows] == [finding.outcome.value for finding in report.findings]
    assert {row["agency_code"] for row in rows} == {"so-xd", "so-yt", "xa-01", ""}
    assert list(rows[0]) == list(COLUMNS)


def test_the_file_says_to_spreadsheets_that_it_is_utf8() -> None:
    assert written(province(), "csv").startswith(b"\xef\xbb\xbfagency_code,")


@pytest.mark.parametrize("text", [FORMULA, "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert safe(text)[0] in "'\\"
    assert all(cell[0] not in "=+-@＝＋－＠" for row in table(province()) for cell in row.values() if cell)


def test_the_languages_differ() -> None:
    vi, en = (table(province(), lang) for lang in ("vi", "en"))
    assert [row["finding"] for row in vi] == [row["finding"] for row in en]
    assert {row["result"] for row in vi} & {row["result"] for row in en} == set()
