"""Tells whether a line that lost requests to connect may have lost every packet of another kind too."""

from auditor.facts.path.chance import lost_all
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceSet
from probes.observations.transport import TcpConnect


def connects_were_lost_too(evidence: EvidenceSet, address: IPAddress, lost: int) -> bool:
    """True if all ``lost`` packets may be lost by chance, because successful connects had to be repeated.

    The kernel gives no round-trip time for a connect that it repeated. False if all connects have a time, or none has.
    """
    opened = [step for _, step in evidence.of(TcpConnect) if step.address == address and step.failure is None]
    return lost_all(lost, sum(step.rtt is None for step in opened), len(opened))
