"""Reads the paths that earlier runs of this vantage traced to a subject, as evidence of the coming run.

A run also keeps the paths it was given from runs before it, so that one earlier run is enough.
"""

from collections.abc import Iterable
from functools import cache
from itertools import islice

from auditor.figures.path_changes import known_at
from auditor.service.store.api import Store
from auditor.service.store.records import RunRecord
from inventory.model import SubjectId
from probes.framework import registry
from probes.observations.earlier_path import EarlierPath

_RUNS = 3
"""Earlier runs with evidence of a subject that are read at most until one has a path."""
_TRACING = frozenset({"trace", "site_path"})


@cache
def other_probes() -> frozenset[str]:
    """Return the names of the probes other than those that trace paths."""
    return frozenset(registry.load()) - _TRACING


def earlier_paths(store: Store, runs: Iterable[RunRecord], subject: SubjectId) -> tuple[EarlierPath, ...]:
    """Return the paths to a subject's addresses from the first of ``runs`` that has any; empty if no run has."""
    measured = (
        envelopes
        for run in runs
        if (envelopes := store.evidence_of(run.id, [subject], without=other_probes()).get(subject))
    )
    for evidence in islice(measured, _RUNS):
        paths = tuple(known_at(evidence))
        if paths:
            return paths
    return ()
