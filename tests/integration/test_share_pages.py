"""Tests links to reports in a browser: shown once, opened by anybody with the password, and absent from logs."""

import logging
import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from auditor.framework.findings import Outcome
from auditor.service.accounts.login_backoff import FREE_ATTEMPTS
from auditor.service.accounts.model import Role
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.site import SITE
from tests.support.serving import Browser, Served, cheap_passwords, serving
from tests.unit.auditor.stored import Brief, Held, put

FAILS = [Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL, code="NO_AAAA")]
PASSWORD = "bốn từ không liên quan"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path / "a.db") as made:
        put(made, Held(name="r1", findings={"www.tinh.vn": FAILS, "xa.tinh.vn": FAILS}, scored=True))
        yield made


@pytest.fixture
async def served(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    cheap_passwords(monkeypatch)
    async with serving(store) as made:
        yield made


async def shared(browser: Browser, **fields: str) -> str:
    """Create a link and return its path."""
    given = {"run": "r1", "agency": "S1", "days": "7", "password": PASSWORD, "csrf": await browser.csrf(), **fields}
    status, html, _ = await browser.post("/shares", given)
    assert status == 200, html
    found = re.search(r"<code>http://[^/]+(/shared/[A-Za-z0-9_-]{22})</code>", html)
    assert found is not None
    return found[1]


async def opened(browser: Browser, path: str, password: str = PASSWORD, kind: str = "csv") -> tuple[int, str]:
    status, body, headers = await browser.post(path, {"password": password, "format": kind})
    assert headers["Referrer-Policy"] == "no-referrer"
    return status, body


async def test_link_sends_the_report_of_its_agency_only(served: Served) -> None:
    path = await shared(await served.as_("vận hành", Role.OPERATOR))
    nobody = served.browser()
    status, html, headers = await nobody.get(path)
    assert (status, headers["Referrer-Policy"], "xa.tinh.vn" in html) == (200, "no-referrer", False)
    status, body = await opened(nobody, path)
    assert (status, "www.tinh.vn" in body, "xa.tinh.vn" in body) == (200, True, False)


async def test_link_without_a_password_given_gets_one(served: Served) -> None:
    browser = await served.as_("vận hành", Role.OPERATOR)
    given = {"run": "r1", "agency": "", "days": "7", "password": "", "csrf": await browser.csrf()}
    _, html, _ = await browser.post("/shares", given)
    link, password = re.findall(r"<code>([^<]+)</code>", html)
    status, body = await opened(served.browser(), re.sub("^http://[^/]+", "", link), password)
    assert (status, "xa.tinh.vn" in body) == (200, True)


async def test_link_and_unknown_link_look_the_same(served: Served) -> None:
    path = await shared(await served.as_("vận hành", Role.OPERATOR))
    unknown = "/shared/" + "A" * 22
    pages = [(await served.browser().get(each))[1].replace(each, "") for each in (path, unknown)]
    assert pages[0] == pages[1].replace(unknown, "")
    answers = [await opened(served.browser(), each, "không phải thế này") for each in (path, unknown)]
    assert [status for status, _ in answers] == [403, 403]


async def test_guesses_have_to_wait(served: Served) -> None:
    path = await shared(await served.as_("vận hành", Role.OPERATOR))
    nobody = served.browser()
    statuses = [(await opened(nobody, path, "không phải thế này"))[0] for _ in range(FREE_ATTEMPTS + 1)]
    assert statuses == [403] * FREE_ATTEMPTS + [429]


async def test_link_expires(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    path, accounts = await shared(await served.as_("vận hành", Role.OPERATOR)), served.app[SITE].accounts
    now = accounts._now
    monkeypatch.setattr(accounts, "_now", lambda: now() + timedelta(days=7, seconds=1))
    assert (await opened(served.browser(), path))[0] == 403


async def test_link_is_listed_and_withdrawn(served: Served) -> None:
    browser = await served.as_("vận hành", Role.OPERATOR)
    path = await shared(browser)
    _, html, _ = await browser.get("/shares")
    assert path not in html
    found = re.search(r'name="key" value="(\d+)"', html)
    assert found is not None
    status, _, _ = await browser.post("/shares/end", {"key": found[1], "csrf": await browser.csrf()})
    assert status == 303
    assert "đã thu hồi" in (await browser.get("/shares"))[1]
    assert (await opened(served.browser(), path))[0] == 403


async def test_link_of_a_disabled_account_is_shut_and_said_to_be(served: Served) -> None:
    path = await shared(await served.as_("vận hành", Role.OPERATOR))
    admin, accounts = await served.as_("người khác", Role.ADMIN), served.app[SITE].accounts
    accounts.change(served.admin(), "::1", "vận hành", disabled=True)
    assert (await opened(served.browser(), path))[0] == 403
    _, html, _ = await admin.get("/shares")
    assert "không mở được" in html
    assert re.search(r'name="key" value="\d+"', html)  # it can still be revoked
    accounts.change(served.admin(), "::1", "vận hành", disabled=False)
    assert (await opened(served.browser(), path))[0] == 200


async def test_secrets_of_links_are_in_no_log(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        path = await shared(await served.as_("vận hành", Role.OPERATOR))
        nobody = served.browser()
        await opened(nobody, path)
        await opened(nobody, path, "không phải thế này")
        too_large = {"password": "a" * 100_000, "format": "csv"}
        assert (await nobody.post(path, too_large))[0] == 413
        assert (await nobody.post(path, {"password": PASSWORD, "format": "exe"}))[0] == 400
    deeds = str(served.app[SITE].accounts.deeds())
    held = path.removeprefix("/shared/")
    assert "413 POST /shared/{token}" in deeds
    own = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("auditor"))
    assert "share_refused" in own  # the service disables aiohttp's own log
    for text in (deeds, own):
        assert (held in text, PASSWORD in text) == (False, False)


@pytest.mark.parametrize(("role", "agency"), [(Role.VIEWER, None), (Role.VIEWER, "S1")])
async def test_viewers_make_no_links(served: Served, role: Role, agency: str | None) -> None:
    browser = await served.as_("xem", role, agency)
    assert (await browser.get("/shares"))[0] == 403
    given = {"run": "r1", "agency": "S1", "days": "7", "password": PASSWORD, "csrf": await browser.csrf()}
    assert (await browser.post("/shares", given))[0] == 403


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"days": "91"}, "tối đa 90 ngày"),
        ({"days": "x"}, "tối đa 90 ngày"),
        ({"days": "9" * 5_000}, "tối đa 90 ngày"),
        ({"agency": "nobody"}, "để chia sẻ"),
        ({"run": "r9"}, "để chia sẻ"),
        ({"password": "ngắn"}, "12 ký tự"),
    ],
)
async def test_link_that_cannot_be_made_says_why(served: Served, fields: dict[str, str], words: str) -> None:
    browser = await served.as_("vận hành", Role.OPERATOR)
    given = {"run": "r1", "agency": "", "days": "7", "password": PASSWORD, "csrf": await browser.csrf(), **fields}
    status, html, _ = await browser.post("/shares", given)
    assert (status, words in html) == (422, True)


@pytest.mark.parametrize("path", ["/", "/runs/r1/agencies/S1"])
async def test_links_are_offered_to_operators_only(served: Served, path: str) -> None:
    for name, role, offered in (("xem", Role.VIEWER, False), ("vận hành", Role.OPERATOR, True)):
        assert ('href="/shares?run=r1' in (await (await served.as_(name, role)).get(path))[1]) is offered
