"""Defines the seam to the network: what a probe may do, each call recording exactly one observation.

A probe gets a ``Net`` and never touches a socket. Scope, gates and rate limits are applied behind it, at every dial;
a dial that scope does not allow is recorded as a failure of ours and nothing is sent. No call here raises for what the
network does; cancellation passes through.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from inventory.model import Endpoint, IPAddress
from probes.framework.budget import Apart
from probes.framework.recorder import Recorder
from probes.observations.certificates import IssuerFetch, RevocationList, TlsStaple
from probes.observations.dns import Delegation, DnsExchange, NameLookup
from probes.observations.dnssec import ZoneAnswer
from probes.observations.exposure import DatagramReply, FtpGreeting, PortSweep, SmbNegotiate
from probes.observations.link import LanWatch, SourceValidation
from probes.observations.mail import PolicyFetch, SmtpDialogue, SmtpRelay
from probes.observations.pages import Copy, FrontPage, LandingPage, PageParts, SecurityTxt
from probes.observations.path import (
    BulkTransfer,
    CraftedExchange,
    FullSegment,
    PathTrace,
    PmtudFlow,
    SegmentSize,
    SourceRoute,
    TunnelEntry,
)
from probes.observations.routing import RouteOrigin
from probes.observations.snmp import SnmpAccess, SnmpCommunity, SnmpDiscovery, SnmpGet, SnmpSession, SnmpWalk
from probes.observations.ssh import SshAuthMethods, SshExchange
from probes.observations.throughput import ThroughputTest
from probes.observations.tls import BrowserHello, TlsRenegotiation, TlsSupport, TlsWeakness
from probes.observations.transport import EchoSeries, QuicKnock, StampSeries, TcpConnect, UdpKnock
from probes.observations.vantage import FullSizeTransfer, NtpAnswer
from probes.observations.web import HttpExchange, TlsHandshake
from probes.wire.dns import PLAIN_EDNS, Edns, query
from probes.wire.looks import Looks
from probes.wire.page import Found

BODY_LIMIT = 500_000
"""Bytes of one page, on the wire and decoded (CHECKS §0.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsQuestion:
    """One question; ``edns_size`` 0 sends no OPT record (RFC 6891)."""

    name: str
    rtype: str
    recursion_desired: bool = False
    dnssec_ok: bool = False
    edns_size: int = 1232
    checking_disabled: bool = False
    edns: Edns = PLAIN_EDNS

    def wire(self) -> bytes:
        """The message to send, with id 0. Raises WireError for a name that cannot be asked for."""
        return query(
            self.name,
            self.rtype,
            recursion_desired=self.recursion_desired,
            dnssec_ok=self.dnssec_ok,
            edns_size=self.edns_size,
            checking_disabled=self.checking_disabled,
            edns=self.edns,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """One GET to one literal address; ``url`` carries the name for Host and SNI. Redirects are never followed here."""

    endpoint: Endpoint
    url: str
    hop: int = 0
    because: str | None = None
    extra: tuple[tuple[str, str], ...] = ()
    """Headers beside those that are always sent, such as the cookies of the chain."""
    token: str = ""
    """What is added to our User-Agent."""
    limit: int = BODY_LIMIT
    """Bytes of the body after which it is not read further."""
    apart: Apart | None = None
    """The account on which it is counted, where that is not the peer's ordinary one."""


Headers = tuple[tuple[str, str], ...]
LandingRead = tuple[LandingPage, Looks]
PartsRead = tuple[PageParts, Found, Headers]


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoShape:
    """A series of one's own: how many requests, how many seconds apart, of how many bytes of payload (at least 12).
    ``together``: admitted once as a whole, for series that are too fast for a wait before each request."""

    count: int
    interval: float
    size: int
    together: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PmtudTrial:
    """One connection behind a link of ``mtu`` bytes: what is asked for there, and for how many seconds at most.

    With NOTHING_LOST for ``mtu`` (observations.path) it is an ordinary one.
    """

    mtu: int
    tls: bool
    path: str = "/"
    wait: float = 10.0


class Names(Protocol):
    """The iterator: what the authoritative servers say, from the root hints, over both families."""

    async def lookup(self, rec: Recorder, name: str, rtype: str, *, role: str) -> NameLookup:
        """Follow delegations and aliases to the end; records each exchange sent and one NameLookup."""
        ...

    async def lookup_many(self, rec: Recorder, wanted: Sequence[tuple[str, str, str]]) -> tuple[NameLookup, ...]:
        """Several lookups at once, as (name, rtype, role); the results in the order asked for."""
        ...

    async def delegation(self, rec: Recorder, name: str) -> Delegation:
        """The zone cut that holds ``name`` (the zone may be an ancestor), asked from parent and child.

        ``Delegation.zone`` tells which zone it is; records the exchanges and one Delegation.
        """
        ...

    async def signed_path(self, rec: Recorder, name: str, *, start: str = ".") -> str:
        """The zone that holds ``name``; records the keys, NS and DS of each zone on the way to it as ZoneAnswers.

        ``start``: a zone above ``name`` that an earlier call of the same probe led to.
        """
        ...

    async def signed(self, rec: Recorder, zone: str, name: str, rtype: str) -> ZoneAnswer:
        """One question with DO set to the servers of a zone that ``signed_path`` led to."""
        ...

    async def one_family(self, rec: Recorder, name: str, family: int) -> None:
        """The way from the root to the zone ``name``, over one family alone; records one FamilyCut a zone."""
        ...

    async def referrals(self, rec: Recorder, name: str) -> None:
        """How each server of the parent refers to the zone ``name``, over TCP; records a Referral for each, and a
        question to each address of the glue."""
        ...

    async def second_opinion(self, rec: Recorder, name: str, rtype: str) -> None:
        """What the configured resolvers make of a name; records one SecondOpinion for each that is asked."""
        ...


class SnmpDevice(Protocol):
    """A device that took one of its credential profiles; ``session`` says which. Numeric OIDs, no MIBs."""

    @property
    def session(self) -> SnmpSession: ...

    @property
    def contexts(self) -> tuple[str, ...]:
        """Further contexts of the profile that was taken."""
        ...

    async def get(self, rec: Recorder, oids: Sequence[str]) -> SnmpGet:
        """Single objects, in one question."""
        ...

    async def walk(self, rec: Recorder, root: str, *, rows: int = 5_000, context: str = "") -> SnmpWalk:
        """The objects below ``root``, at most ``rows`` of them. ``rows`` 1 is a targeted GETNEXT. ``context`` is one of
        ``contexts``, or that of the profile."""
        ...

    async def access(self, rec: Recorder) -> SnmpAccess:
        """Who may do what, out of the device's own tables, without the names that may be communities."""
        ...

    async def levels(self, rec: Recorder) -> None:
        """The same user with less security; records a SnmpLevel for each level below the profile's."""
        ...

    async def communities(self, rec: Recorder) -> None:
        """The configured communities, where the device has proved itself by version 3; records SnmpCommunity."""
        ...


class Net(Protocol):
    """What probes may do on the network."""

    @property
    def names(self) -> Names: ...

    def fit(self, family: int, size: int) -> None:
        """From now on connections over a family agree on segments in packets of ``size`` bytes at most."""
        ...

    async def dns(self, rec: Recorder, server: Endpoint, question: DnsQuestion, transport: str) -> DnsExchange: ...

    async def tcp(self, rec: Recorder, endpoint: Endpoint) -> TcpConnect: ...

    async def sweep(
        self, rec: Recorder, address: IPAddress, ports: Sequence[int], *, name: str | None = None
    ) -> PortSweep:
        """A connect to each port, each admitted by itself; a greeting is heard, or the first message of the port's
        protocol is said (``probes.wire.port_hellos``). ``name`` is the host's, for what wants to hear it."""
        ...

    async def datagram(self, rec: Recorder, address: IPAddress, *, service: str) -> DatagramReply:
        """One request of a service that ``probes.wire.amplifiers`` knows, over UDP."""
        ...

    async def ftp(self, rec: Recorder, address: IPAddress, port: int) -> FtpGreeting: ...

    async def smb(self, rec: Recorder, address: IPAddress, port: int, *, version: int) -> SmbNegotiate:
        """One negotiation of SMB 1 (``version`` 1) or of SMB 2 and 3 (2)."""
        ...

    async def ssh(self, rec: Recorder, address: IPAddress, port: int) -> SshExchange:
        """Identification, KEXINIT and host key; nobody logs in."""
        ...

    async def ssh_methods(self, rec: Recorder, address: IPAddress, port: int) -> SshAuthMethods:
        """One ``none`` request for a user that does not exist (RFC 4252 §5.2)."""
        ...

    async def tls(self, rec: Recorder, endpoint: Endpoint, *, protocol: str) -> TlsHandshake: ...

    async def tls_support(self, rec: Recorder, endpoint: Endpoint, *, protocol: str) -> TlsSupport:
        """Everything the endpoint accepts, by some tens of hellos. ``protocol`` is one of ``probes.net.tls.starttls``:
        ``smtp``, ``imap`` and ``pop3`` begin in clear text."""
        ...

    async def tls_weakness(self, rec: Recorder, endpoint: Endpoint, *, protocol: str, weakness: str) -> TlsWeakness:
        """One flaw of ``probes.net.tls.weaknesses``, tried twice."""
        ...

    async def tls_renegotiation(self, rec: Recorder, endpoint: Endpoint, *, protocol: str) -> TlsRenegotiation:
        """Renegotiations by the client on one connection, until one is refused or there were enough."""
        ...

    async def staple(self, rec: Recorder, endpoint: Endpoint, *, protocol: str) -> TlsStaple:
        """What comes beside the certificate for a client that asks for an OCSP response and time stamps of logs."""
        ...

    async def browser_hello(self, rec: Recorder, endpoint: Endpoint, *, protocol: str, large: bool) -> BrowserHello:
        """One hello as a browser sends it, of more than one segment where ``large``."""
        ...

    async def issuer(self, rec: Recorder, request: HttpRequest, certificate: bytes) -> IssuerFetch:
        """A GET of where a certificate, by its SHA-256, says that its issuer's is; one for each URL and run."""
        ...

    async def revocation_list(
        self, rec: Recorder, request: HttpRequest, certificate: bytes, serial: int
    ) -> RevocationList:
        """A GET of a list of revoked certificates, and what it says of one; one for each URL and run."""
        ...

    async def ntp(self, rec: Recorder, server: Endpoint) -> NtpAnswer:
        """By how much a server's clock differs from ours."""
        ...

    async def http(self, rec: Recorder, request: HttpRequest) -> HttpExchange: ...

    async def https(self, rec: Recorder, request: HttpRequest) -> HttpExchange:
        """``http`` with the handshake of its connection, recorded before as a TlsHandshake; where that fails the
        exchange has failed of the same, and where it does with an alert, one that offers HTTP/2 as well follows."""
        ...

    async def security_txt(
        self, rec: Recorder, request: HttpRequest, *, legacy: bool
    ) -> tuple[SecurityTxt, Headers]: ...

    async def page_parts(self, rec: Recorder, request: HttpRequest) -> PartsRead:
        """The parts of a page or style sheet, the URLs that it takes something from, and the headers it came with."""
        ...

    async def landing_page(self, rec: Recorder, request: HttpRequest, copy: Copy, beside: Looks | None) -> LandingRead:
        """The landing page as one kind of visitor gets it; of it what ``beside`` does not have, where that is given."""
        ...

    async def front_page(self, rec: Recorder, request: HttpRequest) -> FrontPage: ...

    async def quic(self, rec: Recorder, endpoint: Endpoint) -> QuicKnock:
        """One datagram that begins a connection of QUIC; none is made."""
        ...

    async def smtp(self, rec: Recorder, endpoint: Endpoint) -> SmtpDialogue:
        """Greeting, EHLO, STARTTLS where offered, QUIT, on one connection; one at a time to an address."""
        ...

    async def snmp_discovery(self, rec: Recorder, endpoint: Endpoint) -> SnmpDiscovery:
        """Version 3's question for the id of the engine, which needs no credentials."""
        ...

    async def snmp_default(
        self, rec: Recorder, endpoint: Endpoint, *, version: str, community: str, device: str
    ) -> SnmpCommunity:
        """One GET by ``public`` or ``private``, after whatever else is read from ``device``; any other raises."""
        ...

    def snmp(
        self, rec: Recorder, endpoint: Endpoint, profiles: Sequence[str], *, device: str
    ) -> AbstractAsyncContextManager[SnmpDevice | None]:
        """A device under the first of ``profiles`` (names; the configuration's default when empty) that it takes, None
        when it takes none; records one SnmpSession. At most one question at a time is put to one ``device``, whatever
        the number of its addresses."""
        ...

    async def policy(self, rec: Recorder, endpoint: Endpoint, url: str) -> PolicyFetch:
        """A GET and the certificates of its connection; redirects are not followed (RFC 8461 §3.3)."""
        ...

    async def smtp_relay(self, rec: Recorder, endpoint: Endpoint, *, domain: str) -> SmtpRelay:
        """Recipients of strangers offered to a mail host of ``domain``, up to RCPT; never DATA. Intrusive."""
        ...

    async def origin(self, rec: Recorder, address: IPAddress) -> RouteOrigin:
        """What the configured offline tables of routing say of an address."""
        ...

    async def echo(self, rec: Recorder, address: IPAddress, shape: EchoShape | None = None) -> EchoSeries:
        """Without a shape, count, interval and payload size come from the profile in force."""
        ...

    async def udp_closed_port(self, rec: Recorder, endpoint: Endpoint) -> UdpKnock:
        """One UDP datagram to a port where nobody should listen, to see what says so."""
        ...

    async def trace(self, rec: Recorder, endpoint: Endpoint, protocol: str) -> PathTrace:
        """Paris traceroute by ``udp``, ``tcp`` or ``icmp`` to a port of an address."""
        ...

    async def crafted(self, rec: Recorder, address: IPAddress, form: str, interface: str = "") -> CraftedExchange:
        """One crafted packet; ``form`` and ``interface`` as in CraftedExchange."""
        ...

    async def transfer(
        self, rec: Recorder, request: HttpRequest, *, silent: asyncio.Event | None = None
    ) -> BulkTransfer:
        """A GET of something large whose body is timed and thrown away. ``silent`` is set once the server has said
        nothing for as long as counts as a stall, while the transfer goes on."""
        ...

    async def throughput(self, rec: Recorder, request: HttpRequest, wanted: int) -> ThroughputTest:
        """At most ``wanted`` bytes from a server, where and when the configuration allows such tests. Intrusive."""
        ...

    async def segment(self, rec: Recorder, endpoint: Endpoint, size: int) -> FullSegment:
        """One TCP packet of so many bytes to a service that speaks TLS."""
        ...

    async def full_size(self, rec: Recorder, endpoint: Endpoint, way: str) -> FullSizeTransfer:
        """Data that fills several TCP segments, there and back; ``way`` as in FullSizeTransfer. To controls alone."""
        ...

    async def stamp(self, rec: Recorder, endpoint: Endpoint, shape: EchoShape) -> StampSeries:
        """Test packets to a STAMP responder, admitted at once as a whole; their size is the protocol's own."""
        ...

    async def segment_size(self, rec: Recorder, endpoint: Endpoint) -> SegmentSize:
        """One TCP connection, and how large its segments may be; nothing is said."""
        ...

    async def pmtud(
        self, rec: Recorder, endpoint: Endpoint, trial: PmtudTrial, *, unheeded: asyncio.Event | None = None
    ) -> PmtudFlow:
        """One TCP connection over IPv6 behind a narrow link of our own making. ``unheeded`` is set once a packet that
        was lost has come again, as large as before, as often as counts (``REPEATED``), while the connection goes on."""
        ...

    async def source_route(self, rec: Recorder, address: IPAddress) -> SourceRoute:
        """One packet with a type 0 routing header that leads back to us. Intrusive."""
        ...

    async def tunnel_entry(self, rec: Recorder, address: IPAddress, protocol: str) -> TunnelEntry:
        """One packet to the end of a tunnel, if there is one; ``protocol`` as in TunnelEntry. Intrusive."""
        ...

    async def lan_watch(self, rec: Recorder, site: str, interface: str, seconds: float) -> LanWatch:
        """Listen on the network of users at one of our interfaces; only one that the configuration names."""
        ...

    async def forged_sources(self, rec: Recorder, receiver: Endpoint, *, site: str, interface: str) -> SourceValidation:
        """Packets under forged sources through one of our interfaces to a receiver that the configuration names; none
        without a packet of our own that arrived before. Intrusive."""
        ...
