"""Answers as a control endpoint, which proves to an auditor elsewhere that packets arrive and come back.

TCP ports accept, send one line and close; echo over UDP and TCP (RFC 862) and STAMP (RFC 8762) answer with as much as
they got; one port serves an object of a requested size; one refuses DNS questions; one tells which marks under forged
sources arrived. Everything is bounded: connections at once, seconds, bytes, answers a second.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from inventory.model import IPAddress, written
from probes.net.respond import dns_refusal, reflector
from probes.net.respond.spoof_receiver import MarkCounter
from probes.wire.path import stamp

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
ECHO_PORT = 7
GREETING = b"auditor respond\r\n"
CONNECTIONS = 500
"""Simultaneous connections; further ones are closed without a reply."""
PATIENCE = 10.0
LARGEST_OBJECT = 200_000_000
LARGEST_ECHO = 65_536
"""Bytes of one connection that are sent back."""
OBJECTS = 8
"""Throughput objects served at the same time: a measurement needs the line for itself."""
OBJECT_SECONDS = 60.0
_CHUNK = bytes(65_536)
_REQUEST = re.compile(rb"GET /throughput\?bytes=(\d{1,9}) HTTP/1\.[01]\r\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponderOffer:
    """Holds the services to offer on every address.

    ``object_port`` None: no throughput object; ``witness`` None: no reports of the marks that arrived under forged
    sources. ``dns``: the port where questions are refused over UDP and TCP.
    """

    tcp: tuple[int, ...]
    echo: int | None = ECHO_PORT
    stamp: int | None = stamp.PORT
    object_port: int | None = None
    witness: int | None = None
    dns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Holds the opened services, and those that could not be opened with the error, as ``tcp/22 on ::1``."""

    opened: list[str] = field(default_factory=list)
    refused: list[tuple[str, OSError]] = field(default_factory=list)


class Responder:
    """Runs the services. Use as ``async with Responder(...) as listening``; ends with the block."""

    def __init__(self, addresses: Iterable[IPAddress], offer: ResponderOffer) -> None:
        self._addresses = tuple(addresses)
        self._offer = offer
        self._busy = dict.fromkeys(_TALKS, 0)
        self._servers: list[asyncio.Server] = []
        self._mirrors: list[reflector.UdpReflector] = []
        self._answers: Mapping[str, reflector.Answer] = {
            "echo": reflector.echo,
            "stamp": reflector.stamped,
            "witness": MarkCounter().receive,
            "dns": dns_refusal.refused,
        }

    async def __aenter__(self) -> Listening:
        listening = Listening()
        offer = self._offer
        for address in self._addresses:
            for port in offer.tcp:
                if port != offer.dns:
                    await self._open(listening, address, f"tcp/{port}")
            others = {
                "object": offer.object_port,
                "echo": offer.echo,
                "stamp": offer.stamp,
                "witness": offer.witness,
                "dns": offer.dns,
                "tcp-dns": offer.dns,
            }
            for word, number in others.items():
                if number is not None:
                    await self._open(listening, address, f"{word}/{number}")
            if offer.echo is not None:
                await self._open(listening, address, f"tcp-echo/{offer.echo}")
        return listening

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()
        for mirror in self._mirrors:
            mirror.close()

    async def _open(self, listening: Listening, address: IPAddress, what: str) -> None:
        word, _, number = what.partition("/")
        name, port = f"{what} on {written(address)}", int(number)
        try:
            if word in _TALKS:
                talk = self._bounded(word, *_TALKS[word])
                self._servers.append(await asyncio.start_server(talk, str(address), port, limit=8_192))
            else:
                self._mirrors.append(reflector.UdpReflector(address, port, self._answers[word]))
        except OSError as problem:
            listening.refused.append((name, problem))
        else:
            listening.opened.append(name)

    def _bounded(self, word: str, talk: Talk, patience: float, most: int) -> Talk:
        """Return the handler with a time limit; it closes immediately if too many run already."""

        async def bounded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._busy[word] += 1
            try:
                with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                    async with asyncio.timeout(patience):
                        if self._busy[word] <= most:
                            await talk(reader, writer)
            finally:
                self._busy[word] -= 1
                writer.close()

        return bounded


async def _greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(GREETING)
    await writer.drain()


async def _object(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer ``GET /throughput?bytes=N`` with N zero bytes, at most LARGEST_OBJECT; any other request with a 404."""
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


async def _echoed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send received data back, up to the bytes that a measurement of full segments sends."""
    left = LARGEST_ECHO
    while left and (piece := await reader.read(min(left, 16_384))):
        writer.write(piece)
        await writer.drain()
        left -= len(piece)


_TALKS: Mapping[str, tuple[Talk, float, int]] = {
    "tcp": (_greet, PATIENCE, CONNECTIONS),
    "object": (_object, OBJECT_SECONDS, OBJECTS),
    "tcp-echo": (_echoed, PATIENCE, CONNECTIONS),
    "tcp-dns": (dns_refusal.refuse, PATIENCE, CONNECTIONS),
}
"""The handler of each kind of connection, its time limit in seconds, and its simultaneous connections."""
