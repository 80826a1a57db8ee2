"""Tests that a retired inventory leaves lists and audits with all it holds, and can be reinstated."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.service.store.api import DatabaseStore
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.inventories import Inventories, IsRetired, pack
from auditor.service.store.records import Retirement, StoreError
from inventory.inventory import Inventory

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DatabaseStore]:
    with open_sqlite(tmp_path / "a.db") as made:
        for name in ("cũ", "mới"):
            Inventories(made.database).add(name, pack(Inventory(subjects=())), who="an", now=NOW, on=0)
        yield made


def test_retired_inventory_is_in_no_list_and_is_not_audited(store: DatabaseStore) -> None:
    stock = Inventories(store.database)
    stock.retire("cũ", who="bình", now=NOW)
    assert [version.name for version in stock.latest()] == ["mới"]
    assert store.inventories() == ("mới",)
    assert stock.retirements() == {"cũ": Retirement(name="cũ", made=NOW, who="bình")}
    with pytest.raises(StoreError, match="'cũ' is retired"):
        store.inventory("cũ")


def test_retired_inventory_keeps_its_versions_and_takes_no_other(store: DatabaseStore) -> None:
    stock = Inventories(store.database)
    stock.retire("cũ", who="bình", now=NOW)
    assert stock.read(stock.version("cũ", 1)).subjects == ()
    with pytest.raises(IsRetired):
        stock.add("cũ", pack(Inventory(subjects=())), who="an", now=NOW, on=1)
    with pytest.raises(IsRetired):
        stock.retire("cũ", who="an", now=NOW)


def test_reinstated_inventory_is_audited_again(store: DatabaseStore) -> None:
    stock = Inventories(store.database)
    stock.retire("cũ", who="bình", now=NOW)
    stock.reinstate("cũ", who="an", now=NOW + timedelta(days=1))
    assert (store.inventories(), dict(stock.retirements())) == (("cũ", "mới"), {})
    assert store.inventory("cũ").subjects == ()
    stock.retire("cũ", who="an", now=NOW + timedelta(days=2))
    assert stock.retirements()["cũ"].who == "an"


def test_only_a_known_inventory_is_retired_and_only_a_retired_one_taken_up(store: DatabaseStore) -> None:
    stock = Inventories(store.database)
    with pytest.raises(StoreError, match="no inventory 'x'"):
        stock.retire("x", who="an", now=NOW)
    with pytest.raises(StoreError, match="'cũ' is not retired"):
        stock.reinstate("cũ", who="an", now=NOW)
