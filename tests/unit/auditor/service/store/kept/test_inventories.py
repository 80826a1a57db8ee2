"""Tests inventories by name with their versions: nothing is changed, nothing is lost."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.service.config.model import Config, ScheduleSection
from auditor.service.inventories.named_inventory import is_kept, load_named
from auditor.service.scheduler.known_inventories import of_service
from auditor.service.scheduler.model import ControlError
from auditor.service.store.api import DatabaseStore
from auditor.service.store.kept.inventories import Inventories, Moved, pack
from auditor.service.store.records import StoreError
from inventory.inventory import Inventory
from inventory.loader import load_sent
from tests.support.stores import DATABASES, new_store

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def read(*names: str) -> Inventory:
    rows = "".join(f"{name},portal\n" for name in names)
    return load_sent([("kiểm kê.csv", f"name,kind\n{rows}".encode())]).inventory


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseStore]:
    with new_store(request, tmp_path) as made:
        yield made


@pytest.fixture
def kept(store: DatabaseStore) -> Inventories:
    return Inventories(store.database)


def test_a_new_version_stands_beside_the_old(store: DatabaseStore, kept: Inventories) -> None:
    first = kept.add("tỉnh", pack(read("a.vn")), who="an", now=NOW, on=0)
    second = kept.add("tỉnh", pack(read("a.vn", "b.vn")), who="bình", now=NOW + timedelta(days=1), on=1)
    assert kept.versions("tỉnh") == (second, first)
    assert (second.number, second.who, second.files, second.subjects) == (2, "bình", ("kiểm kê.csv",), 2)
    assert kept.read(first) == read("a.vn")
    assert store.inventory("tỉnh") == read("a.vn", "b.vn")
    kept.add("khác", pack(read("c.vn")), who="an", now=NOW, on=0)
    assert [(one.name, one.number) for one in kept.latest()] == [("khác", 1), ("tỉnh", 2)]
    assert store.inventories() == ("khác", "tỉnh")


def test_who_looked_at_an_older_one_adds_nothing(kept: Inventories) -> None:
    kept.add("tỉnh", pack(read("a.vn")), who="an", now=NOW, on=0)
    for on in (0, 2):
        with pytest.raises(Moved, match="it has version 1"):
            kept.add("tỉnh", pack(read("b.vn")), who="an", now=NOW, on=on)
    assert kept.version("tỉnh").digest == f"sha256:{read('a.vn').digest()}"


def test_what_is_not_there_is_said(store: DatabaseStore, kept: Inventories) -> None:
    kept.add("tinh", pack(read("a.vn")), who="an", now=NOW, on=0)
    for ask in (kept.version, store.inventory):
        with pytest.raises(StoreError, match="no inventory 'tin'; did you mean 'tinh'"):
            ask("tin")
    with pytest.raises(StoreError, match="no version 7 of inventory 'tinh'"):
        kept.version("tinh", 7)


@pytest.mark.parametrize(
    "name", ["", " a", "a ", "a/b", "../a", "a.csv", "A.XLSX", "x" * 101, "a\nb", "a\0", "-x", "."]
)
def test_a_name_that_could_be_a_file_is_none(kept: Inventories, name: str) -> None:
    with pytest.raises(StoreError, match="cannot be the name"):
        kept.add(name, pack(read("a.vn")), who="an", now=NOW, on=0)


def test_an_audit_names_files_or_a_kept_inventory(store: DatabaseStore, kept: Inventories, tmp_path: Path) -> None:
    kept.add("tỉnh 2026", pack(read("a.vn")), who="an", now=NOW, on=0)
    assert load_named(["tỉnh 2026"], store).inventory == read("a.vn")
    path = tmp_path / "b.csv"
    path.write_text("name,kind\nb.vn,portal\n", "utf-8")
    assert [one.id for one in load_named([str(path)], store).inventory.subjects] == ["b.vn"]
    assert not is_kept([str(path)])
    assert not is_kept(["tỉnh 2026", "khác"])


def test_the_service_knows_files_and_what_is_kept(store: DatabaseStore, kept: Inventories, tmp_path: Path) -> None:
    kept.add("tỉnh", pack(read("a.vn")), who="an", now=NOW, on=0)
    path = tmp_path / "b.csv"
    path.write_text("name,kind\nb.vn,portal\n", "utf-8")
    named = (ScheduleSection(cron="0 1 1 * *", inventory=one) for one in ("tỉnh", str(path), "không có"))
    config = Config(schedule={f"s{n}": one for n, one in enumerate(named)})
    known = of_service(config, [path])
    assert known.names(store) == ["tỉnh", str(path)]
    assert known.load("tỉnh", store) == read("a.vn")
    assert [one.id for one in known.load(str(path), store).subjects] == ["b.vn"]
    for name, where in (("không có", store), ("tỉnh", None)):
        with pytest.raises(ControlError, match="NO_INVENTORY"):
            known.load(name, where)
