"""Tests the pages of the own account and of administrators: grave changes need the password, secrets show once."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pyotp
import pytest
from yarl import URL

from auditor.service.accounts.model import Role, TokenScope
from auditor.service.accounts.records import digest
from auditor.service.config.model import Config
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.api.operation import ROOT
from auditor.service.web.app import make_app
from auditor.service.web.site import SITE
from tests.support import judged, kept
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
    """Set up a second factor by its page; return its secret and recovery codes."""
    _, text, _ = await browser.get("/account/second-factor")
    match = re.search(r'name="secret" value="([A-Z2-7]{32})"', text)
    assert match is not None
    assert "<svg" in text
    fields = {"secret": match[1], "code": pyotp.TOTP(match[1]).now(), "password": OTHER}
    status, text = await send(browser, "/account/second-factor", **fields)
    assert status == 200
    return match[1], re.findall(r"<code>((?:[a-z2-7]{4}-){6}[a-z2-7]{4})</code>", text)


async def test_account_page_names_the_agency_and_not_its_code(served: Served) -> None:
    browser = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    text = (await browser.get("/account"))[1]
    assert "<dd>Sở Y tế</dd>" in text
    assert judged.AGENCY not in text


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
        {"scope": "read", "days": "30", "password": GOOD},
        {"scope": "admin", "days": "30", "password": OTHER},
        {"scope": "metrics", "days": "30", "password": OTHER},
        {"scope": "read", "days": "9999", "password": OTHER},
    ):
        status, text = await send(browser, "/account/tokens", name="x", **wrong)
        assert (status, TOKEN.findall(text)) == (422, []), wrong
    assert served.app[SITE].accounts.tokens() == []


async def test_nobody_revokes_another_s_token_but_an_administrator(served: Served) -> None:
    access = served.app[SITE].accounts
    held = access.issue(served.admin(), "::1", "của quản trị", [TokenScope.READ], timedelta(days=1))
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
    assert await other.log_in("y tế", OTHER, pyotp.TOTP(secret).now()) == 401  # used already, to switch it on
    assert await other.log_in("y tế", OTHER, codes[0]) == 303
    _, text, _ = await other.get("/account")
    assert "còn 9 mã" in text
    assert secret not in text
    drop = "/account/second-factor/drop"
    for wrong in ({"password": OTHER}, {"password": GOOD, "own_code": codes[1]}, {"password": OTHER, "own_code": "1"}):
        assert (await send(other, drop, **wrong))[0] == 422
    assert served.account("y tế").second_factor
    assert (await send(other, drop, password=OTHER, own_code=codes[1]))[0] == 303
    assert await served.browser().log_in("y tế", OTHER) == 303


async def test_a_wrong_code_sets_nothing_up(served: Served) -> None:
    browser = await served.as_("y tế", Role.VIEWER)
    fields = {"secret": pyotp.random_base32(), "code": "000000", "password": OTHER}
    status, text = await send(browser, "/account/second-factor", **fields)
    assert (status, fields["secret"] in text) == (422, False)
    assert not served.account("y tế").second_factor


async def test_secret_of_one_s_own_making_is_replaced(served: Served) -> None:
    browser = await served.as_("y tế", Role.VIEWER)
    for secret in ("", "x", "A" * 33, "\0" * 32):
        status, text = await send(browser, "/account/second-factor", secret=secret, code="0", password="not this one")
        assert (status, bool(re.search(r'name="secret" value="[A-Z2-7]{32}"', text))) == (422, True)


async def test_recovery_codes_are_made_anew(served: Served) -> None:
    browser = await served.as_("y tế", Role.VIEWER)
    _, old = await enrolled(browser)
    status, text = await send(browser, "/account/recovery", password=OTHER)
    assert status == 200
    assert not [other_text for other_text in old if other_text in text]
    assert await served.browser().log_in("y tế", OTHER, old[0]) == 401


async def test_a_password_is_changed_and_other_sessions_end(served: Served) -> None:
    browser = await served.as_("y tế", Role.VIEWER)
    other = served.browser()
    await other.log_in("y tế", OTHER)
    new = "một câu khác hẳn mọi câu"
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
    assert (await send(browser, "/account/sessions/end"))[0] == 422  # a stolen session cannot end the others
    assert (await other.get("/"))[0] == 200
    assert (await send(browser, "/account/sessions/end", password=OTHER))[0] == 303
    assert (await other.get("/"))[0] == 303
    assert (await browser.get("/account"))[0] == 200


async def test_one_session_is_ended_and_the_others_stay(served: Served) -> None:
    browser, kept, lost = await served.as_("y tế", Role.VIEWER), served.browser(), served.browser()
    for one in (kept, lost):
        await one.log_in("y tế", OTHER)
    named = digest(session_of(lost))
    assert named in (await browser.get("/account"))[1]
    assert (await send(browser, "/account/sessions/end", session=named, password=OTHER))[0] == 303
    assert [(await browser.get("/"))[0] for browser in (browser, kept, lost)] == [200, 200, 303]


async def test_session_is_another_one_after_the_password_was_shown(served: Served) -> None:
    """A session id that was copied before a grave change is no longer valid after it."""
    browser = await served.as_("y tế", Role.VIEWER)
    copied = session_of(browser)
    assert (await send(browser, "/account/tokens", name="x", scope="read", days="7", password=OTHER))[0] == 200
    access = served.app[SITE].accounts
    assert (access.session(copied), access.session(session_of(browser)) is None) == (None, False)
    new = "một câu khác hẳn mọi câu"
    copied = session_of(browser)
    assert (await send(browser, "/account/password", old=OTHER, new=new, again=new))[0] == 200
    assert (access.session(copied), access.session(session_of(browser)) is None) == (None, False)


async def test_logging_in_again_ends_the_session_before_and_logging_out_clears(served: Served) -> None:
    browser = await served.as_("y tế", Role.VIEWER)
    before = session_of(browser)
    fields = {"csrf": await browser.csrf(), "name": "y tế", "password": OTHER, "code": ""}
    assert (await browser.post("/login", fields))[0] == 303
    access = served.app[SITE].accounts
    assert (access.session(before), access.session(session_of(browser)) is None) == (None, False)
    _, _, headers = await browser.post("/logout", {"csrf": await browser.csrf()})
    assert headers["Clear-Site-Data"] == '"cache", "storage"'


def session_of(browser: Browser) -> str:
    return browser.session.cookie_jar.filter_cookies(URL(browser.base))["session"].value


async def test_an_administrator_changes_resets_and_ends(served: Served) -> None:
    viewer = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    await enrolled(viewer)
    admin = await served.as_("quản lý", Role.ADMIN)
    assert (await admin.get("/accounts/edit?name=y%20tế"))[0] == 200
    assert (await admin.get("/accounts/edit?name=không"))[0] == 404
    fields = {"name": "y tế", "role": "operator", "agency": judged.AGENCY}
    assert (await send(admin, "/accounts/change", **fields, own_password=OTHER))[0] == 422
    assert (await send(admin, "/accounts/change", **{**fields, "agency": ""}))[0] == 303
    assert (served.account("y tế").role, served.account("y tế").agency) == (Role.OPERATOR, None)
    assert (await viewer.get("/"))[0] == 303
    assert (await send(admin, "/accounts/password", name="y tế", password="mật khẩu đặt lại từ đầu"))[0] == 303
    assert (await send(admin, "/accounts/second-factor", name="y tế"))[0] == 303
    again = served.browser()
    assert await again.log_in("y tế", "mật khẩu đặt lại từ đầu") == 303
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
    whats = [deed.what for deed in served.app[SITE].accounts.deeds()]
    assert {"second_factor_on", "token_issued", "login", "account_added"} <= set(whats)
    held = [secret, *codes, *TOKEN.findall(text), OTHER, GOOD]
    assert not [one for one in held if one in log + str(served.app[SITE].accounts.deeds())]


GRAVE = (
    ("/accounts", {"name": "kẻ lạ", "password": "một câu dài mưa chiều", "role": "admin", "agency": ""}),
    ("/accounts/change", {"name": "y tế", "role": "admin", "agency": ""}),
    ("/accounts/password", {"name": "y tế", "password": "một câu dài mưa chiều"}),
    ("/accounts/password", {"name": "quản lý", "password": "một câu dài mưa chiều"}),
    ("/accounts/second-factor", {"name": "quản lý"}),
    ("/accounts/disable", {"name": "y tế", "disabled": "1"}),
    ("/account/tokens", {"name": "x", "scope": "read", "days": "7"}),
)


@pytest.mark.parametrize(("path", "fields"), GRAVE, ids=[f"{path} {fields['name']}" for path, fields in GRAVE])
async def test_an_administrator_s_session_without_the_password_does_nothing_grave(
    served: Served, path: str, fields: dict[str, str]
) -> None:
    served.add("y tế", Role.VIEWER)
    admin = await served.as_("quản lý", Role.ADMIN)
    access = served.app[SITE].accounts
    before = (access.all(), access.tokens())
    for password in ({}, {"own_password": "", "old": ""}, {"own_password": GOOD}):
        assert (await send(admin, path, **{"password": "sai rồi sai rồi", **fields, **password}))[0] == 422
    assert (access.all(), access.tokens()) == before
    given = {**fields, "own_password": OTHER} if path.startswith("/accounts") else {**fields, "password": OTHER}
    assert (await send(admin, path, **given))[0] in (200, 303)
    assert (access.all(), access.tokens()) != before or path == "/accounts/second-factor" or "password" in path


async def test_a_shown_password_counts_for_a_while_in_its_own_session_alone(served: Served) -> None:
    admin, other = await served.as_("quản lý", Role.ADMIN), served.browser()
    await other.log_in("quản lý", OTHER)
    fields = {"role": "viewer", "agency": "", "password": "một câu dài của ai đó"}
    assert (await send(admin, "/accounts", name="một", **fields, own_password=OTHER))[0] == 303
    assert (await send(admin, "/accounts", name="hai", **fields))[0] == 303
    assert 'name="own_password"' not in (await admin.get("/accounts"))[1]
    assert (await send(other, "/accounts", name="ba", **fields))[0] == 422
    access = served.app[SITE].accounts
    later = access._now() + timedelta(minutes=6)
    access._now = lambda: later
    assert (await send(admin, "/accounts", name="bốn", **fields))[0] == 422


async def test_a_factor_that_is_set_up_ends_the_other_sessions(served: Served) -> None:
    browser, other = await served.as_("y tế", Role.VIEWER), served.browser()
    await other.log_in("y tế", OTHER)
    await enrolled(browser)
    assert (await other.get("/account"))[0] == 303
    assert (await browser.get("/account"))[0] == 200


@pytest.mark.parametrize("tokens", [{}, {"tokens": "1"}])
async def test_tokens_end_with_one_s_own_password_where_that_is_wanted(served: Served, tokens: dict[str, str]) -> None:
    browser = await served.as_("y tế", Role.VIEWER)
    program = served.program(served.account("y tế"), TokenScope.READ)
    assert 'name="tokens" value="1" checked' in (await browser.get("/account"))[1]
    new = "một câu khác hẳn mọi câu"
    assert (await send(browser, "/account/password", old=OTHER, new=new, again=new, **tokens))[0] == 200
    assert (await program.get(f"{ROOT}/me"))[0] == (401 if tokens else 200)


async def test_tokens_end_with_a_reset(served: Served) -> None:
    served.add("y tế", Role.VIEWER)
    program, admin = served.program(served.account("y tế"), TokenScope.READ), await served.as_("quản lý", Role.ADMIN)
    fields = {"name": "y tế", "password": "mật khẩu đặt lại từ đầu", "own_password": OTHER}
    assert (await send(admin, "/accounts/password", **fields))[0] == 303
    assert (await program.get(f"{ROOT}/me"))[0] == 401


async def test_a_recovery_code_fits_the_form(served: Served) -> None:
    _, codes = await enrolled(await served.as_("y tế", Role.VIEWER))
    _, text, _ = await served.browser().get("/login")
    (field,) = re.findall(r'<input name="code"[^>]*>', text)
    (most,) = re.findall(r'maxlength="(\d+)"', field)
    assert int(most) >= max(map(len, codes))
    assert 'inputmode="numeric"' not in field


@pytest.fixture
async def strict(store: SqlStore, cheap: None) -> AsyncIterator[Served]:
    """Yield a service that requires a second factor of operators and administrators."""
    judged.fill(store)
    async with serving(store, Config.model_validate({"serve": {"second_factor": ["operator", "admin"]}})) as made:
        yield made


@pytest.mark.parametrize(
    ("wanted", "secure", "roles"),
    [
        (None, True, ["viewer", "operator", "admin"]),
        (None, False, []),
        (["admin"], True, ["admin"]),
        (["admin"], False, ["admin"]),
        ([], True, []),
    ],
)
def test_everybody_must_have_a_factor_where_others_reach_the_service(
    store: SqlStore, wanted: list[str] | None, secure: bool, roles: list[str]
) -> None:
    config = Config.model_validate({"serve": {} if wanted is None else {"second_factor": wanted}})
    assert list(make_app(config, store, secure=secure)[SITE].must_have_factor) == roles


async def test_a_forged_form_and_a_token_that_is_none_are_in_the_audit_log(served: Served) -> None:
    browser = await served.as_("y tế", Role.VIEWER)
    assert (await browser.post("/account/sessions/end", {"csrf": "x"}))[0] == 400
    program = Program(served.base, "ira_none")
    served.clients.append(program)
    assert (await program.get(f"{ROOT}/me"))[0] == 401
    pairs = [(deed.who, deed.about) for deed in served.app[SITE].accounts.deeds() if deed.what == "access_refused"]
    assert pairs == [("", f"401 GET {ROOT}/me"), ("y tế", "400 POST /account/sessions/end")]


async def test_who_must_have_a_factor_does_nothing_before_it_is_set_up(strict: Served) -> None:
    browser, viewer = await strict.as_("vận hành", Role.OPERATOR), await strict.as_("y tế", Role.VIEWER)
    where = "/account/second-factor"
    for path in ("/", "/account", "/audits", "/checks", "/runs"):
        assert (await browser.get(path))[2].get("Location") == where, path
    assert (await viewer.get("/account"))[0] == 200
    status, text, _ = await browser.get(where)
    assert (status, "bắt buộc" in text) == (200, True)
    csrf = re.findall(r'name="csrf" value="([^"]+)"', text)[0]
    fields = {"csrf": csrf, "name": "x", "scope": "read", "days": "7", "password": OTHER}
    assert (await browser.post("/account/tokens", fields))[2].get("Location") == where
    secret = re.findall(r'name="secret" value="([A-Z2-7]{32})"', text)[0]
    sent = {"csrf": csrf, "secret": secret, "code": pyotp.TOTP(secret).now(), "password": OTHER}
    assert (await browser.post(where, sent))[0] == 200
    assert (await browser.get("/audits"))[0] == 200
    assert (await send(browser, f"{where}/drop", password=OTHER))[0] == 422
    assert strict.account("vận hành").second_factor
    assert strict.app[SITE].accounts.tokens() == []


async def test_the_agency_of_a_new_account_is_chosen_from_an_inventory_before_any_audit(
    store: SqlStore, cheap: None
) -> None:
    kept.keep(store)
    async with serving(store) as made:
        made.admin()
        browser = made.browser()
        made.clients.append(browser)
        assert await browser.log_in(ADMIN, GOOD) == 303
        text = (await browser.get("/accounts"))[1]
        assert f'<option value="{judged.OTHER}">{judged.OTHER_NAME}</option>' in text
        assert text.count('type="radio" name="role"') == len(Role)
        typed = {"name": "xây dựng", "password": OTHER, "role": "viewer", "own_password": GOOD}
        status, text = await send(browser, "/accounts", **typed, agency="nobody")
        assert (status, 'value="xây dựng"' in text) == (422, True), "nothing typed is lost"
        assert (await send(browser, "/accounts", **typed, agency=judged.OTHER))[0] == 303
        assert made.account("xây dựng").agency == judged.OTHER
