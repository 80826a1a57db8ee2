"""Simulates ``Net`` to test the questions of probes and their order: it records every step and sends nothing."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, fields, replace
from typing import Any, cast

from inventory.model import Endpoint, IPAddress
from probes.framework.evidence import Failure, FailureKind, O, Observation
from probes.framework.profile import QUICK
from probes.framework.recorder import Recorder
from probes.net.api import DnsQuestion, EchoShape, Fetched, Headers, HttpRequest, Net, SnmpDevice, T
from probes.net.core.loop_lag import LoopLag
from probes.net.core.own_limits import OwnLimits
from probes.net.core.tcp import Connector
from probes.net.dns.hints import parse_hints
from probes.net.dns.source import Source
from probes.net.http.requests import http_exchange, page_reader
from probes.net.raw.program import EVERYWHERE, Crafted
from probes.net.setting import Setting
from probes.observations.dns import DnsExchange
from probes.observations.pages import Copy, FrontPage, LandingPage, PageParts, SecurityTxt
from probes.observations.path import BulkTransfer
from probes.observations.transport import EchoSeries, TcpConnect
from probes.observations.web import HttpExchange
from probes.wire.web import page, page_content
from tests.unit.probes.fake_names import FakeNames

Asked = Mapping[str, Any]
REFUSED = Failure(kind=FailureKind.REFUSED)
# What is answered beside what was asked; of other observations all has gone well, without a word.
USUAL: Mapping[type[Observation], Callable[[Asked], Asked]] = {
    EchoSeries: lambda asked: {"rtts": (0.01,) * asked["packets"]},
    BulkTransfer: lambda asked: {"connected": True, "status": 200, "received": 150_000, "whole": True},
}
_FETCHED = (FrontPage, HttpExchange, LandingPage, PageParts, SecurityTxt)


class _Open:
    async def admit(self, address: IPAddress, packets: int = 1) -> None: ...

    def delay(self, address: IPAddress, packets: int = 1) -> float:
        return 0.0

    def permits(self, address: IPAddress, transport: str = "") -> Any: ...


class _Reader:
    """Reads pages in this process."""

    async def read(self, text: bytes, url: str, *, is_style: bool) -> page.DocumentParts:
        return page.of_css(text.decode(), url) if is_style else page.of_html(text.decode(), url)

    async def look(self, text: bytes, url: str) -> tuple[page.DocumentParts, page_content.PageContent]:
        return page.of_html(text.decode(), url), page_content.of_html(text.decode(), url)


@dataclass
class FakeNet:
    """``pages`` answers a request with a status and where it leads, or refuses; redirects carry ``headers``; the page
    at a URL of ``jumps`` only sends browsers on to what that is there; all others show ``html`` or one of ``copies``;
    ``answers`` says by observation what it holds beside what was asked, given all that was asked; steps of ``run`` are
    those of the real engine, which works with what stands in ``engines``.
    """

    names: FakeNames = field(default_factory=FakeNames)
    pages: Callable[[HttpRequest], tuple[int, str | None] | None] = lambda request: (200, None)
    headers: Headers = ()
    html: str = ""
    copies: Mapping[Copy, str] = field(default_factory=dict)
    jumps: Mapping[str, str] = field(default_factory=dict)
    answers: dict[type[Observation], Callable[[Asked], Asked]] = field(default_factory=dict)
    run: tuple[type[Observation], ...] = ()
    engines: dict[object, object] = field(default_factory=dict)
    setting: Setting = field(init=False)
    connector: Connector = field(default_factory=lambda: Connector(1.0))
    crafted: Crafted = field(default_factory=lambda: Crafted(EVERYWHERE))
    loop_lag: LoopLag = field(default_factory=LoopLag)
    own_limits: OwnLimits = field(default_factory=lambda: OwnLimits(lambda _: None, lambda: None))
    _copy: Copy = Copy.PLAIN

    def __post_init__(self) -> None:
        names = Source(hints=parse_hints(". NS a\na A 192.0.2.1"))
        self.setting = Setting(scope=_Open(), limits=_Open(), timing=QUICK, names=names)
        self.engines.setdefault(page_reader, _Reader())

    def shared(self, make: Callable[[Net], T]) -> T:
        if make not in self.engines:
            self.engines[make] = make(self)
        return cast(T, self.engines[make])

    async def step(
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
        if isinstance(blank, (*_FETCHED, *self.run)):
            self._copy = getattr(blank, "copy", Copy.PLAIN)
            seen = await self._visited(blank) if isinstance(blank, HttpExchange) else await run()
            return rec.record(cast(O, seen), t0=rec.now())
        asked = {name.name: getattr(blank, name.name) for name in fields(blank)} | {"packets": packets}
        return rec.record(replace(blank, **self._answer(blank, asked)), t0=rec.now())

    def _answer(self, blank: Observation, asked: Asked) -> Asked:
        usual, told = (known.get(type(blank), _as_asked)(asked) for known in (USUAL, self.answers))
        return {**usual, **told}

    async def _visited(self, blank: HttpExchange) -> HttpExchange:
        """Return the exchange of a visit; an earlier step makes the connection of a real one."""
        there = Endpoint(address=blank.address, port=blank.port)
        request = HttpRequest(endpoint=there, url=blank.url, hop=blank.hop, because=blank.because)
        return http_exchange(request, await self.fetch(request))

    async def fetch(self, request: HttpRequest) -> Fetched:
        status, location = self.pages(request) or (None, None)
        failure, headers = REFUSED if status is None else None, self.headers if location else ()
        text = self.copies.get(self._copy, self.html)
        if request.url in self.jumps:
            text = f"<script>location.replace('{self.jumps[request.url]}')</script>"
        body = text.encode() if status == 200 else b""
        return Fetched(
            status=status, location=location, headers=headers, failure=failure, body=body, body_size=len(body)
        )

    async def tcp(self, rec: Recorder, endpoint: Endpoint) -> TcpConnect:
        blank = TcpConnect(address=endpoint.address, port=endpoint.port or 0)
        return await self.step(rec, endpoint.address, blank, _nothing)

    async def echo(self, rec: Recorder, address: IPAddress, shape: EchoShape | None = None) -> EchoSeries:
        shape = shape or EchoShape(count=1, interval=1.0, size=56)
        blank = EchoSeries(address=address, interval=shape.interval, payload_size=shape.size)
        return await self.step(rec, address, blank, _nothing, packets=shape.count)

    async def dns(self, rec: Recorder, server: Endpoint, question: DnsQuestion, transport: str) -> DnsExchange:
        blank = DnsExchange(
            server=server.address,
            port=server.port or 53,
            transport=transport,
            qname=question.name,
            qtype=question.rtype,
            recursion_desired=question.recursion_desired,
            dnssec_ok=question.dnssec_ok,
            edns_size=question.edns_size,
        )
        return await self.step(rec, server.address, blank, _nothing)

    def snmp(
        self, rec: Recorder, endpoint: Endpoint, profiles: Sequence[str], *, device: str
    ) -> AbstractAsyncContextManager[SnmpDevice | None]:
        raise AssertionError("no probe that is tested with this reads a device")


def _as_asked(asked: Asked) -> Asked:
    return {}


async def _nothing() -> Any:
    raise AssertionError("a step that is answered is not run")
