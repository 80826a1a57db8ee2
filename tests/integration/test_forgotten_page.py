"""Tests names that a run shows and no row has: a person adds each, or sets it aside with name, time and reason."""

from dataclasses import replace
from urllib.parse import quote

import pytest

from auditor.service.accounts.model import Role
from auditor.service.store.kept.inventories import Inventories, pack
from auditor.service.store.kept.set_aside_names import SetAsideNames
from auditor.service.store.sql.store import SqlStore
from inventory.loader import load_sent
from inventory.model import SubjectId
from probes.observations.dns import LookupStatus, NameLookup
from tests.golden.lab_snmp import polled
from tests.support.serving import Browser, Served
from tests.unit.auditor.stored import START, Held, inventory, put

pytest_plugins = ("tests.support.pages",)
ROWS = "name,kind,fqdn\ncong,portal,cong.a.vn\na.vn,zone,a.vn\n"
NAME = "Tỉnh A"
PAGE = f"/inventories/{quote(NAME)}/forgotten"
MAIL = "mx.a.vn"
REASON = "nhà cung cấp <b>cũ</b>"


@pytest.fixture
def store(store: SqlStore) -> SqlStore:
    """Return a store with an inventory and its run; the run's evidence names a mail host."""
    held = Held(name="r1", subjects=load_sent([("a.csv", ROWS.encode())]).inventory.subjects)
    put(store, held)
    Inventories(store.database).add(NAME, pack(inventory(held)), who="an", now=START, on=0)
    mx = NameLookup(
        t0=0.0, t=0.1, name="a.vn", rtype="MX", role="mx", status=LookupStatus.ANSWER, records=(f"10 {MAIL}",)
    )
    store.add_evidence([replace(polled(mx), run=store.runs()[0].id, subject=SubjectId("a.vn"))])
    return store


async def decided(browser: Browser, then: str, reason: str = REASON, name: str = MAIL) -> int:
    fields = {"csrf": await browser.csrf(), "name": name, "kind": "host", "then": then, "reason": reason}
    return (await browser.post(PAGE, fields))[0]


async def test_forgotten_name_is_added_through_the_form_of_a_row(served: Served) -> None:
    browser = await served.as_("an", Role.OPERATOR)
    status, text, _ = await browser.get(PAGE)
    assert status == 200
    assert "thư điện tử (MX): a.vn" in text
    link = f"/inventories/{quote(NAME)}/row/new?domain={MAIL}&kind=host"
    assert link.replace("&", "&amp;") in text
    _, form, _ = await browser.get(link)
    assert f'name="cell-fqdn" value="{MAIL}"' in form
    assert form.count(" selected") == 1  # only the kind
    assert PAGE in (await browser.get(f"/inventories/{quote(NAME)}"))[1]


async def test_forgotten_name_is_set_aside_and_proposed_again_with_history(served: Served, store: SqlStore) -> None:
    browser = await served.as_("an", Role.OPERATOR)
    assert await decided(browser, "aside", reason=" ") == 422
    assert await decided(browser, "aside", name="no.a.vn") == 404
    assert await decided(browser, "aside") == 303
    _, text, _ = await browser.get(PAGE)
    assert f"domain={MAIL}" not in text
    assert "&lt;b&gt;cũ&lt;/b&gt;" in text
    assert await decided(browser, "again", reason="máy chủ mới") == 303
    assert f"domain={MAIL}" in (await browser.get(PAGE))[1]
    (decisions,) = SetAsideNames(store.database).history(NAME).values()
    assert [(each.who, each.aside, each.reason) for each in decisions] == [
        ("an", True, REASON),
        ("an", False, "máy chủ mới"),
    ]


async def test_forgotten_names_are_for_operators_and_of_inventories_that_are_kept(served: Served) -> None:
    assert (await (await served.as_("ba", Role.VIEWER)).get(PAGE))[0] == 403
    browser = await served.as_("an", Role.OPERATOR)
    assert (await browser.get("/inventories/none/forgotten"))[0] == 404
    fields = {"csrf": "x", "name": MAIL, "kind": "host", "then": "aside", "reason": "x"}
    assert (await browser.post(PAGE, fields))[0] == 400
