"""Runs the service on loopback, with people's browsers and programs with tokens."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar, TCPConnector, web
from argon2 import PasswordHasher

from auditor.service.accounts import passwords
from auditor.service.accounts.model import Account, Role, TokenScope
from auditor.service.config.model import Config
from auditor.service.store.api import DatabaseStore
from auditor.service.web.app import make_app
from auditor.service.web.site import SITE
from inventory.model import AgencyId

GOOD, OTHER = "một mật khẩu đủ dài", "mật khẩu khác hẳn"
ADMIN = "quản trị"
VANTAGE = "hub"
"""The vantage of tokens for workers."""


def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make password hashes cheap, because their cost is not under test."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", hasher)
    monkeypatch.setattr(passwords, "_NOBODY", hasher.hash("nobody has this password"))


class Browser:
    """Acts as a browser: a client with a cookie jar that follows no redirect by itself."""

    def __init__(self, base: str) -> None:
        self.base = base
        # Cookies of addresses, and both of one host: the tests talk to a literal.
        self.session = ClientSession(cookie_jar=CookieJar(unsafe=True), connector=TCPConnector(limit=4))

    async def get(self, path: str) -> tuple[int, str, Mapping[str, str]]:
        async with self.session.get(self.base + path, allow_redirects=False) as answer:
            return answer.status, await answer.text(errors="replace"), answer.headers

    async def post(
        self, path: str, fields: Mapping[str, str] | Sequence[tuple[str, str]], **headers: str
    ) -> tuple[int, str, Mapping[str, str]]:
        sent: Any = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.post(self.base + path, data=fields, headers=sent, allow_redirects=False) as answer:
            return answer.status, await answer.text(), answer.headers

    async def log_in(self, name: str, password: str, code: str = "") -> int:
        status, _, _ = await self.post("/login", {"name": name, "password": password, "code": code})
        return status

    async def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', (await self.get("/checks"))[1])
        assert found is not None
        return found[1]


class Program:
    """Acts as a program: a client with or without a token."""

    def __init__(self, base: str, token: str) -> None:
        self.base, self.token = base, token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.session = ClientSession(headers=headers, connector=TCPConnector(limit=4))

    async def get(self, path: str, **headers: str) -> tuple[int, Any, Mapping[str, str]]:
        """Return status, body and headers of a GET; the body is parsed as JSON, or is text if it is not JSON."""
        sent: Any = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.get(self.base + path, headers=sent, allow_redirects=False) as answer:
            return answer.status, await _read(answer), answer.headers

    async def send(self, path: str, body: object, **headers: str) -> tuple[int, Any, Mapping[str, str]]:
        sent: Any = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.post(self.base + path, json=body, headers=sent, allow_redirects=False) as answer:
            return answer.status, await _read(answer), answer.headers


async def _read(answer: Any) -> Any:
    return (
        await answer.json(content_type=None) if "json" in answer.content_type else await answer.text(errors="replace")
    )


class Served:
    def __init__(self, app: web.Application, base: str) -> None:
        self.app, self.base = app, base
        self.clients: list[Browser | Program] = []

    def browser(self) -> Browser:
        made = Browser(self.base)
        self.clients.append(made)
        return made

    def admin(self) -> Account:
        """Return the administrator, made at the first call."""
        access = self.app[SITE].accounts
        if not access.is_set_up():
            access.set_up(ADMIN, GOOD, "vi", "::1")
        return self.account(ADMIN)

    def account(self, name: str) -> Account:
        return next(one for one in self.app[SITE].accounts.all() if one.name == name)

    def add(self, name: str, role: Role, agency: str | None = None) -> Account:
        bound = None if agency is None else AgencyId(agency)
        self.app[SITE].accounts.add(self.admin(), "::1", name, OTHER, role, bound, "vi")
        return self.account(name)

    async def as_(self, name: str, role: Role, agency: str | None = None) -> Browser:
        """Return a logged-in browser with this role."""
        self.add(name, role, agency)
        browser = self.browser()
        assert await browser.log_in(name, OTHER) == 303
        return browser

    def program(self, owner: Account | None, *scopes: TokenScope) -> Program:
        """Return a client with a token of ``owner`` for ``scopes`` (default: all), or without a token for None."""
        access = self.app[SITE].accounts
        wanted = frozenset(scopes or TokenScope)
        vantage = VANTAGE if TokenScope.WORKER in wanted else ""
        token = "" if owner is None else access.issue(owner, "::1", "p", wanted, timedelta(days=1), vantage=vantage)
        made = Program(self.base, token)
        self.clients.append(made)
        return made


@asynccontextmanager
async def serving(store: DatabaseStore, config: Config | None = None) -> AsyncIterator[Served]:
    app = make_app(config or Config(), store, secure=False)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "::1", 0).start()
    made = Served(app, f"http://[::1]:{runner.addresses[0][1]}")
    try:
        yield made
    finally:
        for client in made.clients:
            await client.session.close()
        await runner.cleanup()
