"""Serves the calendar of end dates to calendar programs, which cannot send a header: the token is part of the address.

Such a token reads the calendar of its account's agency and nothing else, so an address that leaks gives away no more.
"""

from aiohttp import web
from aiohttp.web import Request, Response, StreamResponse

from auditor.service.accounts.model import TokenGrant, TokenScope
from auditor.service.web.downloads.downloads import written_report
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.run_views import latest
from auditor.service.web.routes import Routes
from auditor.service.web.site import Site, run_in_thread, site_of

routes = Routes()
_LONGEST_TOKEN = 300


@routes.get("/calendar/{token}.ics", role=None)
async def calendar(request: Request) -> StreamResponse:
    """Serve the days of the latest whole run; 404 for every token without the calendar's scope."""
    site, token = site_of(request), request.match_info["token"]
    grant = await run_in_thread(site.accounts.token, token) if len(token) <= _LONGEST_TOKEN else None
    if grant is None or TokenScope.CALENDAR not in grant.scopes:
        raise web.HTTPNotFound
    lang = "en" if request.query.get("lang") == "en" else "vi"
    body = await site.rendering.run(_written, site, grant, lang)
    return Response(body=body, content_type="text/calendar", charset="utf-8")


def _written(site: Site, grant: TokenGrant, lang: str) -> bytes:
    digest = latest(site)
    if digest is None:
        raise web.HTTPNotFound
    view = AccountView(grant.account, digest, site.store)
    sink = written_report(site, lambda: view.report(site.digests), "ics", lang)
    assert sink is not None
    try:
        return sink.path.read_bytes()
    finally:
        sink.remove()
