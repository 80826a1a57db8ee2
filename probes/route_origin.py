"""Looks up which AS announces an address and which may, in the offline tables of ``[reference]``."""

from inventory.model import Clearance
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.routing import RouteOrigin


@endpoint_probe(version=1, title="Route origin", records=(RouteOrigin,), deadline=10.0, clearance=Clearance.PASSIVE)
async def route_origin(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Of each address of a subject."""
    await net.origin(rec, task.endpoint.address)
