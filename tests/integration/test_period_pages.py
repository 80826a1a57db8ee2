"""Tests that reports of periods are shown, and sent as files, only to accounts that see the whole province."""

import threading
from typing import Any

import pytest

from auditor.service.accounts.model import Role, TokenScope
from auditor.service.runs.period_reporting import period_report
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.pages.reports import periods
from tests.support import published
from tests.support.serving import Served

pytest_plugins = ("tests.support.pages",)
BEGIN = {"html": b"<!DOCTYPE", "json": b'{"schema"', "xlsx": b"PK", "docx": b"PK", "pdf": b"%PDF"}


@pytest.fixture
def store(store: SqlStore) -> SqlStore:
    published.fill(store)
    return store


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the limit on waiting for a report: the machine may be slow."""
    monkeypatch.setattr(periods, "PATIENCE", None)


async def test_periods_page_lists_years_quarters_and_months_with_results(served: Served) -> None:
    status, text, _ = await (await served.as_("ba", Role.VIEWER)).get("/periods")
    assert status == 200
    listed = ("2026", "2026-Q4", "2026-Q3", "2026-Q1", "2026-10", "2026-07", "2026-01")
    places = [text.index(f'href="/periods/{name}"') for name in listed]
    assert places == sorted(places)
    assert 'href="/periods/2026-Q2"' not in text


async def test_period_page_shows_every_table_and_escapes_names(served: Served) -> None:
    status, text, _ = await (await served.as_("ba", Role.VIEWER)).get("/periods/2026")
    assert status == 200
    assert 'id="framework-plan-daklak-2023-2025"' in text
    assert "12/12" in text
    assert "<script>alert" not in text


async def test_period_page_tells_that_a_report_takes_long_and_shows_it_later(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = threading.Event()

    def slowly(*args: Any) -> Any:
        assert free.wait(600)
        return period_report(*args)

    monkeypatch.setattr(periods, "PATIENCE", 0.0)
    monkeypatch.setattr("auditor.service.web.downloads.period_reports.period_report", slowly)
    browser = await served.as_("ba", Role.VIEWER)
    status, text, _ = await browser.get("/periods/2026")
    assert (status, "đang được lập" in text, 'http-equiv="refresh"' in text) == (200, True, True)
    assert "năm 2026" in text
    free.set()
    monkeypatch.setattr(periods, "PATIENCE", None)
    assert 'id="framework-plan-daklak-2023-2025"' in (await browser.get("/periods/2026"))[1]


@pytest.mark.parametrize(
    "path", ["/periods/2020", "/periods/x", "/periods/2026/reports/exe", "/periods/2020/reports/json"]
)
async def test_report_of_no_period_or_format_is_not_found(served: Served, path: str) -> None:
    assert (await (await served.as_("ba", Role.VIEWER)).get(path))[0] == 404


async def test_period_files_are_sent_on_page_and_api_and_noted(served: Served) -> None:
    browser = await served.as_("ba", Role.VIEWER)
    program = served.program(served.admin(), TokenScope.READ)
    for client, root in ((browser, ""), (program, "/api/v1")):
        for name, begin in BEGIN.items():
            async with client.session.get(f"{client.base}{root}/periods/2026/reports/{name}") as answer:
                assert (answer.status, (await answer.read())[: len(begin)]) == (200, begin)
                assert f"period-2026.{name}" in answer.headers["Content-Disposition"]
    status, listed, _ = await program.get("/api/v1/periods")
    assert status == 200
    assert listed["items"][0] == {"name": "2026", "first": "2026-01-01", "last": "2026-12-31"}


async def test_reports_of_periods_are_not_shown_to_an_agency(served: Served) -> None:
    browser = await served.as_("ban", Role.VIEWER, "X3")
    assert (await browser.get("/periods"))[0] == 200
    program = served.program(served.account("ban"), TokenScope.READ)
    assert (await browser.get("/periods/2026"))[0] == 404
    assert (await browser.get("/periods/2026/reports/json"))[0] == 404
    assert (await program.get("/api/v1/periods/2026/reports/json"))[0] == 404
