"""Check that a web server sends smaller packets when it is told that they are too big.

Judged on several connections, as trap P1 requires: one bad one may be an accident of its port. Ignored messages count
only if they were shown to leave this network: another server heeded them in the same run.

A server remembers the narrowest link it was told of for minutes, for all connections to us: one that begins with
packets of exactly such a size has heeded before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from ipaddress import IPv6Address

from auditor.facts import not_judged
from auditor.facts.attribution import excuse
from auditor.facts.exposure.port_state import port_state
from auditor.facts.path.packets import FULL, sized
from auditor.facts.path.retransmissions import repeated
from auditor.facts.targets import for_each
from auditor.facts.v6_targets import v6_targets
from auditor.facts.web.visits import http_port, https_port
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
from inventory.model import WEB_KINDS, IPAddress, Subject, written
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, Failure, FailureKind
from probes.observations.dns import NameLookup
from probes.observations.path import FILLS, PACKET_TOO_BIG, REPEATED, TAUGHT, FullSegment, PmtudFlow
from probes.observations.transport import EchoSeries, TcpConnect

_SMALLEST_MTU = 1280
_SILENCE = Failure(kind=FailureKind.TIMEOUT)
_THROUGH = frozenset({"enough", "end"})


class _Fate(Enum):
    HEEDED = "segments became smaller"
    LATE = "they did after several retransmissions"
    IGNORED = "they did not"
    SMALL = "none was larger than 1280 bytes from the start"
    SHORT = "no packet was too large"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flow:
    """Holds the result of one connection. ``reason``: why it proves nothing, also for IGNORED."""

    fate: _Fate
    evidence: EvidenceId
    reason: Reason | None = None


_ID = "ipv6.path.pmtud"


@check(
    version=6,
    title="Path MTU discovery works toward the service",
    problem="Path MTU discovery does not work",
    problems={"LATE": "Server reacts late to Packet Too Big messages"},
    why="Routers do not fragment IPv6: they tell the server that a packet is too big. A server that never hears it"
    " repeats the packet for ever, and visitors behind a tunnel or a mobile network wait before an empty page.",
    fix="Let ICMPv6 type 2 (Packet Too Big) through all firewalls up to the server, and have load balancers hand it to"
    " the machine that holds the connection (the packet quoted inside tells which).",
    references=("RFC 8201 §4", "RFC 8201 §5", "RFC 4890 §4.3.1", "RFC 4821", "RFC 8504 §5.7.1"),
    needs=(NameLookup, TcpConnect, EchoSeries, FullSegment, PmtudFlow),
    kinds=WEB_KINDS,
    claims=FamilyClaim.V6,
    vantage=frozenset({VantageKind.INET}),
    transports=frozenset({"tcp/443", "tcp/80"}),
    unit=Granularity.ADDRESS,
    excused_by={"LATE": frozenset({"pmtud"})},
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "HEEDS": passed("{address} sends smaller packets as soon as it is told that they are too big."),
        "LATE": warn(
            "{address} does not heed Packet Too Big; it finds out by itself after repeating a packet several times,"
            " and visitors wait for it."
        ),
        "SMALL": passed(
            "{address} sends only packets of 1280 bytes at most, which every link carries, as edges of CDNs do on"
            " purpose: it needs no Packet Too Big."
        ),
        "SOME_IGNORED": inconclusive(
            "On {ignored:n} of {count:n} {count/connection/connections} {address} went on sending packets that it was"
            " told are too big.",
            fix="Have firewalls match Packet Too Big to the connection quoted in it, and load balancers hand it to the"
            " machine that holds that connection; then check again.",
            reason=Reason.AMB,
        ),
        "IGNORED": fail(
            "{address} goes on sending packets that it is told are too big: all {count:n}"
            " {count/connection/connections} behind a narrower link stalled."
        ),
        "PATH_NARROW": inconclusive(
            "The path to {address} is narrow itself, so only small packets came and Packet Too Big was not tried.",
            reason=Reason.AMB,
        ),
        "TOO_FEW": inconclusive(
            "Packet Too Big went unheard by {address} on {count:n} {count/connection/connections}, too few to call it"
            " a defect.",
            reason=Reason.SMPL,
        ),
        "NOTHING_LARGE": not_applicable(
            "{address} shows nothing that is large enough to fill a packet (name something in the inventory as"
            " test_url)."
        ),
        **not_judged.NOT_OPEN,
        **not_judged.NO_IPV6_ADDRESS,
    },
)
def pmtud(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    yield from for_each(v6_targets(subject, evidence, ctx), partial(_judge, subject, evidence, ctx))


def _judge(subject: Subject, evidence: EvidenceSet, ctx: Context, address: IPv6Address) -> Verdict:
    flows = _flows(evidence, ctx, address)
    if flows:
        return _of_flows(evidence, ctx, address, flows)
    ports = [port for port in (https_port(subject), http_port(subject)) if port is not None]
    states = [port_state(evidence, ctx, address, port) for port in ports]
    if any(state.shut for state in states):  # a site with HTTPS is not judged by plain HTTP
        ids = tuple(id_ for state in states for id_ in state.evidence)
        return Verdict(code="NOT_OPEN", args={"address": written(address)}, address=address, evidence=ids)
    return not_judged.at(address, "packet-too-big", next((state.reason for state in states if state.reason), None))


def _of_flows(evidence: EvidenceSet, ctx: Context, address: IPv6Address, flows: Sequence[_Flow]) -> Verdict:
    fates = [flow.fate for flow in flows if flow.fate is not _Fate.SHORT]
    ignored = [flow for flow in flows if flow.fate is _Fate.IGNORED]
    unheard = len(ignored) + fates.count(_Fate.LATE)
    args: dict[str, Arg] = {"address": written(address)}
    ids = tuple(dict.fromkeys(flow.evidence for flow in flows))
    unknown = next((flow for flow in ignored or flows if flow.reason is not None), None)
    least = ctx.policy.threshold(_ID, "min_flows")
    if ignored and unknown is not None:
        return not_judged.at(address, "packet-too-big", unknown.reason, ids)
    if unheard and _Fate.HEEDED in fates:  # a late one may have been told on another connection
        return _say("SOME_IGNORED", args | {"ignored": unheard, "count": len(fates)}, address, flows)
    if _Fate.LATE in fates:
        return _say("LATE", args, address, flows)
    if ignored:
        return _say("IGNORED" if len(ignored) >= least else "TOO_FEW", args | {"count": len(ignored)}, address, flows)
    if unknown is not None and fates.count(_Fate.HEEDED) < least:
        return not_judged.at(address, "packet-too-big", unknown.reason, ids)
    if _Fate.HEEDED in fates:
        return _say("HEEDS", args, address, flows)
    if _Fate.SMALL in fates:
        told = sized(evidence, ctx, address, FULL).mtu
        narrow = told is not None and told <= _SMALLEST_MTU
        return _say("PATH_NARROW" if narrow else "SMALL", args, address, flows)
    return _say("NOTHING_LARGE", args, address, flows)


def _say(code: str, args: dict[str, Arg], address: IPv6Address, flows: Sequence[_Flow]) -> Verdict:
    return Verdict(
        code=code, args=args, address=address, evidence=tuple(dict.fromkeys(flow.evidence for flow in flows))
    )


def _flows(evidence: EvidenceSet, ctx: Context, address: IPAddress) -> Sequence[_Flow]:
    """Return the results without those of ordinary connections that only showed that large packets are sent."""
    every = [(envelope, step) for envelope, step in evidence.of(PmtudFlow) if step.address == address]
    return [_flow(ctx, envelope, step) for envelope, step in every if not _shows_large(step)]


def _shows_large(step: PmtudFlow) -> bool:
    return step.watched and step.failure is None and step.ended in _THROUGH and step.largest > min(TAUGHT)


def _flow(ctx: Context, envelope: Evidence, step: PmtudFlow) -> _Flow:
    if step.failure is not None:
        reason = excuse(ctx, envelope, step.failure, step.address, f"tcp/{step.port}")
        return _Flow(fate=_Fate.UNKNOWN, evidence=envelope.id, reason=reason or Reason.AMB)
    if step.heeded is not None:
        return _Flow(fate=_Fate.LATE if repeated(step) >= REPEATED else _Fate.HEEDED, evidence=envelope.id)
    if step.ignored:
        reason = excuse(ctx, envelope, _SILENCE, step.address, PACKET_TOO_BIG)
        return _Flow(fate=_Fate.IGNORED, evidence=envelope.id, reason=reason)
    if step.ended not in _THROUGH:  # a handshake that fails is another check's finding
        reason = Reason.SMPL if step.ended == "tls" else Reason.AMB
        return _Flow(fate=_Fate.UNKNOWN, evidence=envelope.id, reason=reason)
    if step.errors_sent or step.largest in TAUGHT:
        return _Flow(fate=_Fate.HEEDED, evidence=envelope.id)
    small = step.received >= FILLS and 0 < step.largest <= _SMALLEST_MTU
    return _Flow(fate=_Fate.SMALL if small else _Fate.SHORT, evidence=envelope.id)
