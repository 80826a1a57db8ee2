"""Defines observations below the application: connects and echo series."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from inventory.model import IPAddress, written
from probes.framework.evidence import At, Observation, observation
from probes.observations.places import TcpStep, UdpStep
from probes.observations.text import Word, end, failure_text, octets, round_trips

WHOLE_PACKETS = "icmp-1500"
"""The transport of echo requests in packets of 1500 bytes, and of their replies."""
_WHOLE = 1500
_ECHO_HEADERS = {6: 48, 4: 28}


@observation("tcp-connect", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class TcpConnect(TcpStep):
    """Records one TCP connect to one address; ``failure`` None means the port is open. ``source`` is our own address.

    ``rtt``: seconds from our SYN to its answer, as our kernel measured them, so that the load of this program is not in
    them. None where it had to send the SYN again.
    """

    source: IPAddress | None = None
    rtt: float | None = None

    def lines(self, word: Word) -> Iterator[str]:
        source = word(" from {}").format(written(self.source)) if self.source else ""
        yield f"tcp/{self.port} {written(self.address)}{source}: {end(self, word('open'), word)}"


@observation("udp-knock", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class UdpPortTest(UdpStep):
    """Records one datagram to a UDP port on which no service should listen.

    ``failure`` is the result: refused where the address said so (ICMP port unreachable), another ICMP error, or
    silence; None where something answered.
    """

    def lines(self, word: Word) -> Iterator[str]:
        yield f"udp/{self.port} {written(self.address)}: {end(self, word('answered'), word)}"


@observation("quic-knock", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class QuicInitial(UdpStep):
    """Records one first packet of QUIC version 1 that offers HTTP/3, to one address.

    No ``failure``: QUIC came back, and ``reply`` is its beginning.
    """

    server_name: str | None
    reply: bytes = b""

    def lines(self, word: Word) -> Iterator[str]:
        name = word(" name {}").format(self.server_name) if self.server_name else ""
        yield f"quic {self.where_text()}{name} → {end(self, octets(self.reply, word), word)}"


@observation("echo-series", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class EchoSeries(Observation):
    """Records a series of ICMP(v6) echo requests to one address (RFC 4443 §4.1, RFC 792).

    ``rtts`` has one entry for each request sent, seconds or None where no reply came in time. ``hop_limits`` are those
    of the replies. ``error`` is the first ICMP error met on the way, as ``type/code from ADDRESS``; ``mtu`` is the size
    that it says fits, where it says that a request was too big. Requests are never fragmented.
    """

    address: IPAddress
    interval: float
    payload_size: int
    rtts: tuple[float | None, ...] = ()
    hop_limits: tuple[int, ...] = ()
    error: str | None = None
    mtu: int | None = None

    def at(self) -> At:
        return self.address, "icmp"

    def answers(self) -> Iterator[At]:
        if not self.received:
            return
        yield self.address, "icmp"
        if self.payload_size + _ECHO_HEADERS[self.address.version] >= _WHOLE:
            yield self.address, WHOLE_PACKETS

    def lines(self, word: Word) -> Iterator[str]:
        limits = ", ".join(str(hop) for hop in sorted(set(self.hop_limits)))
        hops = word(", hop limit {}").format(limits) if limits else ""
        error = f", {self._error_text(word)}" if self.error else ""
        failed = "" if self.failure is None else f", {failure_text(self.failure, word)}"
        yield f"echo {written(self.address)}: {round_trips(self.rtts, word)}{hops}{error}{failed}"

    @property
    def is_silent(self) -> bool:
        return self.failure is None and bool(self.sent) and not self.received

    @property
    def sent(self) -> int:
        return len(self.rtts)

    @property
    def received(self) -> int:
        return sum(1 for rtt in self.rtts if rtt is not None)

    def _error_text(self, word: Word) -> str:
        numbers, _, sender = (self.error or "").partition(" from ")
        type_, _, code = numbers.partition("/")
        return word("ICMP error {}/{} from {}").format(type_, code, sender) if sender else self.error or ""

    @property
    def sender(self) -> IPAddress | None:
        """The address that sent the error; None if the text of the error names none."""
        text = (self.error or "").rpartition(" from ")[2]
        try:
            return ip_address(text) if text else None
        except ValueError:
            return None

    @property
    def worth_confirming(self) -> bool:
        return self.received < self.sent if self.failure is None else self.failure.may_be_held


@observation("stamp-series", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class StampSeries(UdpStep):
    """Records a series of STAMP test packets (RFC 8762 §4.2.1, 44 bytes of UDP payload) to a responder.

    ``rtts`` has one entry for each packet sent, seconds without the time that the responder says it kept the packet, or
    None where no answer came in time.
    """

    interval: float
    rtts: tuple[float | None, ...] = ()

    def answers(self) -> Iterator[At]:
        if self.received:
            yield self.address, f"udp/{self.port}"

    def lines(self, word: Word) -> Iterator[str]:
        failed = "" if self.failure is None else f", {failure_text(self.failure, word)}"
        yield f"stamp {self.where_text()}: {round_trips(self.rtts, word)}{failed}"

    @property
    def is_silent(self) -> bool:
        return self.failure is None and bool(self.sent) and not self.received

    @property
    def sent(self) -> int:
        return len(self.rtts)

    @property
    def received(self) -> int:
        return sum(1 for rtt in self.rtts if rtt is not None)
