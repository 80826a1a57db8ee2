"""Tests samples of a day in slots: since when the current state has lasted."""

from datetime import UTC, datetime, timedelta

import pytest

from auditor.service.web.connection_points.slot_series import SlotSeries

SINCE = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "slot"),
    [
        ((1.0, 1.0, 1.0), None),
        ((None, None, 1.0), 2),
        ((None, 1.0, 1.0), 1),
        ((0.0, 1.0, 1.0), 1),
        ((0.0, None, 1.0), 2),
        ((1.0, None, 1.0), None),
        ((None, None, None), None),
    ],
)
def test_held_counts_from_the_first_sample_and_not_from_the_gap_before_it(
    values: tuple[float | None, ...], slot: int | None
) -> None:
    series = SlotSeries(metric="m", family=6, interface="", since=SINCE, values=values, qualities=())
    assert series.held == (None if slot is None else SINCE + slot * timedelta(minutes=5))
