"""Tests that the report of a period is written in every file format."""

import pytest

from auditor.figures.period import parse_period
from reports.period.files import FORMATS, file_name
from tests.unit.reports.period_sample import report

BEGIN = {"html": b"<!DOCTYPE html>", "json": b"{", "xlsx": b"PK", "docx": b"PK", "pdf": b"%PDF"}


@pytest.mark.parametrize("name", list(FORMATS))
def test_format_writes_its_own_kind_of_file(name: str) -> None:
    assert FORMATS[name](report(), "vi").startswith(BEGIN[name])


def test_html_and_workbook_follow_the_language_of_the_reader() -> None:
    for name in ("html", "xlsx"):
        assert FORMATS[name](report(), "vi") != FORMATS[name](report(), "en")


def test_file_name_tells_period_and_format() -> None:
    assert file_name(parse_period("2026-Q3"), "docx") == "period-2026-Q3.docx"
