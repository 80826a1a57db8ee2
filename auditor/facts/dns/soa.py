"""Decides whether a server answered for a zone with authority: RCODE 0, AA, same question, the zone's SOA.

A reply alone is not enough (trap N1): REFUSED, SERVFAIL and a referral come from servers that do not serve the zone.
"""

from dataclasses import dataclass, replace
from enum import IntEnum

import dns.flags
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype

from auditor.facts.attribution import excuse
from auditor.facts.cut_off import cut_off
from auditor.facts.dns.error_limits import ASKING, passing_errors
from auditor.facts.dns.exchanges import parsed
from auditor.facts.dns.names import canonical
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, FailureKind
from probes.observations.dns import DnsExchange, EdnsAnswer


class SoaReply(IntEnum):
    """Classifies a reply to the SOA question, best first; of several attempts the best counts."""

    AUTHORITATIVE = 0
    LIMITED = 1  # truncated although it fits: a rate limiter asks for TCP
    DROPS_SOME = 2  # no answer, though other questions about the zone were answered with authority
    ERRS_AT_TIMES = 3  # an error that it also gave to a question which it answered at another time
    BAD_RCODE = 4
    NOT_AUTHORITATIVE = 5
    WRONG = 6  # unreadable, another question, or no SOA of the zone
    ELSEWHERE = 7  # the answer came from another address than the one asked (RFC 5452 §4)
    REJECTED = 8  # refused or an ICMP error
    HUNG_UP = 9  # accepted the TCP connection, and closed it without an answer
    EDNS_DROPPED = 10  # no answer, except to a question without EDNS
    SILENT = 11
    UNKNOWN = 12


_OTHER_QUESTIONS = frozenset({"nameserver", "nameserver_tcp", "zone_data", "edns"})
"""The probes whose answers show that a server which left the SOA question unanswered serves the zone."""
_USUAL = frozenset({dns.rcode.NOERROR, dns.rcode.NXDOMAIN})
_NOTHING_CAME = frozenset({SoaReply.SILENT, SoaReply.EDNS_DROPPED, SoaReply.REJECTED, SoaReply.HUNG_UP})


@dataclass(frozen=True, slots=True, kw_only=True)
class SoaAnswer:
    """Holds the answer of one server address over one transport.

    ``over_tcp``: the UDP answer was truncated, and this is the answer over TCP.
    """

    address: IPAddress
    reply: SoaReply
    reason: Reason | None = None
    rcode: str = ""
    source: str = ""
    over_tcp: bool = False
    evidence: tuple[EvidenceId, ...] = ()


def ask(evidence: EvidenceSet, ctx: Context, zone: str, address: IPAddress, transport: str) -> SoaAnswer:
    """Return the best answer of ``address`` to ``SOA zone``; UNKNOWN with reason CUT if it was never asked.

    An answer without EDNS counts if the question with EDNS was answered in some way (RFC 6891 §7): resolvers repeat the
    question then, but do not after silence. A server that does not answer this question but answers others about the
    zone limits its answers; while asking those is unfinished, it may be such a server. An error that it gives only at
    times shows nothing about the zone; it may be such an error while its other answers are unfinished.
    """
    answer = _of_soa(evidence, ctx, zone, address, transport)
    if answer.reply is SoaReply.BAD_RCODE and answer.rcode in passing_errors(evidence, address):
        return replace(answer, reply=SoaReply.ERRS_AT_TIMES)
    if answer.reply in _NOTHING_CAME:
        lively = _answering(evidence, zone, address, transport, edns=answer.reply is SoaReply.EDNS_DROPPED)
        if lively is not None:
            return replace(answer, reply=SoaReply.DROPS_SOME, evidence=tuple(dict.fromkeys((*answer.evidence, lively))))
    unheard: tuple[EvidenceId, ...] = ()
    if answer.reply in _NOTHING_CAME:
        unheard = cut_off(evidence, _OTHER_QUESTIONS, address)
    elif answer.reply is SoaReply.BAD_RCODE:
        unheard = cut_off(evidence, ASKING, address)
    if unheard:
        ids = tuple(dict.fromkeys((*answer.evidence, *unheard)))
        return replace(answer, reply=SoaReply.UNKNOWN, reason=Reason.CUT, evidence=ids)
    return answer


def _of_soa(evidence: EvidenceSet, ctx: Context, zone: str, address: IPAddress, transport: str) -> SoaAnswer:
    answers = [
        (step, _read(ctx, envelope, step, zone))
        for envelope, step in evidence.of(DnsExchange)
        if step.server == address
        and step.transport == transport
        and step.qtype == "SOA"
        and canonical(step.qname) == zone
        and not step.recursion_desired
    ]
    if not answers:
        return SoaAnswer(address=address, reply=SoaReply.UNKNOWN, reason=Reason.CUT)
    extended = [answer for step, answer in answers if step.edns_size > 0]
    plain = [answer for step, answer in answers if step.edns_size == 0]
    best = min(extended or plain, key=lambda answer: answer.reply)
    without = min(plain, key=lambda answer: answer.reply, default=best)
    ids = tuple(dict.fromkeys((*best.evidence, *without.evidence)))
    if best.reply in (SoaReply.BAD_RCODE, SoaReply.WRONG) and without.reply is SoaReply.AUTHORITATIVE:
        return replace(without, evidence=ids)
    if best.reply is SoaReply.SILENT and without.reply < SoaReply.ELSEWHERE:
        return replace(best, reply=SoaReply.EDNS_DROPPED, evidence=ids)
    return best


def _answering(
    evidence: EvidenceSet, zone: str, address: IPAddress, transport: str, *, edns: bool
) -> EvidenceId | None:
    """Return evidence of another question about the zone that was answered with authority, None if there is none.

    ``edns``: only questions with EDNS count.
    """
    for envelope, step in evidence.of(DnsExchange):
        same = (step.server, step.transport) == (address, transport) and step.because is None
        about = f".{canonical(step.qname)}".endswith(f".{zone}") and (step.edns_size > 0 or not edns)
        if same and about and step.failure is None and _has_authority(step.response):
            return envelope.id
    return next(
        (envelope.id for envelope, step in evidence.of(EdnsAnswer) if _is_plain(step, zone, address, transport)), None
    )


def _is_plain(step: EdnsAnswer, zone: str, address: IPAddress, transport: str) -> bool:
    """True if a step is the same question with ordinary EDNS, answered with authority at another time of the run."""
    asked = (step.server, step.transport, canonical(step.zone), step.trial) == (address, transport, zone, "plain")
    return asked and step.failure is None and _has_authority(step.response)


def _has_authority(response: bytes | None) -> bool:
    message = parsed(response)
    return message is not None and bool(message.flags & dns.flags.AA) and message.rcode() in _USUAL


def by_way_of_tcp(evidence: EvidenceSet, ctx: Context, zone: str, address: IPAddress) -> SoaAnswer:
    """Return the answer over UDP, or the authoritative one over TCP if the UDP answer only asks to use TCP.

    Anti-DDoS appliances truncate every first answer, and resolvers then use TCP (RFC 7766 §5).
    """
    answer = ask(evidence, ctx, zone, address, "udp")
    if answer.reply is not SoaReply.LIMITED:
        return answer
    there = ask(evidence, ctx, zone, address, "tcp")
    if there.reply is not SoaReply.AUTHORITATIVE:
        return answer
    return replace(there, over_tcp=True, evidence=tuple(dict.fromkeys((*answer.evidence, *there.evidence))))


def _read(ctx: Context, envelope: Evidence, step: DnsExchange, zone: str) -> SoaAnswer:
    def said(reply: SoaReply, *, rcode: str = "", source: str = "", reason: Reason | None = None) -> SoaAnswer:
        return SoaAnswer(
            address=step.server, reply=reply, rcode=rcode, source=source, reason=reason, evidence=(envelope.id,)
        )

    if step.answered_from is not None:
        return said(SoaReply.ELSEWHERE, source=str(step.answered_from))
    if step.response is not None:
        reply, rcode = _judge(step.response, zone)
        return said(reply, rcode=rcode)
    if step.failure is None:
        return said(SoaReply.UNKNOWN, reason=Reason.CUT)
    reason = excuse(ctx, envelope, step.failure, step.server, f"{step.transport}/{step.port}")
    if reason is not None:
        return said(SoaReply.UNKNOWN, reason=reason)
    if step.failure.kind is FailureKind.TIMEOUT:
        return said(SoaReply.SILENT)
    if step.hung_up:
        return said(SoaReply.HUNG_UP)
    return said(SoaReply.WRONG if step.failure.kind is FailureKind.PROTOCOL else SoaReply.REJECTED)


def _judge(wire: bytes, zone: str) -> tuple[SoaReply, str]:
    message = parsed(wire)
    if message is None:
        return SoaReply.WRONG, ""
    apex, rcode = dns.name.from_text(zone), dns.rcode.to_text(message.rcode())
    asked = [(q.name, q.rdtype, q.rdclass) for q in message.question]
    if not message.flags & dns.flags.QR or asked != [(apex, dns.rdatatype.SOA, dns.rdataclass.IN)]:
        return SoaReply.WRONG, rcode
    if message.rcode() != dns.rcode.NOERROR:
        return SoaReply.BAD_RCODE, rcode
    truncated = bool(message.flags & dns.flags.TC)
    if truncated and not message.answer and not message.flags & dns.flags.AA:
        # A device in front of the server asks every client to use TCP, and is not authoritative itself.
        return SoaReply.LIMITED, rcode
    if not message.flags & dns.flags.AA:
        return SoaReply.NOT_AUTHORITATIVE, rcode
    if any(rrset.name == apex and rrset.rdtype == dns.rdatatype.SOA for rrset in message.answer):
        return SoaReply.AUTHORITATIVE, rcode
    return (SoaReply.LIMITED if truncated else SoaReply.WRONG), rcode
