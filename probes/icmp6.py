"""Sends an echo series to one IPv6 address."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.transport import EchoSeries


@endpoint_probe(version=1, title="ICMPv6 echo", records=(EchoSeries,), retry="echo", deadline=60.0)
async def icmp6(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Send an echo series to an IPv6 address; an IPv4 address gets nothing, as another probe tests it."""
    if task.endpoint.address.version == 6:
        await net.echo(rec, task.endpoint.address)
