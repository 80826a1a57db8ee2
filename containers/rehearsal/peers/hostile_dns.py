"""Simulates name servers that attack their clients, below an honest root server; messages are written by hand.

The root answers for everything itself, except for the attackers' zones: those it delegates, with glue.
"""

import asyncio
import os
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rrset

from containers.rehearsal.peers.hostile_text import LINE

Name = tuple[str, ...]
Send = Callable[[bytes], None]
Trick = Callable[[bytes], Iterator[bytes]]
"""The answers to one question, in order."""

FANOUT = 60
A, NS, CNAME, SOA, MX, TXT, AAAA, OPT, CAA = 1, 2, 5, 6, 15, 16, 28, 41, 257
POINTER = b"\xc0\x0c"


def loop(query: bytes) -> Iterator[bytes]:
    """Yield an owner name that is a pointer to itself."""
    here = len(query_head(query))
    yield (
        _header(query, answers=1) + _question(query) + struct.pack("!HHHIH", 0xC000 | here, AAAA, 1, 60, 16) + bytes(16)
    )


def oversize(query: bytes) -> Iterator[bytes]:
    """Yield an answer of sixty thousand bytes, regardless of the size that the client accepts."""
    record = POINTER + struct.pack("!HHIH", AAAA, 1, 60, 16) + bytes(16)
    yield _header(query, answers=2_000) + _question(query) + record * 2_000


def wrong_id(query: bytes) -> Iterator[bytes]:
    """Guesses of the identifier, all of them wrong."""
    (number,) = struct.unpack("!H", query[:2])
    for guess in range(1, 50):
        yield struct.pack("!H", (number + guess) & 0xFFFF) + _honest(query)[2:]


def other_question(query: bytes) -> Iterator[bytes]:
    """Yield the right identifier, but an answer to something else."""
    name = b"\x05other" + b"\x02vn\x00"
    yield _header(query, answers=0)[:4] + struct.pack("!HHHH", 1, 0, 0, 0) + name + struct.pack("!HH", AAAA, 1)


def nonsense(query: bytes) -> Iterator[bytes]:
    """Yield the right identifier before bytes that are no message."""
    yield query[:2] + os.urandom(400)


def counts(query: bytes) -> Iterator[bytes]:
    """Yield a header that announces more records than there are."""
    yield _header(query, answers=0xFFFF) + _question(query)


def fan_out(query: bytes) -> Iterator[bytes]:
    """NXNSAttack: every answer names servers without addresses, below this zone, where the same goes on."""
    below = _labels(query)[-2:]
    names = [(f"ns{number}", os.urandom(3).hex(), *below) for number in range(FANOUT)]
    child = (os.urandom(3).hex(), *below) if len(_labels(query)) < 3 else _labels(query)[-3:]
    records = b"".join(_record(child, NS, _wire(name)) for name in names)
    yield _header(query, authority=FANOUT, authoritative=False) + _question(query) + records


def upward(query: bytes) -> Iterator[bytes]:
    """Yield a referral to the root, which refers here again."""
    record = _record((), NS, _wire(("ns1", *_labels(query)[-2:])))
    yield _header(query, authority=1, authoritative=False) + _question(query) + record


def mutual(query: bytes) -> Iterator[bytes]:
    """Yield referrals between zones that have their only servers in each other, without addresses."""
    labels = _labels(query)
    child = labels[-3:] if len(labels) > 2 else ("one", *labels)
    other = "two" if child[0] == "one" else "one"
    record = _record(child, NS, _wire(("ns", other, *child[1:])))
    yield _header(query, authority=1, authoritative=False) + _question(query) + record


def refuses(query: bytes) -> Iterator[bytes]:
    """Yield a server that the parent names and that wants nothing of it: a lame delegation."""
    yield query[:2] + struct.pack("!HHHHH", 0x8005, 1, 0, 0, 0) + _question(query)


def aliases(query: bytes) -> Iterator[bytes]:
    """Yield an alias to another name for every name."""
    alias = (f"a{os.urandom(3).hex()}", *_labels(query)[-2:])
    yield (
        _header(query, answers=1)
        + _question(query)
        + POINTER
        + struct.pack("!HHIH", CNAME, 1, 60, len(_wire(alias)))
        + _wire(alias)
    )


def truncated(query: bytes) -> Iterator[bytes]:
    """Always too long for UDP; over TCP see ``hostile``."""
    yield _header(query)[:2] + struct.pack("!HHHHH", 0x8600, 1, 0, 0, 0) + _question(query)


def crowd(query: bytes) -> Iterator[bytes]:
    """Yield as many addresses as a message holds, none of them the server's own."""
    record = POINTER + struct.pack("!HHIH", AAAA, 1, 60, 16)
    prefix = IPv6Address("2001:db8:d3:bad::").packed[:12]
    addresses = b"".join(record + prefix + struct.pack("!I", n) for n in range(2_000))
    yield _header(query, answers=2_000) + _question(query) + addresses


def injecting(query: bytes) -> Iterator[bytes]:
    """Names and texts that harm their readers, in records of the type that was asked for."""
    (rtype,) = struct.unpack("!H", _question(query)[-4:-2])
    label = LINE[:60]
    name = bytes((len(label),)) + label + POINTER
    text = bytes((len(LINE),)) + LINE
    data = {NS: name, CNAME: name, MX: b"\x00\x0a" + name, TXT: text, CAA: b"\x00\x05issue" + LINE}.get(rtype)
    if data is None:
        yield _honest(query) if rtype == AAAA else _denied(query)
    else:
        yield (
            _header(query, answers=1)
            + _question(query)
            + POINTER
            + struct.pack("!HHIH", rtype, 1, 60, len(data))
            + data
        )


def elsewhere(query: bytes) -> Iterator[bytes]:
    """Yield a good answer; ``HostileNameServer`` sends it from an address that was not asked."""
    yield _honest(query)


TRICKS: Mapping[str, Trick] = {
    "loop": loop,
    "oversize": oversize,
    "wrong-id": wrong_id,
    "other-question": other_question,
    "nonsense-dns": nonsense,
    "counts": counts,
    "fan-out": fan_out,
    "upward": upward,
    "aliases": aliases,
    "mutual": mutual,
    "refuses": refuses,
    "truncated": truncated,
    "crowd": crowd,
    "injecting-dns": injecting,
    "elsewhere": elsewhere,
}


@dataclass(frozen=True, slots=True)
class Root:
    """Holds hosts with their addresses, and zones with the address of their only server."""

    own: IPv6Address
    hosts: Mapping[str, IPv6Address]
    zones: Mapping[str, IPv6Address]
    exchangers: Mapping[str, str] = field(default_factory=dict)
    honest: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)
    """Zones of others, their servers, and the addresses of each."""

    def answer(self, wire: bytes) -> bytes:
        """Authoritative answers, and referrals for the zones of the tricks."""
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return b""
        reply = dns.message.make_response(query)
        if query.question:
            self._fill(reply, query.question[0].name, query.question[0].rdtype)
        return reply.to_wire()

    def _fill(self, reply: dns.message.Message, name: dns.name.Name, rdtype: int) -> None:
        zone = next((zone for zone in self.zones if name.is_subdomain(dns.name.from_text(zone))), None)
        if zone is not None:
            server = f"ns1.{zone}."
            reply.authority.append(dns.rrset.from_text(f"{zone}.", 60, "IN", "NS", server))
            reply.additional.append(dns.rrset.from_text(server, 60, "IN", "AAAA", str(self.zones[zone])))
            return
        for apex, servers in self.honest.items():
            if name.is_subdomain(dns.name.from_text(apex)):
                _refer(reply, apex, servers)
                return
        reply.flags |= dns.flags.AA
        exchanger = self.exchangers.get(name.to_text(omit_final_dot=True).lower())
        host = self.hosts.get(name.to_text(omit_final_dot=True).lower())
        if name == dns.name.root and rdtype == NS:
            reply.answer.append(dns.rrset.from_text(".", 60, "IN", "NS", "a.root."))
            reply.additional.append(dns.rrset.from_text("a.root.", 60, "IN", "AAAA", str(self.own)))
        elif exchanger is not None and rdtype == MX:
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", "MX", f"10 {exchanger}."))
        elif host is not None and rdtype == AAAA:
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", "AAAA", str(host)))
        else:
            known = [dns.name.from_text(text) for text in (*self.hosts, *self.zones, *self.exchangers, "a.root")]
            if not any(other_name.is_subdomain(name) for other_name in known):
                reply.set_rcode(dns.rcode.NXDOMAIN)
            reply.authority.append(dns.rrset.from_text(".", 60, "IN", "SOA", "a.root. nobody.root. 1 60 60 60 60"))


def _refer(reply: dns.message.Message, apex: str, servers: Mapping[str, list[str]]) -> None:
    names = [f"{server}." for server in servers]
    reply.authority.append(dns.rrset.from_text(f"{apex}.", 60, "IN", "NS", *names))
    for server, addresses in servers.items():
        for address in addresses:
            rtype = "AAAA" if ":" in address else "A"
            reply.additional.append(dns.rrset.from_text(f"{server}.", 60, "IN", rtype, address))


class HostileNameServer(asyncio.DatagramProtocol):
    """Answers at one address over UDP. ``source``: the source address of the answers, if it is another."""

    _transport: asyncio.DatagramTransport

    def __init__(self, trick: Trick, source: IPv6Address | None = None) -> None:
        self._trick = trick
        self._source = source

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        for reply in self._trick(data):
            if self._source is None:
                self._transport.sendto(reply, addr)
            else:
                with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as other:
                    other.bind((str(self._source), 53))
                    other.sendto(reply, addr)


def query_head(query: bytes) -> bytes:
    """Header and question of a message."""
    return query[:12] + _question(query)


def _question(query: bytes) -> bytes:
    position = 12
    while position < len(query) and query[position]:
        position += query[position] + 1
    return query[12 : position + 5]


def _labels(query: bytes) -> Name:
    return tuple(label.decode("ascii", "replace").lower() for label in _split(_question(query)[:-4]))


def _split(wire: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(wire) and wire[position]:
        yield wire[position + 1 : position + 1 + wire[position]]
        position += wire[position] + 1


def _wire(name: Name) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode("ascii") for label in name) + b"\0"


def _record(owner: Name, rtype: int, data: bytes) -> bytes:
    return _wire(owner) + struct.pack("!HHIH", rtype, 1, 60, len(data)) + data


def _header(query: bytes, *, answers: int = 0, authority: int = 0, authoritative: bool = True) -> bytes:
    return query[:2] + struct.pack("!HHHHH", 0x8400 if authoritative else 0x8000, 1, answers, authority, 0)


def _denied(query: bytes) -> bytes:
    """Return an answer without records of this type."""
    data = b"\0\0" + struct.pack("!IIIII", 1, 60, 60, 60, 60)
    record = POINTER + struct.pack("!HHIH", SOA, 1, 60, len(data)) + data
    return _header(query, authority=1) + _question(query) + record


def _honest(query: bytes) -> bytes:
    """Return an answer with one address."""
    record = POINTER + struct.pack("!HHIH", AAAA, 1, 60, 16) + IPv6Address("2001:db8:e0:bad::1").packed
    return _header(query, answers=1) + _question(query) + record
