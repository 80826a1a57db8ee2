"""Tests whether an echo request in two fragments is answered, for owners that allow it."""

from inventory.model import Clearance
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.raw.requests import send_crafted
from probes.observations.path import CraftedExchange

TRIES = 3


@endpoint_probe(
    version=1, title="Fragmented echo request", records=(CraftedExchange,), deadline=30.0, clearance=Clearance.INTRUSIVE
)
async def fragments(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Send two fragments that do not overlap, the first with all headers (RFC 7112); again while nothing comes back."""
    if task.endpoint.address.version == 6:
        for _ in range(TRIES):
            exchange = await send_crafted(net, rec, task.endpoint.address, "fragments")
            if exchange.answer is not None:
                break
