"""Tests that schedules are stored by name, up to a limit."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.service.store.api import DatabaseStore
from auditor.service.store.kept import schedules as kept_schedules
from auditor.service.store.kept.schedules import KeptSchedule, KeptSchedules
from auditor.service.store.records import StoreError
from tests.support.stores import DATABASES, new_store

ROW = KeptSchedule(
    name="a", cron="0 1 * * *", inventory="tinh", profile="audit", who="lan", made=datetime(2026, 3, 2, tzinfo=UTC)
)


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseStore]:
    with new_store(request, tmp_path) as made:
        yield made


def test_kept_schedules_replace_one_of_the_same_name(store: DatabaseStore) -> None:
    kept = KeptSchedules(store.database)
    kept.keep(ROW)
    kept.keep(replace(ROW, who="an"))
    assert kept.all() == (replace(ROW, who="an"),)


def test_kept_schedules_are_bounded(store: DatabaseStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_schedules, "MOST_SCHEDULES", 1)
    kept = KeptSchedules(store.database)
    kept.keep(ROW)
    kept.keep(ROW)
    with pytest.raises(StoreError, match="at most 1"):
        kept.keep(replace(ROW, name="b"))
