"""Decides whether a line that loses packets may have lost every connect to a port that seems silent."""

from auditor.facts.path.chance import SELDOM, explains
from auditor.facts.path.packets import SYNS, silence_may_be_chance
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceSet, FailureKind
from probes.observations.exposure import PortSweep


def silence_is_loss(evidence: EvidenceSet, address: IPAddress, port: int, among: int) -> bool:
    """True if connects to a port may have gone unanswered by chance, as others of the same sweeps or echo requests did.

    Others are those to ports that answered at least once. ``among``: how many ports might have been silent as this one;
    one of many is silent by chance more often than a single one. Where none of the others was lost, or none answered,
    only the echo requests count.
    """
    lost: dict[int, int] = {}
    answered: dict[int, int] = {}
    for _, step in evidence.of(PortSweep):
        for reply in step.replies if step.address == address else ():
            silent = reply.failure is FailureKind.TIMEOUT
            if silent or reply.failure is not FailureKind.CUT_SHORT:
                counts = lost if silent else answered
                counts[reply.port] = counts.get(reply.port, 0) + 1
    tried = lost.get(port, 0)
    if not tried or port in answered:
        return False
    lost_others = sum(count for other, count in lost.items() if other in answered)
    others = lost_others + sum(answered.values())
    unlikely = SELDOM / among
    alike = bool(lost_others and answered) and explains(tried, tried, lost_others, others, unlikely=unlikely)
    return alike or silence_may_be_chance(evidence, address, tried * SYNS, unlikely=unlikely)
