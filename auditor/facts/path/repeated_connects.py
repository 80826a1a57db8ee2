"""Counts requests to connect that a line lost, and tells whether it may have lost every packet of another kind too."""

from auditor.facts.path.chance import lost_all
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceSet, Failure, FailureKind
from probes.observations.transport import TcpConnect


def connects_were_lost_too(evidence: EvidenceSet, address: IPAddress, lost: int) -> bool:
    """True if all ``lost`` packets may be lost by chance, because successful connects had to be repeated.

    The kernel gives no round-trip time for a connect that it repeated. False if all connects have a time, or none has.
    """
    opened = [step for _, step in evidence.of(TcpConnect) if step.address == address and step.failure is None]
    return lost_all(lost, sum(step.rtt is None for step in opened), len(opened))


def requests(evidence: EvidenceSet, address: IPAddress) -> tuple[int, int]:
    """Return the numbers of requests to connect to the ports of an address that are open, and of those lost.

    A port that opened at any time is open: where a connect to it timed out at another time, all its requests were lost.
    A successful connect without a time lost one.
    """
    steps = [step for _, step in evidence.of(TcpConnect) if step.address == address]
    opened = [step for step in steps if step.failure is None]
    ports = {step.port for step in opened}
    silent = [step for step in steps if step.port in ports and step.failure and is_timeout(step.failure)]
    times = [step.rtt for step in opened]
    repeated = times.count(None) if any(time is not None for time in times) else 0
    lost = repeated + sum(map(syns, silent))
    return len(opened) + lost, lost


def syns(step: TcpConnect) -> int:
    """Return how often a kernel asked during a silent connect: at once, after 1 s and after 3 s (RFC 6298 §2, §5)."""
    return 1 + sum(step.t - step.t0 >= after for after in (1, 3))


def is_timeout(failure: Failure) -> bool:
    return failure.kind is FailureKind.TIMEOUT
