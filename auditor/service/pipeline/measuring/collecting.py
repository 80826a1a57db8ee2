"""Runs a plan and stores its evidence, asynchronously. A resumed run measures only the missing part."""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from auditor.judging.vantage import SELFTEST, vantage_subject
from auditor.service.derived import earlier_ways, readings, windows
from auditor.service.derived.declarations import Declarations
from auditor.service.derived.feeds import Feeds
from auditor.service.derived.meshing import Meshing
from auditor.service.pipeline.plan.plan import Plan, blobs
from auditor.service.pipeline.plan.useful_probes import UsefulProbes
from auditor.service.pipeline.version import program_version
from auditor.service.store.api import AT_ONCE, Store
from auditor.service.store.chunks import chunks
from auditor.service.store.records import RunRecord, one_store_error
from auditor.service.store.writer import Mirror, Writer
from inventory.model import DEVICE_KINDS, IPAddress, Kind, Network, Subject, SubjectId
from probes.framework.evidence import Evidence, EvidenceId, RunId
from probes.framework.runner import Listener, Measurement
from probes.framework.session import Session
from probes.net.api import Net

_SNMP = "snmp"
OpenNet = Callable[[Plan], AbstractAsyncContextManager[Net]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Holds the callbacks that report progress.

    ``named`` gets each subject once its addresses are known. ``finished`` gets each finished subject, with the numbers
    of finished and of known subjects so far. ``waiting`` is called when all was measured once, with the number of
    attempts to repeat and the seconds until the last of them.
    """

    finished: Callable[[Subject, int, int], None] = lambda subject, done, total: None
    waiting: Callable[[int, float], None] = lambda attempts, seconds: None
    named: Callable[[Subject, Sequence[IPAddress]], None] = lambda subject, addresses: None


def start_run(plan: Plan, store: Store, now: datetime, *, round: RunId | None = None) -> None:
    """Store the plan as a run: its record, the inventory, reference and policy, and its subjects.

    ``round`` is the round that the run is a member of.
    """
    record = planned_record(plan, store, now)
    with store.batch():
        store.create_run(replace(record, round=round))
        for some in chunks(plan.subjects, AT_ONCE):  # serialised they take six times the memory
            store.add_subjects(plan.run, some)


def planned_record(plan: Plan, store: Store, now: datetime) -> RunRecord:
    """Return the record of a run that begins now; the blobs that its digests name are stored."""
    digests = {name: store.put_blob(data) for name, data in blobs(plan).items()}
    return RunRecord(
        id=plan.run,
        name=plan.name,
        started=now,
        version=program_version(),
        profile=plan.profile.name,
        inventory=digests["inventory"],
        reference=digests["reference"],
        policy=digests["policy"],
        vantage=plan.vantage.name,
        networks=plan.vantage.networks,
        options=plan.options(),
    )


async def collect(
    plan: Plan,
    store: Store,
    open_net: OpenNet,
    *,
    progress: Progress | None = None,
    mirror: Mirror | None = None,
    strict: bool = False,
    selftests: int = 0,
    known: Collection[SubjectId] = (),
) -> None:
    """Measure the plan's subjects into ``store``. The run must have been started, or be resumed.

    If the store holds only a part of the run, ``selftests`` is the number of earlier self-tests of the vantage, and
    ``known`` are derived subjects that were measured elsewhere.

    If the store fails, the run ends with one StoreError that tells why, even if several workers met the error.
    """
    with one_store_error():
        part = _Part(selftests=selftests, known=frozenset(known))
        await _collect(plan, store, open_net, part, progress=progress, mirror=mirror, strict=strict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Holds the part of the run that was measured elsewhere, see ``collect``."""

    selftests: int
    known: frozenset[SubjectId]


async def _collect(
    plan: Plan,
    store: Store,
    open_net: OpenNet,
    part: _Part,
    *,
    progress: Progress | None,
    mirror: Mirror | None,
    strict: bool,
) -> None:
    told = progress or Progress()
    tests = [
        each_envelope
        for each_envelope in store.evidence(plan.run, vantage_subject(plan.vantage.name).id)
        if each_envelope.probe == SELFTEST
    ]
    resumed = next(iter(store.all_evidence(plan.run)), None) is not None

    def measured_before(subject: SubjectId) -> Mapping[EvidenceId, Evidence]:
        return (
            {each_envelope.id: each_envelope for each_envelope in store.evidence(plan.run, subject)} if resumed else {}
        )

    async with Writer(store, mirror) as writer, open_net(plan) as net:
        subjects = _Subjects(plan, store, writer, told, resumed=resumed, known=part.known)

        async def waiting(attempts: int, seconds: float) -> None:
            await writer.flush()  # the wait may be long, and the process may be ended
            told.waiting(attempts, seconds)

        listener = Listener(
            evidence=subjects.measured,
            derived=subjects.derived,
            finished=subjects.finished,
            waiting=waiting,
            named=subjects.named,
        )
        number = 1 + max((part.selftests, *(test.attempt for test in tests)))
        session = Session(_measurement(plan, strict=strict), net, plan.selftest, writer.put, number=number)
        await session.run(plan.subjects, len(plan.subjects), listener, measured_before)
        mesh = Meshing(run=plan.run, vantage=plan.vantage.name, mesh=plan.mesh, clock=time.monotonic)
        for envelope in await mesh.evidence(net, store):
            await writer.put(envelope)
        await writer.flush()
    store.finish_run(plan.run, datetime.now(UTC))


def _measurement(plan: Plan, *, strict: bool) -> Measurement:
    here = frozenset(Network(word) for word in plan.vantage.networks if word in set(Network))
    return Measurement(
        run=plan.run,
        vantage=plan.vantage.name,
        profile=plan.profile,
        probes=plan.probes,
        concurrency=plan.pace.concurrency,
        clearance=plan.clearance,
        subject_seconds=plan.profile.subject_seconds,
        monotonic=lambda: time.clock_gettime(time.CLOCK_BOOTTIME),  # counts sleep, which is not a set clock
        now=lambda: datetime.now(UTC),
        strict=strict,
        controls=plan.controls,
        lans=plan.lans,
        inside=plan.inside_prefixes,
        can_tell=UsefulProbes(plan.checks, plan.catalogue, here).can_tell,
    )


class _Subjects:
    """Records which subjects exist and which are done, so that a subject with several owners is measured once.

    A zone that a row names is not derived again: the row's own subject is judged, and gains the owner.
    """

    def __init__(
        self, plan: Plan, store: Store, writer: Writer, told: Progress, *, resumed: bool, known: frozenset[SubjectId]
    ) -> None:
        self._plan = plan
        self._resumed = resumed
        self._store = store
        self._run = plan.run
        self._writer = writer
        self._told = told
        self._before = earlier_ways.earlier_runs_of_vantage(store, plan.vantage.name, datetime.now(UTC))
        self._declared = Declarations(plan.inventory, datetime.now(UTC))
        self._feeds = Feeds(run=plan.run, vantage=plan.vantage.name, rows=plan.feeds, points=plan.subjects)
        self._taken = {subject.id for subject in plan.subjects} | known
        self._named = {(Kind.ZONE, s.host): s.id for s in plan.subjects if Kind.ZONE in s.kinds}
        self._named |= {(Kind.HOST, s.host): s.id for s in plan.subjects if _takes_mail(s)}
        self._counts = {subject.id: subject for subject in plan.subjects if subject.kinds & DEVICE_KINDS}
        self._done = 0

    async def measured(self, envelope: Evidence) -> None:
        """Store evidence, and from SNMP evidence of devices also the samples that later runs compare with."""
        await self._writer.put(envelope)
        device = self._counts.get(envelope.subject) if envelope.probe == _SNMP else None
        if device is not None:
            await self._writer.add_samples(readings.samples(envelope, device, self._plan.vantage.name))

    async def derived(self, subject: Subject) -> bool:
        """Store the subject or its new owner; return True if it is to be measured."""
        listed = self._named.get((subject.kind, subject.host))
        if listed is not None:
            await self._writer.add_owners(self._run, listed, subject.derived_from)
            return False
        new = subject.id not in self._taken
        self._taken.add(subject.id)
        await self._writer.add_subjects(self._run, [subject])
        return new

    async def named(self, subject: Subject, addresses: Sequence[IPAddress]) -> None:
        """Report the addresses of a subject."""
        self._told.named(subject, addresses)

    async def finished(self, subject: Subject) -> None:
        """Store the declared and sampled evidence of a subject besides the measured; each piece once."""
        plan, now = self._plan, datetime.now(UTC)
        kept = frozenset(self._store.evidence_ids(plan.run, subject.id)) if self._resumed else frozenset()
        declared = self._declared.evidence(plan.run, plan.vantage.name, subject, plan.checks, now)
        sampled = windows.evidence(
            self._store, plan.run, plan.vantage.name, subject, plan.checks, now, before=self._before
        )
        fed = self._feeds.evidence(self._store, subject, plan.checks, now)
        for envelope in (
            *declared,
            *await asyncio.to_thread(lambda: [*sampled, *fed]),
        ):  # reading months of samples is slow
            if envelope.id not in kept:
                await self._writer.put(envelope)
        await self._writer.mark_measured(self._run, subject.id)
        self._done += 1
        self._told.finished(subject, self._done, len(self._taken))


def _takes_mail(subject: Subject) -> bool:
    """True if a row for a mail host counts as the exchanger, which requires that it names the service SMTP."""
    return Kind.HOST in subject.kinds and any(service.name == "smtp" for service in subject.services)
