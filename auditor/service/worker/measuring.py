"""Measures a leased batch with the code that ``audit`` uses, under the vantage's own configuration."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

from auditor.framework.catalogue import Catalogue
from auditor.service.config.model import Config
from auditor.service.leases.order import Order
from auditor.service.pipeline.measuring.collecting import OpenNet, Progress, collect
from auditor.service.pipeline.measuring.network import own_addresses
from auditor.service.pipeline.plan.plan import Plan, plan
from auditor.service.store.api import Store
from auditor.service.store.evidence.evidence_files import EvidenceFiles, read
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import Retention, Sample, Series
from auditor.service.worker.spool import LeasedFolder
from inventory.inventory import Inventory
from inventory.model import Clearance, Subject, SubjectId
from inventory.scope import Prefix, Scope
from probes.observations.series import SampleSummary

_CLEARANCES = (Clearance.PASSIVE, Clearance.NORMAL, Clearance.INTRUSIVE)


class LeaseStore(MemoryStore):
    """Holds one batch in memory, beside its file, and the samples in the vantage's own store, which outlives it."""

    def __init__(self, sampled: Store) -> None:
        super().__init__()
        self._sampled = sampled

    def add_samples(self, series: Series, samples: Iterable[Sample]) -> None:
        self._sampled.add_samples(series, samples)

    def add_round(self, samples: Iterable[tuple[Series, Sample]]) -> None:
        self._sampled.add_round(samples)

    def add_delivered(self, samples: Iterable[tuple[Series, Sample]], now: datetime) -> None:
        self._sampled.add_delivered(samples, now)

    def samples(self, series: Series, since: datetime, until: datetime) -> Iterator[Sample]:
        return self._sampled.samples(series, since, until)

    def samples_together(
        self, series: Sequence[Series], since: datetime, until: datetime
    ) -> Mapping[Series, Sequence[Sample]]:
        return self._sampled.samples_together(series, since, until)

    def series(self, subject: SubjectId, vantage: str) -> tuple[Series, ...]:
        return self._sampled.series(subject, vantage)

    def series_of(self, vantage: str) -> Mapping[SubjectId, tuple[Series, ...]]:
        return self._sampled.series_of(vantage)

    def first_sample(self, series: Series) -> datetime | None:
        return self._sampled.first_sample(series)

    def roll_up(self, until: datetime, offset: timedelta, keep: Retention | None) -> None:
        self._sampled.roll_up(until, offset, keep)

    def rolled(self, series: Series, step: int, since: datetime, until: datetime) -> Iterator[SampleSummary]:
        return self._sampled.rolled(series, step, since, until)

    def rolled_together(
        self, series: Sequence[Series], step: int, since: datetime, until: datetime
    ) -> Mapping[Series, Sequence[SampleSummary]]:
        return self._sampled.rolled_together(series, step, since, until)

    def remember(self, vantage: str, notes: Mapping[str, bytes]) -> None:
        self._sampled.remember(vantage, notes)

    def recall(self, vantage: str) -> Mapping[str, bytes]:
        return self._sampled.recall(vantage)


def planned(order: Order, inventory: Inventory, config: Config, known: Catalogue) -> Plan:
    """Plan a batch: the work that the order asks for, as far as this program and the vantage's configuration allow.

    Checks that this version does not know are left out, and probes whose records the centre cannot read yet. The
    clearance and the scope are the narrower of both sides. Raises the errors of ``plan``.
    """
    options = order.run.options
    checks = tuple(
        known.checks if options.checks is None else (check for check in options.checks if check in known.checks)
    )
    own = config.model_copy(
        update={
            "clearance": min(options.clearance, config.clearance, key=_CLEARANCES.index),
            "only": checks,
            "skip": (),
            "profile": None,
        }
    )
    made = plan(
        replace(inventory, subjects=tuple(_reachable(subject, config) for subject in inventory.subjects)),
        own,
        known,
        profile=order.run.profile,
        name=order.run.name,
        now=datetime.now(UTC),
        own=own_addresses,
        run=order.run.id,
    )
    readable = tuple(
        probe
        for probe in made.probes
        if all(order.kinds.get(record.KIND, 0) >= record.VERSION for record in probe.records)
    )
    return replace(
        made,
        inventory=inventory,
        subjects=tuple(_reachable(subject, config) for subject in order.subjects),
        probes=readable,
        scope=narrowed(made.scope, order),
        mesh=(),
        amends=options.amends,
        repeats=options.repeats,
        part=options.part,
    )


def narrowed(own: Scope, order: Order) -> Scope:
    """Return the vantage's scope within the centre's."""
    deny = (*own.deny, *map(ip_network, order.deny))
    if order.allow is None:
        return replace(own, deny=deny)
    theirs = tuple(map(ip_network, order.allow))
    allow = theirs if own.allow is None else tuple(_common(own.allow, theirs))
    return replace(own, allow=allow, deny=deny)


def _common(ours: Iterable[Prefix], theirs: Sequence[Prefix]) -> Iterator[Prefix]:
    for subject in ours:
        for other in theirs:
            if subject.version == other.version and subject.overlaps(other):
                yield max(subject, other, key=lambda prefix: prefix.prefixlen)


def _reachable(subject: Subject, config: Config) -> Subject:
    """Return the subject, without its SNMP profile if this vantage does not hold the credentials."""
    held = subject.snmp_profile is None or subject.snmp_profile in config.snmp.profiles
    return subject if held else replace(subject, snmp_profile=None)


async def measure(
    folder: LeasedFolder,
    blobs: Iterable[bytes],
    plan: Plan,
    sampled: Store,
    open_net: OpenNet,
    finished: Callable[[Subject, int, int], None] = lambda subject, done, known: None,
) -> None:
    """Measure the subjects that are missing in a batch's folder."""
    store, order = LeaseStore(sampled), folder.order
    if folder.has_evidence:
        read(folder.path, store)
    else:
        for data in blobs:
            store.put_blob(data)
        store.create_run(order.run)
        store.add_subjects(order.run.id, order.subjects)
    left = store.measured(order.run.id)
    missing = replace(plan, subjects=tuple(subject for subject in plan.subjects if subject.id not in left))
    with EvidenceFiles(folder.path, store, order.run.id) as files:
        await collect(
            missing,
            store,
            open_net,
            progress=Progress(finished=finished),
            mirror=files,
            selftests=order.selftests,
            known=order.known,
        )
    folder.mark_measured()
