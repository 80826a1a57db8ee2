"""Tests whether an address unpacks tunnelled packets from foreign senders, for owners that allow it."""

from inventory.model import Clearance
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.raw.forwarding import send_tunnelled
from probes.observations.path import TunnelEntry
from probes.wire.exposure import teredo

CARRIERS = ("proto-41", "gre")


@endpoint_probe(
    version=1,
    title="Tunnel endpoints",
    records=(TunnelEntry,),
    crafted=frozenset({*CARRIERS, teredo.NAME}),
    deadline=60.0,
    clearance=Clearance.INTRUSIVE,
)
async def tunnel_entry(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Send one packet of each, one more where nothing came back; Teredo servers have IPv4 addresses (RFC 4380 §2.2)."""
    address = task.endpoint.address
    for protocol in (*CARRIERS, *((teredo.NAME,) if address.version == 4 else ())):
        if (await send_tunnelled(net, rec, address, protocol)).worth_repeating:
            await send_tunnelled(net, rec, address, protocol)
