"""Asks web servers over connections with recorded handshakes."""

from dataclasses import replace

from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import HttpRequest, Net
from probes.net.core.gate import Place
from probes.net.core.rules import port_of
from probes.net.core.turns import others_first
from probes.net.http.fetcher import open_fetcher
from probes.net.http.requests import http_exchange, pages
from probes.net.tls.handshake import Handshake, TlsSession
from probes.net.tls.services import TlsServices
from probes.observations.web import HttpExchange, TlsHandshake


async def visit_https(net: Net, rec: Recorder, request: HttpRequest) -> HttpExchange:
    """Send a GET after recording the handshake of its connection as a TlsHandshake.

    If the handshake fails, the exchange gets its failure; after an alert, a handshake that offers HTTP/2 as well is
    tried first.
    """
    endpoint, fetcher, handshaker = request.endpoint, net.shared(open_fetcher), net.shared(TlsServices).handshaker
    blank = TlsHandshake(address=endpoint.address, port=port_of(endpoint), server_name=endpoint.name)
    opened: list[TlsSession] = []
    place: Place | None = None

    async def handshake(*, also_h2: bool = False) -> TlsHandshake:
        session = await handshaker.open(endpoint.address, blank.port, endpoint.name, also_h2=also_h2, place=place)
        opened.append(session)
        return shown(blank, session.agreed)

    async def first() -> TlsHandshake:
        nonlocal place
        await others_first()
        place = await fetcher.slots.take()
        return await handshake()

    async def again() -> TlsHandshake:
        return await handshake(also_h2=True)

    async def get() -> HttpExchange:
        await others_first()
        got = await fetcher.over(opened[-1], endpoint, request.url, extra=request.extra, place=place)
        return await pages(net).visited(request, got)

    try:
        shaken = await net.step(rec, endpoint.address, blank, first)
        if shaken.failure is not None and shaken.failure.kind is FailureKind.TLS_ALERT:
            shaken = await net.step(rec, endpoint.address, blank, again)  # the server may support only HTTP/2
        if shaken.failure is None:  # no packets: the connection was admitted
            return await net.step(rec, endpoint.address, http_exchange(request), get, packets=0)
    finally:
        for session in opened:
            session.close()
        if place is not None:
            place.leave()
    return rec.record(replace(http_exchange(request), failure=shaken.failure), t0=rec.now())


def shown(blank: TlsHandshake, agreed: Handshake) -> TlsHandshake:
    """Return the observation of a handshake that came to its end."""
    return TlsHandshake(
        address=blank.address,
        port=blank.port,
        server_name=blank.server_name,
        protocol=blank.protocol,
        version=agreed.version,
        cipher=agreed.cipher,
        alpn=agreed.alpn,
        chain=agreed.chain,
    )
