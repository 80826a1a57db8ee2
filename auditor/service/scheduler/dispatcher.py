"""Takes jobs in turn and performs each in a process of its own.

One service at a time does this for a store. A job stays open until its process records how it ended, so killing any
process at any time loses nothing: the next service finds the job open and resumes it. The service and all its processes
hold the lock on the store; the next service waits until all of them have ended, so no run is ever measured by two.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from auditor.framework.operator_problems import problem
from auditor.service.config.model import Config
from auditor.service.scheduler.audit import AuditOrder, end_run_of_failed_job
from auditor.service.scheduler.child import CANCEL, STOPPED, serialised_order
from auditor.service.scheduler.job_errors import telling
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.scheduler.known_inventories import KnownInventories
from auditor.service.scheduler.lock import Lock
from auditor.service.scheduler.model import Job, JobId, JobState, Phase
from auditor.service.scheduler.schedules import Schedule, must_wait, request_due_audits
from auditor.service.store.api import DatabaseStore
from probes.net.core import children
from probes.net.raw import privsep, service_user

EVERY = 1.0
"""Seconds between two passes over due, requested and cancelled jobs."""
GRACE = 25.0
"""Seconds that the processes have to store their measurements when the service ends."""
MOST = 8
"""Maximum number of processes, one for each audit; most of them only wait for workers."""
_ATTEMPTS = 3
_PAUSE = 10.0  # seconds, doubled each time, before a failed process is started again
_AWAY = 30.0  # seconds before a process with a failed store is started again
_log = logging.getLogger("auditor.service.scheduler")


@dataclass(slots=True)
class _Running:
    job: Job
    process: asyncio.subprocess.Process
    cancelled: bool = False


@dataclass(slots=True, kw_only=True)
class Dispatcher:
    """Performs jobs in ``run`` until it is cancelled; then it tells the processes to end, and waits for them."""

    config: Config
    store: DatabaseStore
    jobs: JobQueue
    inventories: KnownInventories
    schedules: Sequence[Schedule]
    lock: Lock
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    folder: Path = field(default_factory=Path.cwd)
    """The folder in which the service was started: relative paths in its options and environment start there."""
    _running: dict[JobId, _Running] = field(default_factory=dict)
    _broken: dict[JobId, tuple[int, float]] = field(default_factory=dict)
    """How often the process of a job failed, and when it may be started again (by the monotonic clock)."""

    async def run(self) -> None:
        await self.lock.take()
        try:
            while True:
                try:
                    await self._keep_claim()
                    await self.look()
                except Exception:
                    _log.exception("jobs could not be looked after")
                await asyncio.sleep(EVERY)
        finally:
            await self._end()
            self.lock.leave()

    async def _keep_claim(self) -> None:
        """Stop all work if another service took over the jobs while the database was away, and wait for the lock.

        Otherwise two processes would measure one run, and store its evidence twice.
        """
        if await asyncio.to_thread(self.lock.database.claim):
            return
        _log.warning("another service took the jobs over while the database was away; what is measured here ends")
        for child in self._running.values():
            if child.process.returncode is None:
                child.process.kill()
                await child.process.wait()
        self._running.clear()
        self.lock.leave()
        await self.lock.take()

    async def look(self) -> None:
        """Handle ended processes, due audits, cancelled jobs and jobs that can begin, in one pass."""
        for child in [child for child in self._running.values() if child.process.returncode is not None]:
            del self._running[child.job.id]
            await asyncio.to_thread(self._ended, child)
        await asyncio.to_thread(request_due_audits, self.schedules, self.jobs, self.now())
        for job in await asyncio.to_thread(self.jobs.open_jobs):
            running = self._running.get(job.id)
            if running is not None:
                self._pass_on(running, job)
        for job in self._turn(await asyncio.to_thread(self._ready)):
            await self._begin(job)

    def _ready(self) -> Sequence[Job]:
        """Return the open jobs, without repeats that must wait."""
        waiting, now = self.jobs.open_jobs(), self.now()
        held = {job.id for job in waiting if must_wait(job, self.schedules, self.config, self.jobs, now)}
        return [job for job in waiting if job.id not in held]

    def _turn(self, open_jobs: Sequence[Job]) -> list[Job]:
        """Return the jobs that begin now: at each vantage at most one whole audit and one of a few subjects.

        Two whole audits would load the same hosts and lines twice as much as the limits allow. Interrupted jobs come
        first, then those that people requested.
        """
        busy = {place for job in open_jobs if job.id in self._running for place in self._places(job)}
        free, chosen = MOST - len(self._running), list[Job]()
        for job in sorted(open_jobs, key=_urgency):
            _, not_before = self._broken.get(job.id, (0, 0.0))
            places = self._places(job)
            if job.id in self._running or time.monotonic() < not_before or not busy.isdisjoint(places):
                continue
            if len(chosen) < free:
                busy |= places
                chosen.append(job)
        return chosen

    def _places(self, job: Job) -> set[tuple[str, bool]]:
        """Return the vantages where a job is measured, each with whether the job is of a few subjects.

        While the job only waits for workers, our own vantage is free.
        """
        own = self.config.vantage.name
        done = {own} if job.phase is Phase.WORKERS else set[str]()
        return {(vantage, bool(job.wanted.subjects)) for vantage in {*(job.wanted.vantages or (own,))} - done}

    async def _begin(self, job: Job) -> None:
        if not await asyncio.to_thread(self.jobs.take, job.id):
            return
        lent = privsep.lent()
        process = await asyncio.create_subprocess_exec(
            *children.command("auditor.service.scheduler.child", *map(str, lent)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            pass_fds=(*lent, *self.lock.numbers),
            start_new_session=True,
            cwd=self.folder,
            env=children.environment(_needed(self.config)),
        )
        self._running[job.id] = _Running(job, process)
        _log.info("job %d: %s, process %d", job.id, job.wanted.inventory, process.pid, extra={"job": job.id})
        order = AuditOrder(config=self.config, inventories=self.inventories, job=job.id)
        self._say(self._running[job.id], serialised_order(order))

    def _pass_on(self, running: _Running, job: Job) -> None:
        if job.cancelled_by and not running.cancelled:
            running.cancelled = True
            self._say(running, CANCEL)

    @staticmethod
    def _say(running: _Running, data: bytes) -> None:
        if running.process.stdin is not None and not running.process.stdin.is_closing():
            running.process.stdin.write(data)

    def _ended(self, running: _Running) -> None:
        """Handle the end of a job's process: an open job continues in another one, unless too many failed."""
        job, code = self.jobs.job(running.job.id), running.process.returncode
        if not job.is_open:
            _log.info("job %d: %s", job.id, job.state.value, extra=_ids(job))
            return
        times, pause = self._broken.get(job.id, (0, 0.0))[0], _AWAY
        if code != STOPPED:  # STOPPED means a signal, or a store error, which is temporary
            times += 1
            pause = _PAUSE * 2 ** (times - 1)
        self._broken[job.id] = (times, time.monotonic() + pause)
        _log.error("job %d: its process ended with %s", job.id, code, extra=_ids(job))
        if times >= _ATTEMPTS:
            why = problem(
                "its process ended {times:n} {times/time/times} without a result; the log of the service says why",
                times=times,
            )
            self.jobs.end(job.id, JobState.FAILED, telling(why))
            end_run_of_failed_job(self.store, job)

    async def _end(self) -> None:
        """Tell the processes to end by closing their input; kill those that do not end in time."""
        for child in self._running.values():
            if child.process.stdin is not None:
                child.process.stdin.close()
        try:
            async with asyncio.timeout(GRACE):
                for child in self._running.values():
                    await child.process.wait()
        except TimeoutError:
            for child in self._running.values():
                if child.process.returncode is None:
                    child.process.kill()
                    await child.process.wait()


def _needed(config: Config) -> Iterator[str]:
    """Yield the environment variables that an audit needs.

    They are secrets of devices, the socket of the program for crafted packets, and whether root is to stay. Variables
    that only the service needs (mail, webhooks, the provider of logins) are left out.
    """
    yield from (privsep.VARIABLE, service_user.VARIABLE)
    waiting: list[object] = [config.snmp.model_dump()]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str) and value.startswith("env:"):
            yield value.removeprefix("env:")
        elif isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list | tuple):
            waiting += value


def _urgency(job: Job) -> tuple[bool, bool, JobId]:
    return job.state is not JobState.RUNNING, bool(job.wanted.schedule), job.id


def _ids(job: Job) -> dict[str, str | int]:
    """Return the ids of a job and of its run for the log."""
    return {"job": job.id} if job.run is None else {"job": job.id, "run": job.run}
