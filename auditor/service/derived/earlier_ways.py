"""Derives from earlier runs of a vantage how a subject was connected, as evidence of the coming run."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from auditor.facts.device.addresses import own_addresses
from auditor.service.store.api import Store
from auditor.service.store.records import RunRecord, RunState
from inventory.model import IPAddress, Subject
from probes.framework.evidence import Evidence
from probes.observations.series import EarlierConnections
from probes.observations.snmp import SnmpGet, SnmpWalk
from probes.observations.traces import PathTrace
from probes.wire.snmp.links import link_neighbours
from probes.wire.snmp.tree import Tree

_BACK = timedelta(days=35)
_RUNS = 3
"""Earlier runs with evidence of a subject that are read at most until one shows how it was connected."""
_RUNS_OF_ANY = 64
"""Earlier runs that are considered at most, of any subjects."""
_MOST = 64
"""Addresses, and neighbours, that are kept of one subject at most."""


def earlier_runs_of_vantage(store: Store, vantage: str, now: datetime) -> tuple[RunRecord, ...]:
    """Return a vantage's finished runs with evidence that may show how a subject was connected, newest first."""
    runs = [
        run
        for whole in store.runs()
        for run in map(store.run, whole.members or (whole.id,))
        if run.vantage == vantage
        and run.state is RunState.FINISHED
        and run.forgotten is None
        and now - _BACK <= run.started < now
    ]
    return tuple(sorted(runs, key=lambda run: run.started, reverse=True)[:_RUNS_OF_ANY])


def earlier(store: Store, runs: Iterable[RunRecord], subject: Subject, now: datetime) -> Iterator[EarlierConnections]:
    """Yield one step from the first of ``runs`` that shows how the subject was connected; none if no run does.

    A run that did not find the subject passes on the step it was given from those before it, as an outage may outlast
    many runs.
    """
    measured = ((run, evidence) for run in runs if (evidence := store.evidence(run.id, subject.id)))
    for run, evidence in islice(measured, _RUNS):
        way = _of_run(evidence, run.started) or _carried_on(evidence, now)
        if way is not None:
            yield way
            return


def _carried_on(evidence: Sequence[Evidence], now: datetime) -> EarlierConnections | None:
    """Return the connection that a run was given from those before it; None if it is too old by now."""
    ways = (step for envelope in evidence for step in envelope.steps if isinstance(step, EarlierConnections))
    return next((way for way in ways if now - _BACK <= way.measured), None)


def _of_run(evidence: Sequence[Evidence], measured: datetime) -> EarlierConnections | None:
    steps = [step for envelope in evidence for step in envelope.steps]
    traces = [step for step in steps if isinstance(step, PathTrace)]
    before = tuple(dict.fromkeys(hop for trace in traces if (hop := _last_hop(trace)) is not None))
    tree = Tree(row for step in steps if isinstance(step, SnmpGet | SnmpWalk) for row in step.rows)
    texts = (
        text for neighbour in link_neighbours(tree) for text in (neighbour.name, *map(str, neighbour.addresses)) if text
    )
    declared = (address.address for address in own_addresses(tree))
    own = (address for address in declared if not (address.is_loopback or address.is_link_local))
    way = EarlierConnections(
        measured=measured,
        before=before[:_MOST],
        neighbours=tuple(islice(dict.fromkeys(texts), _MOST)),
        own=tuple(islice(dict.fromkeys(own), _MOST)),
    )
    return way if way.before or way.neighbours or way.own else None


def _last_hop(trace: PathTrace) -> IPAddress | None:
    """Return the hop right before the address; None if it was not reached, or if the hop before it was silent."""
    end = min((probe.hop for probe in trace.probes if probe.answer == "reached"), default=0)
    return next((probe.source for probe in trace.probes if probe.hop == end - 1 and probe.source is not None), None)
