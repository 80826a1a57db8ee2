"""Probe ``http``: GET one address, then follow where it leads without ever changing the family."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urldefrag, urlsplit

from inventory.model import Endpoint, IPAddress
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import HttpRequest, Net
from probes.observations.dns import DnsExchange, NameLookup
from probes.observations.web import HttpExchange

REDIRECTS = 8
ADDRESSES_PER_HOP = 3
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one hop is asked for: a URL at one of the addresses."""

    url: str
    host: str
    port: int
    addresses: tuple[IPAddress, ...]


@endpoint_probe(
    version=1,
    title="HTTP response and redirects",
    records=(HttpExchange,),
    on_the_way=(NameLookup, DnsExchange),
    services=frozenset({"http", "https", "http-alt", "https-alt"}),
    needs_open=True,
    deadline=100.0,
)
async def http(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Each redirect is one more exchange: to the same host at the same address, to another host at its addresses of
    the same family. The chain ends with an answer that is no redirect, a failure, a loop, or nowhere to go."""
    place: _Place | None = _first(task)
    because: str | None = None
    seen: set[str] = set()
    for hop in range(REDIRECTS + 1):
        if place is None or place.url in seen:
            return
        seen.add(place.url)
        got = await _get(net, rec, place, hop, because)
        if got is None or got.location is None:
            return
        because = f"redirect from {place.url}"
        place = await _next(net, rec, place, got)


def _first(task: EndpointTask) -> _Place:
    endpoint = task.endpoint
    port = endpoint.port or _PORTS["http"]
    scheme = "https" if (task.service and task.service.name.startswith("https")) or port in {443, 8443} else "http"
    host = task.host or str(endpoint.address)
    shown = f"[{host}]" if ":" in host else host
    shown += "" if port == _PORTS[scheme] else f":{port}"
    return _Place(f"{scheme}://{shown}{_path(task)}", host, port, (endpoint.address,))


def _path(task: EndpointTask) -> str:
    """The inventory may name a page to test; a page of another host is not this endpoint's."""
    try:
        wanted = urlsplit(task.hints.get("url") or task.hints.get("path") or "/")
    except ValueError:
        return "/"
    if wanted.hostname not in (None, task.host):
        return "/"
    return "/" + wanted.path.lstrip("/") + (f"?{wanted.query}" if wanted.query else "")


async def _get(net: Net, rec: Recorder, place: _Place, hop: int, because: str | None) -> HttpExchange | None:
    """The answer of the first address that gives one; the addresses before it are on record as failed."""
    for address in place.addresses:
        endpoint = Endpoint(address=address, port=place.port, name=place.host)
        got = await net.http(rec, HttpRequest(endpoint=endpoint, url=place.url, hop=hop, because=because))
        if got.status is not None:
            return got
    return None


async def _next(net: Net, rec: Recorder, place: _Place, got: HttpExchange) -> _Place | None:
    """Where a redirect leads within this family; None where it leads nowhere we can go."""
    url = urldefrag(got.location or "").url
    try:
        target = urlsplit(url)
        host, port = _plain(target.hostname), target.port or _PORTS.get(target.scheme, 0)
    except ValueError:  # UnicodeError among them
        return None
    if not host or not port or target.scheme not in _PORTS:
        return None
    if host == place.host:
        return _Place(url, host, port, (got.address,))
    addresses = await _addresses(net, rec, host, got.address.version)
    return _Place(url, host, port, addresses) if addresses else None


def _plain(host: str | None) -> str:
    """The host in A-labels without the final dot; some servers redirect to the written form."""
    name = (host or "").rstrip(".").lower()
    return name if name.isascii() else name.encode("idna").decode("ascii")


async def _addresses(net: Net, rec: Recorder, host: str, family: int) -> tuple[IPAddress, ...]:
    """Both families are looked up and recorded, that of the chain is used."""
    try:
        literal = ip_address(host)
    except ValueError:
        found = await net.names.lookup_many(rec, [(host, "A", "redirect"), (host, "AAAA", "redirect")])
        listed = [ip_address(record) for look in found for record in look.records]
        return tuple(address for address in listed if address.version == family)[:ADDRESSES_PER_HOP]
    return (literal,) if literal.version == family else ()
