"""Tests whether the largest answer that a zone usually has arrives at every offered size."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import DnsQuestion, Net
from probes.observations.dns import DnsExchange
from probes.wire.dns.messages import DnsMessage, DnsWireError

SIZES = (1232, 512, 4096, 0)
"""The offered sizes, the usual one of resolvers first: where its answer is lost, no other is worth its wait."""


@endpoint_probe(
    version=1,
    title="Large answers of a name server",
    records=(DnsExchange,),
    services=frozenset({"dns"}),
    retry="server",
    deadline=30.0,
)
async def large_response(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Ask for DNSKEY with signatures over UDP, by EDNS size (0: no EDNS); once over TCP if any answer was truncated."""
    if task.zone is None:
        return
    truncated = False
    for size in SIZES:
        question = DnsQuestion(name=task.zone, rtype="DNSKEY", dnssec_ok=size > 0, edns_size=size)
        exchange = await net.dns(rec, task.endpoint, question, "udp")
        truncated |= _is_truncated(exchange)
        if exchange.failure is not None and size == SIZES[0]:
            break
    if truncated:
        await net.dns(rec, task.endpoint, DnsQuestion(name=task.zone, rtype="DNSKEY", dnssec_ok=True), "tcp")


def _is_truncated(exchange: DnsExchange) -> bool:
    try:
        return exchange.response is not None and DnsMessage(exchange.response).tc
    except DnsWireError:
        return False
