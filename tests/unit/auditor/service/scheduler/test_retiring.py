"""Tests that retiring an inventory pauses all of its schedules, of any author, and no others."""

from datetime import UTC, datetime
from pathlib import Path

from auditor.service.config.model import Config
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.scheduler.live_schedules import LiveSchedules
from auditor.service.scheduler.retiring import retire, schedules_of
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.inventories import Inventories, pack
from auditor.service.store.kept.schedules import KeptSchedule, KeptSchedules
from inventory.inventory import Inventory

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
CONFIG = Config.model_validate(
    {
        "schedule": {
            "hằng tháng": {"cron": "0 1 1 * *", "inventory": "tinh"},
            "khác": {"cron": "0 1 1 * *", "inventory": "xa"},
        }
    }
)


def test_retire_pauses_the_schedules_of_the_inventory_only(tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "a.db") as store:
        stock, jobs = Inventories(store.database), JobQueue(store.database)
        stock.add("tinh", pack(Inventory(subjects=())), who="an", now=NOW, on=0)
        row = KeptSchedule(name="hằng ngày", cron="0 1 * * *", inventory="tinh", profile="quick", who="an", made=NOW)
        KeptSchedules(store.database).keep(row)
        live = LiveSchedules(CONFIG, store.database)
        assert [each.name for each in schedules_of("tinh", live, jobs)] == ["hằng ngày", "hằng tháng"]
        retire("tinh", stock, jobs, live, who="bình", address="::1", now=NOW)
        assert {name: each.paused_by for name, each in jobs.standings().items()} == {
            "hằng ngày": "bình",
            "hằng tháng": "bình",
        }
        assert schedules_of("tinh", live, jobs) == []
        assert "tinh" in stock.retirements()
