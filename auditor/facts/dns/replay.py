"""Replays a walk over lookups from the recorded ones."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Generic, TypeVar

from auditor.facts.dns.names import Lookup, canonical, lookup
from auditor.framework.context import Context
from probes.framework.evidence import EvidenceId, EvidenceSet

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed(Generic[T]):
    """Holds a walk's result and its first unknown lookup, which the walk treated as unanswered."""

    value: T
    unknown: Lookup | None = None
    evidence: tuple[EvidenceId, ...] = ()


def replay(
    walk: Generator[tuple[str, str], tuple[str, ...] | None, T], evidence: EvidenceSet, ctx: Context, role: str
) -> Replayed[T]:
    """Run ``walk`` to its end with the recorded answers; every walk terminates."""
    ids: dict[EvidenceId, None] = {}
    unknown: Lookup | None = None
    try:
        name, rtype = next(walk)
        while True:
            look = lookup(evidence, ctx, canonical(name), rtype, role)
            ids.update(dict.fromkeys(look.evidence))
            if not look.known:
                unknown = unknown or look
            name, rtype = walk.send(look.records if look.known else None)
    except StopIteration as end:
        return Replayed(value=end.value, unknown=unknown, evidence=tuple(ids))
