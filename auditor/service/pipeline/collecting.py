"""Runs a plan and stores its evidence, asynchronously. A resumed run measures only what is missing."""

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
from auditor.service.pipeline.places import UsefulProbes
from auditor.service.pipeline.plan import Plan, blobs
from auditor.service.pipeline.version import program_version
from auditor.service.store.api import Store
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
    """Told of each subject whose addresses are known, and of each finished one, with how many are done and known of so
    far; and, when all was measured once, how many attempts are made again, the last of them in how many seconds."""

    finished: Callable[[Subject, int, int], None] = lambda subject, done, total: None
    waiting: Callable[[int, float], None] = lambda attempts, seconds: None
    named: Callable[[Subject, Sequence[IPAddress]], None] = lambda subject, addresses: None


def start_run(made: Plan, store: Store, now: datetime, *, round: RunId | None = None) -> None:
    """Write down the plan: the run, what it is judged with, and its subjects. ``round``: of which it is a member."""
    record = planned_record(made, store, now)
    with store.batch():
        store.create_run(replace(record, round=round))
        store.add_subjects(made.run, made.subjects)


def planned_record(made: Plan, store: Store, now: datetime) -> RunRecord:
    """Return the record of a run that begins now; what its digests name is kept."""
    digests = {name: store.put_blob(data) for name, data in blobs(made).items()}
    return RunRecord(
        id=made.run,
        name=made.name,
        started=now,
        version=program_version(),
        profile=made.profile.name,
        inventory=digests["inventory"],
        reference=digests["reference"],
        policy=digests["policy"],
        vantage=made.vantage.name,
        networks=made.vantage.networks,
        options=made.options(),
    )


async def collect(
    made: Plan,
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

    Where the store holds a part of the run only: ``selftests`` is how often the vantage was tested before, ``known``
    are derived subjects that were measured elsewhere.

    A store that fails ends it with the one StoreError that says why, however many workers it met.
    """
    with one_store_error():
        part = _Part(selftests=selftests, known=frozenset(known))
        await _collect(made, store, open_net, part, progress=progress, mirror=mirror, strict=strict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What was measured of the run elsewhere, see ``collect``."""

    selftests: int
    known: frozenset[SubjectId]


async def _collect(
    made: Plan,
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
        for each_envelope in store.evidence(made.run, vantage_subject(made.vantage.name).id)
        if each_envelope.probe == SELFTEST
    ]
    resumed = next(iter(store.all_evidence(made.run)), None) is not None

    def measured_before(subject: SubjectId) -> Mapping[EvidenceId, Evidence]:
        return (
            {each_envelope.id: each_envelope for each_envelope in store.evidence(made.run, subject)} if resumed else {}
        )

    async with Writer(store, mirror) as writer, open_net(made) as net:
        subjects = _Subjects(made, store, writer, told, resumed=resumed, known=part.known)

        async def waiting(attempts: int, seconds: float) -> None:
            await writer.flush()  # it may take long, and somebody may end us
            told.waiting(attempts, seconds)

        listener = Listener(
            evidence=subjects.measured,
            derived=subjects.derived,
            finished=subjects.finished,
            waiting=waiting,
            named=subjects.named,
        )
        number = 1 + max((part.selftests, *(test.attempt for test in tests)))
        session = Session(_measurement(made, strict=strict), net, made.selftest, writer.put, number=number)
        await session.run(made.subjects, len(made.subjects), listener, measured_before)
        mesh = Meshing(run=made.run, vantage=made.vantage.name, mesh=made.mesh, clock=time.monotonic)
        for envelope in await mesh.evidence(net, store):
            await writer.put(envelope)
        await writer.flush()
    store.finish_run(made.run, datetime.now(UTC))


def _measurement(made: Plan, *, strict: bool) -> Measurement:
    here = frozenset(Network(word) for word in made.vantage.networks if word in set(Network))
    return Measurement(
        run=made.run,
        vantage=made.vantage.name,
        profile=made.profile,
        probes=made.probes,
        concurrency=made.pace.concurrency,
        clearance=made.clearance,
        subject_seconds=made.profile.subject_seconds,
        monotonic=time.monotonic,
        now=lambda: datetime.now(UTC),
        strict=strict,
        controls=made.controls,
        lans=made.lans,
        inside=made.inside_prefixes,
        can_tell=UsefulProbes(made.checks, made.catalogue, here).can_tell,
    )


class _Subjects:
    """Which subjects there are and which are done, so that one that several owners lead to is measured once.

    A zone that a row names is not derived again: the row's own subject is its judgement, and gains the owner.
    """

    def __init__(
        self, made: Plan, store: Store, writer: Writer, told: Progress, *, resumed: bool, known: frozenset[SubjectId]
    ) -> None:
        self._made = made
        self._resumed = resumed
        self._store = store
        self._run = made.run
        self._writer = writer
        self._told = told
        self._before = earlier_ways.earlier_runs_of_vantage(store, made.vantage.name, datetime.now(UTC))
        self._declared = Declarations(made.inventory, datetime.now(UTC))
        self._feeds = Feeds(run=made.run, vantage=made.vantage.name, rows=made.feeds, points=made.subjects)
        self._taken = {subject.id for subject in made.subjects} | known
        self._named = {(Kind.ZONE, s.host): s.id for s in made.subjects if Kind.ZONE in s.kinds}
        self._named |= {(Kind.HOST, s.host): s.id for s in made.subjects if _takes_mail(s)}
        self._counts = {subject.id: subject for subject in made.subjects if subject.kinds & DEVICE_KINDS}
        self._done = 0

    async def measured(self, envelope: Evidence) -> None:
        """Evidence goes to the store; of counters also what later runs look back at."""
        await self._writer.put(envelope)
        device = self._counts.get(envelope.subject) if envelope.probe == _SNMP else None
        if device is not None:
            await self._writer.add_samples(readings.samples(envelope, device, self._made.vantage.name))

    async def derived(self, subject: Subject) -> bool:
        """Write the subject or its new owner down; True when it is to be measured."""
        listed = self._named.get((subject.kind, subject.host))
        if listed is not None:
            await self._writer.add_owners(self._run, listed, subject.derived_from)
            return False
        new = subject.id not in self._taken
        self._taken.add(subject.id)
        await self._writer.add_subjects(self._run, [subject])
        return new

    async def named(self, subject: Subject, addresses: Sequence[IPAddress]) -> None:
        """Pass on where a subject is."""
        self._told.named(subject, addresses)

    async def finished(self, subject: Subject) -> None:
        """What was declared and sampled before is written down with what was measured now; once, like all evidence."""
        made, now = self._made, datetime.now(UTC)
        kept = frozenset(self._store.evidence_ids(made.run, subject.id)) if self._resumed else frozenset()
        declared = self._declared.evidence(made.run, made.vantage.name, subject, made.checks, now)
        sampled = windows.evidence(
            self._store, made.run, made.vantage.name, subject, made.checks, now, before=self._before
        )
        fed = self._feeds.evidence(self._store, subject, made.checks, now)
        for envelope in (
            *declared,
            *await asyncio.to_thread(lambda: [*sampled, *fed]),
        ):  # months of samples take their time
            if envelope.id not in kept:
                await self._writer.put(envelope)
        await self._writer.mark_measured(self._run, subject.id)
        self._done += 1
        self._told.finished(subject, self._done, len(self._taken))


def _takes_mail(subject: Subject) -> bool:
    """A row for a mail host stands for the exchanger only if it says that mail is what it does."""
    return Kind.HOST in subject.kinds and any(service.name == "smtp" for service in subject.services)
