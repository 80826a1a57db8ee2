"""Sends a packet with an unknown next header and records the answer, for owners that allow it."""

from inventory.model import Clearance
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.raw.requests import send_crafted
from probes.observations.path import CraftedExchange


@endpoint_probe(
    version=1, title="Unknown next header", records=(CraftedExchange,), deadline=30.0, clearance=Clearance.INTRUSIVE
)
async def next_header(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Send one packet of next header 253 (RFC 3692), which a host answers by Parameter Problem (RFC 4443 §3.4)."""
    if task.endpoint.address.version == 6:
        await send_crafted(net, rec, task.endpoint.address, "next-header")
