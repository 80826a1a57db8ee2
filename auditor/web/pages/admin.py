"""Accounts and the audit log, for administrators; the catalogue of checks, for everybody who is logged in."""

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.accounts.model import AccessError, Role
from auditor.findings import CheckId
from auditor.web.guard import remote
from auditor.web.pages.entry import field
from auditor.web.pages.results import latest
from auditor.web.render import language, page
from auditor.web.routes import Routes
from auditor.web.site import account_of, aside, site_of
from inventory.model import AgencyId

routes = Routes()


@routes.get("/checks")
async def checks(request: Request) -> StreamResponse:
    catalogue = site_of(request).catalogue
    return await page(request, "checks", checks=[catalogue.checks[one] for one in sorted(catalogue.checks)])


@routes.get("/checks/{check}")
async def check(request: Request) -> StreamResponse:
    found = site_of(request).catalogue.checks.get(CheckId(request.match_info["check"]))
    if found is None:
        raise web.HTTPNotFound
    return await page(request, "check", check=found)


@routes.get("/accounts", Role.ADMIN)
async def accounts(request: Request) -> StreamResponse:
    return await _accounts(request, "")


@routes.post("/accounts", Role.ADMIN)
async def add_account(request: Request) -> StreamResponse:
    site, agency = site_of(request), await field(request, "agency")
    try:
        role = _role(await field(request, "role"))
        if agency and not await aside(_is_known, request, agency):
            raise AccessError("NO_AGENCY")
        await aside(
            site.access.add, account_of(request).account, remote(request), await field(request, "name"),
            await field(request, "password"), role, AgencyId(agency) if agency else None, language(request),
        )  # fmt: skip
    except AccessError as error:
        return await _accounts(request, error.code, status=422)
    raise web.HTTPSeeOther("/accounts")


@routes.post("/accounts/disable", Role.ADMIN)
async def disable(request: Request) -> StreamResponse:
    """Or enable again, where ``disabled`` is 0."""
    name, disabled = await field(request, "name"), await field(request, "disabled") != "0"
    try:
        await aside(
            site_of(request).access.change, account_of(request).account, remote(request), name, disabled=disabled
        )
    except AccessError as error:
        return await _accounts(request, error.code, status=422)
    raise web.HTTPSeeOther("/accounts")


@routes.get("/audit-log", Role.ADMIN)
async def audit_log(request: Request) -> StreamResponse:
    return await page(request, "audit_log", deeds=await aside(site_of(request).access.deeds))


async def _accounts(request: Request, problem: str, *, status: int = 200) -> StreamResponse:
    every = await aside(site_of(request).access.accounts)
    return await page(request, "accounts", accounts=every, roles=list(Role), problem=problem, status=status)


def _role(text: str) -> Role:
    if text not in {one.value for one in Role}:
        raise web.HTTPBadRequest
    return Role(text)


def _is_known(request: Request, agency: str) -> bool:
    """Whether the latest inventory has this unit: a viewer bound to a slip of the pen would see nothing."""
    digest = latest(site_of(request))
    return digest is not None and digest.organisation.unit(AgencyId(agency)) is not None
