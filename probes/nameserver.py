"""Asks an address of a name server for the SOA of the zone, by UDP and by TCP."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import DnsQuestion, Net
from probes.observations.dns import DnsExchange
from probes.wire.dns.messages import refuses_edns


@endpoint_probe(
    version=2,
    title="Name server over UDP",
    records=(DnsExchange,),
    services=frozenset({"dns"}),
    retry="server",
    deadline=15.0,
)
async def nameserver(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Ask for the SOA of the zone, without recursion; once more without EDNS where that was refused or nothing came.

    A name server that serves no audited zone is asked nothing.
    """
    if task.zone is None:
        return
    dns_exchange = await net.dns(rec, task.endpoint, DnsQuestion(name=task.zone, rtype="SOA"), "udp")
    if dns_exchange.worth_repeating or refuses_edns(dns_exchange.response):
        await net.dns(rec, task.endpoint, DnsQuestion(name=task.zone, rtype="SOA", edns_size=0), "udp")


@endpoint_probe(
    version=2,
    title="Name server over TCP",
    records=(DnsExchange,),
    services=frozenset({"dns"}),
    retry="connect",
    deadline=15.0,
)
async def nameserver_tcp(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Ask as ``nameserver`` does, over TCP, always and not only after a truncated answer (RFC 7766 §5).

    Ask once more without EDNS where that was refused.
    """
    if task.zone is None:
        return
    dns_exchange = await net.dns(rec, task.endpoint, DnsQuestion(name=task.zone, rtype="SOA"), "tcp")
    if refuses_edns(dns_exchange.response):
        await net.dns(rec, task.endpoint, DnsQuestion(name=task.zone, rtype="SOA", edns_size=0), "tcp")
