"""Implements the calls of ``Net`` that ask web servers over connections whose handshakes are recorded."""

from abc import abstractmethod
from contextlib import AsyncExitStack
from dataclasses import replace

from inventory.model import Endpoint
from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import HttpRequest
from probes.net.core.steps import Steps
from probes.net.http.fetcher import Fetcher
from probes.net.http.requests import Pages, http_exchange, port_of
from probes.net.tls.handshake import Handshake, Handshaker, Session
from probes.observations.mail import PolicyFetch
from probes.observations.web import BODY_KEPT, HttpExchange, TlsHandshake


class WebServers(Steps):
    """Implements those calls of ``Net`` under the rules of the class that inherits it."""

    _handshaker: Handshaker
    _pages: Pages

    @property
    @abstractmethod
    def _open_fetcher(self) -> Fetcher:
        """Raises RuntimeError before the net is entered."""

    @abstractmethod
    async def tls(self, rec: Recorder, endpoint: Endpoint, *, protocol: str) -> TlsHandshake:
        """A handshake by itself."""

    async def https(self, rec: Recorder, request: HttpRequest) -> HttpExchange:
        endpoint, fetcher = request.endpoint, self._open_fetcher
        blank = TlsHandshake(address=endpoint.address, port=port_of(request), server_name=endpoint.name)
        async with AsyncExitStack() as held:
            opened: list[Session] = []

            async def handshake(also_h2: bool = False) -> TlsHandshake:
                session = await self._handshaker.open(endpoint.address, blank.port, endpoint.name, also_h2=also_h2)
                held.callback(session.close)
                opened.append(session)
                return shown(blank, session.agreed)

            async def first() -> TlsHandshake:
                await held.enter_async_context(fetcher.slots)
                return await handshake()

            async def again() -> TlsHandshake:
                return await handshake(also_h2=True)

            async def get() -> HttpExchange:
                got = await fetcher.over(opened[-1], endpoint, request.url, extra=request.extra)
                return await self._pages.visited(request, got)

            shaken = await self._step(rec, endpoint.address, blank, first)
            if shaken.failure is not None and shaken.failure.kind is FailureKind.TLS_ALERT:
                shaken = await self._step(rec, endpoint.address, blank, again)  # it may speak HTTP/2 alone
            if shaken.failure is None:  # no packets: the connection was admitted
                return await self._step(rec, endpoint.address, http_exchange(request), get, packets=0)
        return rec.record(replace(http_exchange(request), failure=shaken.failure), t0=rec.now())

    async def policy(self, rec: Recorder, endpoint: Endpoint, url: str) -> PolicyFetch:
        request = HttpRequest(endpoint=endpoint, url=url)
        blank = PolicyFetch(address=endpoint.address, port=port_of(request), url=url)

        async def get() -> PolicyFetch:
            async with self._open_fetcher.slots:
                session = await self._handshaker.open(endpoint.address, blank.port, endpoint.name)
                got = await self._open_fetcher.over(session, endpoint, url, BODY_KEPT)
            return replace(
                blank,
                chain=session.agreed.chain,
                status=got.status,
                content_type=next((value for name, value in got.headers if name.lower() == "content-type"), ""),
                body=got.body,
                truncated=got.truncated,
                failure=got.failure,
            )

        return await self._step(rec, endpoint.address, blank, get)


def shown(blank: TlsHandshake, agreed: Handshake) -> TlsHandshake:
    """The observation of a handshake that came to its end."""
    return replace(blank, version=agreed.version, cipher=agreed.cipher, alpn=agreed.alpn, chain=agreed.chain)
