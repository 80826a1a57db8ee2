"""Tests how much of a report of a period its page shows."""

import pytest

from auditor.service.web.pages.reports.periods import MOST_ROWS, rows_on_page
from reports.period.cells import PeriodTable


@pytest.mark.parametrize(
    ("count", "shown", "more"), [(0, 0, 0), (MOST_ROWS, MOST_ROWS, 0), (MOST_ROWS + 3, MOST_ROWS, 3)]
)
def test_rows_on_page_are_bounded_and_the_rest_is_counted(count: int, shown: int, more: int) -> None:
    table = PeriodTable(key="x", title="x", note="", head=("a",), rows=tuple((str(number),) for number in range(count)))
    rows, left = rows_on_page(table)
    assert (len(rows), left) == (shown, more)
