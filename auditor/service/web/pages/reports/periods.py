"""Serves reports of months, quarters and years: as pages, and as files."""

from collections.abc import Sequence

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.service.web.caches.periods import ReportNotReady
from auditor.service.web.downloads.attachments import attachment
from auditor.service.web.downloads.period_reports import made_report, written_period
from auditor.service.web.pages.results.frameworks import named_periods, period_named
from auditor.service.web.rendering.render import language, page, texts_in
from auditor.service.web.routes import Routes
from auditor.service.web.security.guard import remote
from auditor.service.web.site import account_of, run_in_thread, site_of
from reports.period.cells import PeriodTable
from reports.period.files import FORMATS, file_name
from reports.period.tables import shown, summary, tables, title, title_of

routes = Routes()
OCTETS = "application/octet-stream"
PATIENCE: float | None = 0.5
"""Seconds that a reader waits for a report before the page says that it is being made; None: until it is there."""
MOST_ROWS = 200
"""The most rows of one table that the page shows; the workbook has all of them."""


@routes.get("/periods")
async def periods(request: Request) -> StreamResponse:
    """List the periods in which anything was counted."""
    named = await run_in_thread(named_periods, site_of(request), texts_in(language(request)))
    whole = account_of(request).account.agency is None
    return await page(request, "periods", periods=named, whole=whole, formats=list(FORMATS))


@routes.get("/periods/{period}")
async def period(request: Request) -> StreamResponse:
    """Show the report of a period, or that it is being made."""
    site, asked, texts = site_of(request), period_named(request.match_info["period"]), texts_in(language(request))
    try:
        report = await made_report(site, account_of(request).account, asked, PATIENCE)
    except ReportNotReady:
        return await page(request, "period_awaited", heading=title_of(asked, texts))
    if report is None:
        raise web.HTTPNotFound
    made = await site.rendering.run(lambda: shown(list(tables(report, texts))))
    return await page(
        request,
        "period",
        period=asked,
        heading=title(report, texts),
        sentences=summary(report, texts),
        tables=[(table, *rows_on_page(table)) for table in made],
        formats=list(FORMATS),
    )


@routes.get("/periods/{period}/reports/{format}")
async def period_file(request: Request) -> StreamResponse:
    """Send the report of a period as a file."""
    site, asked, form = site_of(request), period_named(request.match_info["period"]), request.match_info["format"]
    account = account_of(request).account
    data = await written_period(site, account, asked, form, language(request), remote(request))
    if data is None:
        raise web.HTTPNotFound
    return attachment(data, file_name(asked, form), OCTETS)


def rows_on_page(table: PeriodTable) -> tuple[Sequence[tuple[str, ...]], int]:
    """Return the rows of a table that the page shows, and the number of the others."""
    return table.rows[:MOST_ROWS], max(0, len(table.rows) - MOST_ROWS)
