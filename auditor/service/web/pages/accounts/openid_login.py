"""Serves logging in by the configured OpenID provider; without one these addresses do not exist."""

from collections.abc import Iterable, Mapping

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.service.accounts import openid_accounts
from auditor.service.accounts.model import AccessError, Role
from auditor.service.config.model import OidcSection
from auditor.service.web.pages.accounts.login import end_previous_session
from auditor.service.web.rendering.render import host_name, language, page
from auditor.service.web.routes import Routes
from auditor.service.web.security.guard import hand_over, remote, this_session
from auditor.service.web.security.oidc import PATIENCE, IdentityNotConfirmed, Provider
from auditor.service.web.site import RENEWED, Site, account_of, run_in_thread, session_of, site_of
from inventory.model import AgencyId

routes = Routes()
HELD = "oidc"


@routes.get("/login/oidc", role=None)
async def leave(request: Request) -> StreamResponse:
    """Send the browser to the provider, if a page of ours or the browser's address line leads here.

    A provider remembers its users, so any other page that leads here could log them in.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        raise web.HTTPSeeOther("/login")
    return await _leave(request, "")


@routes.get("/login/oidc/again")
async def leave_again(request: Request) -> StreamResponse:
    """Send a logged-in account to the provider before a grave action; the provider asks for its identity again."""
    if not account_of(request).account.vouched:
        raise web.HTTPNotFound
    return await _leave(request, this_session(request))


async def _leave(request: Request, session: str) -> StreamResponse:
    try:
        where, held = await _provider(request).leave(session)
    except IdentityNotConfirmed as error:
        return await _refused(request, "NOT_CONFIRMED", str(error))
    response = web.HTTPSeeOther(where)
    secure = site_of(request).secure
    name, age = host_name(HELD, secure=secure), int(PATIENCE)
    response.set_cookie(name, held, max_age=age, httponly=True, secure=secure, samesite="Lax", path="/")
    raise response


@routes.get("/login/oidc/back", role=None)
async def come_back(request: Request) -> StreamResponse:
    site, provider, section = site_of(request), _provider(request), site_of(request).config.oidc
    assert section is not None
    try:
        claims, session = await provider.come_back(
            request.query, request.cookies.get(host_name(HELD, secure=site.secure), "")
        )
        if session:
            await _proved(request, section.issuer, str(claims["sub"]), session)
            return _back_home(site)
        role, agency = standing(claims, section)
        name = _text(claims.get(section.name_claim)) or _text(claims.get("sub"))
        held = await run_in_thread(
            openid_accounts.log_in,
            site.accounts,
            section.issuer,
            str(claims["sub"]),
            name,
            role,
            agency,
            language(request),
            remote(request),
        )
    except IdentityNotConfirmed as error:
        return await _refused(request, "NOT_CONFIRMED", str(error))
    except AccessError as error:
        return await _refused(request, "NOT_KNOWN_HERE", error.code)
    await end_previous_session(request)
    response = web.HTTPSeeOther("/")
    _forget(response, site)
    hand_over(response, held, secure=site.secure)
    raise response


def standing(claims: Mapping[str, object], section: OidcSection) -> tuple[Role, AgencyId | None]:
    """Return the role and the agency that the claims stand for. Raises AccessError if there is none."""
    roles = [Role(section.roles[value]) for value in _values(claims.get(section.role_claim)) if value in section.roles]
    if not roles:
        raise AccessError("NO_ROLE")
    role = max(roles, key=list(Role).index)
    if role is not Role.VIEWER:
        return role, None
    values = _values(claims.get(section.agency_claim))
    agencies = {section.agencies[text] for text in values if text in section.agencies}
    if "*" in agencies:
        return role, None
    if len(agencies) != 1:
        raise AccessError("NO_ONE_AGENCY")
    return role, AgencyId(agencies.pop())


async def _proved(request: Request, issuer: str, subject: str, session: str) -> None:
    """Check that the provider confirmed the account of the session that asked."""
    accounts, current = site_of(request).accounts, session_of(request)
    if current is None or session != this_session(request):
        raise IdentityNotConfirmed("the session that asked is over")
    if not await run_in_thread(openid_accounts.is_of, accounts, current.account, issuer, subject):
        raise IdentityNotConfirmed("somebody else came back than is logged in")
    request[RENEWED] = await run_in_thread(accounts.prove_elsewhere, session)


def _back_home(site: Site) -> StreamResponse:
    response = web.HTTPSeeOther("/account")
    _forget(response, site)
    raise response


def _forget(response: StreamResponse, site: Site) -> None:
    name = host_name(HELD, secure=site.secure)
    response.del_cookie(name, path="/", secure=site.secure, httponly=True, samesite="Lax")


async def _refused(request: Request, problem: str, why: str) -> StreamResponse:
    """Show the login page with a problem; the exact reason goes only into the audit log.

    The number of such lines is bounded: this needs no login, and the audit log is only added to.
    """
    await run_in_thread(site_of(request).accounts.refusals.add, "", remote(request), "login_refused", f"OpenID: {why}")
    return await page(request, "login", status=401, problem=problem, name="")


def _provider(request: Request) -> Provider:
    provider = site_of(request).provider
    if provider is None:
        raise web.HTTPNotFound
    return provider


def _values(claim: object) -> Iterable[str]:
    """Return the texts of a claim, which is one text or a list of them."""
    if isinstance(claim, str):
        return [claim]
    return [value for value in claim if isinstance(value, str)] if isinstance(claim, list) else []


def _text(claim: object) -> str:
    return claim.strip()[:100] if isinstance(claim, str) else ""
