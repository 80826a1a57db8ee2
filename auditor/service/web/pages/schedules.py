"""Serves the schedules: their next times and latest audits, starting one now, and pausing one."""

from datetime import UTC, datetime

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.service.accounts.model import Role
from auditor.service.scheduler.model import ControlError, Job, ScheduleState
from auditor.service.scheduler.schedules import Schedule
from auditor.service.web.guard import remote
from auditor.service.web.pages.login import field
from auditor.service.web.render import page
from auditor.service.web.routes import Routes
from auditor.service.web.site import Site, account_of, run_in_thread, site_of

routes = Routes()
_SHOWN = 5


@routes.get("/schedules", Role.OPERATOR)
async def schedules(request: Request) -> StreamResponse:
    return await _schedules(request, "")


@routes.post("/schedules/{name}/start", Role.OPERATOR)
async def start(request: Request) -> StreamResponse:
    """One of its audits now, beside those of its times."""
    site, schedule = site_of(request), _schedule(request)
    try:
        if schedule.wanted.inventory not in await run_in_thread(site.inventories.names, site.store):
            raise ControlError("NO_INVENTORY")
        job = await run_in_thread(site.jobs.start, schedule.wanted, account_of(request).account.name, remote(request))
    except ControlError as error:
        return await _schedules(request, error.code, status=422)
    raise web.HTTPSeeOther(f"/audits/{job.id}")


@routes.post("/schedules/{name}/pause", Role.OPERATOR)
async def pause(request: Request) -> StreamResponse:
    """Or let it go on, where ``paused`` is 0."""
    site, schedule, paused = site_of(request), _schedule(request), await field(request, "paused") != "0"
    await run_in_thread(site.jobs.first_seen, schedule.name, datetime.now(UTC))
    await run_in_thread(
        site.jobs.pause, schedule.name, account_of(request).account.name, remote(request), paused=paused
    )
    raise web.HTTPSeeOther("/schedules")


def _schedule(request: Request) -> Schedule:
    name = request.match_info["name"]
    found = next((schedule for schedule in site_of(request).schedules if schedule.name == name), None)
    if found is None:
        raise web.HTTPNotFound
    return found


async def _schedules(request: Request, problem: str, *, status: int = 200) -> StreamResponse:
    site = site_of(request)
    rows = await run_in_thread(_rows, site, datetime.now(UTC))
    names = () if rows else await run_in_thread(site.inventories.names, site.store)
    return await page(request, "schedules", rows=rows, names=names, problem=problem, status=status)


def _rows(site: Site, now: datetime) -> list[dict[str, object]]:
    standings = site.jobs.standings()
    return [
        _row(site, schedule, standings.get(schedule.name, ScheduleState(mark=now)), now) for schedule in site.schedules
    ]


def _row(site: Site, schedule: Schedule, standing: ScheduleState, now: datetime) -> dict[str, object]:
    jobs: list[Job] = site.jobs.latest(_SHOWN, schedule=schedule.name)
    return {
        "name": schedule.name,
        "cron": schedule.table.cron,
        "wanted": schedule.wanted,
        "standing": standing,
        "next": [] if standing.paused else schedule.table.upcoming(now, standing.mark),
        "closed": schedule.table.calendar.closed(now),
        "jobs": jobs,
    }
