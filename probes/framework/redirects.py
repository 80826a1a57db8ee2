"""Follows redirects within one IP version: to the same host at the same address, to another at its addresses.

Several probes share it, for a redirect by status or by a page that does nothing else. It sends only name look-ups.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urldefrag, urlsplit

from inventory.cells.names import to_name
from inventory.model import Endpoint, IPAddress
from probes.framework.cookies import RedirectChain
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask
from probes.net.api import HttpRequest, Net

REDIRECTS = 8
ADDRESSES_PER_HOP = 3
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class HopPlace:
    """Holds the target of one hop: a URL and the addresses to request it from."""

    url: str
    host: str
    port: int
    addresses: tuple[IPAddress, ...]

    def at(self, address: IPAddress) -> Endpoint:
        return Endpoint(address=address, port=self.port, name=self.host)


class RedirectWalk:
    """Walks a chain of redirects: ``place`` is the target of the next request, None at the end of the chain.

    A place is requested once, except as cookies require (``RedirectChain``), and at most ``REDIRECTS`` follow the
    first.
    """

    def __init__(self, net: Net, rec: Recorder, place: HopPlace | None) -> None:
        self._net, self._rec = net, rec
        self.place = place
        self.hop = -1
        self._because: str | None = None
        self._chain = RedirectChain()

    def enters(self) -> HopPlace | None:
        """Move to the next place and return it; None if the chain ends."""
        self.hop += 1
        if self.place is None or self.hop > REDIRECTS or not self._chain.enters(self.place.url):
            return None
        return self.place

    def request(self, place: HopPlace, address: IPAddress) -> HttpRequest:
        """Return the request for ``place`` at one of its addresses, with the cookies of its host."""
        return HttpRequest(
            endpoint=place.at(address),
            url=place.url,
            hop=self.hop,
            because=self._because,
            extra=self._chain.cookies.sent_to(place.url),
        )

    async def follow(
        self, address: IPAddress, location: str | None, onward_to: str, headers: Iterable[tuple[str, str]]
    ) -> None:
        """Keep the cookies of the answer of ``address`` and find the next place.

        ``location`` is its redirect, None if its page redirects by content.
        """
        place = self.place
        assert place is not None
        self._chain.answered(place.url, location, headers)
        self._because = because(place.url, location)
        self.place = await onward(self._net, self._rec, place, address, onward_to)


def origin(endpoint: Endpoint, host: str | None, scheme: str) -> str:
    """Return ``https://host:port`` of an endpoint, without the usual port."""
    name = host or str(endpoint.address)
    shown = f"[{name}]" if ":" in name else name
    return f"{scheme}://{shown}" + ("" if endpoint.port in (None, PORTS[scheme]) else f":{endpoint.port}")


def start(task: EndpointTask, scheme: str, path: str) -> HopPlace:
    """Return the first hop: ``path`` at the task's own address."""
    endpoint = task.endpoint
    port = endpoint.port or PORTS[scheme]
    url = origin(endpoint, task.host, scheme) + path
    return HopPlace(url, task.host or str(endpoint.address), port, (endpoint.address,))


def because(url: str, location: str | None) -> str:
    """Return the reason for the next hop: ``url`` redirected to ``location``, or, if None, its page leads on."""
    return f"redirect from {url}" if location is not None else f"page at {url} that only sends browsers on"


async def onward(net: Net, rec: Recorder, place: HopPlace, address: IPAddress, location: str) -> HopPlace | None:
    """Return the place that ``location`` leads to from ``place`` at ``address``; None if it cannot be requested."""
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
    """Return the host in A-labels without the final dot; some servers redirect to a name in Unicode."""
    name = (host or "").rstrip(".").lower()
    return name if name.isascii() else to_name(name, labels=1)


async def _addresses(net: Net, rec: Recorder, host: str, family: int) -> tuple[IPAddress, ...]:
    """Return the host's addresses of one IP version; look up and record both."""
    try:
        literal = ip_address(host)
    except ValueError:
        name_lookups = await net.names.lookup_many(rec, [(host, "A", "redirect"), (host, "AAAA", "redirect")])
        listed = [ip_address(record) for look in name_lookups for record in look.records]
        return tuple(address for address in listed if address.version == family)[:ADDRESSES_PER_HOP]
    return (literal,) if literal.version == family else ()
