"""Tells whether a line that lost requests to connect may have lost all packets of another kind, or to one port, too."""

from auditor.facts.path.chance import lost_all
from auditor.facts.path.packets import echoes
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceSet, FailureKind
from probes.observations.transport import TcpConnect


def connects_were_lost_too(evidence: EvidenceSet, address: IPAddress, lost: int) -> bool:
    """True if all ``lost`` packets may be lost by chance, because successful connects had to be repeated.

    The kernel gives no round-trip time for a connect that it repeated. False if all connects have a time, or none has.
    """
    opened = [step for _, step in evidence.of(TcpConnect) if step.address == address and step.failure is None]
    return lost_all(lost, sum(step.rtt is None for step in opened), len(opened))


def silence_of_port_may_be_chance(evidence: EvidenceSet, address: IPAddress, port: int) -> bool:
    """True if all requests to connect to a port may be lost by chance, as echo requests or other connects were.

    A successful connect without a time lost one request. False if nothing else was lost, or nothing arrived.
    """
    to_address = [step for _, step in evidence.of(TcpConnect) if step.address == address]
    silent = [step for step in to_address if step.failure is not None and step.failure.kind is FailureKind.TIMEOUT]
    lost = sum(_requests(step.t - step.t0) for step in silent if step.port == port)
    times = [step.rtt for step in to_address if step.failure is None]
    repeated = times.count(None) if any(time is not None for time in times) else 0
    sent, received = echoes(evidence, address)
    if not received:
        sent = 0  # a filter, or a host that answers none
    return lost_all(lost, sent - received + repeated, sent + len(times) + repeated)


def _requests(seconds: float) -> int:
    """Return how often a kernel asks in so many seconds: at once, after 1 s and after 3 s (RFC 6298 §2, §5)."""
    return 1 + sum(seconds >= after for after in (1, 3))
