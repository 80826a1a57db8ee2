"""A scripted internet for the iterator: zones on addresses, answered as RFC 1034 §4.3.2 says, and ways to break them.

Answers are built by dnspython, so that what reads them is not what wrote them.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.zone

from inventory.model import Endpoint
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import DnsQuestion
from probes.net.dns.hints import RootHints, parse_hints
from probes.net.dns.iterator import Iterator
from probes.net.dns.source import Source
from probes.observations.dns import DnsExchange

TIMEOUT = Failure(kind=FailureKind.TIMEOUT, detail="no answer in time")
NO_ROUTE = Failure(kind=FailureKind.NO_ROUTE_HERE, detail="ENETUNREACH")
HINTS = """
. NS a.root
a.root A 192.0.2.1
a.root AAAA 2001:db8::1
"""
SOA = "@ 60 SOA ns.invalid. admin.invalid. 1 2 3 4 5\n"
Tamper = Callable[[dns.message.Message, DnsQuestion, str], dns.message.Message | bytes | Failure]


@dataclass(frozen=True, slots=True)
class Asked:
    """Holds one exchange that the iterator made."""

    server: str
    name: str
    rtype: str
    transport: str
    because: str | None
    edns_size: int
    recursion: bool


class World:
    """``zones`` maps an origin to (addresses that serve it, its records without the SOA)."""

    def __init__(self, zones: Mapping[str, tuple[str, str]]) -> None:
        self.served: dict[str, list[dns.zone.Zone]] = {}
        self.asked: list[Asked] = []
        self.tampers: dict[str, Tamper] = {}
        self.now = 0.0
        for origin, (addresses, text) in zones.items():
            own = "" if "@ NS" in text else "@ NS ns.invalid.\n"
            zone = dns.zone.from_text(f"$TTL 60\n{SOA}{own}{text}", origin=origin, relativize=False, check_origin=False)
            for address in addresses.split():
                self.served.setdefault(str(ip_address(address)), []).append(zone)

    def names(self, hints: str = HINTS, *, seed: int = 1, resolvers: tuple[str, ...] = ()) -> Iterator:
        return iterator(self, parse_hints(hints), seed=seed, resolvers=resolvers)

    def tamper(self, address: str, how: Tamper) -> None:
        for one in address.split():
            self.tampers[str(ip_address(one))] = how

    def dead(self, address: str, failure: Failure = TIMEOUT) -> None:
        self.tamper(address, lambda *_: failure)

    async def ask(
        self, rec: Recorder, server: Endpoint, question: DnsQuestion, transport: str, because: str | None = None
    ) -> DnsExchange:
        await asyncio.sleep(0)  # the network takes time: others get their turn
        where = str(server.address)
        self.asked.append(
            Asked(
                where, question.name, question.rtype, transport, because, question.edns_size, question.recursion_desired
            )
        )
        said = self._answer(where, question, transport)
        response = (
            said.to_wire() if isinstance(said, dns.message.Message) else said if isinstance(said, bytes) else None
        )
        exchange = DnsExchange(
            server=server.address,
            transport=transport,
            qname=question.name,
            qtype=question.rtype,
            edns_size=question.edns_size,
            response=response,
            failure=said if isinstance(said, Failure) else None,
            because=because,
        )
        return rec.record(exchange, t0=rec.now())

    def _answer(self, where: str, question: DnsQuestion, transport: str) -> dns.message.Message | bytes | Failure:
        if where not in self.served and where not in self.tampers:
            return TIMEOUT
        message = answer(self.served.get(where, []), question)
        tamper = self.tampers.get(where)
        return message if tamper is None else tamper(message, question, transport)


def iterator(world: World, hints: RootHints, *, seed: int, resolvers: tuple[str, ...]) -> Iterator:
    servers = tuple(Endpoint(address=ip_address(resolver), port=53) for resolver in resolvers)
    source = Source(hints=hints, resolvers=servers)
    return Iterator(world.ask, source, chance=random.Random(seed), clock=lambda: world.now)


def response(question: DnsQuestion) -> dns.message.Message:
    asked = dns.message.make_query(question.name, question.rtype, use_edns=0 if question.edns_size else -1)
    return dns.message.make_response(asked)


def answer(zones: list[dns.zone.Zone], question: DnsQuestion) -> dns.message.Message:
    """Return the answer of an authoritative server with these zones."""
    message = response(question)
    name = dns.name.from_text(question.name)
    held = [zone for zone in zones if zone.origin is not None and name.is_subdomain(zone.origin)]
    if not held:
        message.set_rcode(dns.rcode.REFUSED)
        return message
    _fill(message, max(held, key=lambda zone: len(zone.origin or ())), name, dns.rdatatype.from_text(question.rtype))
    return message


def _fill(
    message: dns.message.Message, zone: dns.zone.Zone, name: dns.name.Name, rtype: dns.rdatatype.RdataType
) -> None:
    origin = zone.origin
    assert origin is not None
    for depth in range(len(origin) + 1, len(name) + 1):
        cut = dns.name.Name(name[-depth:])
        servers = _targets(zone, cut, "NS")
        if servers:
            message.authority.append(_rrset(zone, cut, "NS"))
            message.additional += [
                _rrset(zone, server, t) for server in servers for t in ("A", "AAAA") if zone.get_rdataset(server, t)
            ]
            return
    message.flags |= dns.flags.AA
    for _ in range(12):
        if zone.get_rdataset(name, rtype):
            message.answer.append(_rrset(zone, name, rtype))
            return
        moved = _moved(message, zone, name)
        if moved is None or not moved.is_subdomain(origin):
            break
        name = moved
    if not message.answer or name.is_subdomain(origin):
        message.authority.append(_rrset(zone, origin, "SOA"))
    exists = any(known.is_subdomain(name) for known in zone.nodes)
    if not exists and not message.answer:
        message.set_rcode(dns.rcode.NXDOMAIN)


def _moved(message: dns.message.Message, zone: dns.zone.Zone, name: dns.name.Name) -> dns.name.Name | None:
    """Add the alias at a name, or the DNAME above it without the CNAME that goes with it."""
    for target in _targets(zone, name, "CNAME"):
        message.answer.append(_rrset(zone, name, "CNAME"))
        return target
    for depth in range(len(name) - 1, 0, -1):
        above = dns.name.Name(name[-depth:])
        for target in _targets(zone, above, "DNAME"):
            message.answer.append(_rrset(zone, above, "DNAME"))
            return name.relativize(above).concatenate(target)
    return None


def _targets(zone: dns.zone.Zone, name: dns.name.Name, rtype: str) -> list[dns.name.Name]:
    return [record.target for record in zone.get_rdataset(name, rtype) or ()]


def _rrset(zone: dns.zone.Zone, name: dns.name.Name, rtype: dns.rdatatype.RdataType | str) -> dns.rrset.RRset:
    found = zone.get_rrset(name, rtype)
    assert found is not None
    return found
