"""Tests that pages which are kept until anything is written show each reader their own, and no old state."""

import re

import pytest

from auditor.service.accounts.model import Role
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.site import SITE
from tests.support import judged, past
from tests.support.serving import OTHER, Served

pytest_plugins = ("tests.support.pages",)
PATHS = ("/", "/problems", f"/runs/{judged.RUN}/agencies/{judged.AGENCY}", f"/runs/{judged.RUN}/changes", "/tslcd")


@pytest.fixture
def store(store: SqlStore) -> SqlStore:
    judged.fill(store)
    past.fill(store)
    return store


def secrets_in(text: str) -> set[str]:
    return set(re.findall(r'name="csrf" value="([^"]+)"', text))


@pytest.mark.parametrize("path", PATHS)
async def test_page_is_the_same_again_and_of_another_session_but_for_its_secret(served: Served, path: str) -> None:
    first, other = await served.as_("ba", Role.OPERATOR), served.browser()
    assert await other.log_in("ba", OTHER) == 303
    texts = [(await browser.get(path))[1] for browser in (first, first, other, other)]
    (own,), (again,), (others,), (others_again,) = map(secrets_in, texts)
    assert own == again != others == others_again
    assert len({text.replace(own, "").replace(others, "") for text in texts}) == 1
    assert served.app[SITE].frames._answered[1]


@pytest.mark.parametrize("path", PATHS)
async def test_page_of_another_account_is_never_shown(served: Served, path: str) -> None:
    await (await served.as_("ba", Role.OPERATOR)).get(path)
    bound = await served.as_("chỉ xem", Role.VIEWER, judged.AGENCY)
    text = (await bound.get(path))[1]
    assert "chỉ xem" in text
    assert judged.OTHER_NAME not in text
    assert text == (await bound.get(path))[1]


async def test_page_in_another_language_is_another(served: Served) -> None:
    browser = await served.as_("ba", Role.VIEWER)
    assert '<html lang="vi">' in (await browser.get("/problems"))[1]
    await browser.get("/language/en?to=/problems")
    assert '<html lang="en">' in (await browser.get("/problems"))[1]


async def test_page_shows_what_was_written_since(served: Served, store: SqlStore) -> None:
    browser = await served.as_("ba", Role.OPERATOR)
    before = (await browser.get("/problems"))[1]
    await browser.post("/problems/filters", {"name": "của tôi", "query": "severity=high", "csrf": await browser.csrf()})
    after = (await browser.get("/problems"))[1]
    assert "của tôi" not in before
    assert "của tôi" in after


async def test_page_whose_comparison_is_not_ready_is_not_kept(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    async def not_yet(*_: object) -> bool:
        return False

    browser = await served.as_("ba", Role.VIEWER)
    with monkeypatch.context() as slow:
        slow.setattr("auditor.service.web.comparing.Comparisons.ready", not_yet)
        assert "đang được so sánh" in (await browser.get("/"))[1]
    assert "đang được so sánh" not in (await browser.get("/"))[1]
