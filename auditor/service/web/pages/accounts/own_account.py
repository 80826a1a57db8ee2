"""Serves an account's own settings: password, second factor with recovery codes, sessions and API tokens.

Grave actions (changing the password, setting up or removing a second factor, new codes, a new token) ask for the
password again (``reauthentication``), so that a session that was left open, or stolen, cannot give lasting access.
Secrets are only in the answer that makes them: that page is not cached, and no link leads back to it.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import pyotp
import segno
from aiohttp import web
from aiohttp.web import Request, StreamResponse
from markupsafe import Markup

from auditor.service.accounts import recovery_codes
from auditor.service.accounts.model import AccessError, Account, Role, TokenScope
from auditor.service.web.forms.choices import agencies
from auditor.service.web.forms.sent_forms import field
from auditor.service.web.judged_runs.run_views import latest
from auditor.service.web.rendering.render import language, page, texts_in
from auditor.service.web.routes import Routes
from auditor.service.web.security.guard import must_set_up_factor, remote, this_session
from auditor.service.web.security.reauthentication import prove
from auditor.service.web.site import RENEWED, Site, account_of, run_in_thread, site_of
from auditor.service.web.words.lookup import say

routes = Routes()
VALID_DAYS = (7, 30, 90, 365)
_OF_ROLE = {
    TokenScope.READ: Role.VIEWER,
    TokenScope.METRICS: Role.VIEWER,
    TokenScope.CALENDAR: Role.VIEWER,
    TokenScope.RUN: Role.OPERATOR,
    TokenScope.ADMIN: Role.OPERATOR,
    TokenScope.WORKER: Role.ADMIN,
}


@routes.get("/account")
async def account(request: Request) -> StreamResponse:
    return await _account(request)


@routes.post("/account/password")
async def change_password(request: Request) -> StreamResponse:
    old, new, again = [await field(request, name) for name in ("old", "new", "again")]
    who = account_of(request).account
    try:
        if new != again:
            raise AccessError("PASSWORDS_DIFFER")
        code, tokens = await field(request, "own_code"), bool(await field(request, "tokens"))
        work = partial(site_of(request).accounts.change_password, code=code, tokens=tokens)
        made = await site_of(request).hashing.run(work, who, remote(request), old, new, this_session(request))
        request[RENEWED] = made
    except AccessError as error:
        return await _account(request, error.code)
    return await _account(request, said="password_was_changed")


@routes.get("/account/second-factor")
async def second_factor_form(request: Request) -> StreamResponse:
    if account_of(request).account.vouched:
        raise web.HTTPNotFound
    return await _second_factor(request, pyotp.random_base32())


@routes.post("/account/second-factor")
async def second_factor(request: Request) -> StreamResponse:
    """Set up the second factor with a code of the secret that was shown; the form sends the secret back."""
    secret, code = await field(request, "secret"), (await field(request, "code")).strip()
    accounts, who = site_of(request).accounts, account_of(request).account
    try:
        await prove(request)
        work = partial(accounts.confirm_second_factor, kept=this_session(request))
        codes = await run_in_thread(work, who, remote(request), secret, code)
    except AccessError as error:
        again = error.code != "BAD_CODE" and recovery_codes.is_secret(secret)
        return await _second_factor(request, secret if again else pyotp.random_base32(), error.code)
    return await _once(request, "recovery", "recovery_intro", codes)


@routes.post("/account/second-factor/drop")
async def drop_second_factor(request: Request) -> StreamResponse:
    accounts, who = site_of(request).accounts, account_of(request).account
    try:
        await prove(request)
        if who.role.value in site_of(request).must_have_factor:
            raise AccessError("FACTOR_REQUIRED")
        work = partial(accounts.drop_second_factor, kept=this_session(request))
        await run_in_thread(work, who, remote(request), who.name)
    except AccessError as error:
        return await _account(request, error.code)
    raise web.HTTPSeeOther("/account")


@routes.post("/account/recovery")
async def renew_recovery(request: Request) -> StreamResponse:
    accounts, who = site_of(request).accounts, account_of(request).account
    try:
        await prove(request)
        codes = await run_in_thread(accounts.renew_recovery, who, remote(request))
    except AccessError as error:
        return await _account(request, error.code)
    return await _once(request, "recovery", "recovery_intro", codes)


@routes.post("/account/sessions/end")
async def end_sessions(request: Request) -> StreamResponse:
    """End all sessions but this one, or only the session that the form names."""
    who = account_of(request).account
    try:
        await prove(request)
        only = await field(request, "session")
        await run_in_thread(
            site_of(request).accounts.end, who, who, remote(request), kept=this_session(request), only=only
        )
    except AccessError as error:
        return await _account(request, error.code)
    raise web.HTTPSeeOther("/account")


@routes.post("/account/tokens")
async def make_token(request: Request) -> StreamResponse:
    accounts, who, sent = site_of(request).accounts, account_of(request).account, await request.post()
    days, name = await field(request, "days"), (await field(request, "name")).strip()
    scopes = [scope for scope in scopes_of(who) if scope.value in sent.getall("scope", [])]
    vantage = await field(request, "vantage")
    try:
        await prove(request)
        if vantage and vantage not in site_of(request).config.vantages:
            raise AccessError("NO_VANTAGE")
        valid = timedelta(days=int(days)) if days in map(str, VALID_DAYS) else timedelta()
        work = partial(accounts.issue, vantage=vantage)
        held = await run_in_thread(work, who, remote(request), name, scopes, valid)
    except AccessError as error:
        return await _account(request, error.code)
    return await _once(request, "token_ready", "token_intro", [held])


@routes.post("/account/tokens/revoke")
async def revoke_token(request: Request) -> StreamResponse:
    """Revoke a token of the account; an administrator may revoke any token."""
    try:
        who = account_of(request).account
        await run_in_thread(site_of(request).accounts.revoke, who, remote(request), await field(request, "token"))
    except AccessError as error:
        return await _account(request, error.code)
    raise web.HTTPSeeOther("/account")


# --- helpers of the pages --------------------------------------------------------------------------------------------


def scopes_of(who: Account) -> list[TokenScope]:
    """List the scopes that a token of this account can have: the API would refuse the others in any case."""
    bound = {TokenScope.METRICS} if who.agency is not None else set()
    return [scope for scope in TokenScope if who.role.covers(_OF_ROLE[scope]) and scope not in bound]


async def _account(request: Request, problem: str = "", said: str = "") -> StreamResponse:
    accounts, who = site_of(request).accounts, account_of(request).account
    every = await run_in_thread(accounts.tokens)
    return await page(
        request,
        "account",
        who=who,
        agency=await run_in_thread(_agency_name, site_of(request), who),
        problem=problem,
        said=said,
        this=this_session(request),
        days=VALID_DAYS,
        has_tokens=any(token.account == who.name for token in every),
        left=await run_in_thread(accounts.recovery_left, who),
        sittings=await run_in_thread(accounts.sittings, who),
        tokens=[token for token in every if token.account == who.name or who.role is Role.ADMIN],
        scopes=scopes_of(who),
        vantages=sorted(site_of(request).config.vantages) if TokenScope.WORKER in scopes_of(who) else (),
        status=422 if problem else 200,
    )


def _agency_name(site: Site, who: Account) -> str:
    """Return the name of the agency that an account is bound to, its code if no name is known, or an empty text."""
    if who.agency is None:
        return ""
    return next((each.name for each in agencies(site, latest(site)) if each.code == who.agency), "") or who.agency


async def _second_factor(request: Request, secret: str, problem: str = "") -> StreamResponse:
    issuer = say(texts_in(language(request)), "product")
    uri = pyotp.TOTP(secret).provisioning_uri(name=account_of(request).account.name, issuer_name=issuer)
    drawn = Markup(segno.make(uri, error="m").svg_inline(border=4, dark="#000", light="#fff", omitsize=True))  # noqa: S704
    grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return await page(
        request,
        "second_factor",
        secret=secret,
        grouped=grouped,
        picture=drawn,
        problem=problem,
        required=must_set_up_factor(request),
        status=422 if problem else 200,
    )


async def _once(request: Request, title: str, intro: str, secrets: Sequence[str]) -> StreamResponse:
    return await page(request, "shown_once", title=title, intro=intro, secrets=secrets)
