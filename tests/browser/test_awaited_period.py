"""Tests that the page of a report that is being made is usable, and becomes the report by itself."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from auditor.service.accounts.model import Role
from auditor.service.runs.period_reporting import period_report
from auditor.service.store.api import DatabaseStore
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.web.pages.reports import periods
from tests.browser.visits import accessible_in_the_dark, follow, inspecting, usable
from tests.support import published
from tests.support.serving import OTHER, Served, cheap_passwords, serving


@contextmanager
def served_beside(store: DatabaseStore) -> Iterator[Served]:
    """Run the service in a thread of its own, while this thread drives a browser."""
    ready, stop, made = threading.Event(), threading.Event(), list[Served]()

    async def serve() -> None:
        async with serving(store) as service:
            made.append(service)
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(300)
        yield made[0]
    finally:
        stop.set()
        thread.join()


def test_page_of_a_report_that_is_made_becomes_the_report(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = threading.Event()

    def slowly(*args: Any) -> Any:
        assert free.wait(600)
        return period_report(*args)

    cheap_passwords(monkeypatch)
    monkeypatch.setattr(periods, "PATIENCE", 0.0)
    monkeypatch.setattr("auditor.service.web.downloads.period_reports.period_report", slowly)
    with open_sqlite(tmp_path / "a.db") as store:
        published.fill(store)
        with served_beside(store) as served:
            served.add("ba", Role.VIEWER)
            page = inspecting(browser).new_page()
            page.goto(f"{served.base}/login")
            page.get_by_label("Tên").fill("ba")
            page.get_by_label("Mật khẩu").fill(OTHER)
            follow(page, page.get_by_role("button"))
            page.goto(f"{served.base}/periods/2026")
            expect(page.get_by_role("status")).to_contain_text("đang được lập")
            usable(page)
            accessible_in_the_dark(page)
            free.set()
            expect(page.locator("#framework-plan-daklak-2023-2025")).to_be_visible()
            assert page.locator("main").count() == 1
            page.context.close()
