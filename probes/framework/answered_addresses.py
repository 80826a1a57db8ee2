"""Tells which addresses answered anything at all: what is dead is not asked at length."""

from collections.abc import Iterable

from inventory.model import IPAddress
from probes.framework.evidence import Evidence, FailureKind
from probes.observations.mail import SmtpDialogue, StartTls
from probes.observations.transport import TcpConnect


def alive(evidence: Iterable[Evidence]) -> frozenset[IPAddress]:
    """Return the addresses at which something answered, if only with a refusal."""
    return frozenset(address for envelope in evidence for step in envelope.steps for address, _ in step.answers())


def answers_over_tcp(evidence: Evidence) -> bool:
    """True if a connect was answered, if only with a refusal."""
    return any(transport.startswith("tcp/") for step in evidence.steps for _, transport in step.answers())


def is_open(evidence: Evidence) -> bool:
    """True if what stands behind this port may be asked: a connection came about, or STARTTLS went through."""
    return any(
        (isinstance(step, TcpConnect) and step.failure is None)
        or (isinstance(step, SmtpDialogue) and step.starttls is StartTls.DONE)
        for step in evidence.steps
    )


def was_silent(evidence: Evidence) -> bool:
    """True if the address that was asked answered nothing of it and let us wait: whatever is asked there next may take
    as long. One that is slow behind a handshake has answered that."""
    asked = None if evidence.endpoint is None else evidence.endpoint.address
    waited = any(step.failure is not None and step.failure.kind is FailureKind.TIMEOUT for step in evidence.steps)
    return waited and asked is not None and not any(step.is_answered_by(asked) for step in evidence.steps)
