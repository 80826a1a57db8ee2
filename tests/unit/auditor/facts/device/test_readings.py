"""Tests counters of devices: growth between readings, and the series that later runs read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from auditor.facts.device.readings import Counter, CounterReadings, between
from auditor.service.derived import readings
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import Sample, Series
from inventory.model import Subject
from probes.framework.evidence import Evidence
from probes.observations.series import CounterPoint
from probes.wire.snmp.totals import IF_OCTETS, IP_OCTETS, NO_ROUTES
from tests.golden.cases_device_counters import UPLINK_NAME, YEAR, device_counters, uplink_counters
from tests.golden.lab_snmp import INTERFACES, V6, polled, router

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HALF = 2**31


def point(hours: float, value: int, *, since: float = -1_000) -> CounterPoint:
    """Return a point ``hours`` after noon of a counter that counts since ``since`` hours after noon."""
    return CounterPoint(time=NOON + timedelta(hours=hours), value=value, age=int((hours - since) * 360_000))


@pytest.mark.parametrize(
    ("older", "newer", "narrow", "grown"),
    [
        (point(0, 100), point(1, 150), False, 50),
        (point(0, 100), point(1, 100), True, 0),
        (point(0, 100), point(1, 150, since=0.5), False, None),  # restarted in between, and already above the old value
        (point(0, 100), point(1, 50), False, None),  # 64 bits do not wrap
        (point(0, 2**32 - 5), point(1, 10), True, 15),
        (point(0, 2**32 - 5), point(1, 10), False, None),
        (point(0, HALF - 1), point(1, 10), True, None),  # a new start, most likely
        (point(0, 2**32 - 5), point(1, HALF), True, None),  # more than half a cycle
    ],
)
def test_growth_counts_only_where_nothing_began_anew(
    older: CounterPoint, newer: CounterPoint, narrow: bool, grown: int | None
) -> None:
    assert between(older, newer, narrow=narrow) == grown


def grown(*points: CounterPoint, hours: float = 24) -> tuple[int, float, bool] | None:
    counter = Counter(IP_OCTETS, 6)
    growth = CounterReadings(points={counter: points}, earlier=()).grown([counter], timedelta(hours=hours))
    return None if growth is None else (growth.amounts[counter], growth.seconds / 3_600, growth.anew)


def test_growth_goes_back_as_far_as_it_must() -> None:
    assert grown(point(-60, 0), point(-30, 10), point(-12, 100), point(0, 1_000)) == (990, 30, False)


def test_growth_ends_where_a_counter_began_anew() -> None:
    assert grown(point(-30, 900), point(-12, 100, since=-20), point(0, 1_000, since=-20)) == (900, 12, True)
    assert grown(point(-30, 900), point(0, 1_000, since=-20)) is None
    assert grown(point(0, 1_000)) is None


def test_counters_are_compared_at_the_same_times_only() -> None:
    v6, routes = Counter(IP_OCTETS, 6), Counter(NO_ROUTES, 6)
    read = CounterReadings(points={v6: [point(-30, 0), point(0, 9)], routes: [point(-29, 0), point(0, 9)]}, earlier=())
    assert read.grown([v6, routes], timedelta(hours=24)) is None


WAN = router(tags=(f"wan={UPLINK_NAME}",))


def kept(subject: Subject, *found: Evidence, now: datetime = NOON) -> dict[Counter, tuple[int, ...]]:
    """Return the values that a later run reads of samples stored from these pieces of evidence, by counter."""
    with MemoryStore() as store:
        for envelope in found:
            store.add_round(readings.samples(envelope, subject, "here"))
        window = readings.window(store, "here", subject, now)
        assert readings.window(store, "elsewhere", subject, now) == ()
    return {
        Counter(series_counter.metric, series_counter.family, series_counter.interface): tuple(
            p.value for p in series_counter.points
        )
        for series_counter in window
    }


def at(envelope: Evidence, hours: float) -> Evidence:
    return replace(envelope, started=NOON + timedelta(hours=hours))


def test_what_a_run_read_stands_for_the_next() -> None:
    now = at(polled(device_counters(v6=10), uplink_counters(v6=4, whole=8), *INTERFACES), -25)
    found = kept(WAN, now)
    assert found[Counter(IP_OCTETS, 6)] == (10,)
    assert found[Counter(IP_OCTETS, 6, UPLINK_NAME)] == (4,)
    assert found[Counter(IF_OCTETS, 0, UPLINK_NAME)] == (8,)


def test_all_counters_of_a_device_are_read_together() -> None:
    class Asked(MemoryStore):
        together = 0

        def samples_together(
            self, series: Sequence[Series], since: datetime, until: datetime
        ) -> Mapping[Series, Sequence[Sample]]:
            self.together += 1
            return {each: list(MemoryStore.samples(self, each, since, until)) for each in series}

        def samples(self, series: Series, since: datetime, until: datetime) -> Iterator[Sample]:
            raise AssertionError("a counter by itself")

    with Asked() as store:
        store.add_round(readings.samples(at(polled(device_counters(v6=10)), -25), WAN, "here"))
        assert readings.window(store, "here", WAN, NOON)
        assert store.together == 1


def test_since_when_it_counts_is_kept_with_it() -> None:
    with MemoryStore() as store:
        store.add_round(readings.samples(at(polled(device_counters(up=YEAR)), -25), WAN, "here"))
        series_counter = next(
            counter for counter in readings.window(store, "here", WAN, NOON) if counter.metric == IP_OCTETS
        )
    assert series_counter.points[0].age == YEAR


def test_readings_of_another_address_and_within_the_hour_are_left_out() -> None:
    elsewhere = at(polled(device_counters(v6=8), address=V6), -25)
    every = [at(polled(device_counters(v6=10 + n)), -3 + n / 3) for n in (0, 2, 4, 6)]
    assert kept(router(), elsewhere, *every)[Counter(IP_OCTETS, 6)] == (10, 14)


def test_a_device_that_gave_nothing_leaves_nothing() -> None:
    silent = replace(polled(), steps=())
    assert kept(WAN, silent) == {}
