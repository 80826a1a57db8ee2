"""Tells which packet sizes reach an address, from echo series of one size each; requests are never fragmented.

A series counts as arriving if any reply came; of several series of one size the best counts. If no echo of a size
returns, an acknowledged TCP packet of that size shows that the path carries it: many filters drop large echo requests,
or all of them, and allow services.
"""

from dataclasses import dataclass
from ipaddress import IPv6Address

from auditor.facts.attribution import excuse, unseen
from auditor.facts.path.chance import SELDOM, lost_all
from auditor.facts.path.repeated_connects import is_timeout, requests, syns
from auditor.facts.path.vantage_path import width
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, Failure, FailureKind
from probes.observations.path import EchoTrain, FullSegment, SegmentSize
from probes.observations.transport import EchoSeries, TcpConnect

SMALL = 1_000
"""Payload size in bytes: larger ones test the path, smaller ones the host."""
MINIMUM, FULL = 1280, 1500
PPPOE = 1492
"""Bytes that a PPPoE line carries (RFC 2516 §7), as most access lines are; an owner cannot change that."""
ECHOES = frozenset({"icmp6", "path_mtu", "echo_train"})
"""The probes whose echo series show that an address answers echo, or that the line to it loses packets."""
SYNS = 3
"""Number of SYNs that a kernel sends for one connect within 4 s: at once, after 1 s and 3 s (RFC 6298 §2, §5)."""
SNMP_TRIES = 2
"""Number of times that a silent SNMP agent is asked the same question."""
_HEADERS = 48  # IPv6 and ICMPv6
_TCP_HEADERS = 60  # IPv6 and TCP
_SILENCE = Failure(kind=FailureKind.TIMEOUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """Tells whether packets of one size arrive.

    With neither ``arrives`` nor ``lost`` it is not known, for ``reason``. ``mtu``: the size that a router reported.
    """

    arrives: bool = False
    lost: bool = False
    mtu: int | None = None
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedSegments:
    """Holds the segment size that TCP connections agreed on: ``mss`` bytes, in packets of at most ``packet`` bytes."""

    mss: int
    packet: int
    evidence: EvidenceId


def agreed(evidence: EvidenceSet, address: IPv6Address) -> AgreedSegments | None:
    """Return the largest segments among several services; None if none was asked, or none gave a size."""
    pairs = [
        (step.mss, envelope.id) for envelope, step in evidence.of(SegmentSize) if step.address == address and step.mss
    ]
    if not pairs:
        return None
    mss, id_ = max(pairs)
    return AgreedSegments(mss=mss, packet=mss + _TCP_HEADERS, evidence=id_)


def is_small(step: EchoSeries) -> bool:
    """True if a series tests the host, and not the packet size of the path."""
    return step.payload_size <= SMALL


def small(evidence: EvidenceSet, ctx: Context, address: IPv6Address) -> Carried:
    return _carried(ctx, address, [pair for pair in _of(evidence, address) if is_small(pair[1])])


def sized(evidence: EvidenceSet, ctx: Context, address: IPv6Address, size: int) -> Carried:
    """Return whether packets of ``size`` bytes arrive, all headers included."""
    pairs = [pair for pair in _of(evidence, address) if pair[1].payload_size == size - _HEADERS]
    echoed = _carried(ctx, address, pairs)
    if echoed.arrives:
        return echoed
    if echoed.lost and echoed.mtu is None and _was_away(evidence, address, pairs):
        echoed = Carried(reason=Reason.SMPL, evidence=echoed.evidence)
    sent = segment(evidence, ctx, address, size)
    if sent.arrives or (sent.lost and not small(evidence, ctx, address).arrives):
        return sent
    return echoed


def may_be_chance(evidence: EvidenceSet, address: IPAddress, lost: Carried, size: int) -> bool:
    """True if all packets of ``size`` bytes may be lost by chance on a line that loses smaller ones too."""
    payload = size - _HEADERS
    of_size = [step for envelope, step in _of(evidence, address) if envelope.id in lost.evidence]
    tried = sum(step.sent for step in of_size if step.payload_size == payload)
    return silence_may_be_chance(evidence, address, tried, below=payload)


def silence_may_be_chance(
    evidence: EvidenceSet, address: IPAddress, lost: int, *, below: int = SMALL + 1, unlikely: float = SELDOM
) -> bool:
    """True if ``lost`` packets of another kind may be lost by chance on a line that loses echo packets or connects.

    Echo packets of less than ``below`` bytes and requests to connect to open ports are compared; a probability of
    ``unlikely`` or less is not chance. False if none of them was lost, or none was answered. All of them count, because
    a few may all arrive on a line that loses many. Where no echo packet returned, a filter may drop them.
    """
    sent, received = _smaller(evidence, address, below)
    asked, unanswered = requests(evidence, address)
    if not received:
        sent = 0
    return lost_all(lost, sent - received + unanswered, sent + asked, unlikely=unlikely)


def silence_of_port_may_be_chance(evidence: EvidenceSet, address: IPAddress, port: int) -> bool:
    """True if all requests to connect to a port that never opened may be lost by chance."""
    there = (step for _, step in evidence.of(TcpConnect) if (step.address, step.port) == (address, port))
    lost = sum(syns(step) for step in there if step.failure is not None and is_timeout(step.failure))
    return silence_may_be_chance(evidence, address, lost)


def loses_any(evidence: EvidenceSet, address: IPAddress) -> bool:
    """True if the line to an address loses more than one small echo packet while others return."""
    sent, received = _smaller(evidence, address, SMALL + 1)
    return 0 < received < sent - 1


def _smaller(evidence: EvidenceSet, address: IPAddress, below: int) -> tuple[int, int]:
    """Return the numbers of echo requests below a size sent to an address and of replies, with all echo trains."""
    series = [step for _, step in _of(evidence, address) if step.payload_size < below]
    trains = [step for _, step in evidence.of(EchoTrain) if step.address == address]
    return (
        sum(step.sent for step in series) + sum(step.sent for step in trains),
        sum(step.received for step in series) + sum(step.received for step in trains),
    )


def reference(ctx: Context, address: IPv6Address) -> int:
    """Return the packet size that a path should carry: full size, or the most that our own path carries."""
    ours = width(ctx, address)
    return FULL if ours is None else max(ours, MINIMUM)


def narrow_here(ctx: Context, address: IPv6Address, full: Carried) -> Reason | None:
    """Return why lost packets of that size prove nothing about an address, None if they prove something.

    The width of our own path is unknown, or it is below full size and packets of that width were not sent.
    """
    ours = width(ctx, address)
    if ours is None:
        return Reason.EGR if full.lost else None
    return Reason.V6 if ours < FULL and not full.evidence else None


def segment(evidence: EvidenceSet, ctx: Context, address: IPv6Address, size: int) -> Carried:
    """Return whether TCP packets of ``size`` bytes arrive, all headers included."""
    pairs = [(envelope, s) for envelope, s in evidence.of(FullSegment) if s.address == address and s.size == size]
    arrived = tuple(envelope.id for envelope, step in pairs if step.failure is None and step.mtu is None)
    if arrived:
        return Carried(arrives=True, evidence=arrived)
    lost = [(envelope, step) for envelope, step in pairs if step.failure is None or _unheard(ctx, envelope, step)]
    if not lost:
        return Carried(evidence=tuple(envelope.id for envelope, _ in pairs))
    mtu = next((step.mtu for _, step in lost if step.mtu is not None), None)
    return Carried(lost=True, mtu=mtu, evidence=tuple(envelope.id for envelope, _ in lost))


def _unheard(ctx: Context, envelope: Evidence, step: FullSegment) -> bool:
    failure = step.failure
    if failure is None or failure.kind is not FailureKind.TIMEOUT or not step.connected:
        return False
    return excuse(ctx, envelope, failure, step.address, f"tcp/{step.port}") is None


def _of(evidence: EvidenceSet, address: IPAddress) -> list[tuple[Evidence, EchoSeries]]:
    return [(envelope, step) for envelope, step in evidence.of(EchoSeries) if step.address == address]


def _carried(ctx: Context, address: IPv6Address, pairs: list[tuple[Evidence, EchoSeries]]) -> Carried:
    if not pairs:
        return Carried(reason=unseen(ctx, address))
    arrived = tuple(envelope.id for envelope, step in pairs if step.received)
    if arrived:
        return Carried(arrives=True, evidence=arrived)
    reasons = [(_why(ctx, envelope, step), envelope, step) for envelope, step in pairs]
    proven = [(envelope, step) for reason, envelope, step in reasons if reason is None]
    if not proven:
        return Carried(reason=reasons[0][0], evidence=tuple(envelope.id for _, envelope, _ in reasons))
    mtu = next((step.mtu for _, step in proven if step.mtu is not None), None)
    return Carried(lost=True, mtu=mtu, evidence=tuple(envelope.id for envelope, _ in proven))


def _was_away(evidence: EvidenceSet, address: IPAddress, pairs: list[tuple[Evidence, EchoSeries]]) -> bool:
    """True if small requests right after those of a size were lost as well, by an address that answers echo.

    Then an outage took both, and not their size.
    """
    series = _of(evidence, address)
    last = {envelope.id: step for envelope, step in series}
    after = [last[envelope.id] for envelope, _ in pairs]
    return all(map(_is_unanswered, after)) and any(step.received for _, step in series)


def _is_unanswered(step: EchoSeries) -> bool:
    return is_small(step) and step.is_silent


def _why(ctx: Context, envelope: Evidence, step: EchoSeries) -> Reason | None:
    if not step.sent and step.failure is None:
        return Reason.CUT
    return excuse(ctx, envelope, step.failure or _SILENCE, step.address, "icmp")
