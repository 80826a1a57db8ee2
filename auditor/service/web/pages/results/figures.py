"""Serves the subjects that a figure of a run counts, each with its standing."""

from functools import partial

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.figures.figure import Figure
from auditor.figures.kpis import KPIS, Standing
from auditor.service.web.figures.requirements import figure_lines
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.run_views import chosen
from auditor.service.web.pages.results.frameworks import STANDINGS
from auditor.service.web.rendering.lists import paged
from auditor.service.web.rendering.render import language, page, texts_in
from auditor.service.web.routes import Routes
from auditor.service.web.site import site_of
from inventory.model import AgencyId
from reports.period.texts import tell

routes = Routes()


@routes.get("/runs/{run}/figures/{figure}")
async def figure(request: Request) -> StreamResponse:
    """Show the subjects that a figure counts; with ``agency`` those of one agency and of the units under it."""
    site, view = site_of(request), await chosen(request)
    kpi, agency = KPIS.get(request.match_info["figure"]), AgencyId(request.query.get("agency", "")) or None
    counted = None if kpi is None else figure_of(view, agency, kpi.id)
    if kpi is None or counted is None:
        raise web.HTTPNotFound
    lines = await site.rendering.run(figure_lines, view, site.digests, site.store, kpi, agency)
    return await page(
        request,
        "figure",
        run=view.digest.run,
        name=kpi.id,
        figure=counted,
        agency=agency,
        listed=paged(lines, request),
        counts={standing: n for standing in Standing if (n := sum(line.standing is standing for line in lines))},
        names=view.names,
        standings=STANDINGS,
        say=partial(tell, texts_in(language(request))),
    )


def figure_of(view: AccountView, agency: AgencyId | None, name: str) -> Figure | None:
    """Return a figure of everything visible or of one agency; None if there is none."""
    unit = view.total() if agency is None else next((unit for unit in view.units() if unit.agency == agency), None)
    found = None if unit is None else unit.figures.get(name)
    return found if found is not None and (found.of or found.exempt) else None
