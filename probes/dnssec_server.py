"""Asks one address of a name server for the signed SOA and keys of a zone, and for its CDS and CDNSKEY."""

import asyncio
import struct

from inventory.model import Endpoint
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import DnsQuestion, Net
from probes.observations.dns import DnsExchange
from probes.observations.dnssec import ZoneAnswer
from probes.wire.dns.messages import DnsMessage, DnsWireError, parse

PAUSE = 3.0
"""Seconds between two answers; signatures count whole seconds."""
SHORT = 6 * 24 * 3600


@endpoint_probe(
    version=2, title="Signatures of a name server", records=(ZoneAnswer,), services=frozenset({"dns"}), deadline=60.0
)
async def dnssec_server(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Ask for the signed SOA and the keys.

    A secondary that stopped copying serves signatures that expire while the others are fine. Where signatures are
    short, a second answer tells whether they are made anew each time.
    """
    if task.zone is None:
        return
    soa = await _ask(task, task.zone, "SOA", net, rec)
    if _holds(await _ask(task, task.zone, "DNSKEY", net, rec), "DNSKEY"):
        for rtype in ("CDS", "CDNSKEY"):
            await _ask(task, task.zone, rtype, net, rec)
    if is_short_lived(soa):
        await asyncio.sleep(PAUSE)
        await _ask(task, task.zone, "SOA", net, rec)


async def _ask(task: EndpointTask, zone: str, rtype: str, net: Net, rec: Recorder) -> ZoneAnswer:
    t0, question = rec.now(), DnsQuestion(name=zone, rtype=rtype, dnssec_ok=True)
    exchange = await _whole(net, rec.aside(), task.endpoint, question)
    answer = ZoneAnswer(
        zone=zone,
        qname=zone,
        qtype=rtype,
        server=task.endpoint.address,
        transport=exchange.transport,
        response=exchange.response,
        failure=exchange.failure,
    )
    return rec.record(answer, t0=t0)


def is_short_lived(answer: ZoneAnswer) -> bool:
    """True if an answer comes with a signature that lasts for a few days at most, from its beginning on."""
    try:
        message = parse(answer.response or b"")
        found = [message.data(record)[8:16] for record in message.answer() if record.rtype == "RRSIG"]
    except DnsWireError:
        return False
    times = [struct.unpack("!II", each) for each in found if len(each) == 8]
    return any(0 < expiration - inception < SHORT for expiration, inception in times)


def _holds(answer: ZoneAnswer, rtype: str) -> bool:
    try:
        return any(record.rtype == rtype for record in parse(answer.response or b"").answer())
    except DnsWireError:
        return False


async def _whole(net: Net, rec: Recorder, server: Endpoint, question: DnsQuestion) -> DnsExchange:
    """Ask over UDP, and over TCP where the answer was truncated."""
    exchange = await net.dns(rec, server, question, "udp")
    try:
        if exchange.response is not None and DnsMessage(exchange.response).tc:
            return await net.dns(rec, server, question, "tcp")
    except DnsWireError:
        pass
    return exchange
