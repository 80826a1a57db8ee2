"""The only asynchronous arrow: a plan becomes evidence in a store. A resumed run measures only what is missing."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

from auditor.health import SELFTEST, vantage_subject
from auditor.pipeline.planning import Plan, blobs
from auditor.pipeline.version import program_version
from auditor.store.api import Store
from auditor.store.records import RunRecord
from auditor.store.writer import Writer
from inventory.model import Kind, Subject, SubjectId
from probes.framework.evidence import Evidence, EvidenceId
from probes.framework.runner import Listener, Measurement
from probes.framework.session import Session
from probes.net.api import Net

OpenNet = Callable[[Plan], AbstractAsyncContextManager[Net]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Told of each finished subject, with how many are done and known of so far."""

    finished: Callable[[Subject, int, int], None] = lambda subject, done, total: None


def start_run(made: Plan, store: Store, now: datetime) -> None:
    """Write down the plan: the run, what it is judged with, and its subjects."""
    digests = {name: store.put_blob(data) for name, data in blobs(made).items()}
    with store.batch():
        store.create_run(
            RunRecord(
                id=made.run,
                name=made.name,
                started=now,
                version=program_version(),
                profile=made.profile.name,
                inventory=digests["inventory"],
                reference=digests["reference"],
                policy=digests["policy"],
                vantage=made.vantage,
                networks=made.networks,
                options=made.options(),
            )
        )
        store.add_subjects(made.run, made.subjects)


async def collect(
    made: Plan, store: Store, open_net: OpenNet, *, progress: Progress | None = None, strict: bool = False
) -> None:
    """Measure the plan's subjects into ``store``. The run must have been started, or be resumed."""
    told = progress or Progress()
    known_subjects = _Known(made, store)
    done = 0

    async def derived(subject: Subject) -> bool:
        return known_subjects.take(subject)

    async def finished(subject: Subject) -> None:
        nonlocal done
        await writer.flush()
        store.mark_measured(made.run, subject.id)
        done += 1
        told.finished(subject, done, known_subjects.total)

    def known(subject: SubjectId) -> Mapping[EvidenceId, Evidence]:
        return {one.id: one for one in store.evidence(made.run, subject)} if resumed else {}

    tests = [one for one in store.evidence(made.run, vantage_subject(made.vantage).id) if one.probe == SELFTEST]
    number = 1 + max((one.attempt for one in tests), default=0)
    resumed = bool(tests) or bool(store.measured(made.run)) or any(True for _ in store.all_evidence(made.run))
    measurement = Measurement(
        run=made.run,
        vantage=made.vantage,
        profile=made.profile,
        probes=made.probes,
        concurrency=made.pace.concurrency,
        clearance=made.clearance,
        monotonic=time.monotonic,
        now=lambda: datetime.now(UTC),
        strict=strict,
    )
    async with Writer(store) as writer, open_net(made) as net:
        listener = Listener(evidence=writer.put, derived=derived, finished=finished)
        session = Session(measurement, net, made.selftest, writer.put, number=number)
        await session.run(made.subjects, len(made.subjects), listener, known)
        await writer.flush()
    store.finish_run(made.run, datetime.now(UTC))


class _Known:
    """Which subjects there are, so that one that several owners lead to is measured once.

    A zone that a row names is not derived again: the row's own subject is its judgement, and gains the owner.
    """

    def __init__(self, made: Plan, store: Store) -> None:
        self._made = made
        self._store = store
        self._taken = {subject.id for subject in made.subjects}
        self._named = {(kind, s.host): s.id for s in made.subjects for kind in s.kinds & {Kind.ZONE, Kind.HOST}}

    @property
    def total(self) -> int:
        return len(self._taken)

    def take(self, subject: Subject) -> bool:
        """Write the subject or its new owner down; True when it is to be measured."""
        listed = self._named.get((subject.kind, subject.host))
        if listed is not None:
            self._store.add_owners(self._made.run, listed, subject.derived_from)
            return False
        self._store.add_subjects(self._made.run, [subject])
        if subject.id in self._taken:
            return False
        self._taken.add(subject.id)
        return True
