"""Tests that schedules made in the pages apply beside those of the configuration, in their current state."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.service.config.model import Config
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.scheduler.live_schedules import LiveSchedules
from auditor.service.scheduler.schedules import request_due_audits
from auditor.service.store.api import DatabaseStore
from auditor.service.store.kept.schedules import KeptSchedule, KeptSchedules
from tests.support.stores import DATABASES, new_store

CONFIG = Config.model_validate({"schedule": {"hằng tháng": {"cron": "0 1 1 * *", "inventory": "tinh"}}})
START = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseStore]:
    with new_store(request, tmp_path) as made:
        yield made


def row(name: str = "hằng ngày", cron: str = "0 1 * * *", made: datetime = START) -> KeptSchedule:
    return KeptSchedule(name=name, cron=cron, inventory="tinh", profile="quick", who="lan", made=made)


def test_live_schedules_change_with_the_store(store: DatabaseStore) -> None:
    live, kept = LiveSchedules(CONFIG, store.database), KeptSchedules(store.database)
    assert [schedule.name for schedule in live] == ["hằng tháng"]
    kept.keep(row())
    assert [(one.name, one.wanted.profile, live.is_fixed(one.name)) for one in live] == [
        ("hằng ngày", "quick", False),
        ("hằng tháng", "audit", True),
    ]
    kept.keep(row(cron="0 2 * * mon"))
    assert [one.table.cron.expression for one in live] == ["0 2 * * mon", "0 1 1 * *"]
    assert kept.drop("hằng ngày")
    assert len(live) == 1
    assert not kept.drop("hằng ngày")


def test_live_schedules_of_configuration_take_precedence(store: DatabaseStore) -> None:
    KeptSchedules(store.database).keep(row("hằng tháng"))
    (only,) = LiveSchedules(CONFIG, store.database)
    assert only.table.cron.expression == "0 1 1 * *"


def test_live_schedules_leave_out_what_cannot_be_used(store: DatabaseStore) -> None:
    KeptSchedules(store.database).keep(row(cron="never"))
    assert len(LiveSchedules(CONFIG, store.database)) == 1


def test_kept_schedule_asks_for_its_audits_and_makes_up_for_none_before_a_change(store: DatabaseStore) -> None:
    live, kept, jobs = LiveSchedules(Config(), store.database), KeptSchedules(store.database), JobQueue(store.database)
    kept.keep(row())
    request_due_audits(live, jobs, START)
    kept.keep(row(cron="0 2 * * *", made=START + timedelta(days=3)))
    assert request_due_audits(live, jobs, START + timedelta(days=3)) == {}
    assert set(request_due_audits(live, jobs, START + timedelta(days=4))) == {"hằng ngày"}
    assert [job.wanted.inventory for job in jobs.open_jobs()] == ["tinh"]
