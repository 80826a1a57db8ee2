"""Facts about the path to an address: its hops, crafted packets and their answers, and Packet Too Big heeded or not."""

from dataclasses import dataclass

from inventory.model import IPAddress
from probes.framework.evidence import Observation, observation


@dataclass(frozen=True, slots=True, kw_only=True)
class HopProbe:
    """One probe of a trace. ``answer``: ``time-exceeded``, ``reached``, ``unreachable``, or None for silence.

    ``type`` and ``code`` are ICMP's; of a TCP answer they are 0 and, for a reset, 1. ``rtt`` in seconds.
    """

    hop: int
    source: IPAddress | None = None
    rtt: float | None = None
    answer: str | None = None
    type: int | None = None
    code: int | None = None


@observation("path-trace", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class PathTrace(Observation):
    """A Paris traceroute: all probes of one flow, hop limits rising, up to the first hop at which the address answered.

    ``protocol`` is ``udp``, ``tcp`` or ``icmp``; ``port`` the destination's.
    """

    address: IPAddress
    protocol: str
    port: int
    source: IPAddress | None = None
    probes: tuple[HopProbe, ...] = ()

    @property
    def reached(self) -> bool:
        return any(one.answer == "reached" for one in self.probes)


@observation("crafted-exchange", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class CraftedExchange(Observation):
    """One crafted packet and the first thing that came back.

    ``form`` is ``echo``, ``fragments`` (an echo request in two), ``next-header`` (253), ``routing-header-0`` or
    ``probe-8335``. ``answer`` is ``reply`` or ``icmp`` (an error about it, ``type`` and ``code``), None for silence.
    ``active``, ``ipv4`` and ``ipv6`` are what RFC 8335 §3 reports of the interface.
    """

    address: IPAddress
    form: str
    answer: str | None = None
    source: IPAddress | None = None
    rtt: float | None = None
    type: int | None = None
    code: int | None = None
    active: bool | None = None
    ipv4: bool | None = None
    ipv6: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentSeen:
    """One TCP segment of the server with data: seconds after the connect began, sequence number, size as a packet."""

    t: float
    seq: int
    size: int


@observation("pmtud-flow", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class PmtudFlow(Observation):
    """One TCP connection over which every packet larger than ``mtu`` is lost and answered by Packet Too Big.

    ``ended``: ``connect`` or ``tls`` where it failed there, ``stall``, ``reset``, ``enough`` or ``end``. ``received``
    are bytes of the answer. ``first_error`` is when the first Packet Too Big left, ``heeded`` when data that was lost
    for its size came again small enough; seconds after the connect began.
    """

    address: IPAddress
    port: int
    server_name: str | None
    mtu: int
    local_port: int = 0
    ended: str = ""
    received: int = 0
    errors_sent: int = 0
    first_error: float | None = None
    heeded: float | None = None
    segments: tuple[SegmentSeen, ...] = ()


@observation("source-route", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRoute(Observation):
    """An echo request to ``address`` with a type 0 routing header (RFC 5095) that asks it to pass the packet on to us.

    ``answer``: ``arrived`` where it did, ``icmp`` for an error about it (``type`` and ``code``, from ``source``),
    ``reply`` where the address answered the request itself; None for silence, which is a failure by timeout.
    """

    address: IPAddress
    answer: str | None = None
    source: IPAddress | None = None
    type: int | None = None
    code: int | None = None


@observation("tunnel-entry", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class TunnelEntry(Observation):
    """A packet to ``address`` that a tunnel's end would unpack. ``protocol``: ``proto-41`` and ``gre`` carry an IPv6
    echo request to ourselves, ``teredo`` asks for the advertisement of a Teredo server (RFC 4380 §5.2.1).

    ``answer`` as in SourceRoute; ``reply`` of Teredo is that advertisement.
    """

    address: IPAddress
    protocol: str
    answer: str | None = None
    source: IPAddress | None = None
    type: int | None = None
    code: int | None = None
