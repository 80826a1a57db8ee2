"""Reads the schedules of the configuration, and requests the audits that are due."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from auditor.framework.operator_problems import problem
from auditor.service.config.holidays import Holiday, read_holidays
from auditor.service.config.model import Config, ScheduleSection
from auditor.service.scheduler.calendar import Calendar
from auditor.service.scheduler.cron import Cron, as_instant
from auditor.service.scheduler.due import SET_BACK, DueDecision, Timetable, decide
from auditor.service.scheduler.job_errors import telling
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.scheduler.members import default_vantages
from auditor.service.scheduler.model import AuditRequest, Job, JobState

_log = logging.getLogger("auditor.service.scheduler")


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Holds one ``[schedule.NAME]``: its times, and the audit that it requests."""

    name: str
    table: Timetable
    wanted: AuditRequest


def schedules(config: Config) -> tuple[Schedule, ...]:
    """Read all schedules, by name. Raises CalendarError if the file of holidays is unusable."""
    holidays = read_holidays(config.calendar) if config.schedule else ()
    return tuple(
        schedule_of(name, schedule_section, config, holidays)
        for name, schedule_section in sorted(config.schedule.items())
    )


def schedule_of(name: str, section: ScheduleSection, config: Config, holidays: Sequence[Holiday]) -> Schedule:
    """Make a schedule under the calendar of the configuration."""
    zone = section.timezone or config.calendar.timezone
    calendar = replace(
        _calendar(config),
        zone=zone,
        avoid=section.avoid,
        holidays=holidays if section.on_holidays == "postpone" else (),
    )
    day = section.not_before
    table = Timetable(
        name=name,
        cron=Cron(section.cron, zone),
        calendar=calendar,
        spread=section.spread,
        jitter=section.jitter,
        catch_up=section.catch_up,
        not_before=None if day is None else as_instant(datetime.combine(day, time()), ZoneInfo(zone)),
    )
    wanted = AuditRequest(
        inventory=section.inventory,
        profile=section.profile,
        clearance=section.clearance or config.clearance,
        name=name,
        schedule=name,
        vantages=section.vantages or default_vantages(config),
        hours=section.deadline_hours,
    )
    return Schedule(name=name, table=table, wanted=wanted)


def _calendar(config: Config) -> Calendar:
    """Return the closures that hold for every schedule."""
    blackouts = [
        (text, blackout_section.since, blackout_section.until)
        for text, blackout_section in config.calendar.blackout.items()
    ]
    return Calendar(zone=config.calendar.timezone, blackouts=blackouts)


def request_due_audits(known: Sequence[Schedule], jobs: JobQueue, now: datetime) -> Mapping[str, DueDecision]:
    """Request the audits that are due; repeated calls request nothing twice."""
    standings = jobs.standings()
    busy = {job.wanted.schedule for job in jobs.open_jobs()}
    done: dict[str, DueDecision] = {}
    for schedule in known:
        standing = standings.get(schedule.name)
        if standing is None:
            jobs.first_seen(schedule.name, now)
            continue
        if standing.paused:
            continue
        decision = decide(schedule.table, standing.mark, now, busy=schedule.name in busy)
        if decision is not None:
            _settle(schedule, jobs, decision)
            done[schedule.name] = decision
    return done


def must_wait(job: Job, known: Sequence[Schedule], config: Config, jobs: JobQueue, now: datetime) -> bool:
    """True if a job may not begin yet, which only holds for a repeat.

    A repeat has no time of its own, so it keeps to the calendar of its schedule, or to only the blackouts. Any other
    job begins, and an interrupted job continues.
    """
    if not job.wanted.repeats or job.state is not JobState.QUEUED:
        return False
    if now < job.due <= now + SET_BACK:
        return True
    own = next((schedule for schedule in known if schedule.name == job.wanted.schedule), None)
    calendar = _calendar(config) if own is None else own.table.calendar
    standing = None if own is None else jobs.standings().get(own.name)
    return calendar.closed(now) is not None or (standing is not None and standing.paused)


def _settle(schedule: Schedule, jobs: JobQueue, decision: DueDecision) -> None:
    why = problem("it was due while nothing could begin, and this schedule does not make up for that")
    jobs.settle(
        schedule.name,
        decision.mark,
        decision.due,
        schedule.wanted,
        missed=decision.missed,
        why=telling(why) if decision.too_late else None,
    )
    if decision.due is not None:
        _log.info("schedule %s: due %s, %d more missed", schedule.name, decision.due.isoformat(), decision.missed)
