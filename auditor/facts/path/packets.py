"""Tell which packet sizes reach an address, from echo series of one size each; requests are never fragmented.

A series counts as arriving when any reply came; of several series of one size the best one counts. Where no echo of a
size comes back, a TCP packet of that size that was acknowledged shows that the path carries it: many filters know echo
requests that are large, or any, and let services through.
"""

from dataclasses import dataclass
from ipaddress import IPv6Address

from auditor.facts.attribution import excuse, unseen
from auditor.facts.path.chance import SELDOM, lost_all
from auditor.facts.path.vantage_path import width
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, Failure, FailureKind
from probes.observations.path import EchoTrain, FullSegment, SegmentSize
from probes.observations.transport import EchoSeries

SMALL = 1_000
"""Larger payloads test the path, smaller ones the host."""
MINIMUM, FULL = 1280, 1500
PPPOE = 1492
"""Bytes that a line with PPPoE carries (RFC 2516 §7): how most access lines are, and nothing that an owner can mend."""
SYNS = 3
"""Requests that a kernel sends for one connect within 4 s: at once, after 1 s and after 3 s (RFC 6298 §2, §5)."""
SNMP_TRIES = 2
"""How often an SNMP agent that stays silent is asked the same."""
_HEADERS = 48  # IPv6 and ICMPv6
_TCP_HEADERS = 60  # IPv6 and TCP
_SILENCE = Failure(kind=FailureKind.TIMEOUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """Packets of one size. Neither ``arrives`` nor ``lost``: not known, and why. ``mtu`` is what a router named."""

    arrives: bool = False
    lost: bool = False
    mtu: int | None = None
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedSegments:
    """What TCP connections to an address agreed on: segments of ``mss`` bytes, in packets of ``packet`` at most."""

    mss: int
    packet: int
    evidence: EvidenceId


def agreed(evidence: EvidenceSet, address: IPv6Address) -> AgreedSegments | None:
    """Of several services the one with the largest segments; None where none was asked, or none said."""
    pairs = [
        (step.mss, envelope.id) for envelope, step in evidence.of(SegmentSize) if step.address == address and step.mss
    ]
    if not pairs:
        return None
    mss, id_ = max(pairs)
    return AgreedSegments(mss=mss, packet=mss + _TCP_HEADERS, evidence=id_)


def is_small(step: EchoSeries) -> bool:
    """True if a series asks for the host, and not for the size of the path."""
    return step.payload_size <= SMALL


def small(evidence: EvidenceSet, ctx: Context, address: IPv6Address) -> Carried:
    return _carried(ctx, address, [pair for pair in _of(evidence, address) if is_small(pair[1])])


def sized(evidence: EvidenceSet, ctx: Context, address: IPv6Address, size: int) -> Carried:
    """Packets of ``size`` bytes, all headers included."""
    pairs = [pair for pair in _of(evidence, address) if pair[1].payload_size == size - _HEADERS]
    echoed = _carried(ctx, address, pairs)
    if echoed.arrives:
        return echoed
    sent = segment(evidence, ctx, address, size)
    if sent.arrives or (sent.lost and not small(evidence, ctx, address).arrives):
        return sent
    return echoed


def may_be_chance(evidence: EvidenceSet, address: IPAddress, lost: Carried, size: int) -> bool:
    """Say whether a line that loses smaller packets too may have lost all of ``size`` bytes by chance."""
    payload = size - _HEADERS
    of_size = [step for envelope, step in _of(evidence, address) if envelope.id in lost.evidence]
    tried = sum(step.sent for step in of_size if step.payload_size == payload)
    return silence_may_be_chance(evidence, address, tried, below=payload)


def silence_may_be_chance(
    evidence: EvidenceSet, address: IPAddress, lost: int, *, below: int = SMALL + 1, unlikely: float = SELDOM
) -> bool:
    """Say whether a line that loses echo packets with less than ``below`` bytes may have lost ``lost`` packets of
    another sort by chance; what comes about less often than ``unlikely`` is not taken for chance.

    Where none of those was lost, or none came back, this says nothing: so all count, for of few none may be lost on a
    line that loses many.
    """
    sent, received = _smaller(evidence, address, below)
    return lost_all(lost, sent - received, sent, unlikely=unlikely)


def loses_any(evidence: EvidenceSet, address: IPAddress) -> bool:
    """Say whether the line to an address loses small echo packets, more than one, while others come back."""
    sent, received = _smaller(evidence, address, SMALL + 1)
    return 0 < received < sent - 1


def _smaller(evidence: EvidenceSet, address: IPAddress, below: int) -> tuple[int, int]:
    """How many echo requests of that size were sent to an address, and how many came back."""
    series = [step for _, step in _of(evidence, address) if step.payload_size < below]
    trains = [step for _, step in evidence.of(EchoTrain) if step.address == address]
    return (
        sum(step.sent for step in series) + sum(step.sent for step in trains),
        sum(step.received for step in series) + sum(step.received for step in trains),
    )


def reference(ctx: Context, address: IPv6Address) -> int:
    """Return the size of packets that a path should carry: full ones, or the most that our own path does."""
    ours = width(ctx, address)
    return FULL if ours is None else max(ours, MINIMUM)


def narrow_here(ctx: Context, address: IPv6Address, full: Carried) -> Reason | None:
    """Why it says nothing of an address that packets of that size do not reach it: nothing told how much our own path
    carries; or it carries less than full ones, and packets of the most that it does were not sent."""
    ours = width(ctx, address)
    if ours is None:
        return Reason.EGR if full.lost else None
    return Reason.V6 if ours < FULL and not full.evidence else None


def segment(evidence: EvidenceSet, ctx: Context, address: IPv6Address, size: int) -> Carried:
    """TCP packets of ``size`` bytes, all headers included."""
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


def _why(ctx: Context, envelope: Evidence, step: EchoSeries) -> Reason | None:
    if not step.sent and step.failure is None:
        return Reason.CUT
    return excuse(ctx, envelope, step.failure or _SILENCE, step.address, "icmp")
