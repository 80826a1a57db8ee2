"""Tests the resolvers of the vantage, and whether root servers themselves answer it. It only records."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv6Address
from itertools import islice

from inventory.model import Endpoint, IPAddress
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import DnsQuestion, Net
from probes.observations.vantage import ResolverFact
from probes.wire.dns.messages import DnsMessage, DnsWireError, ResourceRecord, parse

_IPV6_BYTES, _MOST_ADDRESSES = 16, 16
ROOT_NAME = "a.root-servers.net"
"""An Internet name with an AAAA record. Other DNS roots do not know it, which proves nothing."""


async def ask_roots(net: Net, rec: Recorder, roots: Iterable[Endpoint]) -> bool:
    """True if a root server answered an iterative query authoritatively.

    Otherwise port 53 is intercepted, or nothing answers.
    """
    question = DnsQuestion(name=".", rtype="NS")
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(_fact(net, rec, "root", root, question, "udp")) for root in roots]
    return any(task.result().authoritative for task in asked)


async def ask_fallback(net: Net, rec: Recorder, resolver: Endpoint, token: str, *, outside: bool) -> None:
    """Record the records that an unconfigured resolver forges or hides.

    A silent one misleads nobody and is not recorded.
    """
    for step, name, rtype in _misled(token, outside=outside):
        wanted, t0 = DnsQuestion(name=name, rtype=rtype, recursion_desired=True, dnssec_ok=True), rec.now()
        fact = await _fact(net, rec.aside(), step, resolver, wanted, "udp")
        if not fact.answered:
            return
        rec.record(fact, t0=t0)


async def ask_resolver(
    net: Net, rec: Recorder, resolver: Endpoint, token: str, to_validate: Mapping[str, str | None], *, outside: bool
) -> None:
    """Test a resolver (CHECKS meta.selftest.resolver (1) to (4)); signed and bogus names over TCP as well.

    ``outside``: the resolver is on the Internet.
    """
    questions = [(*asked, "udp") for asked in _misled(token, outside=outside)]
    for step, name in to_validate.items():
        if name is None:
            rec.record(ResolverFact(step=step, server=resolver.address), t0=rec.now())
        else:
            questions += [(step, name, "SOA" if step == "signed" else "A", via) for via in ("udp", "tcp")]
    for step, name, rtype, transport in questions:
        question = DnsQuestion(name=name, rtype=rtype, recursion_desired=True, dnssec_ok=True)
        await _fact(net, rec, step, resolver, question, transport)


def _misled(token: str, *, outside: bool) -> Iterator[tuple[str, str, str]]:
    """Yield queries that reveal forged and hidden records, as (step, name, type).

    No resolver has an address for the first ones unless it forges it, and each has one for the last unless it hides it.
    Many know ``.invalid`` themselves (RFC 6761 §6.4), and rewrite only answers in which a registry denies a name.
    """
    yield "dns64", "ipv4only.arpa", "AAAA"
    yield "nxdomain", f"{token}.invalid", "A"
    if outside:
        yield "missing", f"www.{token}.com", "A"
        yield "hidden", ROOT_NAME, "AAAA"


async def _fact(
    net: Net, rec: Recorder, step: str, server: Endpoint, question: DnsQuestion, transport: str
) -> ResolverFact:
    t0 = rec.now()
    exchange = await net.dns(rec.aside(), server, question, transport)
    message = _parsed(exchange.response)
    if message is None:  # one lost datagram must not invalidate a whole run
        exchange = await net.dns(rec.aside(), server, question, transport)
        message = _parsed(exchange.response)
    if message is None:
        failure = exchange.failure or Failure(kind=FailureKind.PROTOCOL, detail="unreadable answer")
        silent = ResolverFact(step=step, server=server.address, transport=transport, failure=failure)
        return rec.record(silent, t0=t0)
    wanted = [record for record in message.answer() if record.rtype == question.rtype]
    fact = ResolverFact(
        step=step,
        server=server.address,
        transport=transport,
        answered=True,
        rcode=message.rcode_text,
        authentic=message.ad,
        authoritative=message.aa,
        records=len(wanted),
        addresses=tuple(_addresses(message, wanted)) if step == "dns64" else (),
    )
    return rec.record(fact, t0=t0)


def _addresses(message: DnsMessage, records: Iterable[ResourceRecord]) -> Iterable[IPAddress]:
    """Yield the first IPv6 addresses of an answer; malformed ones are left out."""
    for record in islice(records, _MOST_ADDRESSES):
        if record.length == _IPV6_BYTES:
            yield IPv6Address(message.wire[record.offset : record.offset + record.length])


def _parsed(response: bytes | None) -> DnsMessage | None:
    try:
        return None if response is None else parse(response)
    except DnsWireError:
        return None
