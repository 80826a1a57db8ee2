"""Looks up the announced and authorised origins of an address, a name server's too, in tables of ``[reference]``."""

from inventory.model import Clearance
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.routing import RouteOrigin


@endpoint_probe(version=1, title="Route origin", records=(RouteOrigin,), deadline=10.0, clearance=Clearance.PASSIVE)
async def route_origin(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Look up the origins of each address of a subject."""
    rec.record(net.setting.origins.look(task.endpoint.address), t0=rec.now())


@endpoint_probe(
    version=1,
    title="Route origin of name servers",
    records=(RouteOrigin,),
    services=frozenset({"dns"}),
    deadline=10.0,
    clearance=Clearance.PASSIVE,
)
async def server_origin(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Look up the origins only of name servers: other addresses have the probe ``route_origin``."""
    if task.zone is not None:
        rec.record(net.setting.origins.look(task.endpoint.address), t0=rec.now())
