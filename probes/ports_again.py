"""Probe ``ports_again``: the ports that accept over IPv6 alone, at every address of both families, and later again."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.framework.unlike import BRACKET, UNLIKE
from probes.net.api import Net
from probes.observations.exposure import PortSweep


@endpoint_probe(
    version=1,
    title="Second sweep where the families differ",
    records=(PortSweep,),
    needs_hint=UNLIKE,
    retry="flaw",
    deadline=300.0,
)
async def ports_again(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """A port of the address that answered before them and after them, where there is one."""
    address, name = task.endpoint.address, task.host
    bracket = [int(port) for port in task.hints.get(BRACKET, "").split()]
    wanted = [int(port) for port in task.hints[UNLIKE].split()]
    for ports in (bracket, wanted, bracket):
        if ports:
            await net.sweep(rec, address, ports, name=name)
