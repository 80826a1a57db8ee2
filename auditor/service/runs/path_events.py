"""Reads the path changes of a run: between vantages, and towards the sites of TSLCD that were traced."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from auditor.figures.path_changes import PathChange, known_at, path_changes
from auditor.service.derived.earlier_paths import other_probes
from auditor.service.derived.meshing import MESH
from auditor.service.store.api import AT_ONCE, Store
from auditor.service.store.chunks import chunks
from auditor.service.store.records import RunRecord
from inventory.model import Kind, Network
from probes.framework.evidence import Evidence
from probes.observations.mesh import MeshPath

_SITES = frozenset({Kind.CONNECTION_POINT, Kind.DATACENTRE})


def path_changes_of(run: RunRecord, store: Store, since: RunRecord | None = None) -> tuple[PathChange, ...]:
    """Return the path changes compared with earlier runs; with ``since``, compared with that run and those before it.

    Paths of two vantages are not compared.
    """
    if since is not None and since.vantage != run.vantage:
        return ()
    return tuple(_changes(run, store, since))


def _changes(run: RunRecord, store: Store, since: RunRecord | None) -> Iterator[PathChange]:
    before = None if since is None else _by_vantage(store.evidence(since.id, MESH))
    for vantage, envelopes in _by_vantage(store.evidence(run.id, MESH)).items():
        known = None if before is None else tuple(known_at(before.get(vantage, ())))
        for envelope in envelopes:
            way = next((step for step in envelope.steps if isinstance(step, MeshPath) and step.round), None)
            if way is not None:
                yield from path_changes([envelope], source=way.source, target=way.target, mesh=True, earlier=known)
    sites = (subject.id for subject in store.subjects(run.id, _SITES) if subject.network is Network.TSLCD)
    for some in chunks(sites, AT_ONCE):
        held = store.evidence_of(run.id, some, without=other_probes())
        earlier = None if since is None else store.evidence_of(since.id, some, without=other_probes())
        for subject in some:
            was = None if earlier is None else _by_vantage(earlier.get(subject, ()))
            for vantage, evidence in _by_vantage(held.get(subject, ())).items():
                known = None if was is None else tuple(known_at(was.get(vantage, ())))
                yield from path_changes(evidence, source=vantage, target=subject, earlier=known)


def _by_vantage(evidence: Iterable[Evidence]) -> Mapping[str, Sequence[Evidence]]:
    """Group the evidence of a round by vantage: the path from one vantage tells nothing about another's."""
    found: dict[str, list[Evidence]] = {}
    for envelope in evidence:
        found.setdefault(envelope.vantage, []).append(envelope)
    return found
