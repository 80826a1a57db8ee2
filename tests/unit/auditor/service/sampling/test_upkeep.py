"""Tests upkeep of delivered samples at a centre that samples nothing: rolled up hourly, deleted once they are old."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.service.runs.forgetting import SERVICE, look_at_clock
from auditor.service.sampling import upkeep
from auditor.service.sampling.clock import Moment
from auditor.service.store.api import Store
from auditor.service.store.records import HOUR, Quality, Retention, Sample, Series
from auditor.service.store.url import open_store
from inventory.model import SubjectId
from probes.observations.series import CADENCE, REACH

NOW = datetime(2026, 11, 30, 9, 25, tzinfo=UTC)
OLD = NOW - timedelta(days=50)
KEEP = Retention(raw=timedelta(days=30))
SERIES = Series(subject=SubjectId("x"), vantage="chi-nhanh", metric=REACH)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'store.db'}") as opened:
        for begin in (OLD.replace(minute=0), NOW.replace(minute=0) - timedelta(hours=2)):
            slots = [begin + timedelta(seconds=CADENCE * number) for number in range(12)]
            opened.add_delivered([(SERIES, Sample(time=time, value=1.0, quality=Quality.OK)) for time in slots], NOW)
        yield opened


def kept_at(store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch) -> float:
    """Run the upkeep once, and return the seconds until it would run again."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(upkeep.keep_delivered(store, KEEP, lambda: Moment(wall=now, steady=0.0, boot="x")))
    return slept[0]


def hours(store: Store) -> list[datetime]:
    return [period.start for period in store.rolled(SERIES, HOUR, OLD - timedelta(days=1), NOW)]


def raw(store: Store, since: datetime) -> int:
    return len(list(store.samples(SERIES, since - timedelta(days=1), since + timedelta(days=1))))


def test_hours_are_rolled_up_and_the_next_is_ten_minutes_after_its_end(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    until_next = kept_at(store, NOW, monkeypatch)
    assert hours(store) == [OLD.replace(minute=0), NOW.replace(minute=0) - timedelta(hours=2)]
    assert until_next == 45 * 60 + 1


def test_what_is_old_goes_by_a_clock_that_went_evenly_for_days_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_at(store, NOW, monkeypatch)
    assert raw(store, OLD) == 12
    for day in range(3):
        look_at_clock(store, SERVICE, NOW + timedelta(days=day))
    kept_at(store, NOW + timedelta(days=3), monkeypatch)
    assert raw(store, OLD) == 0
    assert raw(store, NOW - timedelta(hours=2)) == 12


def test_a_store_that_fails_ends_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def roll_up(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(store, "roll_up", roll_up)
    assert kept_at(store, NOW, monkeypatch) > 0
    assert "samples could not be rolled up" in caplog.text
