"""Writes the order for a leased batch from the store's data of its run."""

from collections.abc import Mapping

from auditor.judging.vantage import SELFTEST, vantage_subject
from auditor.service.leases.model import Lease
from auditor.service.leases.order import Order
from auditor.service.store.api import Store
from probes.framework.codec import known_kinds


def order_of(lease: Lease, store: Store, *, allow: tuple[str, ...] | None, deny: tuple[str, ...]) -> Order:
    """Return the order for the worker, without subjects that an earlier worker finished."""
    measured = store.measured(lease.run)
    own = set(lease.subjects)
    tests = (
        envelope
        for envelope in store.evidence(lease.run, vantage_subject(lease.vantage).id)
        if envelope.probe == SELFTEST
    )
    kinds: Mapping[str, int] = known_kinds()
    return Order(
        key=lease.key,
        since=lease.since,
        run=store.run(lease.run),
        subjects=store.subjects_of(lease.run, [subject for subject in lease.subjects if subject not in measured]),
        known=tuple(sorted(subject for subject in measured - own if subject.startswith(("zone:", "mx:")))),
        selftests=max((envelope.attempt for envelope in tests), default=0),
        allow=allow,
        deny=deny,
        kinds=kinds,
    )
