"""Serves the schedules: making, changing and deleting them, starting or pausing one, and their audits."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.service.accounts.model import Role
from auditor.service.scheduler.model import ControlError, Job, ScheduleState
from auditor.service.scheduler.schedules import Schedule
from auditor.service.store.kept.schedules import KeptSchedule, KeptSchedules
from auditor.service.store.records import StoreError
from auditor.service.web.forms.cron_forms import LAST_DAY, OFTEN, WEEKDAYS, BadTime, Often, cron_of, often_of
from auditor.service.web.forms.sent_forms import field
from auditor.service.web.rendering.render import page
from auditor.service.web.routes import Routes
from auditor.service.web.security.guard import remote
from auditor.service.web.site import Site, account_of, run_in_thread, site_of
from probes.framework.profile import PROFILES

routes = Routes()
_SHOWN = 5
_NAME = re.compile(r"[^\W_](?:[\w .-]{0,58}[\w])?")
"""A name that can stand in an address, except that its letters may be of any language."""
_FIELDS = {"name": 60, "inventory": 300, "profile": 20, "often": 20, "day": 2, "weekday": 3, "time": 5, "cron": 100}


@routes.get("/schedules", Role.OPERATOR)
async def schedules(request: Request) -> StreamResponse:
    return await _schedules(request, "")


@routes.post("/schedules", Role.OPERATOR)
async def keep(request: Request) -> StreamResponse:
    """Make a schedule, or change the one of this name."""
    site, who = site_of(request), account_of(request).account.name
    given = {name: (await field(request, name)).strip()[:most] for name, most in _FIELDS.items()}
    try:
        await run_in_thread(_keep, site, given, who, remote(request))
    except (BadTime, ControlError) as error:
        return await _schedules(request, error.code, given, status=422)
    except StoreError:
        return await _schedules(request, "TOO_MANY_SCHEDULES", given, status=422)
    raise web.HTTPSeeOther("/schedules")


@routes.post("/schedules/{name}/delete", Role.OPERATOR)
async def delete(request: Request) -> StreamResponse:
    """Delete a schedule that was made in the pages; its audits stay."""
    site, name = site_of(request), _schedule(request).name
    if site.schedules.is_fixed(name):
        raise web.HTTPForbidden
    await run_in_thread(_drop, site, name, account_of(request).account.name, remote(request))
    raise web.HTTPSeeOther("/schedules")


@routes.post("/schedules/{name}/start", Role.OPERATOR)
async def start(request: Request) -> StreamResponse:
    """Start an audit of the schedule now, in addition to those at its times."""
    site, schedule = site_of(request), _schedule(request)
    try:
        if not await run_in_thread(site.inventories.has, schedule.wanted.inventory, site.store):
            raise ControlError("NO_INVENTORY")
        job = await run_in_thread(site.jobs.start, schedule.wanted, account_of(request).account.name, remote(request))
    except ControlError as error:
        return await _schedules(request, error.code, status=422)
    raise web.HTTPSeeOther(f"/audits/{job.id}")


@routes.post("/schedules/{name}/pause", Role.OPERATOR)
async def pause(request: Request) -> StreamResponse:
    """Pause a schedule, or resume it if ``paused`` is 0."""
    site, schedule, paused = site_of(request), _schedule(request), await field(request, "paused") != "0"
    if not paused and schedule.wanted.inventory not in await run_in_thread(site.inventories.names, site.store):
        return await _schedules(request, "NO_INVENTORY", status=422)
    await run_in_thread(site.jobs.first_seen, schedule.name, datetime.now(UTC))
    await run_in_thread(
        site.jobs.pause, schedule.name, account_of(request).account.name, remote(request), paused=paused
    )
    raise web.HTTPSeeOther("/schedules")


def _keep(site: Site, given: Mapping[str, str], who: str, address: str) -> None:
    """Keep a schedule from the fields of a form. Raises BadTime, ControlError or StoreError if one is not valid."""
    name, cron = given["name"], cron_of(given)
    if not _NAME.fullmatch(name) or site.schedules.is_fixed(name):
        raise ControlError("BAD_SCHEDULE_NAME")
    if given["inventory"] not in site.inventories.names(site.store):
        raise ControlError("NO_INVENTORY")
    if given["profile"] not in PROFILES:
        raise ControlError("NO_PROFILE")
    row = KeptSchedule(
        name=name, cron=cron, inventory=given["inventory"], profile=given["profile"], who=who, made=datetime.now(UTC)
    )
    with site.store.batch():
        KeptSchedules(site.store.database).keep(row)
        site.accounts.note(who, address, "schedule_kept", f"{name}: {cron}, {row.inventory}, {row.profile}")


def _drop(site: Site, name: str, who: str, address: str) -> None:
    with site.store.batch():
        if KeptSchedules(site.store.database).drop(name):
            site.accounts.note(who, address, "schedule_deleted", name)


def _schedule(request: Request) -> Schedule:
    name = request.match_info["name"]
    found = next((schedule for schedule in site_of(request).schedules if schedule.name == name), None)
    if found is None:
        raise web.HTTPNotFound
    return found


async def _schedules(
    request: Request, problem: str, given: Mapping[str, str] = MappingProxyType({}), *, status: int = 200
) -> StreamResponse:
    site = site_of(request)
    return await page(
        request,
        "schedules",
        rows=await run_in_thread(_rows, site, datetime.now(UTC)),
        names=await run_in_thread(site.inventories.names, site.store),
        filled=given or await run_in_thread(_filled, site, request.query.get("edit", "")),
        profiles=PROFILES,
        often=OFTEN,
        weekdays=WEEKDAYS,
        last_day=LAST_DAY,
        zone=site.config.calendar.timezone,
        problem=problem,
        status=status,
    )


def _filled(site: Site, name: str) -> Mapping[str, str]:
    """Return the fields of the form for a schedule that is changed, or for a new one."""
    row = next((row for row in KeptSchedules(site.store.database).all() if row.name == name), None)
    often = Often() if row is None else often_of(row.cron)
    return {
        "name": "" if row is None else row.name,
        "inventory": "" if row is None else row.inventory,
        "profile": "audit" if row is None else row.profile,
        "often": often.often,
        "day": str(often.day),
        "weekday": often.weekday,
        "time": often.time,
        "cron": often.cron,
    }


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
        "often": often_of(schedule.table.cron.expression),
        "fixed": site.schedules.is_fixed(schedule.name),
        "wanted": schedule.wanted,
        "standing": standing,
        "next": [] if standing.paused else schedule.table.upcoming(now, standing.mark),
        "closed": schedule.table.calendar.closed(now),
        "jobs": jobs,
    }
