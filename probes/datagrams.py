"""Asks which UDP services answer strangers, where the owner authorised the questions."""

from inventory.model import Clearance
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.exposure import DatagramReply
from probes.wire.amplifiers import REQUESTS


@endpoint_probe(version=1, title="UDP services", records=(DatagramReply,), deadline=60.0, clearance=Clearance.INTRUSIVE)
async def datagrams(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """One datagram to each, one after the other."""
    for service in REQUESTS:
        await net.datagram(rec, task.endpoint.address, service=service)
