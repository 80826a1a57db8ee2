"""Tests ``auditor inventory retire`` and ``reinstate``: announced, then done, and written into the audit log."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.service.store.kept.inventories import Inventories, pack
from auditor.service.store.kept.schedules import KeptSchedule, KeptSchedules
from auditor.service.store.url import open_store
from inventory.inventory import Inventory
from tests.unit.auditor.service.cli.calling import Cli

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _store(tmp_path: Path) -> None:
    with open_store("sqlite:///auditor.db") as store:
        Inventories(store.database).add("Tỉnh", pack(Inventory(subjects=())), who="an", now=NOW, on=0)
        row = KeptSchedule(name="ngày", cron="0 1 * * *", inventory="Tỉnh", profile="quick", who="an", made=NOW)
        KeptSchedules(store.database).keep(row)


def deeds(cli: Cli) -> list[str]:
    return [each["what"] for each in json.loads(cli("log", "show", "--format", "json").out)]


def test_retire_shows_what_it_stops_and_does_nothing_without_apply(cli: Cli) -> None:
    shown = cli("--lang", "en", "inventory", "retire", "Tỉnh")
    assert (shown.code, shown.out.splitlines()[0]) == (0, "This schedule is paused: ngày")
    assert "Tỉnh" in cli("inventory", "list").out
    assert deeds(cli) == []


def test_retired_inventory_is_listed_apart_and_refused_by_commands_until_it_is_taken_up(cli: Cli) -> None:
    assert cli("inventory", "retire", "Tỉnh", "--apply").code == 0
    assert "Tỉnh" not in cli("inventory", "list").out
    assert "Tỉnh" in cli("--lang", "en", "inventory", "list", "--retired").out
    (listed,) = json.loads(cli("inventory", "list", "--retired", "--format", "json").out)
    assert (listed["name"], listed["retired"] is None) == ("Tỉnh", False)
    refused = cli("--lang", "en", "audit", "Tỉnh")
    assert (refused.code, "inventory 'Tỉnh' is retired" in refused.err) == (2, True)
    assert cli("inventory", "retire", "Tỉnh", "--apply").code == 2
    assert cli("inventory", "reinstate", "Tỉnh").code == 0
    assert "Tỉnh" in cli("inventory", "list").out
    assert cli("inventory", "reinstate", "Tỉnh").code == 2
    assert sorted(deeds(cli)) == ["inventory_reinstated", "inventory_retired", "schedule_paused"]


def test_unknown_inventory_is_not_retired(cli: Cli) -> None:
    assert cli("inventory", "retire", "Tinh").code == 2
