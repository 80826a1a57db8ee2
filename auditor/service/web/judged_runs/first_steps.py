"""Serves the content of result pages before there is a result: the next step, and audits that are running."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from aiohttp.web import Request, StreamResponse

from auditor.framework.localdate import civil_day
from auditor.service.accounts.model import Role
from auditor.service.config.model import Config
from auditor.service.scheduler.model import Job
from auditor.service.web.rendering.render import page
from auditor.service.web.site import Site, account_of, run_in_thread, site_of
from inventory.sources.files import READERS


async def first_steps(request: Request, heading: str) -> StreamResponse:
    """Show the page of this heading without results; it shows operators how to get some."""
    site, is_operator = site_of(request), account_of(request).account.role.covers(Role.OPERATOR)
    names, jobs = await run_in_thread(_begun, site) if is_operator else ((), ())
    return await page(request, "nothing", steps(names, jobs, site.config, datetime.now(UTC)), heading=heading)


def steps(names: Sequence[str], jobs: Sequence[Job], config: Config, now: datetime) -> Mapping[str, object]:
    """Return the values of the page: inventories, running audits, and the initial values of the forms."""
    return {
        "inventories": names,
        "running": jobs,
        "clearance": config.clearance,
        "has_vantages": bool(config.vantages),
        "suffixes": ",".join(READERS),
        "year": civil_day(now).year,
    }


def _begun(site: Site) -> tuple[Sequence[str], Sequence[Job]]:
    return site.inventories.names(site.store), site.jobs.open_jobs()
