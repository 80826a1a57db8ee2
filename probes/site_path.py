"""Traces the way to a site or shared system of TSLCD over IPv4; the probe ``trace`` does so over IPv6."""

from inventory.model import Endpoint
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.path import PathTrace

NO_PORT = 7
"""Echo requests have no port; the evidence shows that of the UDP and TCP service echo."""


@endpoint_probe(version=1, title="Path to a site of TSLCD over IPv4", records=(PathTrace,), deadline=90.0)
async def site_path(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """One Paris traceroute by echo requests."""
    if task.tslcd is not None and task.endpoint.address.version == 4:
        await net.trace(rec, Endpoint(address=task.endpoint.address, port=NO_PORT), "icmp")
