"""Serves the periods in which anything was counted, and their reports as files."""

from datetime import UTC, date, datetime

from auditor.figures.period import parse_period
from auditor.service.runs.period_counts import counted_periods
from auditor.service.web.api import models
from auditor.service.web.api.operation import Answer, Call, EmptyModel, Operations
from auditor.service.web.api.problems import Refused
from auditor.service.web.api.results import OCTETS
from auditor.service.web.downloads.attachments import attachment
from auditor.service.web.downloads.period_reports import written_period
from auditor.service.web.security.guard import remote
from auditor.service.web.site import run_in_thread, site_of
from reports.period.files import file_name

operations = Operations("results")


class PeriodRow(models.Answered):
    """A year, a quarter or a month by its name, with its first and last day."""

    name: str
    first: date
    last: date


class Periods(models.Answered):
    """The years first, then quarters and months, of each the latest first."""

    items: list[PeriodRow]


@operations.get("/periods", answer=Periods, query=models.Sent)
async def periods(call: Call[models.Sent, EmptyModel]) -> Answer:
    names = await run_in_thread(counted_periods, site_of(call.request).store, datetime.now(UTC))
    return Periods(items=[period_row(name) for name in names])


def period_row(name: str) -> PeriodRow:
    """Return a period with its first and last day."""
    period = parse_period(name)
    return PeriodRow(name=period.name, first=period.first, last=period.last)


@operations.get("/periods/{period}/reports/{format}", answer=None, query=models.LanguageQuery, media=(OCTETS,))
async def period_report(call: Call[models.LanguageQuery, EmptyModel]) -> Answer:
    """Return the report of everything in a period; 404 for an account that is bound to an agency."""
    form = call.part("format")
    try:
        period = parse_period(call.part("period"))
    except ValueError:
        raise Refused(404) from None
    site, address = site_of(call.request), remote(call.request)
    data = await written_period(site, call.account, period, form, call.query.lang, address)
    if data is None:
        raise Refused(404)
    return attachment(data, file_name(period, form), OCTETS)
