"""What became of connections behind a narrow link of our own: whether the server heeded Packet Too Big on each.

A server remembers the narrowest link it was told of for minutes, for all connections to us: one that begins with
packets of exactly such a size has heeded before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from auditor.facts.attribution import excuse
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, Failure, FailureKind
from probes.observations.path import FILLS, PACKET_TOO_BIG, REPEATED, TAUGHT, PmtudFlow

SMALLEST_MTU = 1280
_SILENCE = Failure(kind=FailureKind.TIMEOUT)
_THROUGH = frozenset({"enough", "end"})


class Fate(Enum):
    HEEDED = "segments became smaller"
    LATE = "they did after several retransmissions"
    IGNORED = "they did not"
    SMALL = "none was larger than 1280 bytes from the start"
    SHORT = "no packet was too large"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One connection. ``reason``: why it proves nothing, also of IGNORED."""

    fate: Fate
    evidence: EvidenceId
    reason: Reason | None = None


def flows(evidence: EvidenceSet, ctx: Context, address: IPAddress) -> Sequence[Flow]:
    """Without an ordinary connection whose packets were large: it only made the others worth while."""
    every = [(one, step) for one, step in evidence.of(PmtudFlow) if step.address == address]
    return [_flow(ctx, one, step) for one, step in every if not _shows_large(step)]


def _shows_large(step: PmtudFlow) -> bool:
    return step.watched and step.failure is None and step.ended in _THROUGH and step.largest > min(TAUGHT)


def _flow(ctx: Context, one: Evidence, step: PmtudFlow) -> Flow:
    if step.failure is not None:
        reason = excuse(ctx, one, step.failure, step.address, f"tcp/{step.port}")
        return Flow(fate=Fate.UNKNOWN, evidence=one.id, reason=reason or Reason.AMB)
    if step.heeded is not None:
        return Flow(fate=Fate.LATE if _repeated(step) >= REPEATED else Fate.HEEDED, evidence=one.id)
    if step.ignored:
        reason = excuse(ctx, one, _SILENCE, step.address, PACKET_TOO_BIG)
        return Flow(fate=Fate.IGNORED, evidence=one.id, reason=reason)
    if step.ended not in _THROUGH:  # a handshake that fails is another check's finding
        reason = Reason.SMPL if step.ended == "tls" else Reason.AMB
        return Flow(fate=Fate.UNKNOWN, evidence=one.id, reason=reason)
    if step.errors_sent or step.largest in TAUGHT:
        return Flow(fate=Fate.HEEDED, evidence=one.id)
    small = step.received >= FILLS and 0 < step.largest <= SMALLEST_MTU
    return Flow(fate=Fate.SMALL if small else Fate.SHORT, evidence=one.id)


def _repeated(step: PmtudFlow) -> int:
    """How often the packet that was lost first came again in its old size."""
    first = next((one for one in step.segments if one.size > step.mtu), None)
    if first is None:
        return 0
    return sum(1 for one in step.segments if one.seq == first.seq and one.size > step.mtu) - 1
