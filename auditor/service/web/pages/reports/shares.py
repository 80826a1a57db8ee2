"""Serves links to reports: made and withdrawn by operators, opened with a password by people without an account."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.service.accounts.model import AccessError, Account, Role
from auditor.service.accounts.shared_reports import LONGEST_SHARE, SHARING, SharedReport
from auditor.service.web.downloads.downloads import DOWNLOADS, send_report, written_report
from auditor.service.web.forms.sent_forms import field
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.run_views import view_of_latest, view_of_named
from auditor.service.web.rendering.render import language, page
from auditor.service.web.routes import Routes
from auditor.service.web.security.guard import remote
from auditor.service.web.site import Site, account_of, run_in_thread, run_lookup, site_of
from inventory.model import AgencyId
from reports.document import Report

routes = Routes()
DAYS = (7, 14, 30, 90)
"""The durations that are offered for a link, in days."""
_FIELDS = {"run": 100, "agency": 100, "days": 5}
_NO_REFERRER = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
"""The headers that keep the address of a link from other pages and from search indexes."""


@routes.get("/shares", SHARING)
async def shares(request: Request) -> StreamResponse:
    return await _shares(request, request.query)


@routes.post("/shares", SHARING)
async def make(request: Request) -> StreamResponse:
    """Make a link and show it, with its password, once."""
    site, who = site_of(request), account_of(request).account
    given = {name: (await field(request, name)).strip()[:most] for name, most in _FIELDS.items()}
    password = await field(request, "password") or secrets.token_urlsafe(12)
    try:
        report = await run_in_thread(_wanted, request, given)
        held = await site.hashing.run(site.accounts.share, who, remote(request), report, password)
    except AccessError as error:
        return await _shares(request, given, error.code, status=422)
    link = f"{request.scheme if not site.secure else 'https'}://{request.host}/shared/{held}"
    return await page(request, "share_made", link=link, password=password, expires=report.expires)


@routes.post("/shares/end", SHARING)
async def end(request: Request) -> StreamResponse:
    key = await field(request, "key")
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        raise web.HTTPBadRequest
    site = site_of(request)
    try:
        await run_in_thread(site.accounts.end_share, account_of(request).account, remote(request), int(key))
    except AccessError as error:
        return await _shares(request, {}, error.code, status=409)
    raise web.HTTPSeeOther("/shares")


@routes.get("/shared/{token}", role=None)
async def shared(request: Request) -> StreamResponse:
    """Ask for the password; the page is the same for an unknown or expired link."""
    return await _ask(request)


@routes.post("/shared/{token}", role=None)
async def open_shared(request: Request) -> StreamResponse:
    """Send the report that a link opens with its password."""
    site, kind = site_of(request), await field(request, "format")
    if kind not in DOWNLOADS:
        raise web.HTTPBadRequest
    given = (request.match_info["token"], await field(request, "password"), remote(request))
    try:
        share = await site.hashing.run(site.accounts.open_share, *given)
    except AccessError as error:
        waits = error.code == "WAIT"
        return await _ask(request, "WAIT" if waits else "SHARE_DENIED", status=429 if waits else 403)
    sink = await site.rendering.run(written_report, site, lambda: _report(site, share), kind, language(request))
    if sink is None:
        raise web.HTTPNotFound
    return await send_report(sink, share.run, request, _NO_REFERRER)


async def _ask(request: Request, problem: str = "", *, status: int = 200) -> StreamResponse:
    response = await page(
        request, "shared", token=request.match_info["token"], formats=DOWNLOADS, problem=problem, status=status
    )
    response.headers.update(_NO_REFERRER)
    return response


async def _shares(
    request: Request, given: Mapping[str, str], problem: str = "", *, status: int = 200
) -> StreamResponse:
    site = site_of(request)
    view = await run_lookup(_view, request, given.get("run", ""))
    now = datetime.now(UTC)
    known = await run_in_thread(site.accounts.shares)
    return await page(
        request,
        "shares",
        shares=[(share, share.is_open(now)) for share in known],
        run=None if view is None or not view.reported else view.digest.run,
        names={} if view is None else view.names,
        filled={name: given.get(name, "") for name in _FIELDS},
        days=DAYS,
        problem=problem,
        status=status,
    )


def _view(request: Request, run: str) -> AccountView | None:
    return view_of_named(request, run) if run else view_of_latest(request)


def _wanted(request: Request, given: Mapping[str, str]) -> SharedReport:
    """Read the report to share from a form. Raises AccessError: NO_SHARED_REPORT, BAD_SHARE_DAYS."""
    view, agency = _view(request, given["run"]), AgencyId(given["agency"]) if given["agency"] else None
    if view is None or not (view.reported if agency is None else view.reports(agency)):
        raise AccessError("NO_SHARED_REPORT")
    days = given["days"]
    if not (days.isascii() and days.isdigit() and len(days) < 4 and 0 < int(days) <= LONGEST_SHARE.days):
        raise AccessError("BAD_SHARE_DAYS")
    now = datetime.now(UTC)
    return SharedReport(
        key=0,
        run=view.digest.run.id,
        judgement=view.judgement,
        agency=agency,
        who="",
        made=now,
        expires=now + timedelta(days=int(days)),
    )


def _report(site: Site, share: SharedReport) -> Report | None:
    """Read the report of a link as it was when the link was made: by its judgement."""
    judgement = next((each for each in site.store.judgements(share.run) if each.id == share.judgement), None)
    if judgement is None:
        return None
    view = AccountView(_READER, site.digests.of(judgement), site.store)
    return view.report(site.digests) if share.agency is None else view.report_of(share.agency, site.digests)


_READER = Account(key=0, name="", role=Role.VIEWER, agency=None, lang="vi", created=datetime(1970, 1, 1, tzinfo=UTC))
"""Stands for the reader of a link; the link restricts the content."""
