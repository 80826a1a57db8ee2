"""Tell whether a measurement that might excuse a subject was begun and not finished.

Time for one subject is bounded, and so is each probe. What such a probe would have shown is not known to be missing:
what the others show is held against nobody then.
"""

from collections.abc import Collection, Sequence

from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, FailureKind

_NOT_TRIED = frozenset(
    {FailureKind.OVER_BUDGET, FailureKind.NO_PERMISSION, FailureKind.FILTERED_HERE, FailureKind.OUT_OF_SCOPE}
)


def cut_off(evidence: EvidenceSet, probes: Collection[str], address: IPAddress | None = None) -> tuple[EvidenceId, ...]:
    """Return the unfinished evidence of any of the probes, at an address or anywhere.

    None where another try ended, unless it failed and was to be repeated: the last one would have told.
    """
    tries: dict[tuple[str, str], list[Evidence]] = {}
    for one in evidence:
        if one.probe in probes and (address is None or one.endpoint is None or one.endpoint.address == address):
            tries.setdefault((one.probe, one.task), []).append(one)
    left = (one for attempts in tries.values() if not _ended(attempts) for one in attempts)
    return tuple(one.id for one in left if not _is_whole(one))


def _ended(attempts: Sequence[Evidence]) -> bool:
    last = max(one.attempt for one in attempts)
    return any(_is_whole(one) and (one.attempt == last or not _failed(one)) for one in attempts)


def _failed(one: Evidence) -> bool:
    return any(step.failure is not None for step in one.steps)


def _is_whole(envelope: Evidence) -> bool:
    """True if nothing of it was left out because the peer's budget was used up, this machine missed what came, we may
    not do it or not look there, or our own packet filter kept it in. That we have no route to a family at all is
    another matter (self-test)."""
    failures = (step.failure for step in envelope.steps if step.failure is not None)
    left_out = any(failure.kind in _NOT_TRIED or failure.is_momentary for failure in failures)
    return envelope.failure is None and not left_out
