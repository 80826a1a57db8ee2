"""Asks a configured recursive resolver about a name that we validate ourselves."""

from collections.abc import Sequence

from inventory.model import Endpoint
from probes.framework.recorder import Recorder
from probes.net.api import DnsQuestion
from probes.net.dns.servers import QuestionSender
from probes.observations.dnssec import SecondOpinion
from probes.wire.dns.messages import DnsMessage, DnsWireError, parse

ASKED = 2  # resolvers; a third one would ask the same servers again


async def ask_all(ask: QuestionSender, resolvers: Sequence[Endpoint], rec: Recorder, qname: str, rtype: str) -> None:
    """Ask each of the first resolvers separately."""
    for resolver in resolvers[:ASKED]:
        await _ask(ask, resolver, rec, qname, rtype)


async def _ask(ask: QuestionSender, resolver: Endpoint, rec: Recorder, qname: str, rtype: str) -> None:
    t0, aside = rec.now(), rec.aside()
    wanted = DnsQuestion(name=qname, rtype=rtype, recursion_desired=True, dnssec_ok=True)
    exchange = await ask(aside, resolver, wanted, "udp")
    message = _read(exchange.response)
    if message is None:
        nothing = SecondOpinion(server=resolver.address, qname=qname, qtype=rtype, failure=exchange.failure)
        rec.record(nothing, t0=t0)
        return
    about_root = DnsQuestion(name=".", rtype="SOA", recursion_desired=True, dnssec_ok=True)
    root = _read((await ask(aside, resolver, about_root, "udp")).response)
    unchecked = None
    if message.rcode_text == "SERVFAIL":
        without = DnsQuestion(name=qname, rtype=rtype, recursion_desired=True, dnssec_ok=True, checking_disabled=True)
        unchecked = _read((await ask(aside, resolver, without, "udp")).response)
    rec.record(
        SecondOpinion(
            server=resolver.address,
            qname=qname,
            qtype=rtype,
            rcode=message.rcode_text,
            authentic=message.ad,
            validates=root is not None and root.ad,
            unchecked="" if unchecked is None else unchecked.rcode_text,
        ),
        t0=t0,
    )


def _read(wire: bytes | None) -> DnsMessage | None:
    try:
        return None if wire is None else parse(wire)
    except DnsWireError:
        return None
