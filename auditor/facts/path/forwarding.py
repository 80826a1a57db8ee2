"""Reads whether a host forwarded packets to us as they asked; the best attempt of each kind counts."""

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.facts.attribution import excuse, unseen
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet
from probes.observations.path import SourceRoute, TunnelEntry
from probes.observations.vantage import ROUTING_HEADER

Step = SourceRoute | TunnelEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """Holds the result of one kind of packet.

    ``answer``: as in the observation, or ``refused``, or ``silent`` if the silence is the host's; None if it is not
    known, with the reason.
    """

    answer: str | None
    transport: str
    step: Step | None = None
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()


_ORDER = ("arrived", "reply", "icmp", "refused", "silent", None)


def forwarded(evidence: EvidenceSet, ctx: Context, address: IPAddress, protocol: str) -> Passed:
    """Return the result of one kind of packet to one address; ``protocol`` as in TunnelEntry, or ROUTING_HEADER."""
    steps = [(envelope, step) for envelope, step in _every(evidence, protocol) if step.address == address]
    passages = [_one(ctx, envelope, step) for envelope, step in steps]
    if not passages:
        return Passed(answer=None, transport=protocol, reason=unseen(ctx, address))
    return min(passages, key=lambda passage: _ORDER.index(passage.answer))


def _every(evidence: EvidenceSet, protocol: str) -> Iterable[tuple[Evidence, Step]]:
    if protocol == ROUTING_HEADER:
        return evidence.of(SourceRoute)
    return ((envelope, step) for envelope, step in evidence.of(TunnelEntry) if step.protocol == protocol)


def _one(ctx: Context, envelope: Evidence, step: Step) -> Passed:
    transport, reason, answer = step.at()[1], None, step.answer
    if answer not in _ORDER:
        answer = None
    if step.failure is not None:
        reason = excuse(ctx, envelope, step.failure, step.address, transport)
        answer = None if reason else "silent" if step.worth_repeating else "refused"
    elif answer is None:
        reason = Reason.AMB  # the reply is not a valid answer
    return Passed(answer=answer, transport=transport, step=step, reason=reason, evidence=(envelope.id,))
