# SPDX-License-Identifier: GPL-2.0-only
"""Sends datagrams with a source address that is not ours, to see whether they are stopped (RFC 2827, RFC 8704).

They go to a receiver that its owner set up for them. The caller cannot choose a source, only one of three kinds: our
own, a neighbour's within our /64 or /24, or one of the ranges for benchmarks (RFC 2544, RFC 5180), which are not in
use: the same ones every time, with the end of our own address. The receiver answers none of them.
"""

import asyncio
import secrets
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from probes.rawpkt import packets, sockets
from probes.rawpkt.pace import PacketPace
from probes.rawpkt.requests import Forge
from probes.rawpkt.scope import Address

_PAUSE = 0.1
"""Seconds between two packets: ten a second (CHECKS §0.4)."""
_BENCHMARKS_4, _BENCHMARKS_6 = int(IPv4Address("198.18.0.0")), int(IPv6Address("2001:2::"))
_TAKEN = frozenset({0, 1, 254, 255})
"""Last bytes in a /24 that stand for the network, usually its router, or broadcast."""


class Forgery:
    """Sends copies of one packet."""

    def __init__(self, request: Forge, pace: PacketPace) -> None:
        self._r = request
        self._pace = pace

    async def run(self) -> dict[str, Any]:
        request = self._r
        own = ip_address(sockets.source_toward(request.to, request.interface).partition("%")[0])
        source = source_of(request.source, own)
        port = 49_152 + secrets.randbelow(16_384)
        packet = packets.datagram(source, request.to, port, request.port, bytes.fromhex(request.payload))
        with sockets.sender(request.to.version) as sock:
            sockets.only_through(sock, request.interface)
            for number in range(request.copies):
                if number:
                    await asyncio.sleep(_PAUSE)
                await self._pace.turn()
                _send(sock, request.to, packet)
        return {"source": str(source), "sent": request.copies}


def source_of(kind: str, own: Address) -> Address:
    """Return the source address of a kind; ``own`` is our own address."""
    if kind == "own":
        return own
    if kind == "neighbour":
        return neighbour(own)
    if own.version == 4:
        return IPv4Address(_BENCHMARKS_4 | int(own) & 0xFFFF)
    return IPv6Address(_BENCHMARKS_6 | int(own) & (1 << 64) - 1)


def neighbour(own: Address) -> Address:
    """Return another address of our /64 or /24; in the /24 not one that its router usually has."""
    if own.version == 6:
        return IPv6Address(int(own) ^ 0xA5A5)
    there = (int(own) ^ step for step in (32, 64, 16, 48))
    return IPv4Address(next(number for number in there if number & 0xFF not in _TAKEN))


def _send(sock: socket.socket, to: Address, packet: bytes) -> None:
    try:
        sock.sendto(packet, (str(to), 0))
    except PermissionError:
        raise
    except OSError as problem:
        raise sockets.NoRoute(problem.strerror or "") from problem
