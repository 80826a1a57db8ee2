"""Performs one job from its inventory to its judgement.

It may be interrupted at any moment and performed again: subjects in the store are not measured twice, and a finished
judgement is not repeated.
"""

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from auditor.figures.comparison import Credibility
from auditor.framework import catalogue
from auditor.framework.catalogue import Catalogue
from auditor.framework.check import Check
from auditor.framework.operator_problems import OperatorError, nearest, problem
from auditor.service.config import own_checks
from auditor.service.config.model import Config
from auditor.service.leases.stored import StoredLeases
from auditor.service.pipeline.judging.evaluating import evaluate
from auditor.service.pipeline.measuring.collecting import Progress, collect, start_run
from auditor.service.pipeline.measuring.network import open_kernel, own_addresses
from auditor.service.pipeline.plan.plan import Plan, plan
from auditor.service.runs.mass_change import decided, doubtful
from auditor.service.scheduler.job_errors import Expected, error_texts, telling
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.scheduler.known_inventories import KnownInventories
from auditor.service.scheduler.members import Members, check_vantages, deadline_of
from auditor.service.scheduler.model import Job, JobId, JobState, Phase
from auditor.service.scheduler.stopping import StopReason, StopSignal
from auditor.service.service_log import bind
from auditor.service.store.api import DatabaseStore
from auditor.service.store.records import RunRecord, RunState, StoreError, StoreFailed
from auditor.service.store.url import open_store
from inventory.inventory import Inventory
from inventory.model import Subject
from probes.framework.evidence import RunId

EVERY = 1.0
"""Seconds between two records of the progress."""
_log = logging.getLogger("auditor.run")


class _Ended(Exception):
    """Raised when the service ends while a run is judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditOrder:
    """Holds all that a process needs for a job; the process itself reads the secrets that the configuration names."""

    config: Config
    inventories: KnownInventories
    job: JobId


async def perform(order: AuditOrder, stop: StopSignal) -> bool:
    """Perform the job; return False if it was told to stop before the end, or if the store failed.

    A store failure leaves the job open: a restart of the database must not cost the audit, and after a full disk the
    next attempt can continue. An error that an operator can fix ends the job as failed, with the reason; any other is
    raised.
    """
    try:
        return await _performed(order, stop)
    except StoreFailed as error:
        _log.error("job %d is left open: %s", order.job, error)
        return False


async def _performed(order: AuditOrder, stop: StopSignal) -> bool:
    with open_store(order.config.store) as store:
        jobs = JobQueue(store.database)
        job = jobs.job(order.job)
        try:
            own_checks.load(order.config.checks.folders, again=True)
            return await _Audit(order, store, jobs, job, stop).done()
        except StoreFailed:
            raise
        except Expected as error:
            _log.warning("job %d failed: %s", order.job, error)
            end_run_of_failed_job(store, jobs.job(order.job))
            jobs.end(order.job, JobState.FAILED, error_texts(error, job.wanted.inventory))
            return True


def end_run_of_failed_job(store: DatabaseStore, job: Job) -> None:
    """Mark the run of a failed job as ended, so that it does not seem to be running."""
    if job.run is None:
        return
    try:
        state = store.run(job.run).state
    except StoreError:
        return  # the run was never stored
    if state is RunState.RUNNING:
        store.finish_run(job.run, datetime.now(UTC), RunState.INTERRUPTED)


class _Audit:
    def __init__(self, order: AuditOrder, store: DatabaseStore, jobs: JobQueue, job: Job, stop: StopSignal) -> None:
        self._order, self._store, self._jobs, self._job, self._told = order, store, jobs, job, stop
        self._catalogue = catalogue.load()
        self._so_far: dict[str, object] = {}
        self._error: Exception | None = None
        self._members = (
            Members(config=order.config, store=store, leases=StoredLeases(store.database), wanted=job.wanted.vantages)
            if job.wanted.vantages
            else None
        )
        if job.cancelled_by:
            stop.stop(StopReason.CANCELLED)

    async def done(self) -> bool:
        record, inventory = self._record(), None
        if record is None or record.state in (RunState.RUNNING, RunState.INTERRUPTED):
            run_plan = await asyncio.to_thread(self._planned, record)
            if run_plan is None:
                return await self._left_as_it_is(record)
            bind(run=run_plan.run)
            async with asyncio.TaskGroup() as group:
                telling = group.create_task(self._tell())
                await self._measure_all(run_plan, group)
                telling.cancel()
            if self._error is not None:
                raise self._error
            if self._told.why is StopReason.ENDING:
                return False
            record, inventory = self._store.run(run_plan.run), run_plan.inventory
        if not await self._judged(record, inventory):
            return False
        if record.state is RunState.FINISHED and not self._job.wanted.subjects:
            await asyncio.to_thread(self._weigh, record)
        state = JobState.CANCELLED if record.state is RunState.CANCELLED else JobState.FINISHED
        self._jobs.end(self._job.id, state)
        return True

    async def _left_as_it_is(self, record: RunRecord | None) -> bool:
        """Judge a run that this program or configuration cannot continue, and end the job as failed.

        Return False if the judgement was stopped before it was done.
        """
        assert record is not None
        self._store.finish_run(record.id, datetime.now(UTC), RunState.INTERRUPTED)
        if not await self._judged(self._store.run(record.id)):
            return False
        why = problem("run {run} was made with other checks or settings", run=record.id)
        self._jobs.end(self._job.id, JobState.FAILED, telling(why))
        return True

    def _record(self) -> RunRecord | None:
        """Return the run of an earlier attempt, if there is one."""
        if self._job.run is None:
            return None
        try:
            return self._store.run(self._job.run)
        except StoreError:
            return None

    # --- planning ----------------------------------------------------------------------------------------------------

    def _planned(self, record: RunRecord | None) -> Plan | None:
        """Return the plan, with its run stored; None if a run cannot continue because its checks or settings changed.

        A resumed run has the inventory with which it began.
        """
        wanted = self._job.wanted
        check_vantages(wanted.vantages, self._order.config)
        inventory = self._chosen() if record is None else Inventory.from_json(self._store.blob(record.inventory))
        config = self._order.config.model_copy(update={"clearance": wanted.clearance, "profile": None})
        run_plan = plan(
            inventory,
            config,
            self._catalogue,
            profile=wanted.profile,
            name=wanted.name or wanted.inventory,
            now=datetime.now(UTC),
            own=own_addresses,
            run=self._job.run,
            without_units=bool(wanted.subjects),  # chosen rows do not show which units declare nothing
        )
        run_plan = replace(run_plan, amends=wanted.amends, repeats=wanted.repeats, part=bool(wanted.subjects))
        if record is None:
            self._jobs.tell(self._job.id, run=run_plan.run, planned=len(run_plan.subjects))
            if self._members is None:
                start_run(run_plan, self._store, datetime.now(UTC))
            else:
                self._members.start(run_plan, datetime.now(UTC))
            return run_plan
        if record.options != run_plan.options():
            return None
        if self._members is None:
            self._store.resume_run(record.id)
        return run_plan

    def _chosen(self) -> Inventory:
        """Return the current inventory, limited to the requested subjects if there are any."""
        whole, wanted = self._order.inventories.load(self._job.wanted.inventory, self._store), self._job.wanted.subjects
        known = {subject.id for subject in whole.subjects}
        unknown = [subject_id for subject_id in wanted if subject_id not in known]
        if unknown:
            raise OperatorError(
                problem("no subject '{subject}' in the inventory", subject=subject_id, hint=nearest(subject_id, known))
                for subject_id in unknown
            )
        return (
            replace(whole, subjects=tuple(subject for subject in whole.subjects if subject.id in wanted))
            if wanted
            else whole
        )

    # --- measuring ---------------------------------------------------------------------------------------------------

    async def _measure_all(self, run_plan: Plan, group: asyncio.TaskGroup) -> None:
        """Measure from here, and in a round wait for the workers of its other vantages."""
        if self._members is None:
            await self._measure(run_plan, group)
            return
        own = self._members.own(run_plan.run)
        if own is not None and own.state in (RunState.RUNNING, RunState.INTERRUPTED):
            self._store.resume_run(own.id)
            await self._measure(replace(run_plan, run=own.id), group)
        if self._error is None:
            deadline = deadline_of(self._job.started, self._job.wanted.hours)
            self._so_far |= {"phase": Phase.WORKERS.value, "until": deadline}
            await self._members.wait(run_plan.run, deadline, self._told, self._delivered)

    async def _measure(self, run_plan: Plan, group: asyncio.TaskGroup) -> None:
        """Measure until all is done or a stop is requested; then record how the run ended."""
        self._so_far |= {"phase": Phase.MEASURING.value}
        stopping = group.create_task(self._told.event.wait())
        measuring = group.create_task(self._collected(run_plan))
        await asyncio.wait({stopping, measuring}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not measuring.done():
            measuring.cancel()
            await asyncio.wait({measuring})
            state = RunState.CANCELLED if self._told.why is StopReason.CANCELLED else RunState.INTERRUPTED
            self._store.finish_run(run_plan.run, datetime.now(UTC), state)

    async def _collected(self, run_plan: Plan) -> None:
        progress = Progress(finished=self._finished, waiting=self._waiting)
        try:
            await collect(run_plan, self._store, open_kernel, progress=progress)
        except Expected as error:
            self._error = error

    def _finished(self, subject: Subject, done: int, known: int) -> None:
        self._so_far |= {"measured": done, "planned": known}

    def _delivered(self, measured: int) -> None:
        self._so_far |= {"measured": measured}

    def _waiting(self, attempts: int, seconds: float) -> None:
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        self._so_far |= {"phase": Phase.WAITING.value, "until": until}

    async def _tell(self) -> None:
        """Record the progress whenever it has changed."""
        written: dict[str, object] = {}
        while True:
            now = dict(self._so_far)
            if now != written:
                await asyncio.to_thread(self._jobs.tell, self._job.id, **now)
                written = now
            await asyncio.sleep(EVERY)

    # --- judging -----------------------------------------------------------------------------------------------------

    async def _judged(self, record: RunRecord, inventory: Inventory | None = None) -> bool:
        """Judge the measurements, once; return False if told to end before it was done.

        ``inventory`` is that of the run, if it was planned here.
        """
        latest = self._store.latest_judgement(record.id)
        if latest is not None and record.finished is not None and latest.judged_at >= record.finished:
            return True
        subjects = sum(1 for _ in self._store.subjects(record.id))
        measured = len(self._store.measured(record.id))
        self._so_far |= {
            "phase": Phase.JUDGING.value,
            "until": None,
            "planned": subjects,
            "measured": measured,
            "judged": 0,
        }
        async with asyncio.TaskGroup() as group:
            telling = group.create_task(self._tell())
            whole = await asyncio.to_thread(self._evaluated, record.id, self._catalogue, inventory)
            telling.cancel()
        self._jobs.tell(self._job.id, judged=subjects if whole else self._so_far["judged"])
        return whole

    def _evaluated(self, run: RunId, known: Catalogue, inventory: Inventory | None) -> bool:
        try:
            evaluate(
                run,
                self._store,
                known,
                now=datetime.now(UTC),
                inventory=inventory,
                on_bug=_report_bug,
                judged_so_far=self._judged_so_far,
            )
        except _Ended:
            return False
        return True

    def _weigh(self, record: RunRecord) -> None:
        """Request a repeat if so much changed that the vantage is the likely cause.

        A run that is itself a repeat decides about the run that it repeats, and is never repeated.
        """
        doubted = RunId(self._job.wanted.repeats)
        if doubted:
            doubt = self._store.run(doubted).doubt
            if doubt is not None and doubt.state is Credibility.WAITING:
                verdict = decided(doubted, doubt, record.id, self._store, self._catalogue)
                self._jobs.settle_doubt(doubted, verdict, record.id)
        elif record.doubt is None:
            doubt = doubtful(record.id, self._store, self._catalogue, datetime.now(UTC))
            if doubt is not None:
                _log.warning("run %s: so much changed in %s that it is repeated", record.id, ", ".join(doubt.areas))
                self._jobs.doubt(self._job.id, doubt)

    def _judged_so_far(self, done: int) -> None:
        self._so_far |= {"judged": done}
        if self._told.why is StopReason.ENDING:
            raise _Ended


def _report_bug(check: Check, subject: Subject, error: Exception) -> None:
    _log.error("check %s on %s", check.id, subject.id, exc_info=error)
