"""Implements ``Net`` on the sockets of this machine: puts the engines together under common rules.

Scope first, then admission, then the clock: politeness is not measured as delay. Each call records one observation,
also when it fails, when scope forbids it and when it is cancelled. What is no network fault is our bug: recorded as
such, and raised as well where ``strict`` says so.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import partial
from types import TracebackType
from typing import Self

from inventory.model import Endpoint, IPAddress
from probes.framework.budget import LEDGER, TAB, Ledger, Tab, account_of, counted_apart, over_budget
from probes.framework.evidence import Failure, FailureKind, O
from probes.framework.limits import INSIDE
from probes.framework.recorder import Recorder
from probes.net import clocks
from probes.net.api import DnsQuestion, EchoShape, Headers, HttpRequest, LandingRead, PartsRead
from probes.net.core import faults
from probes.net.core.full_size import FullSize
from probes.net.core.loop_lag import LoopLag
from probes.net.core.rules import THROUGHPUT, Admission, Permits, Timing, refusal
from probes.net.core.steps import port_of
from probes.net.core.tcp import Clamp, Connector, rtt_of, source_of
from probes.net.dns.datagrams import Datagrams, Reply
from probes.net.dns.iterator import Iterator, Source
from probes.net.dns.streams import Streams
from probes.net.exposure.part import Exposure
from probes.net.http.downloads import Allowance, Downloads
from probes.net.http.fetcher import Fetched, Fetcher
from probes.net.http.issued import Issued
from probes.net.http.page_reader import PageReader
from probes.net.http.requests import Pages
from probes.net.http.transfers import Transfers
from probes.net.http.visit import WebServers
from probes.net.icmp.echo import Echo, Series
from probes.net.icmp.trains import Trains
from probes.net.mail.mailhosts import MailHosts
from probes.net.origins import Origins
from probes.net.path_measurements import PathMeasurements
from probes.net.raw import privsep
from probes.net.raw.forwarding import Forwarding
from probes.net.raw.privsep import Access
from probes.net.raw.program import EVERYWHERE, Crafted, CraftedScope
from probes.net.raw.spoofing import Spoofing
from probes.net.secured import SecuredServices
from probes.net.snmp.devices import Devices
from probes.net.snmp.managed import Managed
from probes.net.snmp.profiles import SnmpSetting
from probes.net.tls.segments import Segments
from probes.observations.certificates import IssuerFetch, RevocationList
from probes.observations.dns import DnsExchange
from probes.observations.pages import Copy, FrontPage, SecurityTxt
from probes.observations.routing import RouteOrigin
from probes.observations.transport import EchoSeries, TcpConnect
from probes.observations.vantage import NtpAnswer
from probes.observations.web import HttpExchange
from probes.wire.dns import WireError
from probes.wire.looks import Looks

_DEFAULT_PORT = 53
_NTP_PORT = 123
_CUT_SHORT = Failure(kind=FailureKind.CUT_SHORT, detail="cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a KernelNet is made of.

    ``contact`` goes into the User-Agent, ``helo`` is our name in SMTP (empty: our address), ``relay_test`` are mail
    addresses of our own for the question of relaying; ``inside`` is where names of what is inside TSLCD are looked up,
    None where that is no other place; ``strict`` lets our bugs raise (tests).
    """

    scope: Permits
    limits: Admission
    timing: Timing
    names: Source
    snmp: SnmpSetting = field(default_factory=SnmpSetting)
    contact: str = ""
    helo: str = ""
    relay_test: tuple[str, ...] = ()
    strict: bool = False
    origins: Origins = field(default_factory=Origins)
    crafted: CraftedScope = EVERYWHERE  # as the crafted-packet program is told it
    inside: Source | None = None
    downloads: Allowance | None = None
    raw_access: Access | None = field(default_factory=privsep.current)


class KernelNet(Exposure, Spoofing, MailHosts, Managed, Forwarding, PathMeasurements, SecuredServices, WebServers):
    """Implements ``Net``. Use as ``async with``; everything it opened is closed at the end.

    ``open_sockets`` before that opens the sockets for echo early.
    """

    def __init__(self, setting: Setting) -> None:
        timing = setting.timing
        self._setting = setting
        chance = self._chance = random.SystemRandom()
        self._datagrams = Datagrams(timing.dns_udp, chance=chance)
        self._clamp = Clamp()
        self._dns_connector = Connector(timing.dns_connect, self._clamp)
        self._streams = Streams(self._dns_connector, timing.dns_answer, chance=chance)
        self._connector = Connector(timing.tcp_connect, self._clamp)
        MailHosts.__init__(self, self._connector, timing, setting.helo, setting.relay_test)
        SecuredServices.__init__(self, self._connector, timing, self.smtp_timing, self.mail_gate)
        self._entered = False
        self._loop_lag = LoopLag()
        Exposure.__init__(self, self._connector, setting.limits.admit, timing, chance, self._loop_lag)
        self._echo = {family: Echo(family, wait=timing.echo_wait) for family in (4, 6)}
        self._trains: dict[tuple[int, float], Trains] = {}
        self._iterator = Iterator(self._ask, setting.names)
        self._inside = self._iterator if setting.inside is None else Iterator(self._ask, setting.inside)
        resolvers = (*setting.names.resolvers, *(() if setting.inside is None else setting.inside.resolvers))
        self._resolvers = frozenset((server.address, server.port) for server in resolvers)
        Managed.__init__(self, Devices(setting.snmp, timing, setting.limits, self._step))
        self._fetcher: Fetcher | None = None
        permitted = partial(refusal, setting.scope, transport=THROUGHPUT)
        downloads = Downloads(self._connector, setting.downloads, refused=permitted)
        segments, full_size = Segments(self._connector), FullSize(self._connector)
        transfers = Transfers(self._connector, quiet=timing.http, contact=setting.contact)
        PathMeasurements.__init__(self, Crafted(setting.crafted), timing, downloads, segments, full_size, transfers)
        Forwarding.__init__(self, self._crafted, timing)
        Spoofing.__init__(self, self._crafted, timing)
        self._page_reader = PageReader()
        self._pages = Pages(self._step, self._fetch, self._page_reader)
        self._issued = Issued(self._step, self._fetch)

    def open_sockets(self) -> None:
        """Once; through the keeper or systemd where this process has no privilege, by itself where it may."""
        entry = self._setting.raw_access.enter() if self._setting.raw_access is not None and not self._entered else None
        self._entered = True
        handed = {} if entry is None else entry.icmp
        if entry is not None:
            self._crafted.adopt(entry.program)
        for version, echo in self._echo.items():
            echo.open(handed.get(version))

    async def __aenter__(self) -> Self:
        self.open_sockets()
        for echo in self._echo.values():
            echo.start()
        self._loop_lag.start()
        timing = self._setting.timing
        self._fetcher = Fetcher(self._connector, seconds=timing.http, contact=self._setting.contact)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop_lag.stop()
        self._datagrams.close()
        self._dns_connector.close()
        self._connector.close()
        self._devices.close()
        for trains in self._trains.values():
            trains.close()
        for echo in self._echo.values():
            echo.close()
        await self._crafted.close()
        await self._page_reader.close()

    @property
    def names(self) -> Iterator:
        return self._inside if INSIDE.get() else self._iterator

    def fit(self, family: int, size: int) -> None:
        self._clamp.fit(family, size)

    async def dns(self, rec: Recorder, server: Endpoint, question: DnsQuestion, transport: str) -> DnsExchange:
        return await self._ask(rec, server, question, transport)

    async def _ask(
        self, rec: Recorder, server: Endpoint, question: DnsQuestion, transport: str, because: str | None = None
    ) -> DnsExchange:
        port = server.port or _DEFAULT_PORT
        blank = DnsExchange(
            server=server.address,
            port=port,
            transport=transport,
            qname=question.name,
            qtype=question.rtype,
            recursion_desired=question.recursion_desired,
            dnssec_ok=question.dnssec_ok,
            edns_size=question.edns_size,
            because=because,
        )

        async def exchange() -> DnsExchange:
            reply = await self._reply(server.address, port, question, transport)
            return replace(blank, response=reply.wire, failure=reply.failure, answered_from=reply.answered_from)

        implied = port == _DEFAULT_PORT or (server.address, server.port) in self._resolvers
        return await self._step(rec, server.address, blank, exchange, implied=implied, transport=f"{transport}/{port}")

    async def _reply(self, address: IPAddress, port: int, question: DnsQuestion, transport: str) -> Reply:
        try:
            wire = question.wire()
        except WireError as problem:  # an NS or MX target that cannot be asked for
            return Reply(failure=Failure(kind=FailureKind.NAME_ERROR, detail=faults.bounded(str(problem))))
        engine = self._streams if transport == "tcp" else self._datagrams
        return await engine.ask(address, port, wire)

    async def tcp(self, rec: Recorder, endpoint: Endpoint) -> TcpConnect:
        port = port_of(endpoint)
        blank = TcpConnect(address=endpoint.address, port=port)

        async def connect() -> TcpConnect:
            with await self._connector.connect(endpoint.address, port) as sock:
                return replace(blank, source=source_of(sock), rtt=rtt_of(sock))

        return await self._step(rec, endpoint.address, blank, connect, transport=f"tcp/{port}")

    async def ntp(self, rec: Recorder, server: Endpoint) -> NtpAnswer:
        port = server.port or _NTP_PORT
        blank = NtpAnswer(server=server.address, port=port)

        async def ask() -> NtpAnswer:
            reading = await clocks.ask(server.address, port, self._setting.timing.dns_udp, self._chance)
            return replace(
                blank,
                offset=round(reading.offset, 6),
                delay=round(reading.delay, 6),
                stratum=reading.answer.stratum,
                synchronised=reading.answer.synchronised,
            )

        # Nobody is asked but the servers of [vantage].ntp (INTERFACE, Scope).
        return await self._step(rec, server.address, blank, ask, implied=True, transport=f"udp/{port}")

    async def http(self, rec: Recorder, request: HttpRequest) -> HttpExchange:
        return await self._pages.http(rec, request)

    async def security_txt(self, rec: Recorder, request: HttpRequest, *, legacy: bool) -> tuple[SecurityTxt, Headers]:
        return await self._pages.security_txt(rec, request, legacy=legacy)

    async def page_parts(self, rec: Recorder, request: HttpRequest) -> PartsRead:
        return await self._pages.page_parts(rec, request)

    async def landing_page(self, rec: Recorder, request: HttpRequest, copy: Copy, beside: Looks | None) -> LandingRead:
        return await self._pages.landing_page(rec, request, copy, beside)

    async def front_page(self, rec: Recorder, request: HttpRequest) -> FrontPage:
        return await self._pages.front_page(rec, request)

    async def issuer(self, rec: Recorder, request: HttpRequest, certificate: bytes) -> IssuerFetch:
        return await self._issued.issuer(rec, request, certificate)

    async def revocation_list(
        self, rec: Recorder, request: HttpRequest, certificate: bytes, serial: int
    ) -> RevocationList:
        return await self._issued.revocation_list(rec, request, certificate, serial)

    async def _fetch(self, request: HttpRequest) -> Fetched:
        agent = f"{self._open_fetcher.agent} {request.token}"
        extra = (*request.extra, ("User-Agent", agent)) if request.token else request.extra
        if request.apart is None:
            return await self._open_fetcher.get(request.endpoint, request.url, request.limit, extra)
        if excess := account_of(request.endpoint.address).excess:
            return Fetched(failure=over_budget(excess))
        with counted_apart(request.apart):
            return await self._open_fetcher.get(request.endpoint, request.url, request.limit, extra)

    @property
    def _open_fetcher(self) -> Fetcher:
        if self._fetcher is None:
            raise RuntimeError("KernelNet is not open")
        return self._fetcher

    async def origin(self, rec: Recorder, address: IPAddress) -> RouteOrigin:
        return rec.record(self._setting.origins.look(address), t0=rec.now())

    async def echo(self, rec: Recorder, address: IPAddress, shape: EchoShape | None = None) -> EchoSeries:
        timing = self._setting.timing
        wanted = shape or EchoShape(count=timing.echo_count, interval=timing.echo_interval, size=timing.echo_size)
        series = Series(address)
        t0 = rec.now()
        failure = refusal(self._setting.scope, address, transport="icmp")
        try:
            if failure is None:
                await self._run(series, wanted)
        except (faults.Fault, OSError) as problem:
            failure = faults.from_exception(problem, local=True)
        except asyncio.CancelledError:
            rec.record(_recorded(series, wanted, _CUT_SHORT), t0=t0)
            raise
        return rec.record(_recorded(series, wanted, failure), t0=t0)

    async def _run(self, series: Series, shape: EchoShape) -> None:
        engine, ledger = self._echo[series.address.version], LEDGER.get()
        if ledger is not None:
            engine.count(series, ledger.of(series.packed))
        if shape.together:
            await self._setting.limits.admit(series.address, shape.count)
            key = (series.address.version, shape.interval)
            trains = self._trains.setdefault(key, Trains(engine, shape.interval))
            await trains.run(series, shape.count, shape.size)
        else:
            for number in range(shape.count):
                if number:
                    await asyncio.sleep(shape.interval)
                await self._setting.limits.admit(series.address)
                await engine.send(series, shape.size)
        await series.settled()

    async def _step(
        self,
        rec: Recorder,
        address: IPAddress,
        blank: O,
        run: Callable[[], Awaitable[O]],
        *,
        implied: bool = False,
        transport: str = "",
        packets: int = 1,
    ) -> O:
        refused = refusal(self._setting.scope, address, implied=implied, transport=transport)
        if refused is not None:
            return rec.record(replace(blank, failure=refused), t0=rec.now())
        if packets:
            await self._setting.limits.admit(address, packets)
        t0, since = rec.now(), asyncio.get_running_loop().time()
        tab = Tab(LEDGER.get() or Ledger())
        token = TAB.set(tab)
        try:
            step = await run()
        except asyncio.CancelledError:
            rec.record(replace(blank, failure=_CUT_SHORT), t0=t0)
            raise
        except Exception as problem:
            failure = faults.from_exception(problem)
            if failure.kind is FailureKind.BUG:
                if self._setting.strict:
                    raise
                failure = Failure(kind=FailureKind.BUG, detail=faults.bug_location(problem))
            step = replace(blank, failure=failure)
        finally:
            TAB.reset(token)
        if tab.excess:  # whatever a protocol made of it: what was refused to it was not looked at
            return rec.record(replace(step, failure=over_budget(tab.excess)), t0=t0)
        return rec.record(self._believed(step, since), t0=t0)

    def _believed(self, step: O, since: float) -> O:
        """The step; a timeout that ran out while this machine stood still becomes a failure of ours."""
        if step.failure is None or step.failure.kind is not FailureKind.TIMEOUT:
            return step
        stalled = self._loop_lag.stalled(since)
        if not stalled:
            return step
        detail = f"this machine was too busy: it stood still for {stalled:.1f} s"
        return replace(step, failure=Failure(kind=FailureKind.CUT_SHORT, detail=detail))


def _recorded(series: Series, shape: EchoShape, failure: Failure | None) -> EchoSeries:
    return EchoSeries(
        address=series.address,
        interval=shape.interval,
        payload_size=shape.size,
        rtts=series.rtts,
        hop_limits=series.hop_limits,
        error=series.error,
        mtu=series.mtu,
        failure=failure,
    )
