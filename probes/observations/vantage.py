"""Defines observations of the vantage itself."""

from collections.abc import Iterator
from dataclasses import dataclass

from inventory.model import IPAddress, written
from probes.framework.evidence import At, Observation, observation
from probes.observations.places import Unplaced
from probes.observations.text import Word, also, decimal, duration, end, host_port, listed, round_trips, rows, yes

TCP_FULL = "tcp-full"
"""The transport under which it is recorded whether TCP segments of full size reach a control and come back."""
ROUTING_HEADER = "routing-header-0"
"""The transport under which packets with a routing header of type 0 are recorded."""
AAAA_ONLY = "aaaa-only"
"""The transport under which the fetch of a name with only AAAA is recorded; it is no anchor."""


@observation("vantage-address", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class VantageAddress(Unplaced):
    """Records the source address the kernel chooses for one family; ``failure`` set: it has no route for that family.

    ``public``: the address that others see in its place, as it was configured.
    """

    family: int
    source: IPAddress | None = None
    toward: IPAddress | None = None
    public: tuple[IPAddress, ...] = ()

    def lines(self, word: Word) -> Iterator[str]:
        toward = word(" towards {}").format(self.toward) if self.toward is not None else ""
        ended = end(self, str(self.source or word("no route")), word)
        seen = f" ({listed(self.public)})" if self.public else ""
        yield word("own IPv{} address").format(self.family) + f"{toward} → {ended}{seen}"


@observation("control-answer", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class ControlAnswer(Observation):
    """Records whether a control endpoint answered over one transport (``icmp``, ``tcp/443``, ``udp/53``).

    ``anchor`` tells self-test anchors from endpoints that only prove egress. Refused counts as an answer: the packet
    arrived and came back, unless every endpoint refuses.
    """

    address: IPAddress
    transport: str
    anchor: bool = True

    def at(self) -> At:
        return self.address, self.transport

    def answers(self) -> Iterator[At]:
        if self.came_back:
            yield self.address, self.transport

    def lines(self, word: Word) -> Iterator[str]:
        kind = word("anchor" if self.anchor else "control")
        yield f"{kind} {self.transport} {written(self.address)} → {end(self, word('answered'), word)}"


@observation("resolver-fact", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class ResolverFact(Unplaced):
    """Records one step of the resolver self-test and its answer.

    ``step``: ``dns64`` (AAAA of ipv4only.arpa, RFC 7050), ``signed``, ``bogus``, ``nxdomain``, ``missing`` (a name that
    a registry denies), ``hidden`` (AAAA of a root server's name), ``root`` (an iterative question to a root server).
    ``answered`` False with ``failure`` None means the step was not configured. ``addresses`` are those that ``dns64``
    got, which show the NAT64 prefixes of the network.
    """

    step: str
    server: IPAddress | None = None
    transport: str = "udp"
    answered: bool = False
    rcode: str = ""
    authentic: bool = False
    authoritative: bool = False
    records: int = 0
    addresses: tuple[IPAddress, ...] = ()

    @property
    def hides(self) -> bool:
        """True if the resolver says that the name of a root server exists, and has no AAAA record."""
        return self.step == "hidden" and self.answered and self.rcode == "NOERROR" and not self.records

    def lines(self, word: Word) -> Iterator[str]:
        flags = "".join(f" {flag}" for flag, on in (("aa", self.authoritative), ("ad", self.authentic)) if on)
        records = word("{} records").format(self.records)
        text = f"{self.rcode or word('answer')}{flags}, {records}" if self.answered else word("no answer")
        server = f" {written(self.server)}" if self.server is not None else ""
        yield f"{word('resolver test')} {self.step}{server} {self.transport} → {end(self, text, word)}"
        if self.addresses:
            yield f"  {listed(self.addresses)}"


NEIGHBOURS = {4: "net.ipv4.neigh.default.gc_thresh3", 6: "net.ipv6.neigh.default.gc_thresh3"}
CONNECTIONS = "net.netfilter.nf_conntrack_max"
"""The settings of the kernel that bound its tables of neighbours, by family, and of tracked connections."""


@observation("limit-hit", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class LimitHit(Unplaced):
    """Records a ``setting`` of the vantage's kernel that was too low since the self-test before.

    Packets were dropped before they left. ``room``: its value; ``family``: the family of the dropped packets, 0 for
    both.
    """

    setting: str
    room: int
    family: int = 0

    def lines(self, word: Word) -> Iterator[str]:
        yield end(self, word("packets dropped here: {} = {}").format(self.setting, self.room), word)


@observation("ntp-answer", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class NtpAnswer(Unplaced):
    """Records the answer of one NTP server about our clock (RFC 5905).

    ``offset``: seconds by which its clock is ahead of ours, None without an answer; ``delay``: seconds there and back.
    ``synchronised``: it says that it can be relied on itself.
    """

    server: IPAddress
    port: int = 123
    offset: float | None = None
    delay: float | None = None
    stratum: int = 0
    synchronised: bool = False

    def lines(self, word: Word) -> Iterator[str]:
        told = "" if self.offset is None else decimal(f"{self.offset * 1000:+.1f} ms", word)
        told = word("offset {}").format(told) if told else word("no offset")
        delay = "" if self.delay is None else duration(self.delay, word)
        trust = word(", stratum {}, synchronised {}").format(self.stratum, yes(self.synchronised, word))
        yield f"ntp udp/{self.port} {written(self.server)} → {end(self, told, word)}{also(word('delay'), delay)}{trust}"


@observation("clock-step", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStep(Unplaced):
    """Records by how many ``seconds`` our clock was set since the self-test before, forward or back.

    The clock had moved by another number of seconds than the machine itself counted meanwhile.
    """

    seconds: float

    def lines(self, word: Word) -> Iterator[str]:
        yield end(self, word("own clock set by {} s").format(f"{self.seconds:+.1f}"), word)


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeTried:
    """Counts the echo requests of ``size`` bytes, all headers included, that were sent, and those that came back."""

    size: int
    sent: int
    received: int


@observation("control-path", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPath(Unplaced):
    """Records the state of the vantage's own way to one control, measured by echo.

    ``rtts`` are of usual requests, in seconds, None where no reply came. ``sizes``: of larger ones, none of which is
    fragmented. ``told`` is the size that a router said fits, and ``router`` is the router that said so first.
    ``implied``: a root server, where no control is configured.
    """

    address: IPAddress
    rtts: tuple[float | None, ...] = ()
    sizes: tuple[SizeTried, ...] = ()
    told: int | None = None
    router: IPAddress | None = None
    implied: bool = False

    def lines(self, word: Word) -> Iterator[str]:
        text = "" if self.told is None else word("{} bytes fit, by the word of {}").format(self.told, self.router)
        asked = word("path to root server {}" if self.implied else "path to control {}").format(self.address)
        ended = end(self, round_trips(self.rtts, word), word)
        yield f"{asked} → {ended}{also(word('router'), text)}"
        yield from rows(
            self.sizes,
            lambda tried: f"{tried.size:<10} " + word("{} sent, {} received").format(tried.sent, tried.received),
        )


@observation("fitted-segments", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class FittedSegments(Unplaced):
    """Records that connections over a family from here on use segments in packets of at most ``size`` bytes.

    A router on the vantage's own way said that larger ones do not fit.
    """

    family: int
    size: int

    def lines(self, word: Word) -> Iterator[str]:
        fit = end(self, word("made to fit packets of {} bytes").format(self.size), word)
        yield word("segments over IPv{} → {}").format(self.family, fit)


@observation("full-size-transfer", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class FullSizeTransfer(Unplaced):
    """Records data that fills several TCP segments to a control and back, on one connection.

    ``way``: ``echo``, where the control sends back the data it got (RFC 862), or ``tls``, where a ClientHello padded
    over several segments goes there and a certificate comes back. ``mss``: bytes of data that a segment to it may have.
    ``acknowledged`` and ``received`` are bytes; the data that came back has no gap before its end.
    """

    address: IPAddress
    port: int
    way: str
    mss: int | None = None
    sent: int = 0
    acknowledged: int = 0
    received: int = 0

    def lines(self, word: Word) -> Iterator[str]:
        there = host_port(self.address, self.port)
        came = word("{} of {} bytes acknowledged, {} received").format(self.acknowledged, self.sent, self.received)
        asked = word("full size by {} to {}").format(self.way, there)
        yield f"{asked} → {end(self, came, word)}{also('MSS', self.mss)}"
