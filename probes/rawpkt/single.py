# SPDX-License-Identifier: GPL-2.0-only
"""Sends one crafted packet and records its answer.

Fragments, an unknown next header, RFC 8335, and packets that ask to be forwarded to ourselves, by a type 0 routing
header or out of a tunnel; of those the arrival counts more than any answer.
"""

import asyncio
import socket
import time
from contextlib import suppress
from ipaddress import IPv6Address, ip_address
from typing import Any

from probes.rawpkt import packets, replies
from probes.rawpkt.requests import Packet
from probes.rawpkt.station import Station, source_toward, token

RETURNING = frozenset({"routing-header-0", "proto-41", "gre"})
_TUNNELS = {"proto-41": 41, "gre": 47}
_GRACE = 0.5
_SOMEWHERE = ip_address("2000::")


class SingleExchange:
    """Sends one packet and waits for its answer."""

    def __init__(self, station: Station, request: Packet) -> None:
        self._station = station
        self._r = request
        self._token = token()
        self._ident = int.from_bytes(self._token[6:])
        self._answer: dict[str, Any] = {}
        self._sent = 0.0
        self._done = asyncio.Event()

    async def run(self) -> dict[str, Any]:
        self._source = source_toward(self._r.to)
        pieces = self._packets()
        version = self._r.to.version
        returning = 6 if self._r.form in RETURNING else version
        with self._station.listening(version, self._heard), self._station.listening(returning, self._heard):
            await self._station.pace.turn(len(pieces))
            self._sent = time.perf_counter()
            for piece in pieces:
                self._station.send(self._r.to, piece)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._r.wait):
                    await self._done.wait()
        return {"source": str(self._source), **self._answer}

    def _packets(self) -> tuple[bytes, ...]:
        source, to = self._source, self._r.to
        match self._r.form:
            case "fragments":
                return packets.fragments(source, to, self._ident, self._token)
            case "next-header":
                return (packets.next_header(source, to, self._token),)
            case "routing-header-0":
                return (packets.routing_header_0(source, to, self._ident, self._token),)
            case "proto-41":
                return (packets.protocol_41(source, to, _own_ipv6(), self._ident, self._token),)
            case "gre":
                return (packets.gre(source, to, _own_ipv6(), self._ident, self._token),)
            case "probe-8335":
                return (packets.extended_echo(source, to, self._ident, self._r.interface),)
            case _:
                return (packets.echo(source, to, 64, 0, self._ident, 1, self._token),)

    def _heard(self, message: replies.Icmp, source: bytes, now: float) -> None:
        version = self._r.to.version
        if not self._is_ours(message, source):
            return
        if self._r.form in RETURNING:
            self._returned(message, source, now)
            return
        family = socket.AF_INET6 if version == 6 else socket.AF_INET
        self._answer = {
            "answer": "reply" if message.quoted is None else "icmp",
            "from": socket.inet_ntop(family, source),
            "rtt": now - self._sent,
            "type": message.type,
            "code": message.code,
        }
        if message.type == replies.EXTENDED_ECHO_REPLY[version]:
            bits = message.rest[3]
            self._answer |= {"active": bool(bits & 4), "ipv4": bool(bits & 2), "ipv6": bool(bits & 1)}
        self._done.set()

    def _returned(self, message: replies.Icmp, source: bytes, now: float) -> None:
        """Record the packet's return or its answer; an error does not end the wait, as the packet may still return.

        It may take about as long as the error did.
        """
        family = {4: socket.AF_INET, 16: socket.AF_INET6}[len(source)]
        arrived = message.type == replies.ECHO_REQUEST and len(source) == 16
        if arrived or not self._answer:
            self._answer = {
                "answer": "arrived" if arrived else "reply" if message.quoted is None else "icmp",
                "from": socket.inet_ntop(family, source),
                "rtt": now - self._sent,
                "type": message.type,
                "code": message.code,
            }
        if arrived:
            self._done.set()
        else:
            asyncio.get_running_loop().call_later(max(_GRACE, 3 * (now - self._sent)), self._done.set)

    def _is_ours(self, message: replies.Icmp, source: bytes) -> bool:
        quoted = message.quoted
        if quoted is not None:
            ours = self._token in quoted.payload or self._quotes_8335(quoted) or self._quotes_tunnel(quoted)
            return ours and quoted.destination in (self._r.to.packed, self._source.packed)
        if message.type == replies.ECHO_REQUEST and self._r.form in RETURNING:
            return len(source) == 16 and self._token in message.rest[4:]
        if message.type == replies.ECHO_REPLY[self._r.to.version]:
            return self._token in message.rest[4:]
        return message.type == replies.EXTENDED_ECHO_REPLY[self._r.to.version] and self._is_8335(message, source)

    def _is_8335(self, message: replies.Icmp, source: bytes) -> bool:
        same = self._r.form == "probe-8335" and source == self._r.to.packed
        return same and len(message.rest) >= 4 and int.from_bytes(message.rest[:2]) == self._ident

    def _quotes_8335(self, quoted: replies.Quoted) -> bool:
        carried = quoted.payload
        return self._r.form == "probe-8335" and carried[:1] == b"\xa0" and int.from_bytes(carried[4:6]) == self._ident

    def _quotes_tunnel(self, quoted: replies.Quoted) -> bool:
        """True if an error quotes our tunnel packet, by its IPv4 identification: old routers quote only eight bytes."""
        return quoted.protocol == _TUNNELS.get(self._r.form) and quoted.ident == self._ident != 0


def _own_ipv6() -> IPv6Address:
    address = source_toward(_SOMEWHERE)
    assert isinstance(address, IPv6Address)
    return address
