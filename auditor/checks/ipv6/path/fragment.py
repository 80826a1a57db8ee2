"""Check that an echo request in two fragments reaches a host that may have to take fragments.

Fragments are dropped in many places on the Internet (RFC 7872), so only a declared need (the tag ``needs-fragments``)
makes their loss a failure, and only where whole requests are answered: on a line that loses these too, not by chance.
"""

from collections.abc import Iterator
from ipaddress import IPv6Address

from auditor.facts import not_judged
from auditor.facts.attribution import excuse, unseen
from auditor.facts.dns.names import own
from auditor.facts.path.packets import silence_may_be_chance, small
from auditor.framework.check import (
    FamilyClaim,
    Granularity,
    VantageKind,
    check,
    fail,
    inconclusive,
    not_applicable,
    passed,
    warn,
)
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Clearance, Kind, Subject, written
from probes.framework.evidence import EvidenceSet, Failure, FailureKind
from probes.observations.dns import NameLookup
from probes.observations.path import CraftedExchange
from probes.observations.transport import EchoSeries

_NEEDED = "needs-fragments"
_FORM = "fragments"
_TCP_ONLY = frozenset(
    {
        "http",
        "https",
        "http-alt",
        "https-alt",
        "smtp",
        "submission",
        "submissions",
        "imap",
        "imaps",
        "pop3",
        "pop3s",
        "ssh",
    }
)
_SILENCE = Failure(kind=FailureKind.TIMEOUT)


@check(
    version=3,
    title="IPv6 fragments reach the service",
    problem="Fragmented IPv6 packets do not arrive",
    problems={"NEEDED_AND_LOST": "Fragmented IPv6 packets needed by a service do not arrive"},
    why="DNS answers over UDP, IPsec and some VPNs come in fragments. Where those are lost, what depends on them works"
    " with small messages and fails with large ones.",
    fix="Avoid fragments where that can be done (DNS: answers of 1232 bytes at most, then TCP); otherwise permit"
    " fragments that do not overlap on the firewalls before the service.",
    references=("RFC 8200 §4.5", "RFC 7872", "RFC 9098", "RFC 9099 §2.2.3", "RFC 9715", "RFC 7112"),
    needs=(NameLookup, EchoSeries, CraftedExchange),
    kinds=frozenset({Kind.HOST, Kind.RESOLVER, Kind.CONNECTION_POINT, Kind.DATACENTRE}),
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.V6,
    transports=frozenset({"icmp"}),
    unit=Granularity.ADDRESS,
    clearance=Clearance.INTRUSIVE,
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "ARRIVE": passed("{address} answers an echo request that comes in two fragments."),
        "LOST": warn("{address} answers echo requests that come whole, and none that comes in two fragments."),
        "NEEDED_AND_LOST": fail(
            "Fragments do not reach {address}, although a service there is declared to depend on them"
            " (needs-fragments)."
        ),
        "NO_REPLY": inconclusive(
            "{address} answers no echo request at all, so nothing is known about fragments.", reason=Reason.SMPL
        ),
        "TCP_ONLY": not_applicable("{name} runs services only over TCP; none of them needs fragments."),
        **not_judged.NO_IPV6_ADDRESS,
    },
)
def fragment(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    look, needed = own(subject, evidence, ctx, "AAAA"), subject.has_tag(_NEEDED)
    if not needed and subject.services and all(service.name in _TCP_ONLY for service in subject.services):
        yield Verdict(code="TCP_ONLY", args={"name": look.name})
    elif look.v6:
        yield from (_judge(evidence, ctx, address, needed=needed) for address in look.v6)
    elif not look.known:
        yield not_judged.dns(look)
    else:
        yield Verdict(code="NO_ADDRESS", args={"name": look.name}, evidence=look.evidence)


def _judge(evidence: EvidenceSet, ctx: Context, address: IPv6Address, *, needed: bool) -> Verdict:
    tries = [(envelope, s) for envelope, s in evidence.of(CraftedExchange) if s.address == address and s.form == _FORM]
    args: dict[str, Arg] = {"address": written(address)}
    arrived = tuple(envelope.id for envelope, step in tries if step.answer == "reply")
    if arrived:
        return Verdict(code="ARRIVE", args=args, address=address, evidence=arrived)
    ids = tuple(dict.fromkeys(envelope.id for envelope, _ in tries))
    reasons = [excuse(ctx, envelope, step.failure or _SILENCE, address, _FORM) for envelope, step in tries]
    reason = next((reason for reason in reasons if reason is not None), None if tries else unseen(ctx, address))
    if reason is not None:
        return not_judged.at(address, _FORM, reason, ids)
    whole = small(evidence, ctx, address)
    if not whole.arrives:
        return Verdict(code="NO_REPLY", args=args, address=address, evidence=(*ids, *whole.evidence))
    if silence_may_be_chance(evidence, address, len(tries)):
        return not_judged.at(address, _FORM, Reason.SMPL, (*ids, *whole.evidence))
    code = "NEEDED_AND_LOST" if needed else "LOST"
    return Verdict(code=code, args=args, address=address, evidence=(*ids, *whole.evidence))
