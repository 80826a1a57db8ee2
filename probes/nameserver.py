"""Probe ``nameserver``: does one address of a name server answer for the zone?"""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import DnsQuestion, Net
from probes.observations.dns import DnsExchange


@endpoint_probe(
    version=1,
    title="Name server over UDP",
    records=(DnsExchange,),
    services=frozenset({"dns"}),
    retry="server",
    deadline=15.0,
)
async def nameserver(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Ask for the SOA of the zone, without recursion. A name server that serves no audited zone is asked nothing."""
    if task.zone is not None:
        await net.dns(rec, task.endpoint, DnsQuestion(name=task.zone, rtype="SOA"), "udp")
