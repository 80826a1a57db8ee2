"""Measures the throughput of the way to a site of TSLCD by one bounded download from a server declared there."""

from inventory.model import Clearance, Endpoint
from probes.framework.objects import place_of
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import HttpRequest, Net
from probes.net.http.downloads import download
from probes.observations.throughput import ThroughputTest

TRIES = 2
"""The number of downloads; the better one counts, since other traffic can only lower the rate."""


@endpoint_probe(
    version=1,
    title="Throughput of the way to a site of TSLCD",
    records=(ThroughputTest,),
    deadline=90.0,
    clearance=Clearance.INTRUSIVE,
)
async def throughput(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Download from each address of the site at the port that ``test_url`` names."""
    wanted = None if task.tslcd is None else task.tslcd.download
    place = None if wanted is None else place_of(wanted.url)
    if wanted is None or place is None or not place[2]:
        return
    request = HttpRequest(endpoint=Endpoint(address=task.endpoint.address, port=place[2]), url=wanted.url)
    for _ in range(TRIES):
        done = await download(net, rec, request, wanted.size)
        if done.failure is not None:
            break
