"""Asks one address of a name server for the records at the top of the zone.

All addresses of a zone are asked at the same time, so that their data can be compared.
"""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import DnsQuestion, Net
from probes.observations.dns import DnsExchange
from probes.wire.dns.messages import DnsMessage, DnsWireError

TYPES = ("SOA", "NS", "A", "AAAA", "MX", "DNSKEY")
AGAIN = frozenset({"A", "AAAA", "MX"})
"""Types with answers that may alternate: asked twice of each address, so that one that differs from itself is known."""


@endpoint_probe(
    version=2,
    title="Data at the top of a zone",
    records=(DnsExchange,),
    services=frozenset({"dns"}),
    retry="datagram",
    deadline=40.0,
)
async def zone_data(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Ask for each type over UDP, over TCP where that was truncated; then again for types with records that may vary.

    A server that is silent about one type is asked nothing more.
    """
    if task.zone is None:
        return
    held: list[str] = []
    for rtype in TYPES:
        exchange = await _ask(task, net, rec, rtype)
        if exchange.failure is not None:
            return
        if rtype in AGAIN and _has_records(exchange):
            held.append(rtype)
    for rtype in held:
        if (await _ask(task, net, rec, rtype)).failure is not None:
            return


async def _ask(task: EndpointTask, net: Net, rec: Recorder, rtype: str) -> DnsExchange:
    question = DnsQuestion(name=task.zone or "", rtype=rtype)
    exchange = await net.dns(rec, task.endpoint, question, "udp")
    return await net.dns(rec, task.endpoint, question, "tcp") if _is_truncated(exchange) else exchange


def _has_records(exchange: DnsExchange) -> bool:
    try:
        return exchange.response is not None and bool(DnsMessage(exchange.response).answer())
    except DnsWireError:
        return False


def _is_truncated(exchange: DnsExchange) -> bool:
    try:
        return exchange.response is not None and DnsMessage(exchange.response).tc
    except DnsWireError:
        return False
