"""Fetches the page to test at one address, then follows redirects without ever changing the family.

A page that does nothing but send browsers on at once is one more redirect.

Over HTTPS the handshake of the first connection is recorded too: so the certificate is that of the server that gave the
page, and the address is asked once. Where the site announces HTTP/3 on another port than that of HTTPS, QUIC is asked
there (probe ``http3`` asks the port of HTTPS itself).
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from probes.framework.objects import page_path
from probes.framework.recorder import Recorder
from probes.framework.redirects import PORTS, HopPlace, RedirectWalk, start
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import HttpRequest, Net
from probes.net.http.quic import ask_quic
from probes.net.http.requests import pages
from probes.net.http.visit import visit_https
from probes.observations.dns import DnsExchange, NameLookup
from probes.observations.transport import QuicInitial
from probes.observations.web import HttpExchange, TlsHandshake
from probes.wire.web import alt_svc


@endpoint_probe(
    version=9,
    title="HTTP response and redirects",
    records=(HttpExchange,),
    on_the_way=(TlsHandshake, NameLookup, DnsExchange, QuicInitial),
    instead_of=frozenset({"tls"}),
    services=frozenset({"http", "https", "http-alt", "https-alt"}),
    needs_open=True,
    retry="flaw",
    deadline=115.0,
)
async def http(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Follow redirects from the first page, one exchange each.

    A redirect to the same host is followed at the same address, one to another host at its addresses of the same
    family. The chain ends with an answer that is no redirect, a failure, a loop, or a target without an address.
    Cookies are kept for the length of the chain.
    """
    announced = set[int]()
    async for got in _visit(task, net, rec):
        announced.update(_announced(got, task.host))
    port = task.endpoint.port
    if _is_secure(task) and announced and port not in announced:
        await ask_quic(net, rec, replace(task.endpoint, port=min(announced)))


def _announced(got: HttpExchange, host: str | None) -> Iterator[int]:
    """Yield the ports on which the task's own host announces HTTP/3."""
    try:
        there = urlsplit(got.url)
        own = there.hostname
    except ValueError:
        return
    if there.scheme == "https" and (host is None or own == host.lower()):
        values = (value for name, value in got.headers if name.lower() == "alt-svc")
        alternatives = (alternative for value in values for alternative in alt_svc.http3(value))
        yield from (alternative.port for alternative in alternatives if alternative.host in ("", own))


async def _visit(task: EndpointTask, net: Net, rec: Recorder) -> AsyncIterator[HttpExchange]:
    """Yield each answer of the chain."""
    first = _start(task)
    walk = RedirectWalk(net, rec, first)
    while (place := walk.enters()) is not None:
        got = await (_get(net, rec, walk, place) if walk.hop else _first(net, rec, place, task))
        if got is None:
            return
        yield got
        if got.onward is None:
            return
        await walk.follow(got.address, got.location, got.onward, got.headers)
        if walk.place is not None and walk.place.host == first.host:  # back at the first host: keep to this address
            walk.place = replace(walk.place, addresses=(task.endpoint.address,))


def _start(task: EndpointTask) -> HopPlace:
    scheme = "https" if _is_secure(task) else "http"
    return start(task, scheme, page_path(task.web, task.endpoint, task.host, scheme))


def _is_secure(task: EndpointTask) -> bool:
    named = task.service is not None and task.service.name.startswith("https")
    return named or (task.endpoint.port or PORTS["http"]) in {443, 8443}


async def _first(net: Net, rec: Recorder, place: HopPlace, task: EndpointTask) -> HttpExchange:
    """Return the answer of the task's own address; SNI there is the endpoint's name, if it has one."""
    endpoint = replace(task.endpoint, port=place.port)
    request = HttpRequest(endpoint=endpoint, url=place.url)
    if place.url.startswith("https:"):
        return await visit_https(net, rec, request)
    return await pages(net).http(rec, request)


async def _get(net: Net, rec: Recorder, walk: RedirectWalk, place: HopPlace) -> HttpExchange | None:
    """Return the answer of the first address that gives one; the addresses before it are on record as failed."""
    for address in place.addresses:
        got = await pages(net).http(rec, walk.request(place, address))
        if got.status is not None:
            return got
    return None
