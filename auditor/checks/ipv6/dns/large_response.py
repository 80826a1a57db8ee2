"""Check that signed answers arrive over IPv6, whole or over TCP, at any offered size.

A server that answers no question at all over UDP is ``ns-reach``'s finding. Silence about large answers counts only as
far as it is not explained by a line that loses small ones too.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum

import dns.flags
import dns.rcode

from auditor.facts import not_judged
from auditor.facts.dns import losses
from auditor.facts.dns.exchanges import QuestionAttempt, heard
from auditor.facts.dns.names import rejection
from auditor.facts.dns.nameservers import zone
from auditor.framework.check import FamilyClaim, Granularity, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Clearance, IPAddress, Kind, Subject
from probes.framework.evidence import EvidenceSet, FailureKind
from probes.observations.dns import Delegation, DnsExchange, NameLookup

_SIZES = (512, 1232, 4096, 0)
_PLAIN = 512  # the largest message without EDNS (RFC 1035 §4.2.1)
_USUAL = 1232  # the size that resolvers offer (RFC 9715)


class _State(IntEnum):
    """States of an answer, the best first."""

    ARRIVES = 0
    ERROR = 1  # a small answer, which shows nothing about large ones (trap N1)
    TCP_FAILS = 2  # truncated, and TCP fails
    LOST = 3
    TURNED_AWAY = 4  # the question was rejected by an ICMP error
    UNKNOWN = 5


_TURNED_AWAY = frozenset({FailureKind.REFUSED, FailureKind.PROHIBITED, FailureKind.UNREACHABLE})
_MISSING = frozenset({_State.LOST, _State.TURNED_AWAY})
_OPEN = frozenset({_State.TURNED_AWAY, _State.UNKNOWN})


@check(
    version=8,
    title="Large answers survive over IPv6",
    problem="Large DNS answers are lost over IPv6",
    problems={
        "SIZES_LOST": "Large DNS answers are lost over IPv6 at some EDNS sizes",
        "NO_TCP": "Truncated DNS answers cannot be fetched over TCP",
    },
    why="IPv6 routers do not fragment and many firewalls drop fragments, so a large answer disappears without a trace:"
    " signed names then fail to resolve for some visitors, and nobody sees why.",
    fix="Set the name server's largest UDP answer to 1232 bytes, and open TCP port 53 over IPv6.",
    references=("RFC 9715", "RFC 6891", "RFC 7872", "RFC 9099 §2.2.3"),
    needs=(Delegation, NameLookup, DnsExchange),
    kinds=frozenset({Kind.ZONE}),
    claims=FamilyClaim.V6,
    transports=frozenset({"udp/53", "tcp/53"}),
    unit=Granularity.ADDRESS,
    clearance=Clearance.PASSIVE,
    excused_by={
        "SIZES_LOST": frozenset({"large_response", "nameserver"}),
        "LOST": frozenset({"large_response", "nameserver"}),
        "NO_TCP": frozenset({"large_response", "nameserver"}),
    },
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "ARRIVES": passed("DNSKEY answers of {address} for {zone} arrive, whatever size is offered."),
        "SMALL": passed(
            "DNSKEY answers of {address} for {zone} arrive, but none is larger than {size:n} bytes: nothing large was"
            " there to be lost."
        ),
        "SIZES_LOST": warn(
            "DNSKEY answers of {address} for {zone} arrive with EDNS size 1232, but not with {sizes:list} (0: none)."
        ),
        "LOST": fail(
            "DNSKEY answers of {address} for {zone} do not arrive with EDNS {sizes/size/sizes} {sizes:list} (0: no"
            " EDNS)."
        ),
        "NO_TCP": fail(
            "DNSKEY answers of {address} for {zone} are truncated, and TCP, where the whole answer is, does not work.",
            fix="Open TCP port 53 for IPv6 in the firewall and let the name server listen on TCP.",
        ),
        "NO_BASIS": not_applicable(
            "{address} answers no small question over UDP either, which other findings are about."
        ),
        **not_judged.DNS_LIMITED,
        **not_judged.NO_SERVER_AAAA,
        **not_judged.NOT_DELEGATED,
    },
)
def large_response(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    zone_facts = zone(subject, evidence, ctx)
    shut = not_judged.delegation(zone_facts)
    if shut is not None:
        yield shut
        return
    usable = [address for address in zone_facts.names_of if rejection(subject, address, ctx) is None]
    for address in usable:
        tries = [_large(heard(evidence, ctx, address, (zone_facts.name, "DNSKEY"), via)) for via in ("udp", "tcp")]
        yield _judge(evidence, zone_facts.name, address, *tries)
    yield from (not_judged.dns(server.aaaa, detail=server.name) for server in zone_facts.unknown)
    if not usable and not zone_facts.unknown:
        yield Verdict(code="NO_AAAA", args={"zone": zone_facts.name}, evidence=zone_facts.evidence)


def _large(tries: Sequence[QuestionAttempt]) -> tuple[QuestionAttempt, ...]:
    """Return the tries that asked for signatures or without EDNS; other answers are small and show nothing."""
    return tuple(reply for reply in tries if reply.step.dnssec_ok or reply.step.edns_size == 0)


def _judge(
    evidence: EvidenceSet, name: str, address: IPAddress, udp: Sequence[QuestionAttempt], tcp: Sequence[QuestionAttempt]
) -> Verdict:
    by_size = {size: [reply for reply in udp if reply.step.edns_size == size] for size in _SIZES}
    states = {size: _state(tries, tcp) for size, tries in by_size.items()}
    ids = tuple(dict.fromkeys(reply.evidence for reply in (*udp, *tcp)))
    lost = tuple(str(size) for size, state in states.items() if state is _State.LOST)
    args = {"address": str(address), "zone": name}
    if _is_limited(states):
        return Verdict(code="LIMITED", args={"address": str(address)}, address=address, evidence=ids)
    silent = [reply for reply in udp if str(reply.step.edns_size) in lost]
    if lost and losses.may_be_chance(evidence, address, len(silent)):
        return not_judged.at(address, "udp/53", Reason.SMPL, ids)
    if states[_USUAL] in _MISSING and losses.answers_nothing(evidence, address):
        return Verdict(code="NO_BASIS", args={"address": str(address)}, address=address, evidence=ids)
    if states[_USUAL] is _State.LOST:
        return Verdict(code="LOST", args={**args, "sizes": lost}, address=address, evidence=ids)
    if _State.TCP_FAILS in states.values():
        return Verdict(code="NO_TCP", args=args, address=address, evidence=ids)
    if not _OPEN.isdisjoint(states.values()):
        reasons = [_why(reply) for reply in (*udp, *tcp) if reply.message is None]
        return not_judged.at(address, "udp/53", min(reasons, default=Reason.CUT), ids)
    if _State.ERROR in states.values():
        return not_judged.at(address, "udp/53", Reason.AMB, ids)
    if lost:
        return Verdict(code="SIZES_LOST", args={**args, "sizes": lost}, address=address, evidence=ids)
    largest = max((len(reply.step.response or b"") for reply in (*udp, *tcp)), default=0)
    truncated = any(reply.message is not None and reply.message.flags & dns.flags.TC for reply in udp)
    if largest <= _PLAIN and not truncated:
        return Verdict(code="SMALL", args={**args, "size": _PLAIN}, address=address, evidence=ids)
    return Verdict(code="ARRIVES", args=args, address=address, evidence=ids)


def _is_limited(states: Mapping[int, _State]) -> bool:
    """True if an answer is missing that is no larger than one that arrived: a rate limit drops it, not its size.

    Without EDNS nothing is larger than 512 bytes; of two sizes offered the smaller bounds the smaller answer.
    """
    arrived = [size for size, state in states.items() if state is _State.ARRIVES and size]
    lost = [size for size, state in states.items() if state in _MISSING]
    return any(size < other for size in lost for other in arrived)


def _state(udp: Sequence[QuestionAttempt], tcp: Sequence[QuestionAttempt]) -> _State:
    """Return the state of the best attempt with one size."""
    return min((_of(reply, tcp) for reply in udp), default=_State.UNKNOWN)


def _of(reply: QuestionAttempt, tcp: Sequence[QuestionAttempt]) -> _State:
    if reply.message is None and (reply.reason is not None or reply.unreadable):
        return _State.UNKNOWN
    if reply.message is None:
        return _State.TURNED_AWAY if _turned_away(reply) else _State.LOST
    if reply.message.rcode() != dns.rcode.NOERROR:
        return _State.ERROR
    if not reply.message.flags & dns.flags.TC:
        return _State.ARRIVES
    answered = [other.message for other in tcp if other.message is not None]
    if answered:
        whole = any(message.rcode() == dns.rcode.NOERROR for message in answered)
        return _State.ARRIVES if whole else _State.ERROR
    shut = [other for other in tcp if other.reason is None and not other.unreadable]
    return _State.TCP_FAILS if shut else _State.UNKNOWN


def _turned_away(reply: QuestionAttempt) -> bool:
    return reply.step.failure is not None and reply.step.failure.kind in _TURNED_AWAY


def _why(reply: QuestionAttempt) -> Reason:
    """Return the reason for an undecided answer; a server that answers only some questions limits their rate."""
    return reply.reason or (Reason.RATE if _turned_away(reply) else Reason.AMB)
