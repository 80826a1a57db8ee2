"""Holds a leased batch in a store, and the statements that its worker may make about it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import IPv6Address
from pathlib import Path

from auditor.service.leases import intake
from auditor.service.leases.model import Lease
from auditor.service.leases.stored import StoredLeases
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.evidence import journal
from auditor.service.store.sql.store import SqlStore
from inventory.model import AgencyId, Kind, Subject, SubjectId
from probes.framework.codec import evidence_id
from probes.framework.evidence import Evidence, RunId
from probes.framework.expand import derived_subject
from probes.observations.transport import TcpConnect
from tests.unit.auditor.service.leases.conftest import START, Clock
from tests.unit.auditor.service.store import examples

RUN, HUB = examples.RUN, "trung-tam-tinh"


def portal(name: str) -> Subject:
    return Subject(
        id=SubjectId(name),
        kind=Kind.PORTAL,
        kinds=frozenset({Kind.PORTAL}),
        agency=AgencyId("G01"),
        name=name,
        host=name,
    )


OURS, OURS_TOO, THEIRS = portal("www.a.gov.vn"), portal("dvc.a.gov.vn"), portal("www.b.gov.vn")
ZONE = derived_subject(OURS, Kind.ZONE, "a.gov.vn")


def evidence(
    subject: str = OURS.id,
    *,
    run: RunId = RUN,
    vantage: str = HUB,
    after: timedelta = timedelta(minutes=1),
    task: str = "t",
) -> Evidence:
    made = evidence_id(run, subject, "connect", task, 1)
    return Evidence(
        id=made,
        run=run,
        subject=SubjectId(subject),
        endpoint=None,
        task=task,
        probe="connect",
        probe_version=1,
        attempt=1,
        vantage=vantage,
        started=START + after,
        queued=0.0,
        steps=(),
    )


def connect(*, t: float) -> TcpConnect:
    """Return a connect that ended ``t`` seconds after its evidence began."""
    return TcpConnect(address=IPv6Address("2001:db8::1"), port=443, t0=0.0, t=t)


@dataclass(slots=True)
class Desk:
    """Holds the centre's side: a lease of ``OURS`` and ``OURS_TOO`` in a run that holds ``THEIRS`` too."""

    store: SqlStore
    leases: StoredLeases
    lease: Lease
    clock: Clock

    def take(self, *lines: bytes) -> int:
        reader = intake.Intake(store=self.store, leases=self.leases, now=self.clock)
        return reader.take(self.lease.key, intake.read(b"".join(lines)))

    def refusal(self, *lines: bytes) -> str:
        try:
            self.take(*lines)
        except intake.RefusedDelivery as refused:
            return refused.code
        return ""


@contextmanager
def desk(folder: Path) -> Iterator[Desk]:
    clock = Clock()
    with open_sqlite(folder / "auditor.db") as store:
        store.create_run(replace(examples.run(), vantage=HUB, started=START))
        store.add_subjects(RUN, [OURS, OURS_TOO, THEIRS])
        leases = StoredLeases(store.database, clock)
        leases.defer(RUN, HUB, [OURS.id, OURS_TOO.id])
        lease = leases.lease(HUB, "w1")
        assert lease is not None
        clock.move(timedelta(minutes=5))
        yield Desk(store, leases, lease, clock)


def line(one: Evidence) -> bytes:
    return journal.evidence(one)
