"""Tests due jobs under every clock: machines that were off, closed calendars, clocks that were set."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.service.config.holidays import read_holidays
from auditor.service.config.model import CalendarSection
from auditor.service.config.times import WeekWindow, window
from auditor.service.scheduler.calendar import Calendar
from auditor.service.scheduler.cron import Cron
from auditor.service.scheduler.due import SET_BACK, DueDecision, Timetable, decide

HERE = "Asia/Ho_Chi_Minh"
HOLIDAYS = read_holidays(CalendarSection())
HOUR = timedelta(hours=1)
NIGHTLY = Cron("0 1 * * *", HERE)


def table(cron: Cron = NIGHTLY, **more: object) -> Timetable:
    avoid = more.pop("avoid", ())
    assert isinstance(avoid, tuple)
    calendar = Calendar(zone=HERE, holidays=HOLIDAYS, avoid=avoid)
    return Timetable(name="đêm", cron=cron, calendar=calendar, **more)  # type: ignore[arg-type]


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00").astimezone(UTC)


def test_decide_due_time_asks_for_one_audit() -> None:
    mark = at("2026-11-24T01:00")
    assert decide(table(), mark, at("2026-11-25T00:59:59")) is None
    assert decide(table(), mark, at("2026-11-25T01:00")) == DueDecision(
        mark=at("2026-11-25T01:00"), due=at("2026-11-25T01:00")
    )


def test_decide_after_a_week_off_asks_once() -> None:
    done = decide(table(), at("2026-11-17T01:00"), at("2026-11-25T09:00"))
    assert done == DueDecision(mark=at("2026-11-25T01:00"), due=at("2026-11-25T01:00"), missed=7)
    assert decide(table(), done.mark, at("2026-11-25T09:00:01")) is None


def test_decide_without_catch_up_records_missed() -> None:
    done = decide(table(catch_up=False), at("2026-11-23T01:00"), at("2026-11-25T09:00"))
    assert done == DueDecision(mark=at("2026-11-25T01:00"), due=at("2026-11-25T01:00"), missed=1, too_late=True)


def test_decide_after_tet_asks_once() -> None:
    monthly = table(Cron("0 1 7 * *", HERE))
    mark = at("2027-01-07T01:00")
    assert decide(monthly, mark, at("2027-02-07T01:00")) is None
    assert monthly.upcoming(at("2027-02-07T01:00"), mark, 2) == [
        (at("2027-02-07T01:00"), at("2027-02-11T00:00")),
        (at("2027-03-07T01:00"), at("2027-03-07T01:00")),
    ]
    assert decide(monthly, mark, at("2027-02-11T00:00")) == DueDecision(
        mark=at("2027-02-07T01:00"), due=at("2027-02-07T01:00")
    )


def test_a_clock_that_was_years_ahead_does_not_end_a_schedule() -> None:
    ahead = decide(table(), at("2026-11-24T01:00"), at("2036-01-15T02:00"))
    assert ahead is not None
    assert ahead.missed >= 1_000
    back = decide(table(), ahead.mark, at("2026-11-24T12:00"))
    assert back == DueDecision(mark=at("2026-11-24T12:00"))
    assert decide(table(), back.mark, at("2026-11-25T01:00")) is not None


def test_while_the_last_one_runs_nothing_is_asked_for() -> None:
    assert decide(table(), at("2026-11-23T01:00"), at("2026-11-25T01:00"), busy=True) is None


def test_a_schedule_of_the_future_is_not_due_yet() -> None:
    later = table(not_before=at("2027-01-01T00:00"))
    assert decide(later, at("2026-11-23T01:00"), at("2026-12-31T23:00")) is None
    assert [due for due, _ in later.upcoming(at("2026-11-25T12:00"), at("2026-11-25T01:00"), 1)] == [
        at("2027-01-01T01:00")  # a holiday: it begins a day later
    ]


def test_spread_is_the_schedule_s_own_and_jitter_is_not() -> None:
    days = [at(f"2026-11-{day:02}T01:00") for day in range(1, 29)]
    spread = table(spread=60)
    assert len({spread.delay(day) for day in days}) == 1
    assert timedelta() <= spread.delay(days[0]) < HOUR
    jitter = table(jitter=60)
    assert len({jitter.delay(day) for day in days}) > 20
    assert [jitter.delay(day) for day in days] == [table(jitter=60).delay(day) for day in days]


AVOID = window("mon-fri 07:00-18:00")
assert isinstance(AVOID, WeekWindow)
steps = st.lists(
    st.tuples(
        st.sampled_from(
            [
                timedelta(seconds=20),
                timedelta(minutes=7),
                HOUR,
                timedelta(days=1),
                timedelta(days=40),
                -timedelta(minutes=30),
                -timedelta(days=20),
            ]
        ),
        st.booleans(),
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["0 1 * * *", "*/30 * * * *", "0 3 1 * *", "0 0 29 2 *", "0 9 * * 1-5"]),
    steps,
    st.sampled_from([0, 20]),
    st.booleans(),
    st.booleans(),
)
def test_decide_any_clock_keeps_its_promises(
    expression: str, turns: list[tuple[timedelta, bool]], jitter: int, catch_up: bool, closed: bool
) -> None:
    """Due times are decided once and not lost, do not start while the calendar is closed, and cause no storm."""
    made = table(Cron(expression, HERE), jitter=jitter, catch_up=catch_up, avoid=(AVOID,) if closed else ())
    now = first = mark = at("2027-02-01T00:00")
    begun: list[datetime] = []
    dealt, reset = 0, False
    for turn, busy in turns:
        now += turn
        before = mark
        done = decide(made, mark, now, busy=busy)
        if done is None:
            continue
        mark = done.mark
        if done.due is None:  # the clock had been far ahead
            assert before > now + SET_BACK
            reset = True
            continue
        assert not busy
        assert before < done.due == mark <= now
        assert done.due + made.delay(done.due) <= now
        if not done.too_late:
            assert made.calendar.closed(now) is None
            begun.append(done.due)
        dealt += 1 + done.missed
        assert decide(made, mark, now) is None, "a storm"
    if not reset:
        assert len(set(begun)) == len(begun)
        whole = sum(1 for _ in made.cron.between(first, mark))
        assert dealt == whole or dealt >= 1_000


@settings(deadline=None)
@given(st.sampled_from(["0 1 * * *", "*/30 * * * *", "0 3 1 * *"]), st.integers(0, 60 * 24 * 400), st.booleans())
def test_upcoming_times_are_those_decided(expression: str, minutes: int, closed: bool) -> None:
    made = table(Cron(expression, HERE), spread=10, jitter=5, avoid=(AVOID,) if closed else ())
    now = at("2027-01-01T00:00") + timedelta(minutes=minutes)
    ((due, begins), *_) = made.upcoming(now, now)
    assert decide(made, now, begins - timedelta(seconds=1)) is None
    done = decide(made, now, begins)
    assert done is not None
    assert done.due == due


@pytest.mark.parametrize("offset", [timedelta(), timedelta(minutes=40)])
def test_a_clock_put_back_a_little_repeats_nothing(offset: timedelta) -> None:
    done = decide(table(), at("2026-11-24T01:00"), at("2026-11-25T01:05"))
    assert done is not None
    assert decide(table(), done.mark, at("2026-11-25T00:20") + offset) is None
