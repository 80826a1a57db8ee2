"""Serves the causes to fix first in a run: the measured things that problems of several hosts have in common."""

from aiohttp.web import Request, StreamResponse

from auditor.service.web.judged_runs.run_views import view_of_run
from auditor.service.web.rendering.lists import paged
from auditor.service.web.rendering.render import language, page, texts_in
from auditor.service.web.routes import Routes
from reports import cause_texts

routes = Routes()


@routes.get("/runs/{run}/causes")
async def causes(request: Request) -> StreamResponse:
    """List every shared cause that the reader may see."""
    view, texts = await view_of_run(request), texts_in(language(request))
    listed = paged(tuple(view.causes), request)
    return await page(
        request,
        "causes",
        run=view.digest.run,
        listed=listed,
        causes=list(cause_texts.lines(tuple(listed.lines), texts, view.names)),
        first=listed.number * len(listed.lines) + 1,
        words=cause_texts.labels(texts),
    )
