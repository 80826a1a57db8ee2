"""Collects the hosts that the landing page loads from, and whether those are there for IPv6.

The results should be those of a client without IPv4, so the page is asked for over IPv6; names are looked up for IPv4
and IPv6. No script is run. Hosts that may not be visited are only looked up: ``Net`` decides which.
"""

from collections.abc import Iterable
from functools import partial
from ipaddress import ip_address
from urllib.parse import urlsplit

from inventory.model import Endpoint, IPAddress
from probes.framework.budget import SeparateAccount
from probes.framework.first_of import first_of
from probes.framework.objects import page_url, scheme_of
from probes.framework.reach import odd_port
from probes.framework.recorder import Recorder
from probes.framework.redirects import PORTS, HopPlace, RedirectWalk
from probes.framework.registry import group_probe
from probes.framework.tasks import GroupTask
from probes.net.api import HttpRequest, Net
from probes.net.http.requests import pages
from probes.observations.dns import DnsExchange, NameLookup
from probes.observations.pages import PageParts, Part
from probes.observations.transport import TcpConnect

HOSTS = 50
SHEETS = 4
SHEET_LIMIT = 150_000
"""Bytes of one style sheet that are read; references to other hosts are mostly at its beginning."""
ADDRESSES_TRIED = 3
CONNECTS_PER_HOST = 2


@group_probe(
    version=5,
    title="Parts of the landing page and their hosts",
    records=(PageParts,),
    on_the_way=(NameLookup, DnsExchange, TcpConnect),
    services=frozenset({"http", "https"}),
    deadline=120.0,
)
async def page_parts(task: GroupTask, net: Net, rec: Recorder) -> None:
    """Fetch the page and up to four style sheets of its own host, then look up the hosts of their parts.

    Each of a host's first IPv6 addresses gets a connect, and one more after silence.
    """
    six = [endpoint for endpoint in task.endpoints if endpoint.address.version == 6][:ADDRESSES_TRIED]
    landed = await first_of(partial(_land, net, rec, task, endpoint) for endpoint in six)
    if landed is None:
        return
    place, page, sheets = landed
    parts = dict.fromkeys(page.parts)
    for url in sheets:
        parts |= dict.fromkeys(await _sheet(net, rec, place, page.address, url))
    await _hosts(net, rec, place.host, parts)


async def _land(
    net: Net, rec: Recorder, task: GroupTask, endpoint: Endpoint
) -> tuple[HopPlace, PageParts, tuple[str, ...]] | None:
    """Return the page that a visitor of this address ends at; None where it shows none, or where HTTPS shows it."""
    scheme = scheme_of(task)
    host = task.host or str(endpoint.address)
    url = page_url(task, endpoint)
    walk = RedirectWalk(net, rec, HopPlace(url, host, endpoint.port or PORTS[scheme], (endpoint.address,)))
    while (place := walk.enters()) is not None:
        got, found, headers = await pages(net).page_parts(rec, walk.request(place, place.addresses[0]))
        if got.onward is None:
            return (place, got, tuple(found.sheets)) if got.status == 200 else None
        if scheme == "http" and got.onward.startswith("https://"):
            return None
        await walk.follow(got.address, got.location, got.onward, headers)
    return None


async def _sheet(net: Net, rec: Recorder, place: HopPlace, address: IPAddress, url: str) -> tuple[Part, ...]:
    """Return the parts of a style sheet, if it is served by the server of the page."""
    split = urlsplit(url)
    sheets_port = split.port or PORTS[split.scheme]
    if (split.hostname, sheets_port) != (place.host, place.port):
        return ()
    request = HttpRequest(
        endpoint=place.at(address),
        url=url,
        because=f"style sheet of {place.url}",
        limit=SHEET_LIMIT,
        apart=SeparateAccount.SHEETS,
    )
    got, *_ = await pages(net).page_parts(rec, request)
    return got.parts if got.status == 200 else ()


async def _hosts(net: Net, rec: Recorder, own: str, parts: Iterable[Part]) -> None:
    ports: dict[str, int] = {}
    for part in parts:
        if part.host != own and not _is_address(part.host) and len(ports) < HOSTS:
            ports.setdefault(part.host, part.port)
    wanted = [(host, rtype, "resource") for host in ports for rtype in ("A", "AAAA")]
    for look in await net.names.lookup_many(rec, wanted):
        if look.rtype == "AAAA":
            for record in look.records[:CONNECTS_PER_HOST]:
                endpoint = Endpoint(address=ip_address(record), port=ports[look.name], name=look.name)
                odd = odd_port(ports[look.name])
                if odd is not None:
                    rec.record(TcpConnect(address=endpoint.address, port=ports[look.name], failure=odd), t0=rec.now())
                elif (await net.tcp(rec, endpoint)).worth_repeating:
                    await net.tcp(rec, endpoint)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
