"""Whether an address answered anything at all: what is dead is not asked at length."""

from collections.abc import Iterable

from inventory.model import IPAddress
from probes.framework.evidence import Evidence, FailureKind, Observation
from probes.observations.exposure import PortSweep
from probes.observations.mail import SmtpDialogue, StartTls
from probes.observations.snmp import SnmpSession
from probes.observations.transport import EchoSeries, TcpConnect, UdpKnock

_ANSWERS = (None, FailureKind.REFUSED, FailureKind.RESET)


def alive(evidence: Iterable[Evidence]) -> frozenset[IPAddress]:
    """The addresses at which something answered, if only with a refusal."""
    return frozenset(address for one in evidence for step in one.steps if (address := _answering(step)) is not None)


def _answering(step: Observation) -> IPAddress | None:
    kind = None if step.failure is None else step.failure.kind
    match step:
        case TcpConnect() | UdpKnock() | SnmpSession() if kind in _ANSWERS:
            return step.address
        case EchoSeries() if step.received:
            return step.address
        case PortSweep() if any(reply.failure in _ANSWERS for reply in step.replies):
            return step.address
        case _:
            return None


def is_open(evidence: Evidence) -> bool:
    """Whether what stands behind this port may be asked: a connection came about, or STARTTLS went through."""
    return any(
        (isinstance(step, TcpConnect) and step.failure is None)
        or (isinstance(step, SmtpDialogue) and step.starttls is StartTls.DONE)
        for step in evidence.steps
    )
