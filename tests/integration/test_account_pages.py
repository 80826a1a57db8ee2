"""Pages of one's own account and of administrators: what is grave asks for the password, secrets show once."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from auditor.accounts.access import digest
from auditor.accounts.model import Role, Scope
from auditor.store.sql.store import SqlStore
from auditor.web.api.operation import ROOT
from auditor.web.site import SITE
from tests.support import judged
from tests.support.serving import ADMIN, GOOD, OTHER, Browser, Program, Served, serving

pytest_plugins = ("tests.support.pages",)

TOKEN = re.compile(r"ira_[A-Za-z0-9_-]{43}")


@pytest.fixture
async def served(store: SqlStore, cheap: None) -> AsyncIterator[Served]:
    judged.fill(store)
    async with serving(store) as made:
        yield made


async def send(browser: Browser, path: str, **fields: str) -> tuple[int, str]:
    status, text, _ = await browser.post(path, {"csrf": await browser.csrf(), **fields})
    return status, text


async def enrolled(browser: Browser) -> tuple[str, list[str]]:
    """The secret and the recovery codes of a second factor that was set up by its page."""
    _, text, _ = await browser.get("/account/second-factor")
    found = re.search(r'name="secret" value="([A-Z2-7]{32})"', text)
    assert found is not None
    assert "<svg" in text
    fields = {"secret": found[1], "code": pyotp.TOTP(found[1]).now(), "password": OTHER}
    status, text = await send(browser, "/account/second-factor", **fields)
    assert status == 200
    return found[1], re.findall(r"<code>((?:[a-z2-7]{4}-){3}[a-z2-7]{4})</code>", text)


async def test_a_token_is_shown_once_works_and_is_revoked(served: Served) -> None:
    browser = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    status, text = await send(browser, "/account/tokens", name="kịch bản", scope="read", days="30", password=OTHER)
    (held,) = TOKEN.findall(text)
    assert status == 200
    program = Program(served.base, held)
    served.clients.append(program)
    status, said, _ = await program.get(f"{ROOT}/me")
    assert (status, said["name"], said["scopes"]) == (200, "y tế", ["read"])
    _, text, _ = await browser.get("/account")
    assert (held in text, "kịch bản" in text) == (False, True)
    assert (await send(browser, "/account/tokens/revoke", token=digest(held)))[0] == 303
    assert (await program.get(f"{ROOT}/me"))[0] == 401


async def test_a_token_asks_for_the_password_and_for_no_more_than_is_offered(served: Served) -> None:
    browser = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    for wrong in (
        {"scope": "read", "days": "30", "password": GOOD}, {"scope": "admin", "days": "30", "password": OTHER},
        {"scope": "metrics", "days": "30", "password": OTHER}, {"scope": "read", "days": "9999", "password": OTHER},
    ):  # fmt: skip
        status, text = await send(browser, "/account/tokens", name="x", **wrong)
        assert (status, TOKEN.findall(text)) == (422, []), wrong
    assert served.app[SITE].access.tokens() == []


async def test_nobody_revokes_another_s_token_but_an_administrator(served: Served) -> None:
    access = served.app[SITE].access
    held = access.issue(served.admin(), "::1", "của quản trị", [Scope.READ], timedelta(days=1))
    viewer = await served.as_("y tế", Role.VIEWER)
    assert "của quản trị" not in (await viewer.get("/account"))[1]
    assert (await send(viewer, "/account/tokens/revoke", token=digest(held)))[0] == 422
    other = await served.as_("quản lý", Role.ADMIN)
    assert (await send(other, "/account/tokens/revoke", token=digest(held)))[0] == 303


async def test_a_second_factor_is_set_up_used_and_given_up(served: Served) -> None:
    browser = await served.as_("y tế", Role.VIEWER)
    secret, codes = await enrolled(browser)
    assert len(codes) == 10
    other = served.browser()
    assert await other.log_in("y tế", OTHER) == 401
    assert await other.log_in("y tế", OTHER, pyotp.TOTP(secret).at(datetime.now(UTC))) == 303
    assert await served.browser().log_in("y tế", OTHER, codes[0]) == 303
    _, text, _ = await other.get("/account")
    assert "còn 9 mã" in text
    assert secret not in text
    assert (await send(other, "/account/second-factor/drop", password=GOOD))[0] == 422
    assert (await send(other, "/account/second-factor/drop", password=OTHER))[0] == 303
    assert await served.browser().log_in("y tế", OTHER) == 303


async def test_a_wrong_code_sets_nothing_up(served: Served) -> None:
    browser = await served.as_("y tế", Role.VIEWER)
    fields = {"secret": pyotp.random_base32(), "code": "000000", "password": OTHER}
    status, text = await send(browser, "/account/second-factor", **fields)
    assert (status, fields["secret"] in text) == (422, False)
    assert not served.account("y tế").second_factor


async def test_recovery_codes_are_made_anew(served: Served) -> None:
    browser = await served.as_("y tế", Role.VIEWER)
    _, old = await enrolled(browser)
    status, text = await send(browser, "/account/recovery", password=OTHER)
    assert status == 200
    assert not [one for one in old if one in text]
    assert await served.browser().log_in("y tế", OTHER, old[0]) == 401


async def test_a_password_is_changed_and_other_sessions_end(served: Served) -> None:
    browser = await served.as_("y tế", Role.VIEWER)
    other = served.browser()
    await other.log_in("y tế", OTHER)
    new = "mật khẩu thứ ba đây"
    assert (await send(browser, "/account/password", old=GOOD, new=new, again=new))[0] == 422
    assert (await send(browser, "/account/password", old=OTHER, new=new, again=OTHER))[0] == 422
    assert (await send(browser, "/account/password", old=OTHER, new=new, again=new))[0] == 200
    assert (await other.get("/"))[2]["Location"] == "/login"
    assert (await browser.get("/account"))[0] == 200
    assert await served.browser().log_in("y tế", new) == 303


async def test_sessions_are_seen_and_the_others_ended(served: Served) -> None:
    browser = await served.as_("y tế", Role.VIEWER)
    other = served.browser()
    await other.log_in("y tế", OTHER)
    assert (await browser.get("/account"))[1].count("::1") == 2
    assert (await send(browser, "/account/sessions/end"))[0] == 303
    assert (await other.get("/"))[0] == 303
    assert (await browser.get("/account"))[0] == 200


async def test_an_administrator_changes_resets_and_ends(served: Served) -> None:
    viewer = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    await enrolled(viewer)
    admin = await served.as_("quản lý", Role.ADMIN)
    assert (await admin.get("/accounts/edit?name=y%20tế"))[0] == 200
    assert (await admin.get("/accounts/edit?name=không"))[0] == 404
    fields = {"name": "y tế", "role": "operator", "agency": judged.AGENCY}
    assert (await send(admin, "/accounts/change", **fields))[0] == 422
    assert (await send(admin, "/accounts/change", **{**fields, "agency": ""}))[0] == 303
    assert (served.account("y tế").role, served.account("y tế").agency) == (Role.OPERATOR, None)
    assert (await viewer.get("/"))[0] == 303
    assert (await send(admin, "/accounts/password", name="y tế", password="mật khẩu đặt lại"))[0] == 303
    assert (await send(admin, "/accounts/second-factor", name="y tế"))[0] == 303
    again = served.browser()
    assert await again.log_in("y tế", "mật khẩu đặt lại") == 303
    assert (await send(admin, "/accounts/sessions", name="y tế"))[0] == 303
    assert (await again.get("/"))[0] == 303
    assert (await send(admin, "/accounts/change", name=ADMIN, role="viewer", agency=""))[0] == 303
    assert (await send(admin, "/accounts/change", name="quản lý", role="viewer", agency=""))[0] == 422


async def test_the_log_says_what_was_done_and_no_secret(served: Served) -> None:
    browser = await served.as_("y tế", Role.VIEWER)
    secret, codes = await enrolled(browser)
    _, text = await send(browser, "/account/tokens", name="x", scope="read", days="7", password=OTHER)
    admin = await served.as_("quản lý", Role.ADMIN)
    status, log, _ = await admin.get("/audit-log")
    assert status == 200
    said = [one.what for one in served.app[SITE].access.deeds()]
    assert {"second_factor_on", "token_issued", "login", "account_added"} <= set(said)
    held = [secret, *codes, *TOKEN.findall(text), OTHER, GOOD]
    assert not [one for one in held if one in log + str(served.app[SITE].access.deeds())]
