"""Tells which addresses answered anything at all: what is dead is not asked at length."""

from collections.abc import Iterable

from inventory.model import IPAddress
from probes.framework.evidence import Evidence
from probes.observations.mail import SmtpDialogue, StartTls
from probes.observations.transport import TcpConnect


def alive(evidence: Iterable[Evidence]) -> frozenset[IPAddress]:
    """The addresses at which something answered, if only with a refusal."""
    return frozenset(address for envelope in evidence for step in envelope.steps for address, _ in step.answers())


def is_open(evidence: Evidence) -> bool:
    """Whether what stands behind this port may be asked: a connection came about, or STARTTLS went through."""
    return any(
        (isinstance(step, TcpConnect) and step.failure is None)
        or (isinstance(step, SmtpDialogue) and step.starttls is StartTls.DONE)
        for step in evidence.steps
    )
