"""Probe ``dnssec_server``: the signed SOA and keys of a zone as one address of a name server gives them."""

from inventory.model import Endpoint
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import DnsQuestion, Net
from probes.observations.dns import DnsExchange
from probes.observations.dnssec import ZoneAnswer
from probes.wire.dns import Message, WireError


@endpoint_probe(
    version=1,
    title="Signatures of a name server",
    records=(ZoneAnswer,),
    services=frozenset({"dns"}),
    deadline=30.0,
)
async def dnssec_server(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """A secondary that stopped copying serves signatures that run out while the others are fine."""
    if task.zone is None:
        return
    for rtype in ("SOA", "DNSKEY"):
        t0, question = rec.now(), DnsQuestion(name=task.zone, rtype=rtype, dnssec_ok=True)
        exchange = await _whole(net, rec.aside(), task.endpoint, question)
        rec.record(
            ZoneAnswer(
                zone=task.zone,
                qname=task.zone,
                qtype=rtype,
                server=task.endpoint.address,
                transport=exchange.transport,
                response=exchange.response,
                failure=exchange.failure,
            ),
            t0=t0,
        )


async def _whole(net: Net, rec: Recorder, server: Endpoint, question: DnsQuestion) -> DnsExchange:
    """Over UDP, and over TCP where that was too small."""
    exchange = await net.dns(rec, server, question, "udp")
    try:
        if exchange.response is not None and Message(exchange.response).tc:
            return await net.dns(rec, server, question, "tcp")
    except WireError:
        pass
    return exchange
