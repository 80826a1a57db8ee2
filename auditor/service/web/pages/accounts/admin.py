"""Serves the pages for accounts and the audit log (administrators), and for the catalogue of checks (every account)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.service.accounts.accounts import Accounts
from auditor.service.accounts.model import AccessError, Account, Role
from auditor.service.runs.audit_log import LogCheck, check_log
from auditor.service.web.forms.choices import AgencyChoice, agencies, check_groups
from auditor.service.web.forms.sent_forms import field
from auditor.service.web.judged_runs.run_views import latest
from auditor.service.web.rendering.log_texts import about
from auditor.service.web.rendering.render import language, page, texts_in
from auditor.service.web.routes import Routes
from auditor.service.web.security.guard import remote
from auditor.service.web.security.reauthentication import prove
from auditor.service.web.site import Site, account_of, run_in_thread, site_of
from inventory.model import AgencyId

routes = Routes()
OWN = "own_password"
"""The field with the administrator's own password; ``password`` is the new one of another account."""


@routes.get("/checks")
async def checks(request: Request) -> StreamResponse:
    groups = check_groups(site_of(request).catalogue.checks, texts_in(language(request)))
    return await page(request, "checks", groups=groups)


@routes.get("/accounts", Role.ADMIN)
async def accounts(request: Request) -> StreamResponse:
    return await _accounts(request, "", {})


@routes.post("/accounts", Role.ADMIN)
async def add_account(request: Request) -> StreamResponse:
    site, agency = site_of(request), await field(request, "agency")
    try:
        role = _role(await field(request, "role"))
        if agency and not await run_in_thread(_is_known, request, agency):
            raise AccessError("NO_AGENCY")
        await prove(request, OWN)
        await site.hashing.run(
            site.accounts.add,
            account_of(request).account,
            remote(request),
            await field(request, "name"),
            await field(request, "password"),
            role,
            AgencyId(agency) if agency else None,
            language(request),
        )
    except AccessError as error:
        given = {name: await field(request, name) for name in ("name", "role", "agency")}
        return await _accounts(request, error.code, given, status=422)
    raise web.HTTPSeeOther("/accounts")


@routes.post("/accounts/disable", Role.ADMIN)
async def disable(request: Request) -> StreamResponse:
    """Disable an account, or enable it again if ``disabled`` is 0."""
    disabled = await field(request, "disabled") != "0"

    async def work(name: str) -> None:
        await run_in_thread(_accounts_of(request).change, *_by(request), name, disabled=disabled)

    return await _changed(request, work)


@routes.get("/accounts/edit", Role.ADMIN)
async def edit(request: Request) -> StreamResponse:
    return await _edit(request, request.query.get("name", ""))


@routes.post("/accounts/change", Role.ADMIN)
async def change(request: Request) -> StreamResponse:
    """Change role and agency together: only a viewer is bound to an agency."""
    agency = await field(request, "agency")

    async def work(name: str) -> None:
        if agency and not await run_in_thread(_is_known, request, agency):
            raise AccessError("NO_AGENCY")
        role, bound = _role(await field(request, "role")), AgencyId(agency) if agency else ""
        await run_in_thread(_accounts_of(request).change, *_by(request), name, role=role, agency=bound)

    return await _changed(request, work)


@routes.post("/accounts/password", Role.ADMIN)
async def reset_password(request: Request) -> StreamResponse:
    async def work(name: str) -> None:
        change = partial(_accounts_of(request).change, password=await field(request, "password"))
        await site_of(request).hashing.run(change, *_by(request), name)

    return await _changed(request, work)


@routes.post("/accounts/second-factor", Role.ADMIN)
async def drop_second_factor(request: Request) -> StreamResponse:
    """Remove an account's second factor after the loss of device and codes; its sessions end too."""

    async def work(name: str) -> None:
        await run_in_thread(_accounts_of(request).drop_second_factor, *_by(request), name)
        await run_in_thread(_accounts_of(request).end, await _of(request, name), *_by(request))

    return await _changed(request, work)


@routes.post("/accounts/sessions", Role.ADMIN)
async def end_sessions(request: Request) -> StreamResponse:
    async def work(name: str) -> None:
        await run_in_thread(_accounts_of(request).end, await _of(request, name), *_by(request))

    return await _changed(request, work, grave=False)


@routes.get("/audit-log", Role.ADMIN)
async def audit_log(request: Request) -> StreamResponse:
    """Show the audit log; with ``check``, also whether all of it is as it was written."""
    site, checked = site_of(request), None
    if "check" in request.query:
        checked = await run_in_thread(_checked, site)
    deeds = await run_in_thread(site.accounts.deeds)
    return await page(request, "audit_log", deeds=deeds, checked=checked, about=about)


def _checked(site: Site) -> LogCheck:
    return check_log(site.store)


async def _accounts(request: Request, problem: str, given: Mapping[str, str], *, status: int = 200) -> StreamResponse:
    every = await run_in_thread(_accounts_of(request).all)
    agencies = await run_in_thread(_agencies, request)
    role = given.get("role", "")
    return await page(
        request,
        "accounts",
        accounts=every,
        roles=list(Role),
        agencies=agencies,
        names={each.code: each.name for each in agencies},
        filled={
            "name": given.get("name", ""),
            "role": Role(role) if role else Role.VIEWER,
            "agency": given.get("agency", ""),
        },
        problem=problem,
        status=status,
    )


async def _changed(request: Request, work: Callable[[str], Awaitable[None]], *, grave: bool = True) -> StreamResponse:
    """Change an account and return to the list; a ``grave`` change needs the administrator's own password."""
    name = await field(request, "name")
    try:
        if grave:
            await prove(request, OWN)
        await work(name)
    except AccessError as error:
        return await _edit(request, name, error.code)
    raise web.HTTPSeeOther("/accounts")


async def _edit(request: Request, name: str, problem: str = "") -> StreamResponse:
    try:
        account = await _of(request, name)
    except AccessError as error:
        raise web.HTTPNotFound from error
    sittings = await run_in_thread(_accounts_of(request).sittings, account)
    return await page(
        request,
        "account_edit",
        one=account,
        roles=list(Role),
        agencies=await run_in_thread(_agencies, request),
        sittings=sittings,
        problem=problem,
        status=422 if problem else 200,
    )


async def _of(request: Request, name: str) -> Account:
    found = next((account for account in await run_in_thread(_accounts_of(request).all) if account.name == name), None)
    if found is None:
        raise AccessError("NO_ACCOUNT")
    return found


def _accounts_of(request: Request) -> Accounts:
    return site_of(request).accounts


def _by(request: Request) -> tuple[Account, str]:
    return account_of(request).account, remote(request)


def _role(text: str) -> Role:
    if text not in {role.value for role in Role}:
        raise web.HTTPBadRequest
    return Role(text)


def _agencies(request: Request) -> Sequence[AgencyChoice]:
    return agencies(site_of(request), latest(site_of(request)))


def _is_known(request: Request, agency: str) -> bool:
    """True if the latest run or an inventory has this unit: a viewer bound to a mistyped unit would see nothing."""
    return any(each.code == agency for each in _agencies(request))
