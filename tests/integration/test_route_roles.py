"""Tests the roles of each route against lists kept by hand: every other role tries it and is refused.

A route that is in no list fails, so its author must decide its roles. What an allowed role sees of other agencies is
tested in ``test_other_agencies``.
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from yarl import URL

from auditor.service.accounts.model import IDLE, LIFETIME, Role, TokenScope
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.app import routes
from auditor.service.web.routes import Route
from auditor.service.web.site import SITE
from inventory.model import AgencyId
from tests.support import judged, kept
from tests.support.serving import OTHER, Browser, Program, Served, serving

pytest_plugins = ("tests.support.pages",)

EVERYBODY = """
GET /about | GET /api/v1/openapi.json | GET /calendar/{token}.ics | GET /guide | GET /guide/images/{picture}
GET /healthz | GET /language/{lang} | GET /login | POST /login | GET /login/oidc | GET /login/oidc/back | GET /metrics
GET /readyz | GET /schemas/result-1.json | GET /setup | POST /setup | GET /shared/{token} | POST /shared/{token}
"""
VIEWERS = """
GET / | GET /account | POST /account/password | POST /account/recovery | GET /account/second-factor
POST /account/second-factor | POST /account/second-factor/drop | POST /account/sessions/end | POST /account/tokens
POST /account/tokens/revoke | GET /changes | GET /checks | GET /checks/{check} | GET /declared | GET /frameworks
GET /frameworks/{framework}/{requirement} | GET /inventories | GET /inventories/{name}
GET /inventories/{name}/{number} | GET /inventories/{name}/{number}/changes | GET /login/oidc/again | POST /logout
GET /periods | GET /periods/{period} | GET /periods/{period}/reports/{format} | GET /problems | POST /problems/filters
POST /recheck | GET /reports/latest | GET /reports/latest/{format} | GET /runs | GET /runs/latest | GET /runs/{run}
GET /runs/{run}/agencies | GET /runs/{run}/agencies/{agency} | GET /runs/{run}/agencies/{agency}/reports/{format}
GET /runs/{run}/causes | GET /runs/{run}/changes | GET /runs/{run}/figures/{figure}
GET /runs/{run}/findings/{finding}/{subject} | GET /runs/{run}/mesh | GET /runs/{run}/reports/{format}
GET /runs/{run}/seal | GET /runs/{run}/subjects/{subject} | GET /search | GET /subjects/{subject} | GET /tslcd
GET /tslcd/points/{subject} | GET /waivers
"""
OPERATORS = """
GET /audits | POST /audits | GET /audits/{job} | POST /audits/{job}/cancel | GET /audits/{job}/events | GET /check
POST /check | GET /declared/form | POST /declared/import | POST /declared/value | POST /inventories/confirm
POST /inventories/preview | POST /inventories/reread | GET /inventories/{name}/agencies
POST /inventories/{name}/agencies | GET /inventories/{name}/forgotten | POST /inventories/{name}/forgotten
POST /inventories/{name}/reinstate | POST /inventories/{name}/retire | GET /inventories/{name}/row
POST /inventories/{name}/row | GET /inventories/{name}/row/new | POST /inventories/{name}/row/new
GET /inventories/{name}/{number}/export | GET /inventory/drafts/{key}/{number} | GET /inventory/template
POST /problems | POST /problems/import | POST /runs/{run}/judge | GET /schedules | POST /schedules
POST /schedules/{name}/delete | POST /schedules/{name}/pause | POST /schedules/{name}/start | GET /shares | POST /shares
POST /shares/end | POST /waivers | POST /waivers/end
"""
ADMINISTRATORS = """
GET /accounts | POST /accounts | POST /accounts/change | POST /accounts/disable | GET /accounts/edit
POST /accounts/password | POST /accounts/second-factor | POST /accounts/sessions | GET /audit-log | GET /design
"""
TOKENS_OF_VIEWERS = {
    TokenScope.READ: """
GET /causes | GET /checks | GET /checks/{check} | GET /me | GET /periods | GET /periods/{period}/reports/{format}
GET /runs | GET /runs/{run} | GET /runs/{run}/agencies | GET /runs/{run}/agencies/{agency}
GET /runs/{run}/agencies/{agency}/reports/{file} | GET /runs/{run}/causes | GET /runs/{run}/diff
GET /runs/{run}/findings | GET /runs/{run}/frameworks | GET /runs/{run}/problems | GET /runs/{run}/reports/{format}
GET /runs/{run}/subjects | GET /runs/{run}/subjects/{subject} | GET /subjects/{subject}/history
GET /subjects/{subject}/samples | GET /subjects/{subject}/series
"""
}
TOKENS_OF_OPERATORS = {
    TokenScope.READ: """
GET /inventories | GET /inventories/{inventory} | GET /jobs | GET /jobs/{job} | GET /schedules | GET /waivers
""",
    TokenScope.RUN: """
POST /jobs | POST /jobs/{job}/cancel | POST /schedules/{schedule}/pause | POST /schedules/{schedule}/resume
""",
    TokenScope.ADMIN: """
POST /inventories/{inventory}/reinstate | POST /inventories/{inventory}/retire | POST /inventories/{inventory}/versions
POST /runs/{run}/problems | POST /waivers | POST /waivers/{waiver}/end
""",
    TokenScope.WORKER: """
POST /leases | POST /leases/{lease}/beat | GET /leases/{lease}/blobs/{digest} | POST /leases/{lease}/end
POST /leases/{lease}/evidence | POST /samples
""",
}
TOKENS_OF_ADMINISTRATORS = {TokenScope.ADMIN: "GET /audit-log"}
PARTS = {
    "agency": judged.AGENCY,
    "check": "ipv6.web.aaaa",
    "digest": f"sha256:{64 * '0'}",
    "figure": "K08",
    "file": "csv",
    "finding": judged.finding_of(judged.OURS),
    "format": "csv",
    "framework": "plan-daklak-2023-2025",
    "inventory": kept.INVENTORY,
    "job": "1",
    "key": "x",
    "lang": "vi",
    "lease": "1.1.w1",
    "name": kept.INVENTORY,
    "number": "1",
    "period": "2026",
    "picture": "dang-nhap.webp",
    "requirement": "III.1.a-portals",
    "run": judged.RUN,
    "schedule": "thang",
    "subject": judged.OURS,
    "token": "no-token",
    "waiver": "1",
}
_PART = re.compile(r"\{(\w+)(?::[^{}]*(?:\{[^{}]*\})?[^{}]*)?\}")
PAGES = [route for route in routes() if route.operation is None]
OPERATIONS = [route for route in routes() if route.operation is not None]
_API = "/api/v1"
_OF_ITSELF = {"deed", "attempt", "session"}
"""Tables that a refused request may change: the own login, and the audit line about the refusal."""


@pytest.fixture
async def served(store: SqlStore, cheap: None) -> AsyncIterator[Served]:
    judged.fill(store)
    kept.keep(store)
    async with serving(store) as made:
        yield made


def _plain(route: Route) -> str:
    return f"{route.method} " + _PART.sub(r"{\1}", route.path)


def _path(route: Route) -> str:
    return _PART.sub(lambda match: PARTS[match[1]], route.path)


def _listed(text: str) -> list[str]:
    return [each.strip() for line in text.strip().splitlines() for each in line.split("|")]


def _decided() -> Iterator[tuple[str, Role | None, TokenScope | None]]:
    tables = ((EVERYBODY, None), (VIEWERS, Role.VIEWER), (OPERATORS, Role.OPERATOR), (ADMINISTRATORS, Role.ADMIN))
    for text, role in tables:
        yield from ((each, role, None) for each in _listed(text))
    by_scope: tuple[tuple[Mapping[TokenScope, str], Role], ...] = (
        (TOKENS_OF_VIEWERS, Role.VIEWER),
        (TOKENS_OF_OPERATORS, Role.OPERATOR),
        (TOKENS_OF_ADMINISTRATORS, Role.ADMIN),
    )
    for scopes, role in by_scope:
        for scope, text in scopes.items():
            for each in _listed(text):
                method, path = each.split()
                yield f"{method} {_API}{path}", role, scope


def test_every_route_is_decided_and_has_the_role_that_was_decided() -> None:
    decided = {name: (role, scope) for name, role, scope in _decided()}
    found = {_plain(route): (route.role, route.operation.scope if route.operation else None) for route in routes()}
    assert found == decided


async def _asked(browser: Browser, route: Route, csrf: str) -> tuple[int, str]:
    if route.method == "GET":
        status, _, headers = await browser.get(_path(route))
    else:
        status, _, headers = await browser.post(_path(route), {"csrf": csrf})
    return status, headers.get("Location", "")


def _content(store: SqlStore) -> Mapping[str, str]:
    """Return a digest of every table that a refused request must leave unchanged."""
    with store.database.reading() as connection:
        names = [row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: sha256(repr(connection.exec_driver_sql(f'SELECT * FROM "{name}"').all()).encode()).hexdigest()
            for name in names
            if name not in _OF_ITSELF
        }


@pytest.mark.parametrize(("role", "agency"), [(Role.VIEWER, None), (Role.VIEWER, judged.AGENCY), (Role.OPERATOR, None)])
async def test_pages_of_a_higher_role_are_refused_and_change_nothing(
    served: Served, store: SqlStore, role: Role, agency: str | None
) -> None:
    browser = await served.as_("ai đó", role, agency)
    csrf, before = await browser.csrf(), _content(store)
    for route in PAGES:
        if route.role is not None and not role.covers(route.role):
            assert (await _asked(browser, route, csrf))[0] == 403, route.name
    assert _content(store) == before


@pytest.mark.parametrize("why", ["logged out", "disabled", "idle", "old", "ended", "forged"])
async def test_sessions_that_are_over_open_nothing_and_change_nothing(
    served: Served, store: SqlStore, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await served.as_("ai đó", Role.ADMIN)
    csrf, access = await browser.csrf(), served.app[SITE].accounts
    match why:
        case "logged out":
            await browser.post("/logout", {"csrf": csrf})
        case "disabled":
            access.change(served.admin(), "::1", "ai đó", disabled=True)
        case "idle" | "old":
            later = datetime.now(UTC) + (IDLE if why == "idle" else LIFETIME) + timedelta(minutes=1)
            monkeypatch.setattr(access, "_now", lambda: later)
        case "ended":
            access.end(served.account("ai đó"), served.admin(), "::1")
        case "forged":
            browser.session.cookie_jar.clear()
            browser.session.cookie_jar.update_cookies({"session": "x" * 43}, URL(browser.base))
        case _:
            raise AssertionError(why)
    before = _content(store)
    for route in PAGES:
        if route.role is not None:
            status, leads = await _asked(browser, route, csrf)
            assert (status, leads) in ((303, "/login"), (400, "")), (route.name, status, leads)
            assert route.method == "POST" or status == 303
    assert _content(store) == before


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
async def test_role_that_was_taken_away_counts_at_once(served: Served, store: SqlStore, role: Role) -> None:
    browser = await served.as_("ai đó", Role.ADMIN)
    program = served.program(served.account("ai đó"))
    csrf = await browser.csrf()
    agency = AgencyId(judged.AGENCY) if role is Role.VIEWER else None
    served.app[SITE].accounts.change(served.admin(), "::1", "ai đó", role=role, agency=agency)
    if (await browser.get("/account"))[0] != 200:
        await browser.log_in("ai đó", OTHER)
        csrf = await browser.csrf()
    before = _content(store)
    for route in routes():
        if route.role is not None and not role.covers(route.role):
            if route.operation is None:
                assert (await _asked(browser, route, csrf))[0] == 403, route.name
            else:
                assert await _called(program, route) in (401, 403), route.name
    assert (await browser.get(f"/runs/{judged.RUN}/subjects/{judged.THEIRS}"))[0] == (404 if agency else 200)
    assert _content(store) == before


async def _called(program: Program, route: Route) -> int:
    if route.method == "GET":
        return (await program.get(_path(route)))[0]
    return (await program.send(_path(route), {}))[0]


@pytest.mark.parametrize("role", list(Role))
async def test_operations_need_their_role_and_their_scope(served: Served, store: SqlStore, role: Role) -> None:
    served.admin()
    owner = served.add("ai đó", role)
    programs = {scope: served.program(owner, scope) for scope in TokenScope}
    before = _content(store)
    for scope, program in programs.items():
        for route in OPERATIONS:
            assert route.operation is not None
            assert route.role is not None
            if route.operation.scope is not scope or not role.covers(route.role):
                assert await _called(program, route) == 403, (scope, route.name)
    assert _content(store) == before


@pytest.mark.parametrize("why", ["disabled", "over", "revoked"])
async def test_tokens_that_are_over_open_nothing(
    served: Served, store: SqlStore, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, access = served.add("ai đó", Role.ADMIN), served.app[SITE].accounts
    program = served.program(owner)
    token = program.token
    assert (await program.get("/api/v1/me"))[0] == 200
    match why:
        case "disabled":
            access.change(served.admin(), "::1", "ai đó", disabled=True)
        case "over":
            later = datetime.now(UTC) + timedelta(days=1, minutes=1)
            monkeypatch.setattr(access, "_now", lambda: later)
        case "revoked":
            access.revoke(owner, "::1", access.tokens()[0].digest)
        case _:
            raise AssertionError(why)
    before = _content(store)
    for route in OPERATIONS:
        assert await _called(program, route) == 401, route.name
    assert (await program.get("/metrics"))[0] == 401
    assert (await program.get(f"/calendar/{token}.ics"))[0] == 404
    assert _content(store) == before


async def test_forms_of_everybody_change_nothing_without_what_they_ask_for(served: Served, store: SqlStore) -> None:
    served.admin()
    browser, before = served.browser(), _content(store)
    for route in PAGES:
        if route.role is None and route.method == "POST":
            status, _ = await _asked(browser, route, "")
            assert status >= 400 or route.path == "/setup", route.name
    assert _content(store) == before
    assert [account.name for account in served.app[SITE].accounts.all()] == ["quản trị"]
