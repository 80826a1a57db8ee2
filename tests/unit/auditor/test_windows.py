"""Samples of the store become weeks, and those stand as evidence beside what a run measures."""

from dataclasses import replace
from datetime import datetime, timedelta

from auditor.check import Check
from auditor.pipeline.windows import WINDOWS, evidence, rolled_up
from auditor.store.memory import MemoryStore
from auditor.store.records import Quality, Sample, Series
from probes.framework.evidence import RunId
from probes.observations.series import WEB_OK, SeriesWeeks
from tests.unit.auditor.judging import NOON, SITE, always, check

SERIES = Series(subject=SITE.id, metric=WEB_OK, vantage="here", family=6)
LOOKS_BACK = replace(check(always()), window=WEB_OK)


def ago(**parts: float) -> datetime:
    return NOON - timedelta(**parts)


def samples(*shape: tuple[float, float | None, Quality]) -> list[Sample]:
    """Days ago, value, quality."""
    return sorted(
        (Sample(time=ago(days=days), value=value, quality=quality) for days, value, quality in shape),
        key=lambda one: one.time,
    )


def test_weeks_count_what_counts() -> None:
    ok, gap, sick, closed = Quality.OK, Quality.GAP, Quality.VANTAGE, Quality.MAINTENANCE
    found = rolled_up(
        SERIES,
        samples((1, 1.0, ok), (2, 0.0, ok), (3, 0.0, sick), (4, 0.0, closed), (5, None, gap), (16, 1.0, ok)),
        NOON,
    )
    assert [(one.counted, one.good, one.aside) for one in found.weeks] == [(2, 1, 2), (0, 0, 0), (1, 1, 0)]
    assert [one.start for one in found.weeks] == [ago(days=7), ago(days=14), ago(days=21)]
    assert (found.first, found.metric, found.family) == (ago(days=16), WEB_OK, 6)


def test_a_week_is_seven_days_to_the_second() -> None:
    found = rolled_up(SERIES, samples((7, 1.0, Quality.OK), (6.99999, 1.0, Quality.OK)), NOON)
    assert [one.counted for one in found.weeks] == [1, 1]


def made(*checks: Check) -> list[SeriesWeeks]:
    with MemoryStore() as store:
        store.add_samples(SERIES, samples((1, 1.0, Quality.OK), (400, 0.0, Quality.OK)))
        store.add_samples(replace(SERIES, vantage="elsewhere"), samples((1, 0.0, Quality.OK)))
        found = [*evidence(store, RunId("run"), "here", SITE, checks, NOON)]
    assert [one.started for one in found] == [NOON] * len(found)
    return [step for one in found for step in one.steps if isinstance(step, SeriesWeeks)]


def test_what_a_check_looks_back_at_is_there_with_the_run() -> None:
    (weeks,) = made(LOOKS_BACK, LOOKS_BACK, check(always()))
    assert [(one.counted, one.good) for one in weeks.weeks] == [(1, 1)]  # of this vantage, and no older than the window
    assert made(check(always())) == []


def test_without_samples_that_stands_there_too() -> None:
    with MemoryStore() as store:
        (one,) = evidence(store, RunId("run"), "here", SITE, [LOOKS_BACK], NOON)
    assert one.steps == (SeriesWeeks(metric=WEB_OK, family=6),)


def test_every_window_of_a_check_is_known() -> None:
    from auditor.check import load

    assert {one.window for one in load().values()} - {None} <= set(WINDOWS)
