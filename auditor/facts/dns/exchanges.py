"""Reads single questions to one server address: each answer, or why a missing one proves nothing."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

from auditor.facts.attribution import excuse
from auditor.facts.cached import remembered
from auditor.facts.dns.names import canonical
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import DnsExchange

SMALL, _MOST = 1_500, 1_000
"""Largest size in bytes of an answer that is cached after parsing, and the number of cached messages.

The objects of a message take a hundred times its bytes, and a server may fill its answers.
"""

_NO_ID = bytes(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAttempt:
    """Holds one attempt at a question.

    ``message`` is None if no readable answer came; ``reason`` is then why that proves nothing, None if it does.
    """

    step: DnsExchange
    evidence: EvidenceId
    at: datetime
    message: dns.message.Message | None = None
    reason: Reason | None = None

    @property
    def rcode(self) -> str:
        return "" if self.message is None else dns.rcode.to_text(self.message.rcode())

    @property
    def unreadable(self) -> bool:
        """True if bytes came that are not a DNS answer."""
        return self.message is None and self.step.response is not None


@remembered
def heard(
    evidence: EvidenceSet,
    ctx: Context,
    address: IPAddress,
    question: tuple[str, str],
    transport: str,
    *,
    rd: bool = False,
) -> tuple[QuestionAttempt, ...]:
    """Return every attempt at one question (name, type), in the order of the evidence."""
    wanted, rtype = canonical(question[0]), question[1]
    found = []
    for envelope, step in evidence.of(DnsExchange):
        if (step.qtype, step.transport, step.recursion_desired, step.because) != (rtype, transport, rd, None):
            continue
        if step.server != address or canonical(step.qname) != wanted:
            continue
        reason = Reason.CUT if step.response is None else None
        if step.failure is not None:
            reason = excuse(ctx, envelope, step.failure, step.server, f"{step.transport}/{step.port}")
        message = None if step.failure is not None else parsed(step.response)
        at = envelope.time_of(step)
        found.append(QuestionAttempt(step=step, evidence=envelope.id, at=at, message=message, reason=reason))
    return tuple(found)


def parsed(wire: bytes | None) -> dns.message.Message | None:
    """Return the parsed answer, None if there is none or it cannot be read; callers must not change it.

    Several checks share it. Its id is always 0: the answers of a zone's servers often differ only in the id, and are
    parsed once.
    """
    if wire is None:
        return None
    return _read(wire[2:]) if len(wire) > SMALL else _read_once(wire[2:])


def _read(after_id: bytes) -> dns.message.Message | None:
    try:
        message = dns.message.from_wire(_NO_ID + after_id, ignore_trailing=True)
        dns.rcode.to_text(message.rcode())
    except (dns.exception.DNSException, ValueError):
        return None
    return message


_read_once = lru_cache(maxsize=_MOST)(_read)


def sends_to_tcp(message: dns.message.Message) -> bool:
    """True if an answer only asks to repeat the question over TCP.

    Where no answer would be too large, rate limits answer some of the questions like this, with anything in the rest of
    the header.
    """
    return bool(message.flags & dns.flags.TC) and message.rcode() == dns.rcode.NOERROR and not message.answer


def refers_upwards(message: dns.message.Message, name: str) -> bool:
    """True if an answer is a referral to the servers of a zone above ``name``."""
    asked = dns.name.from_text(name)
    above = (rrset.rdtype == dns.rdatatype.NS and asked.is_subdomain(rrset.name) for rrset in message.authority)
    return any(above) and not message.answer and not message.flags & dns.flags.AA
