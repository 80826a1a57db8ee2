"""Measures loss and delay on the way to a site that has a STAMP responder, in one round.

A limit on echo on the way does not apply to these packets, which are those of an application.
"""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import EchoShape, Net
from probes.net.stamp_sender import send_stamp
from probes.observations.transport import StampSeries

SHAPE = EchoShape(count=50, interval=0.02, size=0)
"""STAMP packets 20 ms apart (CHECKS tslcd.site.loss)."""


@endpoint_probe(
    version=1, title="STAMP of a site", records=(StampSeries,), services=frozenset({"stamp"}), deadline=60.0
)
async def site_stamp(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Send one series to the port that the inventory declares as ``stamp``."""
    await send_stamp(net, rec, task.endpoint, SHAPE)
