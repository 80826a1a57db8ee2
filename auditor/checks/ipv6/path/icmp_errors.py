"""Check that closed ports answer with an error over IPv6 as over IPv4.

Silence counts only for an address that answers otherwise, and only over a transport that was shown to work from here.
It does not count for one that refuses some other ports and is silent at some: a firewall that rejects sends only so
many ICMP errors in a time (RFC 4443 §2.4(f)), and other measurements may have used them up. A lost answer to an unknown
next header is never a defect: such packets are dropped in many places on the Internet.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from ipaddress import IPv4Address, IPv6Address

from auditor.facts import not_judged
from auditor.facts.attribution import excuse, unseen
from auditor.facts.dns.names import own
from auditor.facts.life import sign_of_life
from auditor.facts.path.packets import silence_may_be_chance
from auditor.facts.targets import for_each
from auditor.facts.v6_targets import v6_targets
from auditor.framework.check import FamilyClaim, Granularity, VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import WEB_KINDS, IPAddress, Kind, Subject, written
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, FailureKind
from probes.observations.dns import NameLookup
from probes.observations.path import CraftedExchange
from probes.observations.transport import EchoSeries, TcpConnect, UdpPortTest

_SAID_NO = frozenset({FailureKind.REFUSED, FailureKind.RESET, FailureKind.PROHIBITED})
_TRANSPORTS = ("tcp", "udp")


class _PortReaction(Enum):
    NO = "refused"
    NOTHING = "silent"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    """Holds the result over one transport. ``port`` of the attempts, ``tries`` their number, ``reason`` why unknown."""

    transport: str
    said: _PortReaction
    port: int = 0
    tries: int = 0
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()

    @property
    def where(self) -> str:
        return f"{self.transport}/{self.port}"


@check(
    version=5,
    title="Destination Unreachable and Parameter Problem are delivered",
    problem="ICMPv6 error messages do not arrive",
    problems={
        "SILENT": "Host does not refuse connections to a closed port",
        "SILENT_ON_IPV6": "A closed port is refused over IPv4 but silent over IPv6",
    },
    why="A client that is told no at once tries the next address or family; one that hears nothing waits until its own"
    " patience ends.",
    fix="Reject over IPv6 rather than drop, with a rate limit, and let ICMPv6 types 1 and 4 pass.",
    references=("RFC 4890 §4.3.1", "RFC 4443 §3.1", "RFC 4443 §3.4"),
    needs=(NameLookup, UdpPortTest, TcpConnect, CraftedExchange),
    beside=(EchoSeries,),
    kinds=WEB_KINDS | {Kind.HOST, Kind.CONNECTION_POINT, Kind.DATACENTRE},
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.V6,
    unit=Granularity.ADDRESS,
    excused_by=dict.fromkeys(("SILENT", "SILENT_ON_IPV6"), frozenset({"tcp"})),
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "REFUSES": passed("{address} says at once that nobody listens at {port}."),
        "SILENT": warn("{address} is alive, but does not refuse connections to a closed port ({port})."),
        "SILENT_ON_IPV6": fail(
            "At a closed port ({port}) {other} refuses over IPv4, but {address} says nothing over IPv6."
        ),
        "NO_PARAMETER_PROBLEM": inconclusive(
            "{address} refuses at {port}; a packet with an unknown next header came to nothing, which may have happened"
            " anywhere on the path.",
            reason=Reason.AMB,
        ),
        "NO_SIGN_OF_LIFE": inconclusive(
            "{address} gave no sign of life at all in this round, so its silence at closed ports means nothing.",
            reason=Reason.SMPL,
        ),
        **not_judged.NO_IPV6_ADDRESS,
    },
)
def icmp_errors(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    fours = own(subject, evidence, ctx, "A").v4
    yield from for_each(v6_targets(subject, evidence, ctx), partial(_judge, evidence, ctx, fours))


def _judge(evidence: EvidenceSet, ctx: Context, fours: Sequence[IPv4Address], address: IPv6Address) -> Verdict:
    six = [_refusal(evidence, ctx, address, transport) for transport in _TRANSPORTS]
    refusal = next((refusal for refusal in six if refusal.said is _PortReaction.NO), None)
    if refusal is not None:
        return _refuses(evidence, address, refusal)
    unknown = next((refusal for refusal in six if refusal.said is _PortReaction.UNKNOWN), None)
    if unknown is not None:
        return not_judged.at(address, unknown.where, unknown.reason, unknown.evidence)
    args: dict[str, Arg] = {"address": written(address), "port": six[0].where}
    ids = tuple(dict.fromkeys(id_ for refusal in six for id_ in refusal.evidence))
    alive = sign_of_life(evidence, address)
    if alive is None:
        return Verdict(code="NO_SIGN_OF_LIFE", args=args, address=address, evidence=ids)
    if silence_may_be_chance(evidence, address, sum(refusal.tries for refusal in six)):
        return not_judged.at(address, six[0].where, Reason.SMPL, ids)
    limited = _limits_refusals(evidence, address)
    if limited:
        return not_judged.at(address, six[0].where, Reason.RATE, (*ids, *limited))
    for four in fours:
        for transport in _TRANSPORTS:
            other = _refusal(evidence, ctx, four, transport)
            if other.said is _PortReaction.NO:
                args |= {"other": written(four), "port": other.where}
                both = tuple(dict.fromkeys((*ids, *other.evidence)))
                return Verdict(code="SILENT_ON_IPV6", args=args, address=address, evidence=both)
    return Verdict(code="SILENT", args=args, address=address, evidence=tuple(dict.fromkeys((*ids, alive))))


def _limits_refusals(evidence: EvidenceSet, address: IPAddress) -> tuple[EvidenceId, ...]:
    """Return evidence that the address refused connects to other ports and left some without an answer, else nothing.

    Then a limit of its ICMP errors may explain silence; one that refuses all others is silent here on purpose.
    """
    other = [
        (envelope.id, step.failure.kind)
        for envelope, step in evidence.of(TcpConnect)
        if step.address == address and step.failure is not None and envelope.probe != "icmp_errors"
    ]
    refused = [id_ for id_, kind in other if kind in _SAID_NO]
    silent = [id_ for id_, kind in other if kind is FailureKind.TIMEOUT]
    return tuple(dict.fromkeys((*refused, *silent))) if refused and silent else ()


def _refuses(evidence: EvidenceSet, address: IPv6Address, refusal: _Refusal) -> Verdict:
    args: dict[str, Arg] = {"address": written(address), "port": refusal.where}
    crafted = [
        (envelope, step)
        for envelope, step in evidence.of(CraftedExchange)
        if step.address == address and step.form == "next-header"
    ]
    lost = crafted and all(step.answer is None for _, step in crafted)
    ids = tuple(dict.fromkeys((*refusal.evidence, *(envelope.id for envelope, _ in crafted))))
    return Verdict(code="NO_PARAMETER_PROBLEM" if lost else "REFUSES", args=args, address=address, evidence=ids)


def _refusal(evidence: EvidenceSet, ctx: Context, address: IPAddress, transport: str) -> _Refusal:
    """Return the result of all attempts at one port: one refusal is enough, and silence must be proven by each."""
    port = next((step.port for _, step in evidence.of(UdpPortTest) if step.address == address), 0)
    every: Iterator[tuple[Evidence, TcpConnect | UdpPortTest]] = (
        evidence.of(TcpConnect) if transport == "tcp" else evidence.of(UdpPortTest)
    )
    tries = [(envelope, step) for envelope, step in every if port and (step.address, step.port) == (address, port)]
    if not tries:
        return _Refusal(transport=transport, said=_PortReaction.UNKNOWN, reason=unseen(ctx, address))
    ids = tuple(dict.fromkeys(envelope.id for envelope, _ in tries))
    failures = [(envelope, step.failure) for envelope, step in tries]
    if any(failure is not None and failure.kind in _SAID_NO for _, failure in failures):
        return _Refusal(transport=transport, said=_PortReaction.NO, port=port, evidence=ids)
    for envelope, failure in failures:
        if failure is None or failure.kind is not FailureKind.TIMEOUT:
            ours = None if failure is None else excuse(ctx, envelope, failure, address, f"{transport}/{port}")
            return _Refusal(
                transport=transport, said=_PortReaction.UNKNOWN, port=port, reason=ours or Reason.AMB, evidence=ids
            )
        reason = excuse(ctx, envelope, failure, address, f"{transport}/{port}")
        if reason is not None:
            return _Refusal(transport=transport, said=_PortReaction.UNKNOWN, port=port, reason=reason, evidence=ids)
    return _Refusal(transport=transport, said=_PortReaction.NOTHING, port=port, tries=len(tries), evidence=ids)
