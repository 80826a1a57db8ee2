"""Tests whether the largest answer that a zone usually has arrives at every offered size."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import DnsQuestion, Net
from probes.observations.dns import DnsExchange
from probes.wire.dns.messages import DnsMessage, DnsWireError

_USUAL, _OTHERS = 1232, (512, 4096, 0)
"""The offered sizes, the usual one of resolvers first: where its answer is lost, no other is worth its wait."""


@endpoint_probe(
    version=2,
    title="Large answers of a name server",
    records=(DnsExchange,),
    services=frozenset({"dns"}),
    retry="server",
    deadline=30.0,
)
async def large_response(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Ask for DNSKEY with signatures over UDP, by EDNS size (0: no EDNS); once over TCP if any answer was truncated.

    A size without an answer is asked again, as lines and busy servers lose datagrams.
    """
    if task.zone is None:
        return
    usual = [await _ask(task, net, rec, _USUAL)]
    if usual[0].failure is not None:
        usual.append(await _ask(task, net, rec, _USUAL))
    exchanges = list(usual)
    if usual[-1].failure is None:
        others = [await _ask(task, net, rec, size) for size in _OTHERS]
        again = [await _ask(task, net, rec, other.edns_size) for other in others if other.failure is not None]
        exchanges += others + again
    if any(map(_is_truncated, exchanges)):
        await net.dns(rec, task.endpoint, DnsQuestion(name=task.zone, rtype="DNSKEY", dnssec_ok=True), "tcp")


async def _ask(task: EndpointTask, net: Net, rec: Recorder, size: int) -> DnsExchange:
    question = DnsQuestion(name=task.zone or "", rtype="DNSKEY", dnssec_ok=size > 0, edns_size=size)
    return await net.dns(rec, task.endpoint, question, "udp")


def _is_truncated(exchange: DnsExchange) -> bool:
    try:
        return exchange.response is not None and DnsMessage(exchange.response).tc
    except DnsWireError:
        return False
