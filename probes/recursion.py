"""Asks one address of a name server, as a foreign client, for a name that is not its own.

Other addresses have the probe ``stranger_recursion``.
"""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.dns.strangers import ask_as_stranger
from probes.observations.dns import DnsExchange


@endpoint_probe(
    version=3,
    title="Recursion for strangers",
    records=(DnsExchange,),
    services=frozenset({"dns"}),
    retry="server",
    deadline=15.0,
)
async def recursion(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Ask, with recursion desired, for a name that is not of the zone."""
    if task.zone is not None:
        await ask_as_stranger(task.endpoint, net, rec)
