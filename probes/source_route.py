"""Tests whether an address forwards by a type 0 routing header, for owners that allow it."""

from inventory.model import Clearance
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.raw.forwarding import send_source_route
from probes.observations.path import SourceRoute


@endpoint_probe(
    version=1,
    title="Type 0 routing header",
    records=(SourceRoute,),
    crafted=frozenset({"routing-header-0"}),
    deadline=30.0,
    clearance=Clearance.INTRUSIVE,
)
async def source_route(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Send one packet, and one more where nothing came back (RFC 5095 lets a host answer or stay silent)."""
    address = task.endpoint.address
    if address.version == 6 and (await send_source_route(net, rec, address)).worth_repeating:
        await send_source_route(net, rec, address)
