"""Tests the calendar's address: it needs its token, and shows only the agency of the token's account."""

from collections.abc import AsyncIterator
from datetime import timedelta

import icalendar
import pytest

from auditor.service.accounts.model import Account, Role, TokenScope
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.site import SITE
from tests.support import judged
from tests.support.serving import Served, serving

pytest_plugins = ("tests.support.pages",)


@pytest.fixture
async def served(store: SqlStore, cheap: None) -> AsyncIterator[Served]:
    judged.fill(store)
    async with serving(store) as made:
        yield made


def _token(served: Served, owner: Account, scope: TokenScope) -> str:
    return served.app[SITE].accounts.issue(owner, "::1", "c", [scope], timedelta(days=1))


async def test_calendar_is_read_with_its_token_in_the_address(served: Served) -> None:
    token = _token(served, served.admin(), TokenScope.CALENDAR)
    status, text, headers = await served.browser().get(f"/calendar/{token}.ics?lang=en")
    assert (status, headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    calendar = icalendar.Calendar.from_ical(text)
    assert str(calendar["X-WR-CALDESC"]).startswith(judged.RUN)


async def test_other_tokens_and_other_pages_are_refused(served: Served) -> None:
    calendar = _token(served, served.admin(), TokenScope.CALENDAR)
    for token in (_token(served, served.admin(), TokenScope.READ), "x", "x" * 5_000):
        assert (await served.browser().get(f"/calendar/{token}.ics"))[0] == 404
    program = served.program(served.admin(), TokenScope.CALENDAR)
    assert (await program.get("/api/v1/runs"))[0] == 403
    assert (await program.get("/metrics"))[0] == 403
    assert (await served.browser().get(f"/runs/{judged.RUN}?token={calendar}"))[0] == 303


async def test_agency_bound_token_shows_no_other_agency(served: Served) -> None:
    bound = served.add("y tế", Role.VIEWER, judged.AGENCY)
    status, text, _ = await served.browser().get(f"/calendar/{_token(served, bound, TokenScope.CALENDAR)}.ics")
    assert status == 200
    assert judged.THEIRS not in text
