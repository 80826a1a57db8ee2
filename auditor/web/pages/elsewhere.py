"""Logging in by the OpenID provider of the configuration; without one these addresses are not there."""

from collections.abc import Iterable, Mapping

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.accounts import vouched
from auditor.accounts.model import LIFETIME, AccessError, Role
from auditor.config.model import OidcSection
from auditor.web.guard import cookie_name, remote, this_session
from auditor.web.oidc import PATIENCE, NotConfirmed, Provider
from auditor.web.render import language, page
from auditor.web.routes import Routes
from auditor.web.site import Site, account_of, aside, session_of, site_of
from inventory.model import AgencyId

routes = Routes()
HELD = "oidc"
_PATH = "/login/oidc"


@routes.get("/login/oidc", role=None)
async def leave(request: Request) -> StreamResponse:
    return await _leave(request, "")


@routes.get("/login/oidc/again")
async def leave_again(request: Request) -> StreamResponse:
    """For who is logged in, before something grave: the provider asks again who they are."""
    if not account_of(request).account.vouched:
        raise web.HTTPNotFound
    return await _leave(request, this_session(request))


async def _leave(request: Request, session: str) -> StreamResponse:
    try:
        where, held = await _provider(request).leave(session)
    except NotConfirmed as error:
        return await _refused(request, "NOT_CONFIRMED", str(error))
    response = web.HTTPSeeOther(where)
    response.set_cookie(
        HELD, held, max_age=int(PATIENCE), httponly=True, secure=site_of(request).secure, samesite="Lax", path=_PATH
    )
    raise response


@routes.get("/login/oidc/back", role=None)
async def come_back(request: Request) -> StreamResponse:
    site, provider, section = site_of(request), _provider(request), site_of(request).config.oidc
    assert section is not None
    try:
        claims, session = await provider.come_back(request.query, request.cookies.get(HELD, ""))
        if session:
            await _proved(request, section.issuer, str(claims["sub"]), session)
            return _back_home(site)
        role, agency = standing(claims, section)
        name = _text(claims.get(section.name_claim)) or _text(claims.get("sub"))
        held = await aside(
            vouched.log_in, site.access, section.issuer, str(claims["sub"]), name, role, agency,
            language(request), remote(request),
        )  # fmt: skip
    except NotConfirmed as error:
        return await _refused(request, "NOT_CONFIRMED", str(error))
    except AccessError as error:
        return await _refused(request, "NOT_KNOWN_HERE", error.code)
    response = web.HTTPSeeOther("/")
    response.del_cookie(HELD, path=_PATH)
    response.set_cookie(
        cookie_name(secure=site.secure), held, max_age=int(LIFETIME.total_seconds()), httponly=True,
        secure=site.secure, samesite="Lax", path="/",
    )  # fmt: skip
    raise response


def standing(claims: Mapping[str, object], section: OidcSection) -> tuple[Role, AgencyId | None]:
    """The role and the agency that the provider's claims stand for. Raises AccessError for who has none."""
    roles = [Role(section.roles[one]) for one in _values(claims.get(section.role_claim)) if one in section.roles]
    if not roles:
        raise AccessError("NO_ROLE")
    role = max(roles, key=list(Role).index)
    if role is not Role.VIEWER:
        return role, None
    said = _values(claims.get(section.agency_claim))
    agencies = {section.agencies[one] for one in said if one in section.agencies}
    if "*" in agencies:
        return role, None
    if len(agencies) != 1:
        raise AccessError("NO_ONE_AGENCY")
    return role, AgencyId(agencies.pop())


async def _proved(request: Request, issuer: str, subject: str, session: str) -> None:
    """Who came back must be who sits at the session that asked."""
    access, current = site_of(request).access, session_of(request)
    if current is None or session != this_session(request):
        raise NotConfirmed("the session that asked is over")
    if not await aside(vouched.is_of, access, current.account, issuer, subject):
        raise NotConfirmed("somebody else came back than is logged in")
    await aside(access.prove_elsewhere, session)


def _back_home(site: Site) -> StreamResponse:
    response = web.HTTPSeeOther("/account")
    response.del_cookie(HELD, path=_PATH)
    raise response


async def _refused(request: Request, problem: str, why: str) -> StreamResponse:
    """What exactly was wrong is for the log, not for whoever tries. How often it is written is bounded: this needs
    nobody to be logged in, and the audit log is only added to."""
    await aside(site_of(request).access.refusals.add, "", remote(request), "login_refused", f"OpenID: {why}")
    return await page(request, "login", status=401, problem=problem, name="")


def _provider(request: Request) -> Provider:
    found = site_of(request).provider
    if found is None:
        raise web.HTTPNotFound
    return found


def _values(claim: object) -> Iterable[str]:
    """A claim is one text or a list of them."""
    if isinstance(claim, str):
        return [claim]
    return [one for one in claim if isinstance(one, str)] if isinstance(claim, list) else []


def _text(claim: object) -> str:
    return claim.strip()[:100] if isinstance(claim, str) else ""
