"""A ``Net`` that answers from tables, for tests of what probes ask and in which order."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

import dns.message
import dns.rrset

from inventory.model import Endpoint, IPAddress
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import DnsQuestion, EchoShape, Headers, HttpRequest, LandingRead, PartsRead, PmtudTrial, SnmpDevice
from probes.net.dns.state import ancestors
from probes.net.http.requests import landing_page, looked
from probes.observations.certificates import IssuerFetch, RevocationList, TlsStaple
from probes.observations.dns import Delegation, DnsExchange, LookupStatus, NameLookup
from probes.observations.dnspath import FamilyCut, Referral
from probes.observations.dnssec import SecondOpinion, ZoneAnswer
from probes.observations.exposure import DatagramReply, FtpGreeting, PortReply, PortSweep, SmbNegotiate
from probes.observations.link import LanWatch, SourceValidation
from probes.observations.mail import PolicyFetch, SmtpDialogue, SmtpRelay
from probes.observations.pages import Copy, FrontPage, PageParts, Part, PartKind, SecurityTxt
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
from probes.observations.snmp import SnmpCommunity, SnmpDiscovery, SnmpSession
from probes.observations.ssh import SshAuthMethods, SshExchange
from probes.observations.throughput import ThroughputTest
from probes.observations.tls import (
    BrowserHello,
    HelloAnswer,
    RenegotiationEnd,
    TlsRenegotiation,
    TlsSupport,
    TlsWeakness,
)
from probes.observations.transport import EchoSeries, QuicKnock, StampSeries, TcpConnect, UdpKnock
from probes.observations.vantage import FullSizeTransfer, NtpAnswer
from probes.observations.web import HttpExchange, TlsHandshake
from probes.wire import looks, page
from probes.wire.looks import Looks


@dataclass
class FakeNames:
    """``records`` maps (name, type) to what is there; ``cuts`` maps names to their delegations."""

    records: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    cuts: Mapping[str, Delegation] = field(default_factory=dict)

    async def lookup(self, rec: Recorder, name: str, rtype: str, *, role: str) -> NameLookup:
        found = self.records.get((name, rtype), ())
        status = LookupStatus.ANSWER if found else LookupStatus.NO_DATA
        return rec.record(NameLookup(name=name, rtype=rtype, role=role, status=status, records=found), t0=rec.now())

    async def lookup_many(self, rec: Recorder, wanted: Sequence[tuple[str, str, str]]) -> tuple[NameLookup, ...]:
        return tuple([await self.lookup(rec, name, rtype, role=role) for name, rtype, role in wanted])

    async def delegation(self, rec: Recorder, name: str) -> Delegation:
        return rec.record(self.cuts[name], t0=rec.now())

    async def signed_path(self, rec: Recorder, name: str, *, start: str = ".") -> str:
        return next((zone for zone in ancestors(name) if zone in self.cuts), ".")

    async def signed(self, rec: Recorder, zone: str, name: str, rtype: str) -> ZoneAnswer:
        wire = answered(name, rtype, self.records.get((name, rtype), ()))
        return rec.record(ZoneAnswer(zone=zone, qname=name, qtype=rtype, response=wire), t0=rec.now())

    async def one_family(self, rec: Recorder, name: str, family: int) -> None:
        rec.record(FamilyCut(family=family, zone=name), t0=rec.now())

    async def referrals(self, rec: Recorder, name: str) -> None:
        rec.record(Referral(zone=name, parent=".", server=ip_address("192.0.2.1")), t0=rec.now())

    async def second_opinion(self, rec: Recorder, name: str, rtype: str) -> None:
        rec.record(SecondOpinion(server=ip_address("192.0.2.53"), qname=name, qtype=rtype), t0=rec.now())


def answered(name: str, rtype: str, records: Sequence[str]) -> bytes:
    message = dns.message.make_response(dns.message.make_query(name, rtype, id=0))
    if records:
        message.answer.append(dns.rrset.from_text_list(f"{name}.", 60, "IN", rtype, [f"{one}." for one in records]))
    return message.to_wire()


REFUSED = Failure(kind=FailureKind.REFUSED)


@dataclass
class FakeNet:
    """``pages`` answers a request with a status and where it leads, or refuses; redirects carry ``headers``;
    ``swept``: what ports fail of; ``echoed``: the largest payload of an echo that comes back; ``fits``: what a router
    says of those that do not.
    ``served``: the chain beside a staple; ``unfetched``: addresses at which nothing of authorities is had.
    ``crafts``: what answers crafted packets of a form; ``bulk``: bytes of a whole transfer, None for one that stalls.
    """

    names: FakeNames = field(default_factory=FakeNames)
    pages: Callable[[HttpRequest], tuple[int, str | None] | None] = lambda request: (200, None)
    flows: Callable[[PmtudTrial], PmtudFlow] = lambda trial: PmtudFlow(
        address=ip_address("::"), port=0, server_name=None, mtu=trial.mtu, ended="enough", heeded=0.1
    )
    swept: Mapping[int, FailureKind | None] = field(default_factory=dict)
    crafts: Mapping[str, str] = field(default_factory=dict)
    bulk: Callable[[HttpRequest], int | None] = lambda request: 150_000
    echoed: int = 65_535
    fits: int | None = None
    lost_at_once: int = 0
    segments: Callable[[int], FullSegment] = lambda size: FullSegment(
        address=ip_address("::"), port=443, server_name=None, size=size, connected=True
    )
    html: str = ""
    copies: Mapping[Copy, str] = field(default_factory=dict)
    headers: Headers = ()
    community: str = ""
    served: tuple[bytes, ...] = ()
    unfetched: Mapping[IPAddress, Failure] = field(default_factory=dict)

    async def dns(self, rec: Recorder, server: Endpoint, question: DnsQuestion, transport: str) -> DnsExchange:
        asked = DnsExchange(
            server=server.address,
            transport=transport,
            qname=question.name,
            qtype=question.rtype,
            recursion_desired=question.recursion_desired,
            edns_size=question.edns_size,
        )
        return rec.record(asked, t0=rec.now())

    async def ntp(self, rec: Recorder, server: Endpoint) -> NtpAnswer:
        return rec.record(NtpAnswer(server=server.address, failure=REFUSED), t0=rec.now())

    async def tcp(self, rec: Recorder, endpoint: Endpoint) -> TcpConnect:
        return rec.record(TcpConnect(address=endpoint.address, port=endpoint.port or 0), t0=rec.now())

    async def tls(self, rec: Recorder, endpoint: Endpoint, *, protocol: str) -> TlsHandshake:
        done = TlsHandshake(
            address=endpoint.address, port=endpoint.port or 0, server_name=endpoint.name, protocol=protocol
        )
        return rec.record(done, t0=rec.now())

    async def tls_support(self, rec: Recorder, endpoint: Endpoint, *, protocol: str) -> TlsSupport:
        found = TlsSupport(
            address=endpoint.address, port=endpoint.port or 0, server_name=endpoint.name, protocol=protocol
        )
        return rec.record(found, t0=rec.now())

    async def tls_weakness(self, rec: Recorder, endpoint: Endpoint, *, protocol: str, weakness: str) -> TlsWeakness:
        tried = TlsWeakness(
            address=endpoint.address, port=endpoint.port or 0, server_name=endpoint.name, weakness=weakness
        )
        return rec.record(tried, t0=rec.now())

    async def tls_renegotiation(self, rec: Recorder, endpoint: Endpoint, *, protocol: str) -> TlsRenegotiation:
        tried = TlsRenegotiation(
            address=endpoint.address,
            port=endpoint.port or 0,
            server_name=endpoint.name,
            protocol=protocol,
            ended=RenegotiationEnd.REFUSED,
        )
        return rec.record(tried, t0=rec.now())

    async def staple(self, rec: Recorder, endpoint: Endpoint, *, protocol: str) -> TlsStaple:
        step = TlsStaple(
            address=endpoint.address,
            port=endpoint.port or 0,
            server_name=endpoint.name,
            protocol=protocol,
            chain=self.served,
        )
        return rec.record(step, t0=rec.now())

    async def browser_hello(self, rec: Recorder, endpoint: Endpoint, *, protocol: str, large: bool) -> BrowserHello:
        step = BrowserHello(
            address=endpoint.address,
            port=endpoint.port or 0,
            server_name=endpoint.name,
            protocol=protocol,
            large=large,
            answer=HelloAnswer.HELLO,
        )
        return rec.record(step, t0=rec.now())

    async def issuer(self, rec: Recorder, request: HttpRequest, certificate: bytes) -> IssuerFetch:
        step = IssuerFetch(
            address=request.endpoint.address,
            port=request.endpoint.port or 0,
            url=request.url,
            because=request.because,
            certificate=certificate,
            failure=self.unfetched.get(request.endpoint.address),
        )
        return rec.record(step, t0=rec.now())

    async def revocation_list(
        self, rec: Recorder, request: HttpRequest, certificate: bytes, serial: int
    ) -> RevocationList:
        step = RevocationList(
            address=request.endpoint.address,
            port=request.endpoint.port or 0,
            url=request.url,
            because=request.because,
            certificate=certificate,
            failure=self.unfetched.get(request.endpoint.address),
        )
        return rec.record(step, t0=rec.now())

    async def throughput(self, rec: Recorder, request: HttpRequest, wanted: int) -> ThroughputTest:
        step = ThroughputTest(
            address=request.endpoint.address,
            port=request.endpoint.port or 0,
            url=request.url,
            wanted=wanted,
            status=200,
            received=wanted,
            seconds=1.0,
        )
        return rec.record(step, t0=rec.now())

    async def http(self, rec: Recorder, request: HttpRequest) -> HttpExchange:
        said = self.pages(request)
        exchange = HttpExchange(
            address=request.endpoint.address,
            port=request.endpoint.port or 0,
            url=request.url,
            hop=request.hop,
            because=request.because,
            status=None if said is None else said[0],
            location=None if said is None else said[1],
            headers=() if said is None or said[1] is None else self.headers,
            failure=REFUSED if said is None else None,
        )
        return rec.record(exchange, t0=rec.now())

    async def https(self, rec: Recorder, request: HttpRequest) -> HttpExchange:
        await self.tls(rec, request.endpoint, protocol="https")
        return await self.http(rec, request)

    async def security_txt(self, rec: Recorder, request: HttpRequest, *, legacy: bool) -> tuple[SecurityTxt, Headers]:
        said = await self.http(rec.aside(), request)
        step = SecurityTxt(
            address=said.address,
            port=said.port,
            url=said.url,
            hop=said.hop,
            legacy=legacy,
            status=said.status,
            location=said.location,
            because=said.because,
            failure=said.failure,
        )
        return rec.record(step, t0=rec.now()), said.headers

    async def page_parts(self, rec: Recorder, request: HttpRequest) -> PartsRead:
        said = await self.http(rec.aside(), request)
        found = page.of_html(self.html, request.url)
        parts = tuple(Part(kind=PartKind(kind), host=host, port=port) for kind, host, port in found.parts)
        step = PageParts(
            address=said.address,
            port=said.port,
            url=said.url,
            hop=said.hop,
            status=said.status,
            location=said.location,
            because=said.because,
            failure=said.failure,
            parts=parts,
        )
        return rec.record(step, t0=rec.now()), found, said.headers

    async def landing_page(self, rec: Recorder, request: HttpRequest, copy: Copy, beside: Looks | None) -> LandingRead:
        said = await self.http(rec.aside(), request)
        html = self.copies.get(copy, self.html)
        seen, found = looks.of_html(html, request.url), page.of_html(html, request.url)
        step = replace(
            landing_page(request, copy),
            status=said.status,
            location=said.location,
            failure=said.failure,
            headers=said.headers,
            body_size=len(html) if said.status == 200 else 0,
        )
        step = looked(step, found, seen, beside) if said.status == 200 else step
        return rec.record(step, t0=rec.now()), seen

    async def front_page(self, rec: Recorder, request: HttpRequest) -> FrontPage:
        said = await self.http(rec.aside(), request)
        step = FrontPage(
            address=said.address,
            port=said.port,
            url=said.url,
            hop=said.hop,
            status=said.status,
            location=said.location,
            because=said.because,
            failure=said.failure,
        )
        return rec.record(step, t0=rec.now())

    async def smtp(self, rec: Recorder, endpoint: Endpoint) -> SmtpDialogue:
        said = SmtpDialogue(address=endpoint.address, port=endpoint.port or 0, server_name=endpoint.name)
        return rec.record(said, t0=rec.now())

    @asynccontextmanager
    async def snmp(
        self, rec: Recorder, endpoint: Endpoint, profiles: Sequence[str], *, device: str
    ) -> AsyncIterator[SnmpDevice | None]:
        """Nobody takes any credentials here; the agent of ``tests.support.snmp_agent`` plays devices."""
        rec.record(SnmpSession(address=endpoint.address, port=endpoint.port or 0, failure=REFUSED), t0=rec.now())
        yield None

    async def policy(self, rec: Recorder, endpoint: Endpoint, url: str) -> PolicyFetch:
        fetched = PolicyFetch(address=endpoint.address, port=endpoint.port or 0, url=url, status=200)
        return rec.record(fetched, t0=rec.now())

    async def smtp_relay(self, rec: Recorder, endpoint: Endpoint, *, domain: str) -> SmtpRelay:
        asked = SmtpRelay(address=endpoint.address, port=endpoint.port or 0, server_name=endpoint.name, domain=domain)
        return rec.record(asked, t0=rec.now())

    async def origin(self, rec: Recorder, address: IPAddress) -> RouteOrigin:
        return rec.record(RouteOrigin(address=address), t0=rec.now())

    async def echo(self, rec: Recorder, address: IPAddress, shape: EchoShape | None = None) -> EchoSeries:
        wanted = shape or EchoShape(count=1, interval=1.0, size=56)
        rtts: tuple[float | None, ...] = (0.01 if wanted.size <= self.echoed else None,) * wanted.count
        if self.lost_at_once and wanted.interval < 1:
            rtts = (*(None,) * self.lost_at_once, *rtts[self.lost_at_once :])
        step = EchoSeries(address=address, interval=wanted.interval, payload_size=wanted.size, rtts=rtts, mtu=self.fits)
        return rec.record(step, t0=rec.now())

    async def stamp(self, rec: Recorder, endpoint: Endpoint, shape: EchoShape) -> StampSeries:
        step = StampSeries(
            address=endpoint.address, port=endpoint.port or 0, interval=shape.interval, rtts=(0.001,) * shape.count
        )
        return rec.record(step, t0=rec.now())

    async def knock(self, rec: Recorder, endpoint: Endpoint) -> UdpKnock:
        step = UdpKnock(address=endpoint.address, port=endpoint.port or 0, failure=REFUSED)
        return rec.record(step, t0=rec.now())

    async def trace(self, rec: Recorder, endpoint: Endpoint, protocol: str) -> PathTrace:
        step = PathTrace(address=endpoint.address, protocol=protocol, port=endpoint.port or 0)
        return rec.record(step, t0=rec.now())

    async def crafted(self, rec: Recorder, address: IPAddress, form: str, interface: str = "") -> CraftedExchange:
        step = CraftedExchange(address=address, form=form, interface=interface, answer=self.crafts.get(form))
        return rec.record(step, t0=rec.now())

    async def transfer(
        self, rec: Recorder, request: HttpRequest, *, silent: asyncio.Event | None = None
    ) -> BulkTransfer:
        received = self.bulk(request)
        step = BulkTransfer(
            address=request.endpoint.address,
            port=request.endpoint.port or 0,
            url=request.url,
            connected=True,
            status=None if received is None else 200,
            received=received or 0,
            whole=received is not None,
            failure=Failure(kind=FailureKind.TIMEOUT) if received is None else None,
        )
        return rec.record(step, t0=rec.now())

    async def segment(self, rec: Recorder, endpoint: Endpoint, size: int) -> FullSegment:
        step = replace(self.segments(size), address=endpoint.address, port=endpoint.port or 0, size=size)
        return rec.record(step, t0=rec.now())

    def fit(self, family: int, size: int) -> None:
        """Every packet fits already."""

    async def full_size(self, rec: Recorder, endpoint: Endpoint, way: str) -> FullSizeTransfer:
        step = FullSizeTransfer(
            address=endpoint.address,
            port=endpoint.port or 0,
            way=way,
            mss=1440,
            sent=12_000,
            acknowledged=12_000,
            received=12_000,
        )
        return rec.record(step, t0=rec.now())

    async def segment_size(self, rec: Recorder, endpoint: Endpoint) -> SegmentSize:
        step = SegmentSize(address=endpoint.address, port=endpoint.port or 0, mss=1_440, mtu=1_500)
        return rec.record(step, t0=rec.now())

    async def source_route(self, rec: Recorder, address: IPAddress) -> SourceRoute:
        return rec.record(SourceRoute(address=address, answer="icmp", type=4, code=0), t0=rec.now())

    async def tunnel_entry(self, rec: Recorder, address: IPAddress, protocol: str) -> TunnelEntry:
        return rec.record(TunnelEntry(address=address, protocol=protocol, answer="icmp"), t0=rec.now())

    async def lan_watch(self, rec: Recorder, site: str, interface: str, seconds: float) -> LanWatch:
        return rec.record(LanWatch(site=site, interface=interface, seconds=seconds), t0=rec.now())

    async def forged_sources(self, rec: Recorder, receiver: Endpoint, *, site: str, interface: str) -> SourceValidation:
        step = SourceValidation(
            site=site, interface=interface, receiver=receiver.address, port=receiver.port or 0, confirmed=True
        )
        return rec.record(step, t0=rec.now())

    async def pmtud(
        self, rec: Recorder, endpoint: Endpoint, trial: PmtudTrial, *, unheeded: asyncio.Event | None = None
    ) -> PmtudFlow:
        flow = self.flows(trial)
        step = replace(flow, address=endpoint.address, port=endpoint.port or 0, mtu=trial.mtu)
        return rec.record(step, t0=rec.now())

    async def sweep(
        self, rec: Recorder, address: IPAddress, ports: Sequence[int], *, name: str | None = None
    ) -> PortSweep:
        replies = tuple(PortReply(port=port, failure=self.swept.get(port, FailureKind.REFUSED)) for port in ports)
        return rec.record(PortSweep(address=address, replies=replies), t0=rec.now())

    async def datagram(self, rec: Recorder, address: IPAddress, *, service: str) -> DatagramReply:
        return rec.record(DatagramReply(address=address, port=123, service=service, sent=48), t0=rec.now())

    async def quic(self, rec: Recorder, endpoint: Endpoint) -> QuicKnock:
        step = QuicKnock(address=endpoint.address, port=endpoint.port or 0, server_name=endpoint.name)
        return rec.record(step, t0=rec.now())

    async def ftp(self, rec: Recorder, address: IPAddress, port: int) -> FtpGreeting:
        return rec.record(FtpGreeting(address=address, port=port, greeting="220 here"), t0=rec.now())

    async def smb(self, rec: Recorder, address: IPAddress, port: int, *, version: int) -> SmbNegotiate:
        kind = self.swept.get(port)
        failure = None if kind is None else Failure(kind=kind)
        said = SmbNegotiate(
            address=address, port=port, version=version, accepted=failure is None or None, failure=failure
        )
        return rec.record(said, t0=rec.now())

    async def ssh(self, rec: Recorder, address: IPAddress, port: int) -> SshExchange:
        return rec.record(SshExchange(address=address, port=port, banner="SSH-2.0-x"), t0=rec.now())

    async def ssh_methods(self, rec: Recorder, address: IPAddress, port: int) -> SshAuthMethods:
        return rec.record(SshAuthMethods(address=address, port=port, user="probe"), t0=rec.now())

    async def snmp_discovery(self, rec: Recorder, endpoint: Endpoint) -> SnmpDiscovery:
        return rec.record(SnmpDiscovery(address=endpoint.address, port=endpoint.port or 161), t0=rec.now())

    async def snmp_default(
        self, rec: Recorder, endpoint: Endpoint, *, version: str, community: str, device: str
    ) -> SnmpCommunity:
        taken = "value" if community == self.community else None
        failure = None if taken else Failure(kind=FailureKind.TIMEOUT)
        step = SnmpCommunity(
            address=endpoint.address, port=161, version=version, community=community, answered=taken, failure=failure
        )
        return rec.record(step, t0=rec.now())
