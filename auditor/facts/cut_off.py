"""Tells whether a measurement that might excuse a subject was started and not finished.

The time for one subject and for each probe is limited. The result of an unfinished probe is unknown, so the results of
the other probes are not reported as a defect.
"""

from collections.abc import Collection, Sequence

from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, FailureKind

_NOT_TRIED = frozenset(
    {FailureKind.OVER_BUDGET, FailureKind.NO_PERMISSION, FailureKind.FILTERED_HERE, FailureKind.OUT_OF_SCOPE}
)


def cut_off(evidence: EvidenceSet, probes: Collection[str], address: IPAddress | None = None) -> tuple[EvidenceId, ...]:
    """Return the ids of unfinished evidence of any of the probes, at an address or (None) at any.

    Only the last attempt at a task counts: it was made because those before it were to be repeated or confirmed.
    """
    tries: dict[tuple[str, str], list[Evidence]] = {}
    for one in evidence:
        if one.probe in probes and (address is None or one.endpoint is None or one.endpoint.address == address):
            tries.setdefault((one.probe, one.task), []).append(one)
    left = (one for attempts in tries.values() if not _ended(attempts) for one in attempts)
    return tuple(one.id for one in left if not _is_whole(one))


def _ended(attempts: Sequence[Evidence]) -> bool:
    last = max(one.attempt for one in attempts)
    return any(_is_whole(one) for one in attempts if one.attempt == last)


def _is_whole(envelope: Evidence) -> bool:
    """True if no step of the evidence was left out.

    Steps are left out when the peer's budget is used up, this machine missed the answer, a permission is missing, the
    target is out of scope, or our own packet filter blocked the packet. A missing route to a whole family is judged by
    the self-test.
    """
    failures = (step.failure for step in envelope.steps if step.failure is not None)
    left_out = any(failure.kind in _NOT_TRIED or failure.is_momentary for failure in failures)
    return envelope.failure is None and not left_out
