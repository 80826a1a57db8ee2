"""Defines observations of the path to an address: crafted packets and answers, Packet Too Big heeded or not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from inventory.model import IPAddress, written
from probes.framework.evidence import At, Observation, observation
from probes.observations.path_text import answer_text
from probes.observations.places import TcpStep
from probes.observations.text import (
    MOST_RECORDS,
    Word,
    also,
    beyond,
    duration,
    end,
    failure_text,
    label,
    listed,
    round_trips,
    short,
    yes,
)
from probes.observations.vantage import ROUTING_HEADER, TCP_FULL
from probes.wire.exposure import teredo


@observation("crafted-exchange", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class CraftedExchange(Observation):
    """Records one crafted packet and the first answer to it.

    ``form`` is ``echo``, ``fragments`` (an echo request in two), ``next-header`` (253), ``routing-header-0`` or
    ``probe-8335``. ``answer`` is ``reply`` or ``icmp`` (an error about it, ``type`` and ``code``), None for silence.
    ``interface`` is the name of the interface that RFC 8335 asks about, empty for the one that holds the address;
    ``active``, ``ipv4`` and ``ipv6`` are its state as reported by §3 there.
    """

    address: IPAddress
    form: str
    interface: str = ""
    answer: str | None = None
    source: IPAddress | None = None
    rtt: float | None = None
    type: int | None = None
    code: int | None = None
    active: bool | None = None
    ipv4: bool | None = None
    ipv6: bool | None = None

    def at(self) -> At:
        return self.address, self.form

    def answers(self) -> Iterator[At]:
        if self.came_back and self.answer is not None and not is_of_a_router(self):
            yield self.address, self.form

    def lines(self, word: Word) -> Iterator[str]:
        about = word(" about interface {}").format(self.interface) if self.interface else ""
        states = [name for name in ("active", "ipv4", "ipv6") if getattr(self, name) is not None]
        told = listed(f"{word(name)} {yes(getattr(self, name), word)}" for name in states)
        answer = answer_text(self.answer, self.source, self.type, self.code, word)
        rtt = "" if self.rtt is None else duration(self.rtt, word)
        asked = word("{} to {}").format(self.form, self.address)
        ended = f"{end(self, answer, word)}{also('rtt', rtt)}{also(word('state'), told)}"
        yield f"{asked}{about} → {ended}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentSeen:
    """Holds one TCP segment of the server with data: seconds since the connect began, sequence number, packet size."""

    t: float
    seq: int
    size: int


TAUGHT = (1400, 1374, 1348, 1322, 1296)
"""The MTUs of narrow links that are reported to servers, in turn.

None is 1280, the least that a link may have, so that a size that a server remembers from a report differs from smaller
segments that it sends anyway.
"""


REPEATED = 3
"""Retransmissions of a lost packet in its old size after which its sender has ignored Packet Too Big.

If the transfer goes on at all, the sender has found the size out by itself (RFC 4821).
"""
FILLS = 8_000
"""Bytes of an answer that are enough to fill packets."""
NOTHING_LOST = 65_535
"""The MTU of a link on which nothing is lost: such a connection only shows how large the server's packets are."""
FULL_PACKET = 1500
"""Bytes of a packet that fills an Ethernet frame."""
PACKET_TOO_BIG = "packet-too-big"
"""The transport of ICMP messages that say that a packet was too big."""


@observation("pmtud-flow", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class PmtudFlow(TcpStep):
    """Records one TCP connection over which every packet larger than ``mtu`` is lost and answered by Packet Too Big.

    With ``mtu`` NOTHING_LOST none is lost. ``segments`` are as they were on the wire, before our kernel merged any.

    ``ended``: ``connect`` or ``tls`` where it failed there, ``stall``, ``reset``, ``enough`` or ``end``. ``received``
    are bytes of the answer. ``first_error`` is when the first Packet Too Big left, ``heeded`` when data that was lost
    for its size came again small enough; seconds after the connect began.
    """

    server_name: str | None
    mtu: int
    local_port: int = 0
    ended: str = ""
    received: int = 0
    errors_sent: int = 0
    first_error: float | None = None
    heeded: float | None = None
    segments: tuple[SegmentSeen, ...] = ()

    def at(self) -> At:
        return self.address, PACKET_TOO_BIG if self.ignored else f"tcp/{self.port}"

    def answers(self) -> Iterator[At]:
        """Yield the port, Packet Too Big if it was heeded, and full-size packets if any came.

        All three were seen on the wire, so they count even where the connection failed.
        """
        if not self.came_back:
            return
        if self.segments:
            yield self.address, f"tcp/{self.port}"
        if self.heeded is not None:
            yield self.address, PACKET_TOO_BIG
        if self.largest >= FULL_PACKET:
            yield self.address, TCP_FULL

    def lines(self, word: Word) -> Iterator[str]:
        name = word(" name {}").format(self.server_name) if self.server_name else ""
        ended = word(self.ended or "no connection")
        if self.heeded is not None:
            passed = duration(self.heeded - (self.first_error or 0.0), word)
            ended = word("heeded {} after the first Packet Too Big").format(passed)
        elif self.ignored:
            ended = word("not heeded, {}").format(ended)
        link = word("link of {} bytes, {} Packet Too Big sent").format(self.mtu, self.errors_sent)
        link = f"{word('nothing lost') if self.watched else link}, {word('{} bytes received').format(self.received)}"
        yield f"pmtud {self.where_text()}{name}: {link} → {end(self, ended, word)}"
        if sizes := [str(segment.size) for segment in self.segments]:
            most = 2 * MOST_RECORDS
            yield f"{label(word, 'packets')}{' '.join(sizes[:most])}{beyond(sizes, most)}"

    @property
    def is_silent(self) -> bool:
        return self.failure is None and self.ignored

    @property
    def largest(self) -> int:
        return max((segment.size for segment in self.segments), default=0)

    @property
    def watched(self) -> bool:
        """True if no packet was dropped on purpose: the connection only shows how large the server's packets are."""
        return self.mtu >= NOTHING_LOST

    @property
    def ignored(self) -> bool:
        """True if packets were lost for their size and reported as too big, and the rest of the answer never came."""
        return bool(self.errors_sent) and self.heeded is None and self.ended in ("stall", "reset")


@observation("source-route", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRoute(Observation):
    """Records an echo request to ``address`` with a type 0 routing header (RFC 5095) that sends the packet on to us.

    ``answer``: ``arrived`` where it did, ``icmp`` for an error about it (``type`` and ``code``, from ``source``),
    ``reply`` where the address answered the request itself; None for silence, which is a failure by timeout.
    """

    address: IPAddress
    answer: str | None = None
    source: IPAddress | None = None
    type: int | None = None
    code: int | None = None

    def at(self) -> At:
        return self.address, ROUTING_HEADER

    def answers(self) -> Iterator[At]:
        if self.came_back and (self.answer or self.failure) and not is_of_a_router(self):
            yield self.address, ROUTING_HEADER

    def lines(self, word: Word) -> Iterator[str]:
        answer = answer_text(self.answer, self.source, self.type, self.code, word)
        yield word("type 0 routing header to {} → {}").format(self.address, end(self, answer, word))


@observation("tunnel-entry", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class TunnelEntry(Observation):
    """Records a packet to ``address`` that the end of a tunnel would unpack.

    ``protocol``: ``proto-41`` and ``gre`` carry an IPv6 echo request to ourselves, ``teredo`` asks for the
    advertisement of a Teredo server (RFC 4380 §5.2.1). ``answer`` as in SourceRoute; ``reply`` of Teredo is that
    advertisement.
    """

    address: IPAddress
    protocol: str
    answer: str | None = None
    source: IPAddress | None = None
    type: int | None = None
    code: int | None = None

    def at(self) -> At:
        return self.address, self.transport

    def answers(self) -> Iterator[At]:
        if self.came_back and (self.answer or self.failure) and not is_of_a_router(self):
            yield self.address, self.transport

    def lines(self, word: Word) -> Iterator[str]:
        answer = answer_text(self.answer, self.source, self.type, self.code, word)
        yield word("{} to {}").format(self.protocol, self.address) + f" → {end(self, answer, word)}"

    @property
    def transport(self) -> str:
        """The transport of the packet, under the name by which controls are asked over it."""
        return f"udp/{teredo.PORT}" if self.protocol == teredo.NAME else self.protocol


NARROWER = (1492, 1480, 1472, 1460, 1450, 1420, 1400)
"""Sizes of packets that are tried where those of 1500 bytes do not pass: of PPPoE, of tunnels, of overlays."""
LEAST = 1280
"""Bytes of a packet that every IPv6 link carries."""
SEGMENT_SIZES = (800, LEAST, 1500)
"""Sizes of TCP packets that are tried one after the other; the first shows that others are lost for their size."""


@observation("full-segment", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class FullSegment(TcpStep):
    """Records one TCP packet of ``size`` bytes, all headers included, to a service that uses TLS.

    Without a failure all of it was acknowledged. ``mtu`` is the packet size that a router said fits, where it is less:
    then it arrived in smaller packets. ``connected``: the failure came after the connection was established.
    """

    server_name: str | None
    size: int
    connected: bool = False
    mtu: int | None = None

    def lines(self, word: Word) -> Iterator[str]:
        arrived = word("arrived") if self.mtu is None else word("arrived smaller: {} bytes fit").format(self.mtu)
        ended = end(self, arrived, word)
        yield word("tcp packet of {} bytes to {} → {}").format(self.size, self.where_text(), ended)


@observation("segment-size", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentSize(TcpStep):
    """Records the segment size that both ends of a TCP connection agreed on.

    ``mss`` are bytes of a segment, the lesser of the value in the answer to our SYN and the value that our own link
    carries; ``mtu`` is the path MTU that our kernel assumes.
    """

    mss: int | None = None
    mtu: int | None = None

    def lines(self, word: Word) -> Iterator[str]:
        agreed = word("segments of {} bytes").format(self.mss) if self.mss is not None else word("not agreed")
        ended = end(self, agreed, word) + also(word("path MTU"), self.mtu)
        yield word("segment size {} → {}").format(self.where_text(), ended)


@observation("bulk-transfer", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class BulkTransfer(TcpStep):
    """Records one GET of something large, without content encoding; its body is counted and thrown away.

    ``connected``: connection and TLS handshake succeeded. ``received`` bytes of the body arrived; ``whole``: to its
    end, or to as much as is read of any body. ``seconds`` are those from the established connection to the last byte,
    ``stall`` the longest silence of the server after that, one that never ended included. ``busy``: at most so many of
    these seconds this machine was at other work.
    """

    LARGE: ClassVar[bool] = True

    url: str
    status: int | None = None
    connected: bool = False
    received: int = 0
    whole: bool = False
    seconds: float = 0.0
    stall: float = 0.0
    busy: float = 0.0

    def lines(self, word: Word) -> Iterator[str]:
        got = word("{} bytes, whole, in {}" if self.whole else "{} bytes of more in {}")
        got = f"{self.status or word('no status')}, {got.format(self.received, duration(self.seconds, word))}"
        longest = word(", longest silence {}").format(duration(self.stall, word))
        asked = word("large GET {} at {}").format(short(self.url), self.where_text())
        yield f"{asked} → {end(self, got, word)}{longest}"


@observation("echo-train", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class EchoTrain(Observation):
    """Records a series of echo requests that runs beside one to each other address of the subject, request by request.

    ``rtts`` in seconds, None where no reply came.
    """

    address: IPAddress
    interval: float
    rtts: tuple[float | None, ...] = ()

    def at(self) -> At:
        return self.address, "icmp"

    def answers(self) -> Iterator[At]:
        if self.received:
            yield self.address, "icmp"

    def lines(self, word: Word) -> Iterator[str]:
        failed = "" if self.failure is None else f", {failure_text(self.failure, word)}"
        yield f"echo {written(self.address)}: {round_trips(self.rtts, word)}{failed}"

    @property
    def is_silent(self) -> bool:
        return self.failure is None and bool(self.sent) and not self.received

    @property
    def sent(self) -> int:
        return len(self.rtts)

    @property
    def received(self) -> int:
        return sum(1 for rtt in self.rtts if rtt is not None)


def is_of_a_router(step: CraftedExchange | SourceRoute | TunnelEntry) -> bool:
    """True if an error came back that a router on the way sent, and not the address itself."""
    return step.answer == "icmp" and step.source != step.address
