"""Serves reports as files: of a run, of one agency in it, and those of the latest run under a fixed address."""

from collections.abc import Callable

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.service.web.downloads.downloads import DOWNLOADS, LETTER, LETTERS, send_report, written_report
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.first_steps import first_steps
from auditor.service.web.judged_runs.run_views import chosen, view_of_latest
from auditor.service.web.problems.work import work_of_problems
from auditor.service.web.rendering.render import language, page
from auditor.service.web.routes import Routes
from auditor.service.web.security.guard import remote
from auditor.service.web.site import account_of, run_in_thread, run_lookup, site_of
from inventory.model import AgencyId
from reports.document import Report

routes = Routes()


@routes.get("/runs/latest")
async def latest_run(request: Request) -> StreamResponse:
    """Redirect to the latest run: this address stays the same. Before the first run, show the next step."""
    view = await run_lookup(view_of_latest, request)
    if view is None:
        return await first_steps(request, "dashboard")
    raise web.HTTPFound(f"/runs/{view.digest.run.id}")


@routes.get("/reports/latest")
async def latest_report(request: Request) -> StreamResponse:
    """Redirect to the report of the latest run as one HTML file."""
    raise web.HTTPFound(f"/runs/{(await _latest(request)).digest.run.id}/reports/html")


@routes.get("/reports/latest/{format}")
async def latest_in_format(request: Request) -> StreamResponse:
    view, kind = await _latest(request), request.match_info["format"]
    if kind not in (*DOWNLOADS, LETTERS):
        raise web.HTTPNotFound
    raise web.HTTPFound(f"/runs/{view.digest.run.id}/reports/{kind}")


@routes.get("/runs/{run}/reports/{format}")
async def report(request: Request) -> StreamResponse:
    """Serve a report of everything, or of the account's own agency."""
    view, kind = await chosen(request), request.match_info["format"]
    if kind not in (*DOWNLOADS, LETTERS) or not view.reported:
        raise web.HTTPNotFound
    return await _sent(request, view, lambda: view.report(site_of(request).digests), kind)


@routes.get("/runs/{run}/agencies/{agency}/reports/{format}")
async def agency_report(request: Request) -> StreamResponse:
    """Serve the report of one agency with the units under it, or the letter to it."""
    view, kind, code = await chosen(request), request.match_info["format"], AgencyId(request.match_info["agency"])
    if kind not in (*DOWNLOADS, LETTER):
        raise web.HTTPNotFound
    if not view.reports(code):
        raise web.HTTPNotFound
    digests = site_of(request).digests
    return await _sent(request, view, lambda: view.report_of(code, digests, below=kind != LETTER), kind, code)


async def _sent(
    request: Request, view: AccountView, read: Callable[[], Report | None], kind: str, agency: str = ""
) -> StreamResponse:
    site, name, run = site_of(request), account_of(request).account.name, view.digest.run.id
    await run_in_thread(
        site.accounts.note, name, remote(request), "export", " ".join(filter(None, (run, agency, kind)))
    )
    sink = await site.rendering.run(
        written_report, site, read, kind, language(request), lambda: work_of_problems(site, view)
    )
    if sink is None:  # nothing to fix, so there is no letter
        return await page(request, "message", status=404, message="no_letter")
    return await send_report(sink, run, request)


async def _latest(request: Request) -> AccountView:
    view = await run_lookup(view_of_latest, request)
    if view is None:
        raise web.HTTPNotFound
    return view
