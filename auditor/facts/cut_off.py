"""Tell whether a measurement that might excuse a subject was begun and not finished.

Time for one subject is bounded, and so is each probe. What such a probe would have shown is not known to be missing:
what the others show is held against nobody then.
"""

from collections.abc import Collection

from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, FailureKind

_NOT_TRIED = frozenset({FailureKind.OVER_BUDGET, FailureKind.NO_PERMISSION, FailureKind.OUT_OF_SCOPE})


def cut_off(evidence: EvidenceSet, probes: Collection[str], address: IPAddress | None = None) -> tuple[EvidenceId, ...]:
    """Return the unfinished evidence of any of the probes, at an address or anywhere; none where another try ended."""
    tries = [
        envelope
        for envelope in evidence
        if envelope.probe in probes
        and (address is None or envelope.endpoint is None or envelope.endpoint.address == address)
    ]
    ended = {(envelope.probe, envelope.task) for envelope in tries if _is_whole(envelope)}
    return tuple(envelope.id for envelope in tries if (envelope.probe, envelope.task) not in ended)


def _is_whole(envelope: Evidence) -> bool:
    """Whether nothing of it was left out because the peer's budget was used up, this machine missed what came, or we
    may not do it or not look there. That we have no route to a family at all is another matter (self-test)."""
    failures = (step.failure for step in envelope.steps if step.failure is not None)
    left_out = any(failure.kind in _NOT_TRIED or failure.is_momentary for failure in failures)
    return envelope.failure is None and not left_out
