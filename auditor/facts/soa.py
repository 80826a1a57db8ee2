"""Whether a server answered the SOA question as the authority of a zone: RCODE 0, AA, same question, the zone's SOA.

Any reply is not enough (trap N1): REFUSED, SERVFAIL and a referral come from servers that do not serve the zone.
"""

from dataclasses import dataclass
from enum import IntEnum

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype

from auditor.context import Context
from auditor.facts.blame import excuse
from auditor.facts.names import canonical
from auditor.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, FailureKind
from probes.observations.dns import DnsExchange


class Reply(IntEnum):
    """Best first; of several attempts the best one counts."""

    AUTHORITATIVE = 0
    LIMITED = 1  # truncated although it fits: a rate limiter wants TCP
    BAD_RCODE = 2
    NOT_AUTHORITATIVE = 3
    WRONG = 4  # unreadable, another question, or no SOA of the zone
    ELSEWHERE = 5  # the answer came from another address than the one asked (RFC 5452 §4)
    REJECTED = 6  # refused or an ICMP error
    SILENT = 7
    UNKNOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one server address answered over one transport."""

    address: IPAddress
    reply: Reply
    reason: Reason | None = None
    rcode: str = ""
    source: str = ""
    evidence: tuple[EvidenceId, ...] = ()


def ask(evidence: EvidenceSet, ctx: Context, zone: str, address: IPAddress, transport: str) -> Answer:
    """The best answer of ``address`` to ``SOA zone``; never asked is UNKNOWN, cut short."""
    answers = [
        _read(ctx, envelope, step, zone)
        for envelope, step in evidence.of(DnsExchange)
        if step.server == address
        and step.transport == transport
        and step.qtype == "SOA"
        and canonical(step.qname) == zone
        and not step.recursion_desired
    ]
    if not answers:
        return Answer(address=address, reply=Reply.UNKNOWN, reason=Reason.CUT)
    return min(answers, key=lambda answer: answer.reply)


def _read(ctx: Context, envelope: Evidence, step: DnsExchange, zone: str) -> Answer:
    def said(reply: Reply, *, rcode: str = "", source: str = "", reason: Reason | None = None) -> Answer:
        return Answer(
            address=step.server, reply=reply, rcode=rcode, source=source, reason=reason, evidence=(envelope.id,)
        )

    if step.answered_from is not None:
        return said(Reply.ELSEWHERE, source=str(step.answered_from))
    if step.response is not None:
        reply, rcode = _judge(step.response, zone)
        return said(reply, rcode=rcode)
    if step.failure is None:
        return said(Reply.UNKNOWN, reason=Reason.CUT)
    reason = excuse(ctx, envelope, step.failure, step.server, f"{step.transport}/{step.port}")
    if reason is not None:
        return said(Reply.UNKNOWN, reason=reason)
    if step.failure.kind is FailureKind.TIMEOUT:
        return said(Reply.SILENT)
    return said(Reply.WRONG if step.failure.kind is FailureKind.PROTOCOL else Reply.REJECTED)


def _judge(wire: bytes, zone: str) -> tuple[Reply, str]:
    try:
        message = dns.message.from_wire(wire, ignore_trailing=True)
        apex = dns.name.from_text(zone)
        rcode = dns.rcode.to_text(message.rcode())
    except (dns.exception.DNSException, ValueError):
        return Reply.WRONG, ""
    asked = [(q.name, q.rdtype, q.rdclass) for q in message.question]
    if not message.flags & dns.flags.QR or asked != [(apex, dns.rdatatype.SOA, dns.rdataclass.IN)]:
        return Reply.WRONG, rcode
    if message.rcode() != dns.rcode.NOERROR:
        return Reply.BAD_RCODE, rcode
    if not message.flags & dns.flags.AA:
        return Reply.NOT_AUTHORITATIVE, rcode
    if any(rrset.name == apex and rrset.rdtype == dns.rdatatype.SOA for rrset in message.answer):
        return Reply.AUTHORITATIVE, rcode
    return (Reply.LIMITED if message.flags & dns.flags.TC else Reply.WRONG), rcode
