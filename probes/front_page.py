"""Fetches the first page of each port at which administrative interfaces usually stand."""

import asyncio
from urllib.parse import urlsplit

from inventory.model import Endpoint
from probes.framework.objects import page_path
from probes.framework.recorder import Recorder
from probes.framework.redirects import PORTS, origin
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import HttpRequest, Net
from probes.net.http.requests import pages
from probes.observations.pages import FrontPage

SCHEMES = {80: "http", 443: "https", 4443: "https", 8080: "http", 8443: "https", 10443: "https"}
REDIRECTS = 3


@endpoint_probe(
    version=1,
    title="First page of the usual administrative ports",
    records=(FrontPage,),
    ports=frozenset(SCHEMES),
    deadline=60.0,
)
async def front_page(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """``/`` of every port, and where it redirects to on the same port of the same host. No other path, no log-in; and
    no port at which the probe ``http`` asks for it anyway: once is enough."""
    async with asyncio.TaskGroup() as group:
        for port, scheme in SCHEMES.items():
            endpoint = Endpoint(address=task.endpoint.address, port=port, name=task.endpoint.name)
            is_asked = port in task.web.ports and page_path(task.web, endpoint, task.host, scheme) == "/"
            if not is_asked:
                group.create_task(_ask(net, rec, endpoint, task.host, scheme))


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
