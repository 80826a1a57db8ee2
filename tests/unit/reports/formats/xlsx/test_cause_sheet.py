"""Tests the sheet of shared causes: one a row, in order, hostile names made harmless."""

import io

import openpyxl
import pytest

from auditor.texts.translate import Texts
from reports.report_texts import say
from tests.unit.reports.test_cause_texts import CAUSE, CHECKS, HOSTILE, rendered, report


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_sheet_has_one_cause_a_row(lang: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(rendered("xlsx", report(CAUSE, HOSTILE), lang)))
    rows = list(book[say(Texts(lang, CHECKS), "causes")].iter_rows(values_only=True))
    assert len(rows) == 3
    assert rows[1][0] == 1
    assert "2001:db8:7::1" in str(rows[1][1])
    assert rows[1][5:7] == (2, 2)
    assert "\x1b" not in str(rows[2][1])
    assert "\n" in str(rows[1][-1])
    assert not any("\\n" in str(value) for value in rows[1])


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_sheet_without_causes_says_so(lang: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(rendered("xlsx", report(), lang)))
    texts = Texts(lang, CHECKS)
    assert book[say(texts, "causes")].cell(2, 2).value == say(texts, "causes_none")
