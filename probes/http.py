"""Probe ``http``: GET one address, then follow where it leads without ever changing the family.

Over HTTPS the handshake of the first connection is recorded too: the certificate is that of the server that gave the
page, and the address is asked once.
"""

from dataclasses import replace
from urllib.parse import urlsplit

from probes.framework.cookies import Chain
from probes.framework.recorder import Recorder
from probes.framework.redirects import PORTS, REDIRECTS, Place, onward, start
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import HttpRequest, Net
from probes.observations.dns import DnsExchange, NameLookup
from probes.observations.web import HttpExchange, TlsHandshake


@endpoint_probe(
    version=4,
    title="HTTP response and redirects",
    records=(HttpExchange,),
    on_the_way=(TlsHandshake, NameLookup, DnsExchange),
    instead_of=frozenset({"tls"}),
    services=frozenset({"http", "https", "http-alt", "https-alt"}),
    needs_open=True,
    retry="flaw",
    deadline=115.0,
)
async def http(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Each redirect is one more exchange: to the same host at the same address, to another host at its addresses of
    the same family. The chain ends with an answer that is no redirect, a failure, a loop, or nowhere to go. Cookies
    live as long as it does."""
    place: Place | None = _start(task)
    because: str | None = None
    chain = Chain()
    for hop in range(REDIRECTS + 1):
        if place is None or not chain.enters(place.url):
            return
        cookies = chain.cookies.sent_to(place.url)
        got = await (_get(net, rec, place, hop, because, cookies) if hop else _first(net, rec, place, task))
        if got is None or got.location is None:
            return
        chain.answered(place.url, got.location, got.headers)
        because = f"redirect from {place.url}"
        place = await onward(net, rec, place, got.address, got.location)


def _start(task: EndpointTask) -> Place:
    port = task.endpoint.port or PORTS["http"]
    secure = (task.service and task.service.name.startswith("https")) or port in {443, 8443}
    return start(task, "https" if secure else "http", _path(task))


def _path(task: EndpointTask) -> str:
    """The inventory may name a page to test; a page of another host is not this endpoint's."""
    try:
        wanted = urlsplit(task.hints.get("url") or task.hints.get("path") or "/")
    except ValueError:
        return "/"
    if wanted.hostname not in (None, task.host):
        return "/"
    return "/" + wanted.path.lstrip("/") + (f"?{wanted.query}" if wanted.query else "")


async def _first(net: Net, rec: Recorder, place: Place, task: EndpointTask) -> HttpExchange:
    """The answer of the task's own address; what is said as SNI there is the endpoint's name, if it has one."""
    endpoint = replace(task.endpoint, port=place.port)
    ask = net.https if place.url.startswith("https:") else net.http
    return await ask(rec, HttpRequest(endpoint=endpoint, url=place.url))


async def _get(
    net: Net, rec: Recorder, place: Place, hop: int, because: str | None, cookies: tuple[tuple[str, str], ...]
) -> HttpExchange | None:  # fmt: skip
    """The answer of the first address that gives one; the addresses before it are on record as failed."""
    for address in place.addresses:
        request = HttpRequest(endpoint=place.at(address), url=place.url, hop=hop, because=because, extra=cookies)
        got = await net.http(rec, request)
        if got.status is not None:
            return got
    return None
