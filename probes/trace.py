"""Traces the routers on the path to an IPv6 address, and to a site or shared system of TSLCD over IPv4."""

from inventory.model import Endpoint
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.raw.traceroute import trace_path
from probes.observations.traces import PathTrace

FLOWS = (("udp", 33434), ("tcp", 443))


@endpoint_probe(version=1, title="Paris traceroute", records=(PathTrace,), deadline=60.0, needs_answer=True)
async def trace(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Trace by UDP, then by TCP: a filter that drops one may pass the other. One at a time: ten packets a second."""
    if task.endpoint.address.version == 6:
        for protocol, port in FLOWS:
            endpoint = Endpoint(address=task.endpoint.address, port=port, name=task.endpoint.name)
            await trace_path(net, rec, endpoint, protocol)


NO_PORT = 7
"""The port in the evidence for echo requests, which have none: that of the UDP and TCP service echo."""


@endpoint_probe(version=1, title="Path to a site of TSLCD over IPv4", records=(PathTrace,), deadline=90.0)
async def site_path(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Trace the path by one Paris traceroute with echo requests."""
    if task.tslcd is not None and task.endpoint.address.version == 4:
        await trace_path(net, rec, Endpoint(address=task.endpoint.address, port=NO_PORT), "icmp")
