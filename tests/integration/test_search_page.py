"""Tests the page of the search: its results are links, and hostile or empty words do no harm."""

import pytest

from auditor.service.accounts.model import Role
from auditor.service.store.kept.inventories import Inventories, pack
from auditor.service.store.sql.store import SqlStore
from inventory.loader import load_sent
from tests.support import judged
from tests.support.serving import Served

pytest_plugins = ("tests.support.pages",)


async def test_search_in_an_empty_store_finds_checks_only(served: Served) -> None:
    status, text, _ = await (await served.as_("cả tỉnh", Role.VIEWER)).get("/search?q=aaaa")
    assert status == 200
    assert 'href="/checks/ipv6.web.aaaa"' in text


async def test_search_leads_to_agencies_and_subjects(served: Served, store: SqlStore) -> None:
    judged.fill(store)
    reader = await served.as_("cả tỉnh", Role.VIEWER)
    _, text, _ = await reader.get("/search?q=y+te")
    assert f'href="/runs/{judged.RUN}/agencies/{judged.AGENCY}"' in text
    _, text, _ = await reader.get("/search?q=cong.yte")
    assert f'href="/runs/{judged.RUN}/subjects/{judged.OURS}"' in text
    assert judged.THEIRS not in text


async def test_search_leads_to_inventories_that_were_not_measured_yet(served: Served, store: SqlStore) -> None:

    packed = pack(load_sent([("a.csv", judged.ROWS.encode())]).inventory)
    Inventories(store.database).add("dak-lak", packed, who="q", now=judged.NOW, on=0)
    _, text, _ = await (await served.as_("cả tỉnh", Role.VIEWER)).get("/search?q=cong+tinh")
    assert 'href="/inventories/dak-lak?q=cong%20tinh"' in text


@pytest.mark.parametrize("asked", ["", "?q=", "?q=%3Cscript%3E", "?q=" + "x" * 5_000, "?q=%00%E2%80%AE"])
async def test_search_for_nothing_or_hostile_words_is_an_escaped_page(served: Served, asked: str) -> None:
    status, text, _ = await (await served.as_("cả tỉnh", Role.VIEWER)).get(f"/search{asked}")
    assert status == 200
    assert "<script>" not in text
    assert "x" * 101 not in text
