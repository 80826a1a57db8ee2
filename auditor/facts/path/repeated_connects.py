"""Tell whether a line that lost requests to connect may have lost every packet of another sort too."""

from auditor.facts.path.chance import lost_all
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceSet
from probes.observations.transport import TcpConnect


def connects_were_lost_too(evidence: EvidenceSet, address: IPAddress, lost: int) -> bool:
    """Say whether ``lost`` packets, all that were sent, may be chance: connects that succeeded had to be asked again.

    Their kernel's clock tells: it gives no time of a connect that it repeated. Where it gives none of any connect, or
    one of each, this says nothing.
    """
    opened = [step for _, step in evidence.of(TcpConnect) if step.address == address and step.failure is None]
    return lost_all(lost, sum(step.rtt is None for step in opened), len(opened))
