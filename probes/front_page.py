"""Fetches the first page of each port that administrative interfaces usually have."""

import asyncio
from dataclasses import replace
from urllib.parse import urlsplit

from inventory.model import Endpoint
from probes.framework.objects import page_path
from probes.framework.reach import REACH, within
from probes.framework.recorder import Recorder
from probes.framework.redirects import PORTS, origin
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import HttpRequest, Net
from probes.net.core.rules import port_of
from probes.net.http.requests import pages
from probes.observations.pages import FrontPage

SCHEMES = {80: "http", 443: "https", 4443: "https", 8080: "http", 8443: "https", 10443: "https"}
REDIRECTS = 3


@endpoint_probe(
    version=2,
    title="First page of the usual administrative ports",
    records=(FrontPage,),
    ports=frozenset(SCHEMES),
    deadline=60.0,
)
async def front_page(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Fetch ``/`` of every port, and its redirects to the same port of the same host. No other path, no log-in.

    Ports at which the probe ``http`` asks for the page anyway are left out.
    """
    async with asyncio.TaskGroup() as group:
        for port, scheme in SCHEMES.items():
            endpoint = Endpoint(address=task.endpoint.address, port=port, name=task.endpoint.name)
            is_asked = port in task.web.ports and page_path(task.web, endpoint, task.host, scheme) == "/"
            if not is_asked:
                group.create_task(_ask_on_port(net, rec, endpoint, task.host, scheme))


async def _ask_on_port(net: Net, rec: Recorder, endpoint: Endpoint, host: str | None, scheme: str) -> None:
    """Ask with the port open to redirects: it was chosen here, and not by the page."""
    reach = REACH.get()
    with within(replace(reach, ports=reach.ports | {port_of(endpoint)})):
        await _ask(net, rec, endpoint, host, scheme)


async def _ask(net: Net, rec: Recorder, endpoint: Endpoint, host: str | None, scheme: str) -> None:
    url: str | None = origin(endpoint, host, scheme) + "/"
    seen: set[str] = set()
    for hop in range(REDIRECTS + 1):
        if url is None or url in seen:
            return
        seen.add(url)
        because = None if hop == 0 else "redirect on the same port"
        got = await pages(net).front_page(rec, HttpRequest(endpoint=endpoint, url=url, hop=hop, because=because))
        url = got.location if got.location is not None and _same_place(url, got.location) else None


def _same_place(url: str, location: str) -> bool:
    try:
        here, there = urlsplit(url), urlsplit(location)
        ports = [split_result.port or PORTS.get(split_result.scheme, 0) for split_result in (here, there)]
    except ValueError:
        return False
    return (here.scheme, here.hostname, ports[0]) == (there.scheme, there.hostname, ports[1])
