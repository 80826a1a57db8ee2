# SPDX-License-Identifier: GPL-2.0-only
"""Whether a server heeds Packet Too Big (RFC 8201), seen from the other end of an ordinary TCP connection.

We play the narrow link ourselves. A filter on our TCP socket loses every segment larger than the link would carry, and
for each of them a Packet Too Big goes back to the server, quoting it, as a router there would send it. What the server
does next is what it would do behind a real tunnel. Our kernel's own memory of the path plays no part in it, and the
server's only makes it begin with smaller segments, which is recorded.

TCP itself is the kernel's: it announces its usual MSS, acknowledges what it got, and needs no firewall rule.
"""

import asyncio
import socket
import ssl
import time
from contextlib import suppress
from typing import Any

from probes.rawpkt import packets, replies, sockets
from probes.rawpkt.requests import Pmtud
from probes.rawpkt.station import Station, source_toward

IPV6_HEADER = 40
_SEGMENTS = 200
"""Recorded of one flow; a narrow link that is heeded shows after a few."""
_ERRORS = 30
_ENOUGH = 16_384
"""Bytes after which nothing more is learnt."""


class Flow:
    """One connection."""

    def __init__(self, station: Station, request: Pmtud) -> None:
        self._station = station
        self._r = request
        self._packed = request.to.packed
        self._began = 0.0
        self._segments: list[dict[str, Any]] = []
        self._lost: set[int] = set()
        self._errors = 0
        self._first_error: float | None = None
        self._heeded: float | None = None
        self._received = 0
        self._sock: socket.socket | None = None

    async def run(self) -> dict[str, Any]:
        request, loop = self._r, asyncio.get_running_loop()
        self._source = source_toward(request.to)
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as sock:
            sock.bind((str(self._source), 0))
            try:
                sockets.drop_larger(sock, request.mtu - IPV6_HEADER)
            except PermissionError as problem:
                raise PermissionError("a filter on a TCP socket needs CAP_NET_ADMIN here") from problem
            self._sock = sock
            port = sock.getsockname()[1]
            with self._station.hearing_tcp(6, port, self._segment):
                self._began = time.perf_counter()
                ended = await self._talk(loop, sock)
            self._sock = None
        return {
            "source": str(self._source),
            "port": port,
            "ended": ended,
            "received": self._received,
            "errors_sent": self._errors,
            "first_error": self._first_error,
            "heeded": self._heeded,
            "segments": self._segments,
        }

    async def _talk(self, loop: asyncio.AbstractEventLoop, sock: socket.socket) -> str:
        """How it ended: ``connect`` or ``tls`` when it failed there, ``stall``, ``enough``, ``end`` or ``reset``."""
        stage = "connect"
        try:
            async with asyncio.timeout(self._r.wait):
                await loop.sock_connect(sock, (str(self._r.to), self._r.port))
                stage = "stall"
                return await self._read(sock)
        except TimeoutError:
            return stage
        except ssl.SSLError:
            return "tls"
        except OSError:
            return "reset" if stage != "connect" else stage

    async def _read(self, sock: socket.socket) -> str:
        context = _context() if self._r.tls else None
        name = self._r.host if self._r.tls else None
        reader, writer = await asyncio.open_connection(
            sock=sock.dup(), ssl=context, server_hostname=name, ssl_handshake_timeout=self._r.wait if context else None
        )
        try:
            head = f"GET {self._r.path} HTTP/1.1\r\nHost: {self._r.host}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode("ascii"))
            while data := await reader.read(16_384):
                self._received += len(data)
                if self._received >= _ENOUGH:
                    return "enough"
            return "end"
        finally:
            with suppress(OSError):
                writer.transport.abort()

    def _segment(self, data: bytes, source: bytes) -> None:
        found = replies.segment(6, data)
        if found is None or source != self._packed or found.source != self._r.port or found.payload == 0:
            return
        now, size = time.perf_counter() - self._began, found.size + IPV6_HEADER
        if len(self._segments) < _SEGMENTS:
            self._segments.append({"t": now, "seq": found.seq, "size": size})
        if size <= self._r.mtu:
            if found.seq in self._lost and self._heeded is None:
                self._heeded = now
                if self._sock is not None:  # proven; merged segments (GRO) must not be lost any longer
                    sockets.drop_nothing(self._sock)
            return
        if self._heeded is None and self._errors < _ERRORS:
            self._lost.add(found.seq)
            self._errors += 1
            self._first_error = now if self._first_error is None else self._first_error
            with suppress(OSError):
                self._station.send_icmp6(self._r.to, packets.too_big(self._source, self._r.to, self._r.mtu, data))


def _context() -> ssl.SSLContext:
    """Whatever certificate it shows: this is about packets."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
