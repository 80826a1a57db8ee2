"""Asks one address of a name server for the zone over TCP."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import DnsQuestion, Net
from probes.observations.dns import DnsExchange


@endpoint_probe(
    version=1,
    title="Name server over TCP",
    records=(DnsExchange,),
    services=frozenset({"dns"}),
    retry="connect",
    deadline=15.0,
)
async def nameserver_tcp(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """The question of ``nameserver`` over TCP, always and not only after a truncated answer (RFC 7766 §5)."""
    if task.zone is not None:
        await net.dns(rec, task.endpoint, DnsQuestion(name=task.zone, rtype="SOA"), "tcp")
