"""Tests closed times: the shipped holidays against the moon, windows over midnight, bad files."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.service.config.holidays import CalendarError, read_holidays
from auditor.service.config.model import CalendarSection
from auditor.service.config.times import WeekWindow, window
from auditor.service.scheduler.calendar import Calendar
from tests.support.lunar import month

HERE = "Asia/Ho_Chi_Minh"
SHIPPED = read_holidays(CalendarSection())
START = datetime(2011, 1, 1, tzinfo=UTC)
YEARS = range(2026, 2041)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(HERE))


@pytest.mark.parametrize("year", YEARS)
def test_holidays_lunar_dates_match_the_lunar_calendar(year: int) -> None:
    tet = month(year, 1)
    calendar = Calendar(zone=HERE, holidays=SHIPPED)
    named = {
        day: closure.names["vi"]
        for n in range(366)
        if (closure := calendar.closed(at(f"{(day := date(year, 1, 1) + timedelta(days=n))}T12:00"))) is not None
    }
    off = [(day - tet).days for day, name in named.items() if name == f"Tết Nguyên đán {year}"]
    # Five days by law; of years that nothing is decided of yet, those before and after them that may be off too.
    assert off in ([*range(first, last)] for first in (-2, -1) for last in (4, 5))
    kings = month(year, 3) + timedelta(days=9)
    assert named[kings] == f"Giỗ Tổ Hùng Vương {year}" or kings in (date(year, 4, 30), date(year, 5, 1))
    assert {date(year, 1, 1), date(year, 4, 30), date(year, 5, 1), date(year, 9, 2)} <= set(named)


def test_lunar_reference_matches_past_years() -> None:
    """The lunar calendar matches dates of published decisions: Tết, and the Hùng Kings' day."""
    assert [month(year, 1) for year in range(2021, 2027)] == [
        date(2021, 2, 12),
        date(2022, 2, 1),
        date(2023, 1, 22),
        date(2024, 2, 10),
        date(2025, 1, 29),
        date(2026, 2, 17),
    ]
    assert [month(year, 3) + timedelta(days=9) for year in (2023, 2024, 2025, 2026)] == [
        date(2023, 4, 29),
        date(2024, 4, 18),
        date(2025, 4, 7),
        date(2026, 4, 26),
    ]


def test_calendar_audit_due_at_tet_begins_after_it() -> None:
    calendar = Calendar(zone=HERE, holidays=SHIPPED)
    assert calendar.opens(at("2027-02-06T01:00")) == at("2027-02-11T00:00")
    assert calendar.opens(at("2027-02-03T23:59")) == at("2027-02-03T23:59")


def test_a_blackout_and_holidays_after_each_other() -> None:
    held = ("bầu cử", at("2027-02-09T12:00"), at("2027-02-11T00:00"))
    calendar = Calendar(zone=HERE, holidays=SHIPPED, blackouts=[held])
    assert calendar.opens(at("2027-02-06T01:00")) == at("2027-02-11T00:00")
    assert calendar.closed(at("2027-02-10T01:00")).names["vi"] == "bầu cử"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("mon-fri 07:30-17:00", ["2026-11-25T07:30", "2026-11-25T16:59"], ["2026-11-25T17:00", "2026-11-28T12:00"]),
        ("22:00-05:00", ["2026-11-25T22:00", "2026-11-25T04:59"], ["2026-11-25T05:00", "2026-11-25T21:59"]),
        ("sat 22:00-05:00", ["2026-11-28T23:00", "2026-11-29T04:59"], ["2026-11-28T04:00", "2026-11-29T23:00"]),
        ("fri-mon 00:00-00:00", ["2026-11-27T00:00", "2026-11-30T23:59"], ["2026-12-01T00:00", "2026-11-26T23:59"]),
    ],
)
def test_windows_of_the_week(text: str, inside: list[str], outside: list[str]) -> None:
    made = window(text)
    assert isinstance(made, WeekWindow)
    calendar = Calendar(zone=HERE, avoid=[made])
    assert all(calendar.closed(at(each_text)) is not None for each_text in inside)
    assert all(calendar.closed(at(each_text)) is None for each_text in outside)


@settings(deadline=None)
@given(
    st.sampled_from(["Europe/Berlin", "Pacific/Apia", HERE, "Australia/Lord_Howe"]),
    st.times(),
    st.times(),
    st.frozensets(st.integers(0, 6), min_size=1, max_size=6),
    st.integers(0, 19 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
)
def test_opens_returns_a_time_that_is_open(
    zone: str, since: time, until: time, days: frozenset[int], now: datetime
) -> None:
    window = WeekWindow(days, since.replace(second=0, microsecond=0), until.replace(second=0, microsecond=0))
    calendar = Calendar(zone=zone, holidays=SHIPPED, avoid=[window])
    opens = calendar.opens(now)
    assert opens is not None
    assert opens >= now
    assert calendar.closed(opens) is None
    if opens > now:
        assert calendar.closed(opens - timedelta(seconds=1)) is not None


def test_opens_week_fully_closed_is_none() -> None:
    assert Calendar(zone=HERE, avoid=[WeekWindow(frozenset(range(7)), time(), time())]).opens(at("2026-11-25")) is None


@pytest.mark.parametrize(
    "text",
    [
        "[[holiday]]\nvi = 'x'",
        "[[holiday]]\nvi = 'x'\nfirst = 5",
        "holiday = 5",
        "[[holiday]]\nfirst = 2026-01-01",
        "[[holiday]]\nvi = 'x'\nfirst = 2026-01-02\nlast = 2026-01-01",
        "[[holiday]]\nvi = 'x'\nfirst = '02-30'",
        "[[holiday]]\nvi = 'x'\nfirst = 2026-01-02\nlast = '01-03'",
        "x =",
    ],
)
def test_read_holidays_invalid_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "holidays.toml"
    path.write_text(text)
    with pytest.raises(CalendarError, match=r"holidays\.toml"):
        read_holidays(CalendarSection(holidays=path))
