"""Tests windows of days in Vietnam, and the combined load of several interfaces."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from auditor.framework.message_format import VIETNAM
from auditor.service.derived.days import by_days
from auditor.service.derived.windows import evidence
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import Quality, Sample, Series
from probes.framework.evidence import RunId
from probes.observations.series import CHANNEL_LOAD, IN_RATE, SeriesWindow
from tests.unit.auditor.contexts import SITE, always, check

MIDNIGHT = datetime(2026, 3, 2, tzinfo=VIETNAM)
NOW = MIDNIGHT + timedelta(hours=9, minutes=2)
GE0 = Series(subject=SITE.id, metric=IN_RATE, vantage="here", interface="ge0")
GE1 = replace(GE0, interface="ge1")


def at(value: float | None, quality: Quality = Quality.OK, **before: float) -> Sample:
    return Sample(time=(MIDNIGHT - timedelta(**before)).astimezone(UTC), value=value, quality=quality)


def seen(*held: tuple[Series, list[Sample]], days: int = 3) -> SeriesWindow:
    with MemoryStore() as store:
        for series, samples in held:
            store.add_samples(series, samples)
        return by_days(CHANNEL_LOAD, [series for series, _ in held], store, NOW, days=days, cadence=300)


def test_days_begin_at_midnight_in_vietnam() -> None:
    series_window = seen((GE0, [at(1.0, days=2), at(5.0, minutes=5), at(7.0), at(9.0, hours=-9)]))
    assert [period.start for period in series_window.periods] == [MIDNIGHT - timedelta(days=n) for n in (2, 1, 0)]
    assert [(period.counted, period.maximum) for period in series_window.periods] == [(1, 1.0), (1, 5.0), (2, 9.0)]
    assert (series_window.until, series_window.calendar) == (MIDNIGHT + timedelta(hours=9, minutes=5), True)
    assert [period.counted + period.gaps for period in series_window.periods] == [288, 288, 109]


def test_days_before_the_first_sample_are_in_no_number() -> None:
    series_window = seen((GE0, [at(1.0, hours=1)]))
    assert [(period.counted, period.gaps) for period in series_window.periods] == [(0, 0), (1, 11), (0, 109)]


def test_weeks_begin_with_each_day_that_has_seven() -> None:
    held = [at(float(n), days=n) for n in range(8)]
    series_window = seen((GE0, held), days=9)
    assert [week.start for week in series_window.weeks] == [MIDNIGHT - timedelta(days=n) for n in (8, 7)]
    assert [(week.counted, week.maximum) for week in series_window.weeks] == [(6, 7.0), (7, 7.0)]


def test_loads_of_several_interfaces_are_added_slot_by_slot() -> None:
    series_window = seen(
        (GE0, [at(3.0, minutes=10), at(4.0, minutes=5)]), (GE1, [at(10.0, minutes=10), at(20.0, minutes=5)])
    )
    assert (series_window.interface, series_window.whole.minimum, series_window.whole.maximum) == (
        "ge0 + ge1",
        13.0,
        24.0,
    )


def test_a_sum_is_unknown_where_one_of_its_parts_is() -> None:
    sick = at(None, Quality.VANTAGE, minutes=5)
    series_window = seen((GE0, [at(3.0, minutes=10), sick]), (GE1, [at(1.0, minutes=10), at(20.0, minutes=5), at(5.0)]))
    assert (series_window.whole.counted, series_window.whole.vantage, series_window.whole.maximum) == (1, 1, 4.0)


def test_a_sum_begins_with_the_last_of_its_parts() -> None:
    series_window = seen((GE0, [at(3.0, minutes=10), at(4.0, minutes=5)]), (GE1, [at(20.0, minutes=5)]))
    assert series_window.first == at(0.0, minutes=5).time
    assert series_window.whole.maximum == 24.0
    assert seen((GE0, [at(3.0, minutes=10)]), (GE1, [])).periods == ()


def test_evidence_adds_the_interfaces_to_tslcd_alone() -> None:
    asked = replace(check(always()), window=CHANNEL_LOAD)
    with MemoryStore() as store:
        for series in (GE0, GE1, replace(GE0, interface="lan0")):
            store.add_samples(series, [at(8.0, minutes=5)])
        for tags, expected in ((("wan=ge0",), None), (("wan=GE0", "wan=ge1"), "ge0 + ge1")):
            subject = replace(SITE, tags=tags)
            (envelope,) = evidence(store, RunId("run"), "here", subject, [asked], NOW)
            sums = [
                step.interface for step in envelope.steps if isinstance(step, SeriesWindow) and "+" in step.interface
            ]
            assert sums == ([expected] if expected else [])
