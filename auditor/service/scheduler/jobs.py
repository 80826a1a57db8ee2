"""Requests, shows and cancels audits: rows in the store's database.

A caller (pages, the API, a schedule) writes a row and gets its number at once; the service's dispatcher takes the rows
in turn. So a process that ends loses no job, and all callers see the same state. Every start, cancel and pause is a
line of the audit log, written in the transaction of the change.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from auditor.figures.comparison import Credibility
from auditor.service.scheduler.model import (
    HOURS,
    OPEN,
    AuditRequest,
    ControlError,
    Job,
    JobId,
    JobState,
    Phase,
    ScheduleState,
)
from auditor.service.store.records import Doubt
from auditor.service.store.sql.accounts import log_rows
from auditor.service.store.sql.database import Database
from auditor.service.store.sql.jobs import job_rows as rows
from auditor.service.store.sql.runs import doubt_rows
from inventory.model import Clearance
from probes.framework.evidence import RunId
from probes.framework.profile import PROFILES

SCHEDULER = "scheduler"
"""The requester of audits that a schedule asks for."""
PAUSE = timedelta(minutes=30)
"""The pause between a doubtful run and its repeat: long enough for a problem of the vantage to end.

It equals the time between rounds that confirm a state.
"""
_OPEN = [job_state.value for job_state in OPEN]


class JobQueue:
    """Stores and reads jobs. ``now`` is the clock; methods may be called from any thread, and take milliseconds."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database, self._now = database, now

    # --- for requesters ----------------------------------------------------------------------------------------------

    def start(self, wanted: AuditRequest, by: str, address: str) -> Job:
        """Request an audit; it begins when the audit before it has ended at each of its vantages.

        ``by`` is the name of the account. The caller checks with ``Inventories`` that the inventory is known. Raises
        ControlError: NO_PROFILE; ALREADY_WANTED if an equal request is queued.
        """
        if wanted.profile not in PROFILES:
            raise ControlError("NO_PROFILE")
        with self._database.writing() as connection:
            waiting = map(_job, rows.in_states(connection, [JobState.QUEUED.value]))
            if any(job.wanted == wanted for job in waiting):
                raise ControlError("ALREADY_WANTED")
            made = self._add(connection, wanted, by, self._now(), JobState.QUEUED)
            self._log(connection, by, address, "run_started", f"{made} {wanted.inventory} {wanted.profile}")
            return _existing(connection, made)

    def cancel(self, job: JobId, by: str, address: str) -> None:
        """Cancel a job; its measurements are kept and judged. Raises ControlError: NO_JOB, NOT_OPEN."""
        with self._database.writing() as connection:
            found = _existing(connection, job)
            if not found.is_open:
                raise ControlError("NOT_OPEN")
            if found.cancelled_by:
                return
            values: dict[str, object] = {"cancelled_by": by}
            if found.state is JobState.QUEUED:
                _give_up(connection, found.wanted)
                values |= {"state": JobState.CANCELLED.value, "ended": self._now()}
            rows.change(connection, job, values, _OPEN)
            self._log(connection, by, address, "run_cancelled", f"{job} {found.run or found.wanted.inventory}")

    def job(self, job: JobId) -> Job:
        """Return a job. Raises ControlError: NO_JOB."""
        with self._database.reading() as connection:
            return _existing(connection, job)

    def of_run(self, run: RunId) -> Job | None:
        """Return the job that made a run; None for a run of the command line."""
        with self._database.reading() as connection:
            row = rows.of_run(connection, run)
        return None if row is None else _job(row)

    def open_jobs(self) -> list[Job]:
        """Return queued and running jobs, the oldest first."""
        with self._database.reading() as connection:
            return [_job(row) for row in rows.in_states(connection, _OPEN)]

    def latest(self, most: int = 50, *, schedule: str | None = None) -> list[Job]:
        """Return the newest jobs in any state; with ``schedule`` only its own."""
        with self._database.reading() as connection:
            return [_job(row) for row in rows.latest(connection, most, schedule)]

    # --- for the dispatcher and the process that measures ------------------------------------------------------------

    def take(self, job: JobId) -> bool:
        """Begin a queued job or continue an interrupted one; return False if it is no longer open."""
        with self._database.writing() as connection:
            row = rows.one(connection, job)
            if row is None:
                return False
            values = {
                "state": JobState.RUNNING.value,
                "started": row.started or self._now(),
                "attempts": row.attempts + 1,
                "phase": Phase.PLANNING.value,
            }
            return rows.change(connection, job, values, _OPEN)

    def tell(self, job: JobId, **values: object) -> None:
        """Record the progress of a running job: ``run``, ``phase``, ``until``, ``planned``, ``measured``, ``judged``.

        Caches of jobs watch ``Database.commits``.
        """
        with self._database.writing(told=False) as connection:
            rows.change(connection, job, values, [JobState.RUNNING.value])

    def end(self, job: JobId, state: JobState, problem: Mapping[str, str] | None = None) -> None:
        values = {
            "state": state.value,
            "ended": self._now(),
            "problem": dict(problem or {}),
            "phase": "",
            "until": None,
        }
        with self._database.writing() as connection:
            if rows.change(connection, job, values, _OPEN):
                _give_up(connection, _existing(connection, job).wanted)

    # --- for doubtful runs -------------------------------------------------------------------------------------------

    def doubt(self, job: JobId, doubt: Doubt) -> None:
        """Record the doubt about a job's run and request its repeat in one transaction; repeated calls change nothing.

        If the job was cancelled, no repeat is requested and the doubt stays undecided.
        """
        with self._database.writing() as connection:
            found = _existing(connection, job)
            assert found.run is not None
            if found.cancelled_by:
                doubt = replace(doubt, state=Credibility.UNSETTLED)
            if doubt_rows.add(connection, found.run, doubt) and not found.cancelled_by:
                again = replace(found.wanted, repeats=found.run)
                made = self._add(connection, again, SCHEDULER, self._now() + PAUSE, JobState.QUEUED)
                self._log(connection, SCHEDULER, "", "run_repeated", f"{made} {again.inventory} {found.run}")

    def settle_doubt(self, run: RunId, state: Credibility, repeat: RunId) -> None:
        """Record the repeat's decision about a doubtful run, unless one is recorded already."""
        with self._database.writing() as connection:
            doubt_rows.settle(connection, run, state, repeat)

    # --- for schedules -----------------------------------------------------------------------------------------------

    def standings(self) -> dict[str, ScheduleState]:
        with self._database.reading() as connection:
            standings = rows.standings(connection)
        return {name: _standing(row) for name, row in standings.items()}

    def first_seen(self, schedule: str, mark: datetime) -> None:
        """Store a new schedule: nothing before ``mark`` is due."""
        with self._database.writing() as connection:
            if schedule not in rows.standings(connection):
                rows.keep_standing(connection, schedule, mark, "", None)

    def settle(
        self,
        schedule: str,
        mark: datetime,
        due: datetime | None,
        wanted: AuditRequest,
        *,
        missed: int = 0,
        why: Mapping[str, str] | None = None,
    ) -> None:
        """Mark the schedule's times up to ``mark`` as done, and add at most one job in the same transaction.

        If ``due`` is None, no audit is requested. With ``why`` the job is only recorded as missed.
        """
        with self._database.writing() as connection:
            old = rows.standings(connection).get(schedule)
            if old is not None and old.mark == mark:
                return  # settled meanwhile
            paused_by, paused_at = ("", None) if old is None else (old.paused_by, old.paused_at)
            rows.keep_standing(connection, schedule, mark, paused_by, paused_at)
            if due is not None:
                state = JobState.QUEUED if why is None else JobState.MISSED
                made = self._add(connection, wanted, SCHEDULER, due, state, missed=missed, problem=why)
                what = "run_started" if why is None else "run_missed"
                self._log(connection, SCHEDULER, "", what, f"{made} {schedule} {wanted.inventory}")

    def pause(self, schedule: str, by: str, address: str, *, paused: bool) -> None:
        """Pause or resume a schedule; missed times are not made up for. Raises ControlError: NO_SCHEDULE."""
        with self._database.writing() as connection:
            old = rows.standings(connection).get(schedule)
            if old is None:
                raise ControlError("NO_SCHEDULE")
            if bool(old.paused_by) == paused:
                return
            now = self._now()
            rows.keep_standing(
                connection, schedule, old.mark if paused else now, by if paused else "", now if paused else None
            )
            self._log(connection, by, address, "schedule_paused" if paused else "schedule_resumed", schedule)

    # --- rows --------------------------------------------------------------------------------------------------------

    def _add(
        self,
        connection: Connection,
        wanted: AuditRequest,
        who: str,
        due: datetime,
        state: JobState,
        *,
        missed: int = 0,
        problem: Mapping[str, str] | None = None,
    ) -> JobId:
        now = self._now()
        return JobId(
            rows.add(
                connection,
                {
                    "schedule": wanted.schedule,
                    "inventory": wanted.inventory,
                    "wanted": _packed(wanted),
                    "who": who,
                    "state": state.value,
                    "due": due,
                    "requested": now,
                    "started": None,
                    "ended": None if state in OPEN else now,
                    "run": "",
                    "phase": "",
                    "until": None,
                    "planned": 0,
                    "measured": 0,
                    "judged": 0,
                    "attempts": 0,
                    "missed": missed,
                    "cancelled_by": "",
                    "problem": dict(problem or {}),
                },
            )
        )

    def _log(self, connection: Connection, who: str, address: str, what: str, about: str) -> None:
        values = {"time": self._now(), "who": who, "address": address, "what": what, "about": about[:1_000]}
        log_rows.add(connection, values)


def _existing(connection: Connection, job: JobId) -> Job:
    row = rows.one(connection, job)
    if row is None:
        raise ControlError("NO_JOB")
    return _job(row)


def _give_up(connection: Connection, wanted: AuditRequest) -> None:
    """Mark a doubt as unsettled if its repeat ends without a decision, so that nothing waits for it."""
    if wanted.repeats:
        doubt_rows.settle(connection, RunId(wanted.repeats), Credibility.UNSETTLED, None)


def _packed(wanted: AuditRequest) -> dict[str, object]:
    return {
        "profile": wanted.profile,
        "clearance": wanted.clearance.value,
        "name": wanted.name,
        "subjects": list(wanted.subjects),
        "amends": wanted.amends,
        "repeats": wanted.repeats,
        "vantages": list(wanted.vantages),
        "hours": wanted.hours,
    }


def _job(row: Row[Any]) -> Job:
    packed = row.wanted
    wanted = AuditRequest(
        inventory=row.inventory,
        schedule=row.schedule,
        profile=packed["profile"],
        name=packed["name"],
        clearance=Clearance(packed["clearance"]),
        subjects=tuple(packed["subjects"]),
        amends=packed["amends"],
        repeats=packed.get("repeats", ""),  # earlier versions lack this and the following fields
        vantages=tuple(packed.get("vantages", ())),
        hours=packed.get("hours", HOURS),
    )
    return Job(
        id=JobId(row.key),
        wanted=wanted,
        who=row.who,
        state=JobState(row.state),
        due=row.due,
        requested=row.requested,
        started=row.started,
        ended=row.ended,
        run=RunId(row.run) if row.run else None,
        phase=Phase(row.phase) if row.phase else None,
        until=row.until,
        planned=row.planned,
        measured=row.measured,
        judged=row.judged,
        attempts=row.attempts,
        cancelled_by=row.cancelled_by,
        problem=row.problem,
        missed=row.missed,
    )


def _standing(row: Row[Any]) -> ScheduleState:
    return ScheduleState(mark=row.mark, paused_by=row.paused_by, paused_at=row.paused_at)
