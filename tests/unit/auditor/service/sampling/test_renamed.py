"""Tests that a renamed vantage goes on with its own samples, and takes no other vantage's."""

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from auditor.service.config.model import Config, RemoteVantageSection, VantageSection
from auditor.service.sampling.renamed import take_over
from auditor.service.store.api import DatabaseStore
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.records import Sample, Series
from inventory.model import SubjectId
from tests.unit.auditor.contexts import NOON

POINT = SubjectId("xa-1")
CONFIG = Config(vantage=VantageSection(name="new", formerly="old"))


@pytest.fixture
def store() -> Iterator[DatabaseStore]:
    with tempfile.TemporaryDirectory() as folder, open_sqlite(Path(folder, "a.db")) as made:
        yield made


def sampled(store: DatabaseStore, vantage: str, subject: SubjectId = POINT, *, minutes: int = 0) -> Series:
    series = Series(subject=subject, metric="reach", vantage=vantage)
    store.add_samples(series, [Sample(time=NOON + timedelta(minutes=minutes), value=1.0)])
    return series


def count(store: DatabaseStore, vantage: str, subject: SubjectId = POINT) -> int:
    day = timedelta(days=1)
    return sum(len(list(store.samples(series, NOON - day, NOON + day))) for series in store.series(subject, vantage))


def test_samples_and_notes_go_on_under_the_present_name(store: DatabaseStore) -> None:
    sampled(store, "old")
    sampled(store, "old", SubjectId("vantage:third"))
    sampled(store, "third", SubjectId("vantage:old"))
    store.remember("old", {"sampler": b"1"})
    assert list(take_over(CONFIG, store)) == []
    sampled(store, "new", minutes=5)
    assert (count(store, "old"), count(store, "new")) == (0, 2)
    assert count(store, "third", SubjectId("vantage:new")) == 1
    assert (store.recall("old"), store.recall("new")) == ({}, {"sampler": b"1"})
    assert list(take_over(CONFIG, store)) == []
    assert count(store, "new") == 2


def test_a_vantage_with_samples_of_its_own_takes_no_others(store: DatabaseStore) -> None:
    sampled(store, "old")
    sampled(store, "new")
    assert list(take_over(CONFIG, store)) == [("old", "new")]
    assert (count(store, "old"), count(store, "new")) == (1, 1)


def test_a_centre_knows_the_former_names_of_its_workers(store: DatabaseStore) -> None:
    sampled(store, "huyen-cu")
    remote = {"huyen": RemoteVantageSection(formerly="huyen-cu")}
    assert list(take_over(Config(vantages=remote), store)) == []
    assert count(store, "huyen") == 1


def test_the_name_of_a_vantage_that_is_still_there_is_no_former_one(store: DatabaseStore) -> None:
    sampled(store, "old")
    still = Config(vantage=CONFIG.vantage, vantages={"old": RemoteVantageSection()})
    assert list(take_over(still, store)) == [("old", "new")]
    assert count(store, "old") == 1
