"""Asks one address of a name server for the whole zone, as a foreign client, and records its first answer."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import DnsQuestion, Net
from probes.observations.dns import DnsExchange


@endpoint_probe(
    version=1,
    title="Zone transfer, its first message",
    records=(DnsExchange,),
    services=frozenset({"dns"}),
    deadline=15.0,
)
async def zone_transfer(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Ask for AXFR once. The connection is closed behind the first message: the zone itself is never fetched."""
    if task.zone is not None:
        await net.dns(rec, task.endpoint, DnsQuestion(name=task.zone, rtype="AXFR", edns_size=0), "tcp")
