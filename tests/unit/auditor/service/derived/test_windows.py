"""Tests that stored samples become weeks, and that weeks are evidence beside the measurements of a run."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from auditor.framework.check import Check
from auditor.service.derived.windows import WINDOWS, Window, evidence, seen_through, weeks_of
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import Quality, Retention, Sample, Series
from probes.framework.evidence import RunId
from probes.observations.series import CHANNEL_LOAD, IN_RATE, LOSS, WEB_OK, SeriesWeeks, SeriesWindow
from tests.unit.auditor.contexts import NOON, SITE, always, check

SERIES = Series(subject=SITE.id, metric=WEB_OK, vantage="here", family=6)
LOOKS_BACK = replace(check(always()), window=WEB_OK)


def ago(**parts: float) -> datetime:
    return NOON - timedelta(**parts)


def samples(*shape: tuple[float, float | None, Quality]) -> list[Sample]:
    """Return samples from (days ago, value, quality)."""
    return sorted(
        (Sample(time=ago(days=days), value=value, quality=quality) for days, value, quality in shape),
        key=lambda sample: sample.time,
    )


def test_weeks_count_what_counts() -> None:
    ok, gap, sick, closed = Quality.OK, Quality.GAP, Quality.VANTAGE, Quality.MAINTENANCE
    series_weeks = weeks_of(
        SERIES,
        samples((1, 1.0, ok), (2, 0.0, ok), (3, 0.0, sick), (4, 0.0, closed), (5, None, gap), (16, 1.0, ok)),
        NOON,
    )
    assert [(week.counted, week.good, week.aside) for week in series_weeks.weeks] == [(2, 1, 2), (0, 0, 0), (1, 1, 0)]
    assert [week.start for week in series_weeks.weeks] == [ago(days=7), ago(days=14), ago(days=21)]
    assert (series_weeks.first, series_weeks.metric, series_weeks.family) == (ago(days=16), WEB_OK, 6)


def test_a_week_is_seven_days_to_the_second() -> None:
    series_weeks = weeks_of(SERIES, samples((7, 1.0, Quality.OK), (6.99999, 1.0, Quality.OK)), NOON)
    assert [week.counted for week in series_weeks.weeks] == [1, 1]


DAY = Window(metrics=(LOSS,), days=1, step=6 * 3_600)
LOST = Series(subject=SITE.id, metric=LOSS, vantage="here", family=6)


def window(*held: Sample, now: datetime = NOON) -> SeriesWindow:
    with MemoryStore() as store:
        store.add_samples(LOST, held)
        return seen_through(DAY, "day", LOST, store, now)


def test_a_slot_without_a_sample_is_a_gap_and_no_zero() -> None:
    ok, gap, sick, closed = Quality.OK, Quality.GAP, Quality.VANTAGE, Quality.MAINTENANCE
    shape = [(20, 0.5, ok), (15, None, gap), (10, 1.0, sick), (5, 1.0, closed), (0, 0.25, ok)]
    series_window = window(*[Sample(time=ago(minutes=m), value=value, quality=quality) for m, value, quality in shape])
    assert (series_window.until, series_window.since) == (NOON + timedelta(minutes=5), ago(minutes=24 * 60 - 5))
    assert series_window.first == ago(minutes=20)
    assert (
        series_window.whole.counted,
        series_window.whole.gaps,
        series_window.whole.vantage,
        series_window.whole.maintenance,
    ) == (2, 1, 1, 1)
    assert (
        series_window.whole.total,
        series_window.whole.mean,
        series_window.whole.minimum,
        series_window.whole.maximum,
    ) == (0.75, 0.375, 0.25, 0.5)
    assert series_window.points[-6:] == (None, 0.5, None, None, None, 0.25)
    assert len(series_window.points) == 288
    assert [(period.counted, period.gaps) for period in series_window.periods] == [(0, 0), (0, 0), (0, 0), (2, 1)]


def test_slots_before_the_first_sample_are_no_gaps_and_those_after_the_last_are() -> None:
    series_window = window(Sample(time=ago(hours=2), value=1.0), now=NOON + timedelta(seconds=299))
    assert (series_window.whole.counted, series_window.whole.gaps, series_window.whole.due) == (1, 24, 25)
    assert window(Sample(time=ago(days=3), value=1.0)).whole.gaps == 288


def test_a_series_that_never_was_says_so() -> None:
    series_window = window()
    assert (series_window.first, series_window.points, series_window.periods, series_window.whole.due) == (
        None,
        (),
        (),
        0,
    )


def test_a_window_of_interfaces_has_a_step_for_each() -> None:
    asked = replace(check(always()), window=CHANNEL_LOAD)
    with MemoryStore() as store:
        (none,) = evidence(store, RunId("run"), "here", SITE, [asked], NOON)
        for interface in ("eth1", "eth0"):
            series = Series(subject=SITE.id, metric=IN_RATE, vantage="here", interface=interface)
            store.add_samples(series, [Sample(time=ago(minutes=5), value=8.0)])
        (both,) = evidence(store, RunId("run"), "here", SITE, [asked], NOON)
    steps = [step for step in both.steps if isinstance(step, SeriesWindow)]
    assert [(step.metric, step.interface, len(step.periods)) for step in steps] == [
        ("in-rate", "eth0", 35),
        ("in-rate", "eth1", 35),
        ("out-rate", "", 0),
    ]
    assert [step.first for step in none.steps if isinstance(step, SeriesWindow)] == [None, None]


MONTH = Window(metrics=(LOSS,), days=30)
HOURS = replace(MONTH, step=3_600)


@pytest.mark.parametrize("rolled", [0, 20, 31])
def test_a_month_is_the_same_from_hours_as_from_every_sample(rolled: int, tmp_path: Path) -> None:
    """A month is the same from hours as from every sample, for any part rolled up and deleted."""
    chance, now = random.Random(3), NOON + timedelta(minutes=37)
    qualities = [*[Quality.OK] * 20, Quality.GAP, Quality.VANTAGE, Quality.MAINTENANCE]
    slots = 29 * 288 + 8
    held = [
        Sample(time=ago(days=29, minutes=-5 * n), value=chance.random(), quality=chance.choice(qualities))
        for n in range(slots)
        if not n or chance.random() > 0.05
    ]
    with open_sqlite(tmp_path / "a.db") as store:
        store.add_samples(LOST, held)
        if rolled:
            keep = Retention(raw=timedelta(days=31 - rolled))
            store.roll_up(now.replace(minute=0), timedelta(hours=7), keep)
        whole = seen_through(MONTH, "month", LOST, store, now)
        hourly = seen_through(HOURS, "hours", LOST, store, now)
    values = [sample.value or 0.0 for sample in held if sample.quality is Quality.OK]
    counts = [sum(sample.quality is quality for sample in held) for quality in Quality]
    assert len(values) > 6_000
    for series_window in (whole, hourly):
        assert (series_window.until, series_window.first) == (NOON + timedelta(hours=1), held[0].time)
        assert (series_window.whole.counted, series_window.whole.gaps) == (counts[0], counts[1] + slots - len(held))
        assert (series_window.whole.vantage, series_window.whole.maintenance) == (counts[2], counts[3])
        assert sum(period.counted for period in series_window.periods) == series_window.whole.counted
        assert sum(period.gaps for period in series_window.periods) == series_window.whole.gaps
        assert series_window.whole.total == pytest.approx(sum(values), abs=1e-6)
        assert (series_window.whole.minimum, series_window.whole.maximum) == (min(values), max(values))
    assert (len(whole.periods), len(hourly.periods), whole.points) == (30, 720, ())
    last = [sample.value or 0.0 for sample in held if sample.time >= NOON and sample.quality is Quality.OK]
    assert hourly.periods[-1].p95 == max(last)


def made(*checks: Check) -> list[SeriesWeeks]:
    with MemoryStore() as store:
        store.add_samples(SERIES, samples((1, 1.0, Quality.OK), (400, 0.0, Quality.OK)))
        store.add_samples(replace(SERIES, vantage="elsewhere"), samples((1, 0.0, Quality.OK)))
        envelopes = [*evidence(store, RunId("run"), "here", SITE, checks, NOON)]
    assert [envelope.started for envelope in envelopes] == [NOON] * len(envelopes)
    return [step for envelope in envelopes for step in envelope.steps if isinstance(step, SeriesWeeks)]


def test_what_a_check_looks_back_at_is_there_with_the_run() -> None:
    (weeks,) = made(LOOKS_BACK, LOOKS_BACK, check(always()))
    assert [(week.counted, week.good) for week in weeks.weeks] == [
        (1, 1)
    ]  # of this vantage, and no older than the window
    assert made(check(always())) == []


def test_without_samples_that_stands_there_too() -> None:
    with MemoryStore() as store:
        (envelope,) = evidence(store, RunId("run"), "here", SITE, [LOOKS_BACK], NOON)
    assert envelope.steps == (SeriesWeeks(metric=WEB_OK, family=6),)


def test_every_window_of_a_check_is_known() -> None:
    from auditor.framework.check import load

    assert {check.window for check in load().values()} - {None} <= set(WINDOWS)
