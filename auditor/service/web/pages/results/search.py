"""Serves the search over agencies, subjects and checks."""

from aiohttp.web import Request, StreamResponse

from auditor.service.web.judged_runs import searching
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.run_views import view_of_latest
from auditor.service.web.rendering.render import page, texts_in
from auditor.service.web.routes import Routes
from auditor.service.web.site import run_in_thread, run_lookup, site_of
from auditor.texts.translate import LANGUAGES

routes = Routes()


@routes.get("/search")
async def search(request: Request) -> StreamResponse:
    """List matches for ``q`` in the latest run and among the checks, the first of each kind.

    Rows that an inventory has beyond the run are found on its own page, to which the answer leads.
    """
    text = searching.wanted_text(request.query.get("q", ""))
    view = await run_lookup(view_of_latest, request)
    languages, known = [texts_in(lang) for lang in LANGUAGES], site_of(request).catalogue.checks
    return await page(
        request,
        "search",
        {} if view is None else await run_in_thread(_within, view, text),
        searched=text,
        run=None if view is None else view.digest.run,
        checks=searching.checks(known.values(), text, languages),
        inventories=[version.name for version in await run_in_thread(site_of(request).stock.latest)],
    )


def _within(view: AccountView, text: str) -> dict[str, object]:
    return {"agencies": searching.agencies(view, text), "subjects": searching.subjects(view, text), "names": view.names}
