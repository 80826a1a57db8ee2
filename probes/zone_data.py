"""Probe ``zone_data``: what one address of a name server has at the top of the zone.

All addresses of a zone are asked at the same time, so that what they have can be compared.
"""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import DnsQuestion, Net
from probes.observations.dns import DnsExchange
from probes.wire.dns import Message, WireError

TYPES = ("SOA", "NS", "A", "AAAA", "MX", "DNSKEY")


@endpoint_probe(
    version=1,
    title="Data at the top of a zone",
    records=(DnsExchange,),
    services=frozenset({"dns"}),
    retry="datagram",
    deadline=40.0,
)
async def zone_data(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Each type over UDP, and over TCP where that was truncated. A server that is silent about one is left in peace."""
    if task.zone is None:
        return
    for rtype in TYPES:
        question = DnsQuestion(name=task.zone, rtype=rtype)
        exchange = await net.dns(rec, task.endpoint, question, "udp")
        if _is_truncated(exchange):
            exchange = await net.dns(rec, task.endpoint, question, "tcp")
        if exchange.failure is not None:
            return


def _is_truncated(exchange: DnsExchange) -> bool:
    try:
        return exchange.response is not None and Message(exchange.response).tc
    except WireError:
        return False
