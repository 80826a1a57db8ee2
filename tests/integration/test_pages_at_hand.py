"""Tests that cached data is answered at once, and that later writes are read all the same."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from auditor.service.accounts.model import Role
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.rendering.navigation import LINKS
from auditor.service.web.site import SITE
from tests.support import judged, past, points
from tests.support.serving import Served

pytest_plugins = ("tests.support.pages",)

PAGES = (
    "/",
    f"/runs/{judged.RUN}",
    f"/runs/{judged.RUN}/agencies/{judged.AGENCY}",
    f"/runs/{judged.RUN}/changes",
    "/tslcd",
)


@pytest.fixture(autouse=True)
def _hour_begun() -> Iterator[None]:
    """Keep cached values valid for the whole test: they count until the next slot."""
    with points.hour_begun():
        yield


@pytest.fixture
def store(store: SqlStore) -> SqlStore:
    judged.fill(store)
    past.fill(store)
    points.fill(store)
    return store


@pytest.fixture
def asides(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the functions that ran in a thread of their own."""
    done: list[str] = []
    real = asyncio.to_thread

    async def counting(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        done.append(getattr(work, "__qualname__", repr(work)))
        return await real(work, *args, **kwargs)

    monkeypatch.setattr("auditor.service.web.site.asyncio.to_thread", counting)
    return done


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_that_is_remembered_needs_no_thread(served: Served, asides: list[str], path: str) -> None:
    reader = await served.as_("cả tỉnh", Role.VIEWER)
    first = await reader.get(path)
    assert asides
    asides.clear()
    again = await reader.get(path)
    assert (again[:2], first[0], asides) == (first[:2], 200, [])


async def test_who_was_locked_out_is_so_at_once(served: Served, asides: list[str]) -> None:
    reader = await served.as_("cả tỉnh", Role.VIEWER)
    assert [(await reader.get("/"))[0] for _ in range(2)] == [200, 200]
    served.app[SITE].accounts.change(served.admin(), "::1", "cả tỉnh", disabled=True)
    asides.clear()
    status, _, headers = await reader.get("/")
    assert (status, headers["Location"]) == (303, "/login")
    assert asides


@pytest.mark.parametrize("role", list(Role))
async def test_the_links_are_those_that_the_reader_may_follow(served: Served, role: Role) -> None:
    reader = await served.as_("ai đó", role)
    _, text, _ = await reader.get("/runs")
    head = text[text.index("<nav") : text.index("</nav>")]
    for where, _, least in LINKS:
        assert (f'href="{where}"' in head) is role.covers(least), where
        assert (await reader.get(where))[0] in ((200, 303) if role.covers(least) else (403,)), where
    assert head.count("aria-current") == 1
    assert 'href="/runs" aria-current="page"' in head
