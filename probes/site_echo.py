"""Measures loss and delay on the way to a site of TSLCD, over IPv4 and IPv6, in one round."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import EchoShape, Net
from probes.observations.transport import EchoSeries

CLOSE = EchoShape(count=50, interval=0.02, size=56)
"""Echo requests of 64 bytes of ICMP, 20 ms apart (CHECKS tslcd.site.loss)."""
SLOW = EchoShape(count=20, interval=0.2, size=56)
"""Echo requests so slow that no router's limit on echo drops any."""


@endpoint_probe(version=2, title="Echo of a site of TSLCD", records=(EchoSeries,), retry="echo", deadline=60.0)
async def site_echo(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Send a series close together; where some of it was lost, a slow one that tells loss from a limit on echo."""
    if task.tslcd is not None and task.tslcd.is_site:
        series = await net.echo(rec, task.endpoint.address, CLOSE)
        if 0 < series.received < series.sent:
            await net.echo(rec, task.endpoint.address, SLOW)
