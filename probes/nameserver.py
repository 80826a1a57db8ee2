"""Asks an address of a name server for the SOA of the zone, by UDP and by TCP.

An error is asked about again a moment later: servers and load balancers that limit the rate refuse the rest of a burst.
"""

from inventory.model import Endpoint
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import DnsQuestion, Net
from probes.net.dns.declining import asked_calmly
from probes.observations.dns import DnsExchange
from probes.wire.dns.messages import refuses_edns


@endpoint_probe(
    version=4,
    title="Name server over UDP",
    records=(DnsExchange,),
    services=frozenset({"dns"}),
    retry="server",
    deadline=30.0,
)
async def nameserver(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Ask for the SOA of the zone, without recursion; once more without EDNS where that was refused or nothing came.

    A name server that serves no audited zone is asked nothing.
    """
    if task.zone is None:
        return
    dns_exchange = await _ask(task.endpoint, task.zone, net, rec, "udp")
    if dns_exchange.worth_repeating or refuses_edns(dns_exchange.response):
        await net.dns(rec, task.endpoint, DnsQuestion(name=task.zone, rtype="SOA", edns_size=0), "udp")


@endpoint_probe(
    version=4,
    title="Name server over TCP",
    records=(DnsExchange,),
    services=frozenset({"dns"}),
    retry="connect",
    deadline=30.0,
)
async def nameserver_tcp(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Ask as ``nameserver`` does, over TCP, always and not only after a truncated answer (RFC 7766 §5).

    Ask once more without EDNS where that was refused.
    """
    if task.zone is None:
        return
    dns_exchange = await _ask(task.endpoint, task.zone, net, rec, "tcp")
    if refuses_edns(dns_exchange.response):
        await net.dns(rec, task.endpoint, DnsQuestion(name=task.zone, rtype="SOA", edns_size=0), "tcp")


async def _ask(server: Endpoint, zone: str, net: Net, rec: Recorder, transport: str) -> DnsExchange:
    question = DnsQuestion(name=zone, rtype="SOA")
    return await asked_calmly(lambda: net.dns(rec, server, question, transport))
