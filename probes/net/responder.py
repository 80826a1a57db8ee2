"""The answering side of control endpoints: it proves to an auditor elsewhere that packets arrive and come back.

TCP ports accept, say one line and hang up; UDP echo (RFC 862) and STAMP (RFC 8762) answer with as much as they got; one
port serves an object of a size that is asked for. Everything is bounded: connections at once, seconds, bytes.
"""

import asyncio
import os
import re
import socket
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast

from inventory.model import IPAddress, written
from probes.net import faults
from probes.net.sockets import family_of, only_its_family, sockaddr
from probes.wire import stamp

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
ECHO_PORT = 7
GREETING = b"auditor respond\r\n"
CONNECTIONS = 500
"""At once; more are closed without a word."""
PATIENCE = 10.0
LARGEST_OBJECT = 200_000_000
_CHUNK = bytes(65_536)
_REQUEST = re.compile(rb"GET /throughput\?bytes=(\d{1,9}) HTTP/1\.[01]\r\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What to answer on every address. ``object_port`` None: no throughput object."""

    tcp: tuple[int, ...]
    echo: int | None = ECHO_PORT
    stamp: int | None = stamp.PORT
    object_port: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """What could be opened, and what could not with the reason, as ``tcp/22 on ::1``."""

    opened: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


class Responder:
    """Use as ``async with Responder(...) as listening``; ends with the block."""

    def __init__(self, addresses: Iterable[IPAddress], offer: Offer) -> None:
        self._addresses = tuple(addresses)
        self._offer = offer
        self._busy = 0
        self._servers: list[asyncio.Server] = []
        self._transports: list[asyncio.BaseTransport] = []

    async def __aenter__(self) -> Listening:
        listening = Listening()
        offer = self._offer
        for address in self._addresses:
            for port in offer.tcp:
                await self._open(listening, address, f"tcp/{port}")
            for word, number in (("object", offer.object_port), ("echo", offer.echo), ("stamp", offer.stamp)):
                if number is not None:
                    await self._open(listening, address, f"{word}/{number}")
        return listening

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()
        for transport in self._transports:
            transport.close()

    async def _open(self, listening: Listening, address: IPAddress, what: str) -> None:
        word, _, number = what.partition("/")
        name, port = f"{what} on {written(address)}", int(number)
        try:
            if word in ("tcp", "object"):
                talk = self._bounded(_greet, PATIENCE) if word == "tcp" else self._bounded(_object, 60.0)
                self._servers.append(await asyncio.start_server(talk, str(address), port, limit=8_192))
            else:
                make = _Echo if word == "echo" else _Reflector
                loop = asyncio.get_running_loop()
                transport, _ = await loop.create_datagram_endpoint(make, sock=_datagrams(address, port))
                self._transports.append(transport)
        except OSError as problem:
            listening.refused.append(
                (name, os.strerror(problem.errno) if problem.errno else faults.bounded(str(problem)))
            )
        else:
            listening.opened.append(name)

    def _bounded(self, talk: Talk, patience: float) -> Talk:
        """The talk with an end, and none at all where too many go on already."""

        async def bounded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._busy += 1
            try:
                with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                    async with asyncio.timeout(patience):
                        if self._busy <= CONNECTIONS:
                            await talk(reader, writer)
            finally:
                self._busy -= 1
                writer.close()

        return bounded


def _datagrams(address: IPAddress, port: int) -> socket.socket:
    """A bound socket of one family: ``::`` does not take what belongs to ``0.0.0.0``."""
    sock = socket.socket(family_of(address), socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        only_its_family(sock)
        sock.bind(sockaddr(address, port))
    except OSError:
        sock.close()
        raise
    return sock


async def _greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(GREETING)
    await writer.drain()


async def _object(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """``GET /throughput?bytes=N``: N zero bytes, at most LARGEST_OBJECT; anything else is a 404."""
    head = await reader.readuntil(b"\r\n\r\n")
    wanted = _REQUEST.match(head)
    if wanted is None:
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        return
    left = min(int(wanted[1]), LARGEST_OBJECT)
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nCache-Control: no-store\r\n"
        b"Connection: close\r\nContent-Length: " + str(left).encode() + b"\r\n\r\n"
    )
    while left:
        piece = _CHUNK[:left]
        writer.write(piece)
        await writer.drain()
        left -= len(piece)


class _Answering(asyncio.DatagramProtocol):
    """Answers each datagram with one that is no longer."""

    def __init__(self) -> None:
        self._transport: asyncio.DatagramTransport | None = None
        self._sequence = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self.answer(data)
        if answer and self._transport is not None and addr[1] >= 1024:  # never into another service's port
            self._transport.sendto(answer, addr)

    def answer(self, data: bytes) -> bytes:
        raise NotImplementedError


class _Echo(_Answering):
    def answer(self, data: bytes) -> bytes:
        return data


class _Reflector(_Answering):
    def answer(self, data: bytes) -> bytes:
        received = time.time()
        self._sequence = (self._sequence + 1) % (1 << 32)
        with suppress(stamp.StampError):
            return stamp.reflection(data, self._sequence - 1, received, time.time(), 255)
        return b""
