"""Asks one address of a name server, as a foreign client, for a name that is not its own.

Other addresses have the probe ``stranger_recursion``.
"""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import DnsQuestion, Net
from probes.observations.dns import NAME_OF_OTHERS, DnsExchange


@endpoint_probe(
    version=2,
    title="Recursion for strangers",
    records=(DnsExchange,),
    services=frozenset({"dns"}),
    retry="server",
    deadline=15.0,
)
async def recursion(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Ask, with recursion desired, for a name that is not of the zone."""
    if task.zone is not None:
        await net.dns(rec, task.endpoint, DnsQuestion(name=NAME_OF_OTHERS, rtype="A", recursion_desired=True), "udp")
