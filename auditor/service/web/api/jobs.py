"""Starts, shows and cancels audits, and pauses and resumes schedules. Operators only."""

import re

from auditor.service.accounts.model import Role, TokenScope
from auditor.service.config.model import ScheduleSection
from auditor.service.scheduler.members import default_vantages, vantages_again
from auditor.service.scheduler.model import AuditRequest, ControlError, Job, JobId, ScheduleState
from auditor.service.store.records import StoreError
from auditor.service.web.api import job_models, models, rows
from auditor.service.web.api.operation import Answer, Call, EmptyModel, Operations
from auditor.service.web.api.problems import Refused
from auditor.service.web.security.guard import remote
from auditor.service.web.site import Site, run_in_thread, site_of
from inventory.model import Clearance
from probes.framework.evidence import RunId
from reports import json_data

operations = Operations("work")
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_REFUSALS = {
    "NO_INVENTORY": (404, "no_inventory"),
    "NO_JOB": (404, ""),
    "NO_SCHEDULE": (404, ""),
    "NOT_OPEN": (409, "not_open"),
    "ALREADY_WANTED": (409, "already_wanted"),
}


@operations.get("/jobs", answer=job_models.Jobs, query=models.LogQuery, role=Role.OPERATOR)
async def jobs(call: Call[models.LogQuery, EmptyModel]) -> Answer:
    control = site_of(call.request).jobs
    active = [_row(job) for job in await run_in_thread(control.open_jobs)]
    return job_models.Jobs(
        active=active, items=[_row(job) for job in await run_in_thread(control.latest, call.query.limit)]
    )


@operations.get("/jobs/{job}", answer=job_models.JobRow, query=models.Sent, role=Role.OPERATOR)
async def job(call: Call[models.Sent, EmptyModel]) -> Answer:
    try:
        return _row(await run_in_thread(site_of(call.request).jobs.job, JobId(number(call.part("job")))))
    except ControlError as error:
        raise refused(error) from error


@operations.post(
    "/jobs",
    answer=job_models.JobRow,
    body=job_models.JobBody,
    role=Role.OPERATOR,
    scope=TokenScope.RUN,
    refusals=frozenset({404, 409}),
)
async def start(call: Call[EmptyModel, job_models.JobBody]) -> Answer:
    """Queue an audit and answer at once; the audit begins when each of its vantages has ended the one before."""
    return _row(await run_in_thread(_start, site_of(call.request), call.body, call.account.name, remote(call.request)))


def _default_vantages(site: Site, amends: str) -> tuple[str, ...]:
    """Return the default vantages of an audit; for an addition those of the run that it amends."""
    if not amends:
        return default_vantages(site.config)
    try:
        return vantages_again(site.store.run(RunId(amends)), site.store, site.config)
    except StoreError as error:
        raise Refused(404, "amends_nothing") from error


def _start(site: Site, body: job_models.JobBody, who: str, address: str) -> Job:
    if not site.inventories.has(body.inventory, site.store):
        raise Refused(404, "no_inventory")
    if not {site.config.vantage.name, *site.config.vantages}.issuperset(body.vantages):
        raise Refused(404, "unknown_vantage")
    wanted = AuditRequest(
        inventory=body.inventory,
        profile=body.profile,
        clearance=Clearance(body.clearance),
        name=body.name,
        subjects=tuple(body.subjects),
        amends=body.amends,
        vantages=tuple(body.vantages) or _default_vantages(site, body.amends),
        hours=body.hours,
    )
    try:
        return site.jobs.start(wanted, who, address)
    except ControlError as error:
        raise refused(error) from error


@operations.post(
    "/jobs/{job}/cancel",
    answer=job_models.JobRow,
    body=EmptyModel,
    role=Role.OPERATOR,
    scope=TokenScope.RUN,
    status=200,
    refusals=frozenset({409}),
)
async def cancel(call: Call[EmptyModel, EmptyModel]) -> Answer:
    """Cancel an audit; evidence that was recorded until then is kept and judged."""
    control, key = site_of(call.request).jobs, JobId(number(call.part("job")))
    try:
        await run_in_thread(control.cancel, key, call.account.name, remote(call.request))
        return _row(await run_in_thread(control.job, key))
    except ControlError as error:
        raise refused(error) from error


@operations.get("/schedules", answer=job_models.Schedules, query=models.Sent, role=Role.OPERATOR)
async def schedules(call: Call[models.Sent, EmptyModel]) -> Answer:
    return job_models.Schedules(items=await run_in_thread(_schedules, site_of(call.request)))


def _schedules(site: Site) -> list[job_models.ScheduleRow]:
    standings = site.jobs.standings()
    return [
        _schedule(site, name, schedule_section, standings.get(name))
        for name, schedule_section in site.config.schedule.items()
    ]


def _schedule(
    site: Site, name: str, schedule_section: ScheduleSection, standing: ScheduleState | None
) -> job_models.ScheduleRow:
    last = site.jobs.latest(1, schedule=name)
    return job_models.ScheduleRow(
        name=name,
        cron=schedule_section.cron,
        timezone=schedule_section.timezone,
        inventory=schedule_section.inventory,
        profile=schedule_section.profile,
        paused=standing is not None and standing.paused,
        paused_by=(standing.paused_by if standing else "") or None,
        last=_row(last[0]) if last else None,
    )


@operations.post(
    "/schedules/{schedule}/pause",
    answer=job_models.ScheduleRow,
    body=EmptyModel,
    role=Role.OPERATOR,
    scope=TokenScope.RUN,
    status=200,
)
async def pause(call: Call[EmptyModel, EmptyModel]) -> Answer:
    """Pause a schedule; audits that are due meanwhile are not made up for."""
    return await run_in_thread(_hold, site_of(call.request), call, paused=True)


@operations.post(
    "/schedules/{schedule}/resume",
    answer=job_models.ScheduleRow,
    body=EmptyModel,
    role=Role.OPERATOR,
    scope=TokenScope.RUN,
    status=200,
)
async def resume(call: Call[EmptyModel, EmptyModel]) -> Answer:
    return await run_in_thread(_hold, site_of(call.request), call, paused=False)


def _hold(site: Site, call: Call[EmptyModel, EmptyModel], *, paused: bool) -> job_models.ScheduleRow:
    name = call.part("schedule")
    section = site.config.schedule.get(name)
    if section is None:
        raise Refused(404)
    try:
        site.jobs.pause(name, call.account.name, remote(call.request), paused=paused)
    except ControlError as error:
        raise refused(error) from error
    return _schedule(site, name, section, site.jobs.standings().get(name))


def number(text: str) -> int:
    """Convert a number of the path; raise Refused (404) for any other text."""
    if not _NUMBER.fullmatch(text):
        raise Refused(404)
    return int(text)


def refused(error: ControlError) -> Refused:
    return Refused(*_REFUSALS[error.code])


def _row(one: Job) -> job_models.JobRow:
    wanted = one.wanted
    return rows.made(
        job_models.JobRow,
        {
            "id": one.id,
            "inventory": wanted.inventory,
            "schedule": wanted.schedule or None,
            "profile": wanted.profile,
            "clearance": wanted.clearance.value,
            "name": wanted.name,
            "subjects": list(wanted.subjects),
            "amends": wanted.amends or None,
            "repeats": wanted.repeats or None,
            "who": one.who,
            "state": one.state.value,
            "due": json_data.iso(one.due),
            "requested": json_data.iso(one.requested),
            "started": json_data.iso(one.started),
            "ended": json_data.iso(one.ended),
            "run": one.run,
            "phase": None if one.phase is None else one.phase.value,
            "planned": one.planned,
            "measured": one.measured,
            "judged": one.judged,
            "problem": {"vi": one.problem["vi"], "en": one.problem["en"]} if {"vi", "en"} <= set(one.problem) else None,
        },
    )
