"""Makes the report of a period for accounts that see the whole; for others there is none."""

from datetime import UTC, datetime

from auditor.figures.period import Period
from auditor.figures.period_report import PeriodReport
from auditor.service.accounts.model import Account
from auditor.service.runs.period_reporting import period_report
from auditor.service.store.records import StoreError
from auditor.service.web.site import Site, run_in_thread
from reports.period_files import FORMATS


async def made_report(site: Site, account: Account, period: Period) -> PeriodReport | None:
    """Build the report; None for an agency, or where nothing was counted in the period.

    It is kept until anything is written, and for an hour at most: what was not sampled grows with the time."""
    if account.agency is not None:
        return None
    about = ("period report", period.name, datetime.now(UTC).isoformat()[:13])
    return await site.rendering.run(site.digests.remembered, about, lambda: _report(site, period))


async def written_period(
    site: Site, account: Account, period: Period, form: str, lang: str, address: str
) -> bytes | None:
    """Write the report in a format, with a line in the audit log; None as above, or for an unknown format."""
    report = await made_report(site, account, period) if form in FORMATS else None
    if report is None:
        return None
    about = f"{period.name} {report.progress.end.run} {form}"
    await run_in_thread(site.accounts.note, account.name, address, "export", about)
    return await site.rendering.run(FORMATS[form], report, lang)


def _report(site: Site, period: Period) -> PeriodReport | None:
    try:
        issuer, now = site.config.report.issuer, datetime.now(UTC)
        return period_report(period, site.store, site.catalogue, now, issuer, site.stock.of)
    except StoreError:
        return None
