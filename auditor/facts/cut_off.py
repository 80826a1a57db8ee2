"""Tell whether a measurement that might excuse a subject was begun and not finished.

Time for one subject is bounded, and so is each probe. What such a probe would have shown is not known to be missing:
what the others show is held against nobody then.
"""

from collections.abc import Collection

from inventory.model import IPAddress
from probes.framework.evidence import EvidenceId, EvidenceSet


def cut_off(evidence: EvidenceSet, probes: Collection[str], address: IPAddress | None = None) -> tuple[EvidenceId, ...]:
    """Return the unfinished evidence of any of the probes, at an address or anywhere; none where another try ended."""
    tries = [
        envelope
        for envelope in evidence
        if envelope.probe in probes
        and (address is None or envelope.endpoint is None or envelope.endpoint.address == address)
    ]
    ended = {(envelope.probe, envelope.task) for envelope in tries if envelope.failure is None}
    return tuple(envelope.id for envelope in tries if (envelope.probe, envelope.task) not in ended)
