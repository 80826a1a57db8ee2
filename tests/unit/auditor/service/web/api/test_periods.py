"""Tests the rows by which programs read the periods."""

from datetime import date

from auditor.service.web.api.periods import period_row


def test_period_row_has_the_days_of_the_period() -> None:
    row = period_row("2026-Q1")
    assert (row.name, row.first, row.last) == ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31))
