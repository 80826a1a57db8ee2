"""Follows a redirect within one family: to the same host at the same address, to another at its addresses.

What several probes that follow redirects share, whether a status sends browsers on or a page that does nothing else.
Nothing is asked here but names.
"""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urldefrag, urlsplit

from inventory.cells.names import to_name
from inventory.model import Endpoint, IPAddress
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask
from probes.net.api import Net

REDIRECTS = 8
ADDRESSES_PER_HOP = 3
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class HopPlace:
    """Where one hop is asked for: a URL at one of the addresses."""

    url: str
    host: str
    port: int
    addresses: tuple[IPAddress, ...]

    def at(self, address: IPAddress) -> Endpoint:
        return Endpoint(address=address, port=self.port, name=self.host)


def origin(endpoint: Endpoint, host: str | None, scheme: str) -> str:
    """``https://host:port`` of an endpoint, without the usual port."""
    name = host or str(endpoint.address)
    shown = f"[{name}]" if ":" in name else name
    return f"{scheme}://{shown}" + ("" if endpoint.port in (None, PORTS[scheme]) else f":{endpoint.port}")


def start(task: EndpointTask, scheme: str, path: str) -> HopPlace:
    """The first hop: ``path`` at the task's own address."""
    endpoint = task.endpoint
    port = endpoint.port or PORTS[scheme]
    url = origin(endpoint, task.host, scheme) + path
    return HopPlace(url, task.host or str(endpoint.address), port, (endpoint.address,))


def because(url: str, location: str | None) -> str:
    """Why the next hop is asked for: ``url`` answered a redirect to ``location``, without one a page that leads on."""
    return f"redirect from {url}" if location is not None else f"page at {url} that only sends browsers on"


async def onward(net: Net, rec: Recorder, place: HopPlace, address: IPAddress, location: str) -> HopPlace | None:
    """Where ``location`` leads from ``place``, asked at ``address``; None where it leads nowhere we can go."""
    url = urldefrag(location).url
    try:
        target = urlsplit(url)
        host, port = _plain(target.hostname), target.port or PORTS.get(target.scheme, 0)
    except ValueError:
        return None
    if not host or not port or target.scheme not in PORTS:
        return None
    if host == place.host:
        return HopPlace(url, host, port, (address,))
    addresses = await _addresses(net, rec, host, address.version)
    return HopPlace(url, host, port, addresses) if addresses else None


def _plain(host: str | None) -> str:
    """The host in A-labels without the final dot; some servers redirect to the written form."""
    name = (host or "").rstrip(".").lower()
    return name if name.isascii() else to_name(name, labels=1)


async def _addresses(net: Net, rec: Recorder, host: str, family: int) -> tuple[IPAddress, ...]:
    """Both families are looked up and recorded, that of the chain is used."""
    try:
        literal = ip_address(host)
    except ValueError:
        name_lookups = await net.names.lookup_many(rec, [(host, "A", "redirect"), (host, "AAAA", "redirect")])
        listed = [ip_address(record) for look in name_lookups for record in look.records]
        return tuple(address for address in listed if address.version == family)[:ADDRESSES_PER_HOP]
    return (literal,) if literal.version == family else ()
