"""Tests that stored data is shown while nothing can be written (a full disk, a read-only file system)."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest

from auditor.service.accounts.model import IDLE, Role, TokenScope
from auditor.service.store.records import StoreFailed
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.site import SITE
from tests.support import judged
from tests.support.serving import Served

pytest_plugins = ("tests.support.pages",)

LATER = timedelta(minutes=30)
"""The idle time of a session after which its use must be recorded."""
PAGES = ("/", "/runs", "/problems", "/inventories", "/schedules", "/waivers", "/account", "/healthz", "/readyz")


@pytest.fixture
def store(store: SqlStore) -> SqlStore:
    judged.fill(store)
    return store


def full(*, told: bool = True) -> AbstractContextManager[None]:
    raise StoreFailed("there is no space left to write {store}; make room, then try again", store="a.db")


async def test_pages_and_answers_to_programs_are_there(
    served: Served, store: SqlStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    browser = await served.as_("lan", Role.OPERATOR)
    program = served.program(served.account("lan"), TokenScope.READ)
    access, run = served.app[SITE].accounts, store.runs()[0].id
    monkeypatch.setattr(store.database, "writing", full)
    with monkeypatch.context() as later:
        later.setattr(access, "_now", lambda: datetime.now(UTC) + LATER)
        pages = (*PAGES, f"/runs/{run}", f"/runs/{run}/causes")
        assert {path: (await browser.get(path))[0] for path in pages} == dict.fromkeys(pages, 200)
        assert (await program.get(f"/api/v1/runs/{run}/findings"))[0] == 200
        status, said, _ = await browser.get(f"/runs/{run}/reports/csv")  # a download that cannot be logged is refused
        assert (status, "cơ sở dữ liệu" in said) == (503, True)
        assert (await program.get(f"/api/v1/runs/{run}/reports/csv"))[0] == 503
    assert "there is no space left to write a.db" in caplog.text
    monkeypatch.setattr(access, "_now", lambda: datetime.now(UTC) + LATER + 2 * IDLE)
    assert (await browser.get("/"))[0] == 303  # the session still expires
