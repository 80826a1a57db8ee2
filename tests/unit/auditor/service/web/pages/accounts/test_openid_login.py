"""Tests that accounts of an identity provider are distinguished by the whole of the provider's identifier."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web

from auditor.service.accounts.accounts import Accounts
from auditor.service.config.model import OidcSection
from auditor.service.store.database.sqlite import SqliteDatabase
from auditor.service.web.pages.accounts import openid_login
from tests.support.serving import cheap_passwords

LONG = "uid=" + "x" * 200  # at most 255 characters (OpenID Connect Core §2)


@pytest.fixture
def access(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Accounts]:
    cheap_passwords(monkeypatch)
    database = SqliteDatabase(tmp_path / "a.db")
    database.prepare()
    yield Accounts(database)
    database.close()


async def arrives(access: Accounts, claims: Mapping[str, object], monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of the account that a user with these claims is logged in as."""
    section = OidcSection(
        issuer="https://idp.example",
        client_id="c",
        public_url="https://kt.example",
        name="Cổng",
        roles={"can-bo": "viewer"},
        agencies={"tat-ca": "*"},
    )

    async def come_back(*_: object) -> tuple[Mapping[str, object], str]:
        return {"groups": ["can-bo", "tat-ca"], **claims}, ""

    site = SimpleNamespace(
        config=SimpleNamespace(oidc=section),
        accounts=access,
        secure=False,
        provider=SimpleNamespace(come_back=come_back),
    )
    for name, value in (("site_of", site), ("remote", "::1"), ("language", "vi")):
        monkeypatch.setattr(openid_login, name, lambda _, value=value: value)
    request: Any = SimpleNamespace(query={}, cookies={}, get=lambda _: None)
    with pytest.raises(web.HTTPSeeOther) as caught:
        await openid_login.come_back(request)
    session = access.session(caught.value.cookies["session"].value)
    assert session is not None
    return session.account.name


@pytest.mark.parametrize("other", [f"{LONG} khác", f" {LONG}", LONG.upper()])
async def test_standing_similar_names_stay_apart(access: Accounts, monkeypatch: pytest.MonkeyPatch, other: str) -> None:
    assert await arrives(access, {"sub": LONG, "preferred_username": "an"}, monkeypatch) == "an"
    assert await arrives(access, {"sub": other, "preferred_username": "bình"}, monkeypatch) == "bình"
    assert await arrives(access, {"sub": LONG, "preferred_username": "an"}, monkeypatch) == "an"
