"""Tests a clock set a year ahead or back: no sample is lost or duplicated, and rounds go on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.service.runs.forgetting import FORWARD, SERVICE, TRUSTED_AFTER, look_at_clock, outdated
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import HOUR, Sample, Series
from auditor.service.store.sql.store import SqlStore
from probes.observations.series import REACH
from tests.unit.auditor import stored
from tests.unit.auditor.service.sampling.world import HUB, START, Hands, World, machines, point, rounds

ONE = point(1)
YEAR, HOURS = timedelta(days=365), 4
BEFORE, EVER = START - timedelta(days=10), START + timedelta(days=9_999)
SERIES = Series(subject=ONE.id, metric=REACH, vantage=HUB)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path / "a.db") as made:
        yield made


async def sample(store: SqlStore, hands: Hands, hours: int = HOURS, an_hour: int = 12) -> list[datetime]:
    """Take ``an_hour`` rounds an hour, and return the slots that were taken."""
    sampler, taken = rounds(World(machines(ONE)), store, hands, ONE), list[datetime]()
    for _ in range(hours * an_hour):
        done = await sampler.take()
        assert done.taken
        taken.append(done.slot)
        hands.turn(3_600 / an_hour)
    return taken


def raw(store: SqlStore) -> list[datetime]:
    return [sample.time for sample in store.samples(SERIES, BEFORE, EVER)]


def hours(store: SqlStore) -> list[tuple[datetime, int]]:
    return [(period.start, period.counted) for period in store.rolled(SERIES, HOUR, BEFORE, EVER)]


async def test_a_year_ahead_and_back_again_loses_no_sample_and_has_none_twice(store: SqlStore) -> None:
    hands = Hands()
    taken = await sample(store, hands)
    hands.set_wall(YEAR.total_seconds())
    taken += await sample(store, hands)
    hands.set_wall(-YEAR.total_seconds())
    taken += await sample(store, hands)
    assert raw(store) == sorted(taken)
    held = hours(store)
    assert len(held) == len(dict(held)) >= 3 * HOURS - 4  # the latest of each stretch is rolled up later
    assert {counted for _, counted in held} == {12}


async def test_a_year_back_and_on_again_loses_no_sample_and_has_none_twice(store: SqlStore) -> None:
    hands = Hands()
    taken = await sample(store, hands)
    hands.set_wall(-YEAR.total_seconds())
    taken += await sample(store, hands)
    hands.set_wall(YEAR.total_seconds())
    taken += await sample(store, hands)
    every = [sample.time for sample in store.samples(SERIES, BEFORE - 2 * YEAR, EVER)]
    assert every == sorted(taken)
    assert len(hours(store)) >= 2 * HOURS - 3


async def test_what_is_too_old_is_forgotten_once_the_clock_has_gone_evenly(store: SqlStore) -> None:
    old = Sample(time=START - timedelta(days=90), value=1.0)
    store.add_samples(SERIES, [old])
    hands = Hands()
    await sample(store, hands, hours=46, an_hour=1)
    assert old.time in [sample.time for sample in store.samples(SERIES, START - YEAR, EVER)]
    await sample(store, hands, hours=6, an_hour=1)
    assert old.time not in [sample.time for sample in store.samples(SERIES, START - YEAR, EVER)]


def test_evidence_is_forgotten_by_a_clock_that_was_looked_at_and_not_set() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    with MemoryStore() as store:
        said = [look_at_clock(store, SERVICE, now + timedelta(days=day)) for day in range(5)]
        assert said == [False, False, True, True, True]
        assert timedelta(days=2) == TRUSTED_AFTER
        ahead = [look_at_clock(store, SERVICE, now + YEAR + timedelta(hours=hour)) for hour in range(3)]
        back = [look_at_clock(store, SERVICE, now + timedelta(days=6 + day)) for day in range(3)]
        assert (ahead, back) == ([False] * 3, [False, False, True])
        assert not look_at_clock(store, SERVICE, now + timedelta(days=9) + FORWARD)


def test_a_run_dated_ahead_leaves_the_latest_of_the_past_its_evidence(store: SqlStore) -> None:
    for name, days in (("old", 0), ("latest", 10), ("ahead", 9_000)):
        record = stored.put(store, stored.Held(name=name, days=days))
        store.finish_run(record.id, record.started)
    now = stored.START + timedelta(days=800)
    assert [run.id for run in outdated(store, timedelta(days=730), now)] == ["old"]
