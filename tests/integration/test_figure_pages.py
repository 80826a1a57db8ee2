"""Tests that the number of a figure links to the subjects that it counts, and an account's only to its own."""

import re

import pytest

from auditor.service.accounts.model import Role
from auditor.service.store.sql.store import SqlStore
from tests.support import published
from tests.support.serving import Served

pytest_plugins = ("tests.support.pages",)


@pytest.fixture
def store(store: SqlStore) -> SqlStore:
    published.fill(store)
    return store


async def test_overview_leads_to_the_subjects_behind_each_figure(served: Served) -> None:
    browser = await served.as_("ba", Role.VIEWER)
    _, text, _ = await browser.get("/runs/r2")
    links = set(re.findall(r'href="(/runs/r2/figures/[^"]+)">([\d.]+/[\d.]+)</a>', text))
    assert len(links) > 5
    for path, counted in sorted(links):
        status, shown, _ = await browser.get(path)
        assert status == 200
        assert counted.partition("/")[2] in shown


async def test_figure_of_an_agency_counts_its_own_and_those_below(served: Served) -> None:
    browser = await served.as_("ba", Role.VIEWER)
    _, whole, _ = await browser.get("/runs/r2/figures/K10")
    assert "xa3.tinh.vn" in whole
    assert "xa4.tinh.vn" in whole
    _, own, _ = await browser.get("/runs/r2/figures/K10?agency=X3")
    assert "xa3.tinh.vn" in own
    assert "xa4.tinh.vn" not in own


@pytest.mark.parametrize("path", ["/runs/r2/figures/x", "/runs/x/figures/K08", "/runs/r2/figures/K08?agency=x"])
async def test_figure_that_is_not_there_is_not_found(served: Served, path: str) -> None:
    assert (await (await served.as_("ba", Role.VIEWER)).get(path))[0] == 404


async def test_account_of_an_agency_sees_its_own_subjects_alone(served: Served) -> None:
    browser = await served.as_("ban", Role.VIEWER, "X3")
    status, text, _ = await browser.get("/runs/r2/figures/K10")
    assert status == 200
    assert "xa3.tinh.vn" in text
    assert "xa4.tinh.vn" not in text
    assert (await browser.get("/runs/r2/figures/K10?agency=X4"))[0] == 404
