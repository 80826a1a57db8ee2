"""Tests that a change by a program and its line of the audit log are stored together, or neither is."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from auditor.framework import catalogue
from auditor.framework.waivers import WaiverRow
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.inventories import Inventories, pack
from auditor.service.store.kept.waivers import WaiverStore
from auditor.service.web.api import inventories, job_models
from inventory.loader import load_sent
from inventory.model import SubjectId

UNTIL = date(2099, 1, 1)


class Killed(Exception):
    pass


def note(*_: object) -> None:
    raise Killed


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Any]:
    with open_sqlite(tmp_path / "a.db") as store:
        yield SimpleNamespace(
            store=store,
            waivers=WaiverStore(store.database),
            stock=Inventories(store.database),
            catalogue=catalogue.load(),
            accounts=SimpleNamespace(note=note),
        )


def test_waiver_row_has_its_fields(site: Any) -> None:
    body = job_models.WaiverBody(of="subject", whose="a", check="ipv6.web", reason="r", owner="o", until=UNTIL)
    with pytest.raises(Killed):
        inventories._waive(site, body, "vận hành", "::1")
    assert site.waivers.all() == ()


def test_waiver_row_ended_has_its_end(site: Any) -> None:
    row = WaiverRow(subject=SubjectId("a"), agency=None, check="ipv6.web", reason="r", owner="o", until=UNTIL)
    key = site.waivers.add(row, who="vận hành", now=datetime.now(UTC))
    with pytest.raises(Killed):
        inventories._end_waiver(site, key, "vận hành", "::1")
    assert [one.ended for one in site.waivers.all()] == [None]


def test_inventory_row_has_its_fields(site: Any) -> None:
    inventory = load_sent([("a.csv", b"name,kind\nwww.tinh.vn,web\n")]).inventory
    with pytest.raises(Killed):
        inventories._import(site, "tinh", pack(inventory), 0, "vận hành", "::1")
    assert site.stock.latest() == ()
