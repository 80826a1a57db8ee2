"""Probe ``path_mtu``: whether packets of 1280 bytes, the least that every IPv6 link carries, and of 1500 arrive."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import EchoShape, Net
from probes.observations.transport import EchoSeries

SIZES = (1280, 1500)
COUNT, INTERVAL = 5, 0.2
_HEADERS = 48  # IPv6 and ICMPv6


@endpoint_probe(version=1, title="Echo of full size", records=(EchoSeries,), deadline=30.0)
async def path_mtu(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Five echo requests of each size to an IPv6 address; where the smaller is lost, the larger is not tried."""
    if task.endpoint.address.version == 6:
        for size in SIZES:
            shape = EchoShape(count=COUNT, interval=INTERVAL, size=size - _HEADERS)
            series = await net.echo(rec, task.endpoint.address, shape)
            if not series.received:
                break
