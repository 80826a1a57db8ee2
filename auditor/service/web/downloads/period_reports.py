"""Makes the report of a period for accounts that see the whole; other accounts get none."""

from datetime import UTC, datetime

from auditor.figures.period import Period
from auditor.figures.period_report import PeriodReport
from auditor.service.accounts.model import Account
from auditor.service.runs.period_reporting import period_report
from auditor.service.store.records import StoreError
from auditor.service.web.site import Site, run_in_thread, run_lookup
from reports.period.files import FORMATS


async def made_report(
    site: Site, account: Account, period: Period, patience: float | None = None
) -> PeriodReport | None:
    """Build the report; None for an agency, or if nothing was counted in the period.

    New samples do not make it again: it is kept for an hour, or until a run, a judgement, a seal or a declared value is
    written. Raises ReportNotReady after ``patience`` seconds (None: wait for it).
    """
    if account.agency is not None:
        return None
    rests_on = await run_lookup(lambda: site.digests.remembered(("made from",), lambda: _made_from(site)))
    key = (period.name, datetime.now(UTC).isoformat()[:13])
    return await site.periods.of(key, rests_on, lambda: site.rendering.start(_report, site, period), patience)


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


def _made_from(site: Site) -> tuple[object, ...]:
    """Return the sources of period reports other than samples."""
    store = site.store
    latest = store.latest_judgements()
    judged = ((run, latest.get(run.id), store.is_sealed(run.id)) for run in store.runs())
    return (*judged, store.declared_entries())


def _report(site: Site, period: Period) -> PeriodReport | None:
    try:
        issuer, now = site.config.report.issuer, datetime.now(UTC)
        return period_report(period, site.store, site.catalogue, now, issuer, site.stock.of)
    except StoreError:
        return None
