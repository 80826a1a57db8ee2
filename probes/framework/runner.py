"""Measures subjects, a fixed number at a time; no other module makes tasks.

One unit of work is one subject: its names first, then every endpoint at once, so that a dead host costs one wait and
not one for each probe. Workers take subjects lazily, so memory grows with the workers and not with the inventory; a
slow subject releases its worker and continues without one, up to a limit.
Existing evidence (``known``) is reused, which is all that resuming needs. A probe that raises is our bug and becomes a
failure of its own evidence; cancellation always passes through.
"""

import asyncio
import math
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from inventory.model import Clearance, IPAddress, Kind, Network, Subject, SubjectId
from inventory.scope import Prefix, Reach, reach_of
from probes.framework.answered_addresses import alive, is_open, was_silent
from probes.framework.budget import LEDGER, Ledger
from probes.framework.codec import evidence_id
from probes.framework.controls import Controls
from probes.framework.evidence import Evidence, EvidenceId, Failure, FailureKind, RunId
from probes.framework.expand import addresses, derive, expand, groups, led_to, name_tasks, settle
from probes.framework.extended_deadline import DeadlineExtender
from probes.framework.job import ProbeJob, in_calm, opens, silent_ports
from probes.framework.limits import INSIDE, Deadline
from probes.framework.look import LOOK, Look
from probes.framework.pool import Overtaking, Pool, together
from probes.framework.profile import Profile
from probes.framework.quiet_subject import ProbeBarrier
from probes.framework.reach import within
from probes.framework.recorder import Recorder
from probes.framework.registry import Disturbing, Probe, is_worth_confirming
from probes.framework.repeats import later_attempt, next_attempt
from probes.framework.tasks import EndpointTask, LanTask, Target, target_of
from probes.framework.time_budget import TimeBudget, out_of_time
from probes.net.api import Net
from probes.observations.mail import SmtpDialogue

_SLOW = 6
"""A subject that has used this fraction (1/6) of its time releases its worker."""
_ASIDE, _AT_ONCE = 4, 1_000
"""The most such subjects per worker, and the most subjects at once unless there are more workers."""
ById = Mapping[EvidenceId, Evidence]
Known = Callable[[SubjectId], ById]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """Holds the settings of a run. ``monotonic`` and ``now`` are the clocks; ``strict`` lets our bugs raise (tests).

    ``subject_seconds``: the time limit of one subject. ``controls``: the comparison data for resolvers and data
    centres, ``lans``: the user networks to watch, ``inside``: the prefixes of TSLCD. ``can_tell``: False for a probe
    that shows nothing about a subject from here, which is left out.
    """

    run: RunId
    vantage: str
    profile: Profile
    probes: tuple[Probe, ...]
    concurrency: int
    clearance: Clearance
    monotonic: Callable[[], float]
    now: Callable[[], datetime]
    subject_seconds: float = math.inf
    strict: bool = False
    controls: Controls = field(default_factory=Controls)
    lans: Mapping[SubjectId, LanTask] = field(default_factory=dict)
    inside: tuple[Prefix, ...] = ()
    can_tell: Callable[[Probe, Subject], bool] = lambda probe, subject: True


async def _nobody(*what: object) -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Holds the callbacks of a run, awaited so that a slow store slows the run.

    ``derived`` gets each derived subject, with its owner in ``derived_from``, and returns True if it is new; then it is
    measured too. ``named``: the addresses of a subject are known. ``finished``: all evidence of the subject has been
    passed on, late attempts included. ``waiting``: everything was measured once; gets the number of attempts still to
    be made and the seconds until the last.
    """

    evidence: Callable[[Evidence], Awaitable[None]]
    derived: Callable[[Subject], Awaitable[bool]]
    finished: Callable[[Subject], Awaitable[None]]
    waiting: Callable[[int, float], Awaitable[None]] = _nobody
    named: Callable[[Subject, Sequence[IPAddress]], Awaitable[None]] = _nobody


class Runner:
    """Measures one run. Not reusable."""

    def __init__(self, measurement: Measurement, net: Net, listener: Listener, known: Known) -> None:
        self._m = measurement
        self._net = net
        self._listener = listener
        self._known = known
        self._patience = DeadlineExtender()
        self._late: list[ProbeJob] = []
        self._heard: set[int] = set()
        self._ledgers: dict[SubjectId, Ledger] = {}
        self._times: dict[SubjectId, TimeBudget] = {}
        self._outstanding: Counter[SubjectId] = Counter()
        self._unfinished: dict[SubjectId, Subject] = {}
        self._names = tuple(probe for probe in measurement.probes if probe.shape == "name")
        self._endpoints = tuple(probe for probe in measurement.probes if probe.shape == "endpoint")
        self._lans = tuple(probe for probe in measurement.probes if probe.shape == "lan")
        self._groups = tuple(probe for probe in measurement.probes if probe.shape == "group")

    async def measure(self, subjects: Iterable[Subject]) -> None:
        """Measure all subjects and those derived from them, then make the late attempts as they are due."""
        pool = Pool(subjects)

        async def work(subject: Subject) -> None:
            await self._subject(subject, pool)

        await pool.run(self._m.concurrency, work, self._overtaking())
        while self._late:
            late, self._late = in_calm(self._late, self._m.monotonic(), self._m.profile), []
            if not self._m.profile.one_round:  # otherwise it takes only seconds
                await self._listener.waiting(len(late), max(0.0, late[-1].due - self._m.monotonic()))
            await Pool(late).run(self._m.concurrency, self._late_job)

    def _overtaking(self) -> Overtaking[Subject] | None:
        """Return the rule by which slow subjects release their workers; None if there is no time limit."""
        most = min(_ASIDE * self._m.concurrency, _AT_ONCE - self._m.concurrency)
        patience = self._m.subject_seconds / _SLOW

        def is_slow(subject: Subject) -> bool:
            time = self._times.get(subject.id)
            return not self._patience.is_behind and time is not None and time.seconds - time.left >= patience

        finite = most > 0 and patience < math.inf
        return Overtaking(seconds=patience / _SLOW, is_slow=is_slow, most=most) if finite else None

    async def _subject(self, subject: Subject, pool: Pool[Subject]) -> None:
        LEDGER.set(self._ledgers.setdefault(subject.id, Ledger()))
        LOOK.set(Look())
        self._times[subject.id] = TimeBudget(self._m.subject_seconds, asyncio.get_running_loop().time)
        known = self._known(subject.id)
        evidence: list[Evidence] = []
        reach = reach_of(subject, self._m.inside)
        for target in (target_of(task, reach) for task in name_tasks(subject)):
            evidence += await self._look_up(subject, target, known)
        settled = settle(subject, evidence)
        await self._listener.named(settled, addresses(settled, evidence))
        for found in derive(settled, evidence):
            if await self._listener.derived(found):
                await pool.add(found)
        jobs = (*self._lan_jobs(settled), *self._endpoint_jobs(settled, evidence))
        evidence += await self._look(settled, jobs, known, tuple(evidence))
        self._put_by_what_differs(jobs, evidence)
        if self._m.profile.one_round and not self._times[settled.id].over:
            for job, silence in silent_ports(jobs, evidence, self._heard):
                self._put_by(job, len(self._m.profile.retries[job.probe.retry]), 0.0, silence)
        await self._measure_groups(tuple(self._group_jobs(settled, evidence)), known)
        if self._outstanding[settled.id]:
            self._unfinished[settled.id] = settled
        else:
            await self._finished(settled)

    async def _look_up(self, subject: Subject, target: Target, known: ById) -> list[Evidence]:
        """Run the probes of one name in order and return their evidence."""
        # If a user waits, all after the first run at once; the first finds the way to the name's servers for all.
        cleared = (probe for probe in self._names if self._cleared(probe, subject))
        jobs = [ProbeJob(subject=subject, probe=probe, target=target) for probe in cleared]
        parts = (jobs[:1], jobs[1:]) if self._m.profile.is_hurried else ([job] for job in jobs)
        return [seen for part in parts for seen in await together(self._job(job, known) for job in part)]

    async def _look(
        self, subject: Subject, jobs: Sequence[ProbeJob], known: ById, names: Sequence[Evidence]
    ) -> list[Evidence]:
        """Run all jobs, then the probes that need live addresses, at all of them at once to compare them."""
        # If a user waits, these begin beside the others as soon as every address has answered.
        whole = {address for job in jobs for address in job.target.reach.at}
        shown, seen, lively = asyncio.Event(), [*names], set(alive(names))

        async def one(job: ProbeJob) -> list[Evidence]:
            evidence = await self._job(job, known, beside)
            seen.extend(evidence)
            lively.update(alive(evidence))
            if self._m.profile.is_hurried and lively >= whole:
                shown.set()
            return evidence

        async with asyncio.TaskGroup() as beside:
            first = beside.create_task(together(one(job) for job in jobs))
            first.add_done_callback(lambda _: shown.set())
            await shown.wait()
            needing = self._endpoint_jobs(subject, seen, alive=frozenset(lively))
            living = await together(self._job(job, known) for job in needing)
        return [*first.result(), *living]

    async def _finished(self, subject: Subject) -> None:
        del self._ledgers[subject.id], self._times[subject.id], self._outstanding[subject.id]
        await self._listener.finished(subject)

    async def _measure_groups(self, jobs: Sequence[ProbeJob], known: ById) -> None:
        quiet = ProbeBarrier(job.key for job in jobs)

        async def one(job: ProbeJob) -> None:
            await self._job(replace(job, quiet=quiet), known)
            quiet.done(job.key)

        async with asyncio.TaskGroup() as together:
            for job in jobs:
                together.create_task(one(job))

    def _group_jobs(self, subject: Subject, evidence: list[Evidence]) -> Iterator[ProbeJob]:
        """Yield the group jobs, which run last: our other connections must not disturb comparisons in time."""
        reach = reach_of(subject, self._m.inside, led_to(evidence))
        for task in groups(subject, evidence) if self._groups else ():
            target = target_of(task, reach)
            for probe in self._groups:
                if task.service.name in probe.services and self._cleared(probe, subject):
                    yield ProbeJob(subject=subject, probe=probe, target=target)

    def _lan_jobs(self, subject: Subject) -> Iterator[ProbeJob]:
        task = self._m.lans.get(subject.id)
        if task is not None:
            target, cleared = target_of(task, Reach()), (probe for probe in self._lans if self._cleared(probe, subject))
            yield from (ProbeJob(subject=subject, probe=probe, target=target) for probe in cleared)

    def _endpoint_jobs(
        self, subject: Subject, evidence: list[Evidence], *, alive: frozenset[IPAddress] | None = None
    ) -> Iterator[ProbeJob]:
        """Yield the endpoint jobs, of services first; with ``alive``, only those that need a live address, at these."""
        probes = [probe for probe in self._endpoints if probe.needs_answer is (alive is not None)]
        cleared = [probe for probe in probes if self._cleared(probe, subject)]
        by_service: dict[str | None, tuple[Sequence[Probe], Sequence[Probe]]] = {}
        reach = reach_of(subject, self._m.inside, led_to(evidence))
        controls = self._m.controls if subject.kinds & {Kind.RESOLVER, Kind.DATACENTRE} else None
        for plain in sorted(expand(subject, evidence), key=lambda task: task.service is None):  # others may ban us
            task = plain if controls is None else replace(plain, controls=controls)
            if alive is not None and task.endpoint.address not in alive:
                continue
            target, service = target_of(task, reach), None if task.service is None else task.service.name
            if service not in by_service:  # computed once: dozens of addresses have the same few services
                by_service[service] = _in_order(probe for probe in cleared if probe.fits(task))
            first, behind = by_service[service]
            for probe in first:
                opened = tuple(behind) if opens(probe) else ()
                yield ProbeJob(subject=subject, probe=probe, target=target, behind=opened)

    def _cleared(self, probe: Probe, subject: Subject) -> bool:
        allowed = subject.clearance.covers(probe.clearance) and self._m.clearance.covers(probe.clearance)
        return allowed and self._m.can_tell(probe, subject)

    async def _late_job(self, job: ProbeJob) -> None:
        await asyncio.sleep(max(0.0, job.due - self._m.monotonic()))
        subject = job.subject.id
        LEDGER.set(self._ledgers[subject])
        LOOK.set(Look())
        if not job.is_given_up:
            await self._job(job, self._known(subject))
        self._outstanding[subject] -= 1
        if not self._outstanding[subject]:
            await self._finished(self._unfinished.pop(subject))

    async def _job(self, job: ProbeJob, known: ById, beside: asyncio.TaskGroup | None = None) -> list[Evidence]:
        """Make the attempts due at once and postpone a later one, then run the probes that need an open port, in order.

        If there was no time to find out whether it is open, those record that they were not run, as they may be missed.
        Those of a mail host, with long pauses between connections, run in ``beside``, parallel to later work.
        """
        offsets = self._m.profile.retries[job.probe.retry]
        evidence: list[Evidence] = []
        attempt: int | None = job.first
        while attempt is not None:
            wait = 0.0 if attempt == job.first else offsets[attempt] - offsets[job.first]
            if wait > 0 and not self._times[job.subject.id].over:
                self._put_by(job, attempt, wait, evidence[0])
                break
            evidence.append(await self._attempt(job, attempt + 1, known))
            attempt = next_attempt(offsets, attempt, evidence[-1], job.probe.confirm_if)
        if job.behind and (any(is_open(envelope) for envelope in evidence) or evidence[-1].is_out_of_time):
            await asyncio.sleep(max(0.0, job.calm_until - self._m.monotonic()))
            if beside is not None and job.probe.records == (SmtpDialogue,):
                beside.create_task(self._behind(job, known))
            else:
                await self._behind(job, known)
        return evidence

    async def _behind(self, job: ProbeJob, known: ById) -> None:
        """Run the probes that need an open port one after another."""
        # If a user waits and one of them met only silence, the rest run at once: each may wait as long.
        left = [replace(job, probe=probe, behind=(), first=0) for probe in job.behind]
        while left:
            evidence = await self._job(left.pop(0), known)
            if self._m.profile.is_hurried and any(was_silent(envelope) for envelope in evidence):
                await together(self._job(other, known) for other in left)
                return

    def _put_by(self, job: ProbeJob, attempt: int, wait: float, before: Evidence) -> None:
        """Move an attempt to the second pass, ``wait`` seconds after evidence that may be of an interrupted session."""
        passed = (self._m.now() - before.started).total_seconds()
        due = self._m.monotonic() + min(wait, max(0.0, wait - passed))
        self._late.append(replace(job, first=attempt, due=due))
        self._outstanding[job.subject.id] += 1

    def _put_by_what_differs(self, jobs: Iterable[ProbeJob], evidence: Iterable[Evidence]) -> None:
        """Add a later attempt at all addresses of the subject if they differ, unless one is planned already."""
        last = {(envelope.probe, envelope.task): envelope for envelope in evidence}
        compared: dict[str, list[ProbeJob]] = {}
        for job in jobs:
            if job.probe.differs is not None and job.key in last:
                compared.setdefault(job.probe.name, []).append(job)
        for alike in compared.values():
            probe = alike[0].probe
            if probe.differs is None or not probe.differs([step for job in alike for step in last[job.key].steps]):
                continue
            for job in alike:
                seen, offsets = last[job.key], self._m.profile.retries[probe.retry]
                attempt = later_attempt(offsets, seen.attempt - 1)
                settled = is_worth_confirming(seen.steps, probe.confirm_if) or self._times[job.subject.id].over
                if attempt is not None and not settled:
                    self._put_by(job, attempt, offsets[attempt], seen)

    async def _attempt(self, job: ProbeJob, attempt: int, known: ById) -> Evidence:
        task = job.target.task
        key = evidence_id(self._m.run, job.subject.id, job.probe.name, job.target.key, attempt)
        if key in known:
            return known[key]
        rec, time = Recorder(self._m.monotonic), self._times[job.subject.id]
        started = self._m.now()
        failure, queued = (out_of_time(time.seconds), 0.0) if time.over else await self._run(job, rec)
        evidence = Evidence(
            id=key,
            run=self._m.run,
            subject=job.subject.id,
            endpoint=task.endpoint if isinstance(task, EndpointTask) else None,
            task=job.target.key,
            probe=job.probe.name,
            probe_version=job.probe.version,
            attempt=attempt,
            vantage=self._m.vantage,
            started=started,
            queued=queued,
            steps=rec.steps,
            failure=failure,
        )
        if rec.steps or failure is not None or attempt > 1:  # a third of all runs do nothing and record nothing
            await self._listener.evidence(evidence)
        return evidence

    async def _run(self, job: ProbeJob, rec: Recorder) -> tuple[Failure | None, float]:
        """Run a probe and then its disturbing part; return the failure and the seconds that Limits held it back."""
        disturbing, failure, held = await self._bounded(job, lambda: job.probe.run(job.target.task, self._net, rec))  # type: ignore[arg-type]  # shape fits by Probe.fits
        if disturbing is not None:
            if job.quiet is not None:
                await job.quiet.wait(job.key)
            _, failure, more = await self._bounded(job, disturbing)
            held += more
        if failure is None and rec.dropped:
            failure = Failure(kind=FailureKind.CUT_SHORT, detail=f"{rec.dropped} steps beyond the limit were dropped")
        return failure, round(held, 6)

    async def _bounded(
        self, job: ProbeJob, part: Callable[[], Awaitable[Disturbing | None]]
    ) -> tuple[Disturbing | None, Failure | None, float]:
        """Run ``part`` under the deadline; return its result, the failure if any, and the seconds it was held back."""
        deadline, time = Deadline(job.probe.deadline), self._times[job.subject.id]
        try:
            async with deadline:
                place = INSIDE.set(_is_inside(job.subject))
                self._patience.watch(deadline)
                try:
                    with within(job.target.reach), time.spent_by(deadline):
                        return await part(), None, deadline.held
                finally:
                    self._patience.forget(deadline)
                    INSIDE.reset(place)
        except Exception as error:
            if isinstance(error, TimeoutError) and deadline.is_cut and deadline.expired:
                failure = out_of_time(time.seconds)
            elif isinstance(error, TimeoutError) and deadline.expired:
                failure = Failure(kind=FailureKind.CUT_SHORT, detail=f"no end within {job.probe.deadline:g} s")
            elif self._m.strict:
                raise
            else:
                failure = Failure(kind=FailureKind.BUG, detail="".join(traceback.format_exception(error))[-2_000:])
        return None, failure, deadline.held


def _in_order(fitting: Iterable[Probe]) -> tuple[Sequence[Probe], Sequence[Probe]]:
    """Return the probes that begin at once, and those that need an open port, ones that replace no other last."""
    probes = list(fitting)
    behind = sorted((probe for probe in probes if probe.needs_open), key=lambda probe: probe.stands_alone)
    return [probe for probe in probes if not probe.needs_open], behind


def _is_inside(subject: Subject) -> bool:
    """True if the subject is inside TSLCD; a derived zone belongs to the Internet, even if derived from inside."""
    return subject.network is Network.TSLCD and not (subject.derived_from and Kind.ZONE in subject.kinds)
