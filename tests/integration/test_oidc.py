"""Tests login by an OpenID provider: a scripted one on loopback follows the rules, and breaks one at a time."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from auditor.service.accounts.model import Role
from auditor.service.config.model import Config, OidcSection
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.site import SITE
from tests.support import judged
from tests.support.serving import OTHER, Browser, Served, cheap_passwords, serving

CLIENT, SECRET = "kiem-tra", "khóa của dịch vụ"


class Scripted:
    """Plays the provider.

    ``claims`` add to the usual ones or replace them; ``signs`` may be the key of another provider.
    """

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "một", "use": "sig"})
        self.signs = self.key
        self.header: dict[str, str] = {"alg": "RS256", "kid": "một"}
        self.claims: dict[str, Any] = {}
        self.issuer = ""
        self.asked: dict[str, str] = {}
        self.codes: set[str] = set()

    def app(self) -> web.Application:
        made = web.Application()
        made.router.add_get("/.well-known/openid-configuration", self.discovery)
        made.router.add_get("/jwks", self.jwks)
        made.router.add_post("/token", self.token)
        return made

    async def discovery(self, request: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
            }
        )

    async def jwks(self, request: web.Request) -> web.Response:
        return web.json_response(KeySet([self.key]).as_dict(private=False))

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        verifier = base64.urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest()).rstrip(b"=")
        held = f"{quote_plus(CLIENT)}:{quote_plus(SECRET)}"
        good = (
            request.headers.get("Authorization") == f"Basic {base64.b64encode(held.encode()).decode()}"
            and form["code"] in self.codes
            and verifier.decode() == self.asked["code_challenge"]
            and form["redirect_uri"] == self.asked["redirect_uri"]
        )
        if not good:
            return web.json_response({"error": "invalid_grant"}, status=400)
        self.codes.discard(str(form["code"]))
        return web.json_response({"id_token": self.signed(), "access_token": "x", "token_type": "Bearer"})

    def signed(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "248289761001",
            "exp": now + 300,
            "iat": now,
            "nonce": self.asked["nonce"],
            "preferred_username": "an.nv",
            "groups": ["can-bo", "so-yt"],
            **self.claims,
        }
        said = {name: value for name, value in claims.items() if value is not None}
        if self.header["alg"] in ("none", "HS256"):
            return self.forged(said)
        return jwt.encode(self.header, said, self.signs, algorithms=[self.header["alg"]])

    def forged(self, said: dict[str, Any]) -> str:
        """Return a token without a signature, or with an HMAC keyed by the public key, which everybody knows."""
        parts = (json.dumps(one).encode() for one in (self.header, said))
        signed = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
        made = hmac.digest(self.key.as_pem(private=False), signed.encode(), "sha256")
        signature = b"" if self.header["alg"] == "none" else made
        return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    def authorize(self, url: str) -> str:
        """Act as the provider's page: store the request's parameters and return a code."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = f"code-{len(self.codes)}-{self.asked['state'][:8]}"
        self.codes.add(code)
        return code


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap_passwords(monkeypatch)
    monkeypatch.setenv("OIDC_SECRET", SECRET)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path / "a.db") as made:
        yield made


@pytest.fixture
async def provider() -> AsyncIterator[Scripted]:
    made = Scripted()
    runner = web.AppRunner(made.app())
    await runner.setup()
    await web.TCPSite(runner, "::1", 0).start()
    made.issuer = f"http://[::1]:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def served(store: SqlStore, provider: Scripted) -> AsyncIterator[Served]:
    judged.fill(store)
    section = OidcSection(
        issuer=provider.issuer,
        client_id=CLIENT,
        client_secret="env:OIDC_SECRET",
        public_url="https://kt.example.vn",
        name="Cổng xác thực tỉnh",
        roles={"can-bo": "viewer", "quan-tri": "admin"},
        agencies={"so-yt": judged.AGENCY, "so-xd": judged.OTHER, "ca-tinh": "*"},
    )
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(serving(store, Config(oidc=section)))
        made.admin()
        yield made


async def leave(browser: Browser, provider: Scripted) -> tuple[str, str]:
    """Return the state and the code with which the browser comes back."""
    status, _, headers = await browser.get("/login/oidc")
    assert status == 303
    code = provider.authorize(headers["Location"])
    return provider.asked["state"], code


async def come_back(browser: Browser, state: str, code: str, more: str = "") -> tuple[int, str, Mapping[str, str]]:
    return await browser.get(f"/login/oidc/back?state={state}&code={code}{more}")


async def log_in(served: Served, provider: Scripted) -> tuple[Browser, int]:
    browser = served.browser()
    status, _, _ = await come_back(browser, *await leave(browser, provider))
    return browser, status


async def test_who_is_vouched_for_is_in_with_role_and_agency(served: Served, provider: Scripted) -> None:
    assert "Cổng xác thực tỉnh" in (await served.browser().get("/login"))[1]
    browser, status = await log_in(served, provider)
    assert status == 303
    assert provider.asked["code_challenge_method"] == "S256"
    account = served.account("an.nv")
    assert (account.role, account.agency) == (Role.VIEWER, judged.AGENCY)
    text = (await browser.get(f"/runs/{judged.RUN}"))[1]
    assert (judged.OTHER_NAME in text, (await browser.get(f"/runs/{judged.RUN}/subjects/{judged.THEIRS}"))[0]) == (
        False,
        404,
    )
    assert "identity_added" in [deed.what for deed in served.app[SITE].accounts.deeds()]
    assert SECRET not in str(served.app[SITE].accounts.deeds())


async def test_role_and_agency_follow_the_provider_at_each_login(served: Served, provider: Scripted) -> None:
    browser, _ = await log_in(served, provider)
    for groups, role, agency in (
        (["can-bo", "so-xd"], Role.VIEWER, judged.OTHER),
        (["can-bo", "ca-tinh"], Role.VIEWER, None),
        (["can-bo", "quan-tri"], Role.ADMIN, None),
        (["can-bo", "so-yt"], Role.VIEWER, judged.AGENCY),
    ):
        provider.claims = {"groups": groups, "preferred_username": "tên khác"}
        assert (await log_in(served, provider))[1] == 303
        account = served.account("an.nv")
        assert (account.role, account.agency) == (role, agency)
    assert (await browser.get("/"))[0] == 303


@pytest.mark.parametrize(("said", "status"), [("mfa", 303), ("pwd", 401), (None, 401)])
async def test_a_login_that_is_weaker_than_wanted_is_refused(
    served: Served, provider: Scripted, said: str | None, status: int
) -> None:
    section = served.app[SITE].config.oidc
    assert section is not None
    object.__setattr__(section, "acr", ("mfa",))
    provider.claims = {"acr": said}
    assert (await log_in(served, provider))[1] == status
    assert provider.asked["acr_values"] == "mfa"


async def test_a_page_of_somebody_else_logs_nobody_in(served: Served) -> None:
    async with served.browser().session.get(
        f"{served.base}/login/oidc", headers={"Sec-Fetch-Site": "cross-site"}, allow_redirects=False
    ) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/login")


@pytest.mark.parametrize(
    "broken",
    [
        {"aud": "ai khác"},
        {"aud": [CLIENT, "ai khác"]},
        {"aud": None},
        {"iss": "https://khac.example"},
        {"nonce": "cũ"},
        {"nonce": None},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"sub": None},
        {"iat": 4_000_000_000},
    ],
    ids=str,
)
async def test_a_token_that_is_not_for_us_now_is_refused(
    served: Served, provider: Scripted, broken: dict[str, Any]
) -> None:
    provider.claims = broken
    browser, status = await log_in(served, provider)
    assert status == 401
    assert (await browser.get("/"))[2]["Location"] == "/login"
    assert [account.name for account in served.app[SITE].accounts.all()] == ["quản trị"]
    assert served.app[SITE].accounts.deeds(1)[0].what == "login_refused"


async def test_a_signature_of_another_key_is_refused(served: Served, provider: Scripted) -> None:
    provider.signs = RSAKey.generate_key(2048, {"kid": "một"})
    assert (await log_in(served, provider))[1] == 401


@pytest.mark.parametrize("alg", ["none", "HS256"])
async def test_a_signature_that_anybody_could_make_is_refused(served: Served, provider: Scripted, alg: str) -> None:
    """RFC 8725 §2.1 requires this."""
    provider.header = {"alg": alg, "kid": "một"}
    assert (await log_in(served, provider))[1] == 401


async def test_the_provider_may_change_its_key(served: Served, provider: Scripted) -> None:
    assert (await log_in(served, provider))[1] == 303
    provider.key = provider.signs = RSAKey.generate_key(2048, {"kid": "hai", "use": "sig"})
    provider.header = {"alg": "RS256", "kid": "hai"}
    assert (await log_in(served, provider))[1] == 303


async def test_a_state_is_used_once_and_by_its_own_browser(served: Served, provider: Scripted) -> None:
    browser, other = served.browser(), served.browser()
    state, code = await leave(browser, provider)
    assert (await come_back(other, state, code))[0] == 401
    assert (await come_back(browser, state, code))[0] == 303  # another browser's attempt does not use it up
    again = provider.authorize(f"https://x/?{'&'.join(f'{k}={v}' for k, v in provider.asked.items())}")
    assert (await come_back(browser, state, again))[0] == 401
    assert (await come_back(browser, "nonsense", code))[0] == 401


async def test_an_answer_of_another_issuer_is_refused(served: Served, provider: Scripted) -> None:
    browser = served.browser()
    state, code = await leave(browser, provider)
    assert (await come_back(browser, state, code, "&iss=https://khac.example"))[0] == 401


async def test_what_the_provider_refuses_is_refused(served: Served, provider: Scripted) -> None:
    browser = served.browser()
    state, _ = await leave(browser, provider)
    status, text, _ = await browser.get(f"/login/oidc/back?state={state}&error=access_denied<script>")
    assert (status, "<script>" in text) == (401, False)


@pytest.mark.parametrize("groups", [[], ["ai đó"], ["can-bo"], ["can-bo", "so-yt", "so-xd"], None, 7], ids=str)
async def test_who_has_no_one_role_or_agency_here_stays_out(served: Served, provider: Scripted, groups: object) -> None:
    """A viewer without an agency would see the data of all agencies."""
    provider.claims = {"groups": groups}
    assert (await log_in(served, provider))[1] == 401


async def test_an_account_of_this_service_is_not_taken_over(served: Served, provider: Scripted) -> None:
    served.add("an.nv", Role.OPERATOR)
    assert (await log_in(served, provider))[1] == 401
    assert await served.browser().log_in("an.nv", OTHER) == 303


async def test_who_is_disabled_here_stays_out(served: Served, provider: Scripted) -> None:
    await log_in(served, provider)
    served.app[SITE].accounts.change(served.admin(), "::1", "an.nv", disabled=True)
    assert (await log_in(served, provider))[1] == 401


async def test_without_a_provider_there_is_no_such_address(store: SqlStore) -> None:
    async with serving(store) as served:
        served.admin()
        browser = served.browser()
        assert "/login/oidc" not in (await browser.get("/login"))[1]
        assert [(await browser.get(path))[0] for path in ("/login/oidc", "/login/oidc/back")] == [404, 404]


async def asked_again(browser: Browser, provider: Scripted) -> tuple[str, str]:
    status, _, headers = await browser.get("/login/oidc/again")
    assert status == 303
    code = provider.authorize(headers["Location"])
    return provider.asked["state"], code


async def token(browser: Browser) -> int:
    fields = {"csrf": await browser.csrf(), "name": "x", "scope": "read", "days": "7"}
    return (await browser.post("/account/tokens", fields))[0]


async def test_before_something_grave_the_provider_asks_again(served: Served, provider: Scripted) -> None:
    browser, _ = await log_in(served, provider)
    assert await token(browser) == 422
    state, code = await asked_again(browser, provider)
    assert (provider.asked["prompt"], provider.asked["max_age"]) == ("login", "0")
    provider.claims = {"auth_time": int(time.time())}
    status, _, headers = await come_back(browser, state, code)
    assert (status, headers["Location"]) == (303, "/account")
    assert await token(browser) == 200


@pytest.mark.parametrize(
    "claims", [{}, {"auth_time": 1}, {"auth_time": "now"}, {"auth_time": 2**40, "sub": "somebody else"}], ids=str
)
async def test_who_was_not_asked_again_or_is_another_shows_nothing(
    served: Served, provider: Scripted, claims: dict[str, Any]
) -> None:
    browser, _ = await log_in(served, provider)
    back = await asked_again(browser, provider)
    provider.claims = claims
    assert (await come_back(browser, *back))[0] == 401
    assert await token(browser) == 422


async def test_an_account_with_a_password_is_not_asked_by_the_provider(served: Served) -> None:
    browser = served.browser()
    served.add("lan", Role.VIEWER)
    await browser.log_in("lan", OTHER)
    assert (await browser.get("/login/oidc/again"))[0] == 404


async def test_strangers_do_not_fill_the_audit_log(served: Served) -> None:
    access, browser = served.app[SITE].accounts, served.browser()
    before = len(access.deeds(1_000))
    for _ in range(60):
        assert (await browser.get("/login/oidc/back?state=x&error=y"))[0] == 401
    assert len(access.deeds(1_000)) - before <= 2
