"""Tests that the names of an inventory are those of its own latest whole run."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.inventories import Inventories, pack
from auditor.service.web.pages.inventories.inventory_forgotten import _latest_run
from auditor.service.web.site import Site
from tests.unit.auditor.stored import START, SUBJECTS, Held, inventory, put


def test_latest_run_is_whole_and_of_this_inventory(tmp_path: Path) -> None:
    own, other = Held(name="r1"), Held(name="r3", days=2, subjects=SUBJECTS[:1])
    with open_sqlite(tmp_path / "a.db") as store:
        stock = Inventories(store.database)
        stock.add("tỉnh", pack(inventory(own)), who="an", now=START, on=0)
        site = cast(Site, cast(Any, SimpleNamespace(store=store, stock=stock)))
        assert _latest_run(site, "tỉnh") is None
        for held in (own, Held(name="r2", days=1, amends="r1"), Held(name="r4", days=3, part=True), other):
            put(store, held)
        run = _latest_run(site, "tỉnh")
        assert run is not None
        assert run.id == "r1"
