"""Tests due times against a wall clock that is read minute by minute, in time zones with clock changes."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from auditor.service.config.times import NEVER_DUE, NOT_A_CRON, cron
from auditor.service.scheduler.cron import Cron

ZONES = (
    "Asia/Ho_Chi_Minh",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "America/St_Johns",
    "UTC",
)
MINUTE = timedelta(minutes=1)
CHANGES = (  # a day before clocks were changed somewhere
    datetime(2026, 3, 28, 12, tzinfo=UTC),
    datetime(2026, 10, 24, 12, tzinfo=UTC),
    datetime(2026, 3, 7, 18, tzinfo=UTC),
    datetime(2026, 10, 31, 18, tzinfo=UTC),
    datetime(2026, 4, 4, 6, tzinfo=UTC),
    datetime(2011, 12, 29, 12, tzinfo=UTC),
    datetime(2028, 2, 28, 0, tzinfo=UTC),
    datetime(2026, 12, 31, 0, tzinfo=UTC),
)
expressions = st.tuples(
    st.sampled_from(["0", "30", "*/20", "5,55", "*/30"]),
    st.sampled_from(["*", "2", "1-3", "0", "23", "*/6"]),
    st.sampled_from(["*", "29", "1"]),
    st.sampled_from(["*", "2,3,4,10,11,12"]),
    st.sampled_from(["*", "0", "1-5"]),
).map(" ".join)


def _matches(expression: str, wall: datetime) -> bool:
    """True if the expression matches, field by field as in crontab(5): if both days are given, one suffices."""
    minute, hour, day, month, weekday = expression.split()
    fits = {
        "minute": _fits(minute, wall.minute, 0, 59),
        "hour": _fits(hour, wall.hour, 0, 23),
        "month": _fits(month, wall.month, 1, 12),
    }
    of_month, of_week = _fits(day, wall.day, 1, 31), _fits(weekday, wall.isoweekday() % 7, 0, 7)
    days = of_month or of_week if "*" not in (day, weekday) else of_month and of_week
    return all(fits.values()) and days


def _fits(field: str, value: int, low: int, high: int) -> bool:
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = (f"{low}-{high}" if span == "*" else span).partition("-")
        if int(first) <= value <= int(last or first) and (value - int(first)) % int(step or 1) == 0:
            return True
    return False


def by_reading_the_clock(expression: str, zone: str, since: datetime, until: datetime) -> list[datetime]:
    """Return the due times: moments at which the wall clock shows a due minute for the first time, or skips it."""
    here = ZoneInfo(zone)
    shown = since.astimezone(here).replace(tzinfo=None)
    latest = max((since - n * MINUTE).astimezone(here).replace(tzinfo=None) for n in range(180))  # an hour that repeats
    found, now = [], since
    while now < until:
        now += MINUTE
        shown = now.astimezone(here).replace(tzinfo=None)
        passed = []
        while latest < shown:
            latest += MINUTE
            passed.append(_matches(expression, latest))
        if any(passed):
            found.append(now)
    return found


@settings(max_examples=60, deadline=None)
@given(expressions, st.sampled_from(ZONES), st.sampled_from(CHANGES), st.integers(0, 900))
@example("30 2 * * *", "Europe/Berlin", CHANGES[0], 0)
@example("30 2 * * *", "Europe/Berlin", CHANGES[1], 780)
@example("*/30 * * * *", "Australia/Lord_Howe", CHANGES[4], 500)
@example("0 1 * * *", "Pacific/Apia", CHANGES[5], 0)
def test_between_repeated_hour_is_due_the_first_time(expression: str, zone: str, begin: datetime, later: int) -> None:
    since = begin + later * MINUTE
    until = since + timedelta(hours=40)
    wanted = by_reading_the_clock(expression, zone, since, until)
    made = Cron(expression, zone)
    forward = []
    for due in made.after(since):
        if due > until:
            break
        forward.append(due)
    assert forward == wanted
    assert list(made.between(since, until)) == wanted[::-1]


@given(st.sampled_from(ZONES), st.integers(0, 400))
def test_every_day_has_its_audit_once(zone: str, day: int) -> None:
    since = datetime(2025, 12, 31, 12, tzinfo=UTC) + timedelta(days=day)
    dues = list(islice(Cron("30 2 * * *", zone).after(since), 30))
    days = [due.astimezone(ZoneInfo(zone)).date() for due in dues]
    assert days == [days[0] + timedelta(days=n) for n in range(30)]


def test_the_29th_of_february_comes_back_after_eight_years() -> None:
    due = next(Cron("0 0 29 2 *", "Asia/Ho_Chi_Minh").after(datetime(2096, 3, 1, tzinfo=UTC)))
    assert due == datetime(2104, 2, 28, 17, tzinfo=UTC)


def test_after_stops_at_the_last_year() -> None:
    assert list(Cron("0 0 1 1 *", "UTC").after(datetime(9997, 6, 1, tzinfo=UTC)))[-1].year == 9999


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0 0 30 2 *", NEVER_DUE),
        ("0 0 31 4,6,9,11 *", NEVER_DUE),
        ("60 * * * *", NOT_A_CRON),
        ("* * * *", NOT_A_CRON),
        ("* * * * * *", NOT_A_CRON),
        ("R R * * *", NOT_A_CRON),
        ("H H * * *", NOT_A_CRON),
        ("@reboot", NOT_A_CRON),
        ("", NOT_A_CRON),
        ("0-30(5) * * * *", NOT_A_CRON),
        (None, NOT_A_CRON),
    ],
)
def test_cron_invalid_expression_is_refused(text: object, why: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        cron(text)
    assert caught.value.type == why


@given(st.text(max_size=30) | st.text(alphabet="0123456789*/,-# @lLwW?", max_size=30))
def test_cron_any_text_is_refused_or_has_due_times(text: str) -> None:
    try:
        good = cron(text)
    except PydanticCustomError:
        return
    assert next(Cron(str(good), "UTC").after(datetime(2026, 1, 1, tzinfo=UTC))) > datetime(2026, 1, 1, tzinfo=UTC)


def test_between_during_a_repeated_hour_keeps_its_due_times() -> None:
    """A repeated hour keeps its due times: at 2:10 for the second time, 2:30 of the first time was due."""
    nightly, due = Cron("30 2 * * *", "Europe/Berlin"), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert next(nightly.between(due - timedelta(days=1), datetime(2026, 10, 25, 1, 10, tzinfo=UTC))) == due
