"""Lists the addresses that answered anything, so that dead ones are not queried at length."""

from collections.abc import Iterable

from inventory.model import IPAddress
from probes.framework.evidence import Evidence, FailureKind
from probes.observations.mail import SmtpDialogue, StartTls
from probes.observations.transport import TcpConnect


def alive(evidence: Iterable[Evidence]) -> frozenset[IPAddress]:
    """Return the addresses from which an answer came, a refusal included."""
    return frozenset(address for envelope in evidence for step in envelope.steps for address, _ in step.answers())


def answers_over_tcp(evidence: Evidence) -> bool:
    """True if a TCP connect was answered, a refusal included."""
    return any(transport.startswith("tcp/") for step in evidence.steps for _, transport in step.answers())


def is_open(evidence: Evidence) -> bool:
    """True if the service at this port may be queried: a connection was made, or STARTTLS succeeded."""
    return any(
        (isinstance(step, TcpConnect) and step.failure is None)
        or (isinstance(step, SmtpDialogue) and step.starttls is StartTls.DONE)
        for step in evidence.steps
    )


def was_silent(evidence: Evidence) -> bool:
    """True if the address answered nothing and a step timed out: the next query there may take as long.

    An address that is slow after a handshake has answered the handshake, so it is not silent.
    """
    asked = None if evidence.endpoint is None else evidence.endpoint.address
    waited = any(step.failure is not None and step.failure.kind is FailureKind.TIMEOUT for step in evidence.steps)
    return waited and asked is not None and not any(step.is_answered_by(asked) for step in evidence.steps)
