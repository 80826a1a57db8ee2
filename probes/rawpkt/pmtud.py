# SPDX-License-Identifier: GPL-2.0-only
"""Tests whether a server heeds Packet Too Big (RFC 8201), from the other end of an ordinary TCP connection.

We act as the narrow link ourselves. A filter on our TCP socket drops every segment larger than the link would carry,
and for each of them a Packet Too Big goes back to the server, quoting it, as a router there would send it. The server's
next packets are those that it would send behind a real tunnel. Our kernel's own cache of the path MTU does not matter,
and the server's only makes it begin with smaller segments, which is recorded. TCP itself is the kernel's: it announces
its usual MSS, acknowledges the data it got, and needs no firewall rule. Our kernel also merges packets that come
together (GRO), and the filter sees the result: their size on the wire is read by another socket, and while only small
ones come the filter is off.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

from probes.rawpkt import packets, replies, sockets
from probes.rawpkt.requests import NOTHING_LOST, Pmtud
from probes.rawpkt.station import Station, source_toward

IPV6_HEADER = 40
_SEGMENTS = 200
"""Segments recorded of one flow; whether the server heeds a narrow link shows after a few."""
_ERRORS = 30
_ENOUGH = 16_384
"""Bytes after which no more can be learnt."""


_MOST = 65_536
"""Bytes read from a server in one flow, at every layer: a flood inside TLS never reaches the page's reader."""


class _Bounded(socket.socket):
    """Reads ``_MOST`` bytes, then sets ``flooded`` and raises OSError."""

    def __init__(self, *words: int, **more: int) -> None:
        super().__init__(*words, **more)
        self._left = _MOST
        self.flooded = False

    def recv(self, size: int, flags: int = 0) -> bytes:
        data = super().recv(self._room(size), flags)
        self._left -= len(data)
        return data

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        count = super().recv_into(buffer, self._room(nbytes or len(buffer)), flags)
        self._left -= count
        return count

    def _room(self, size: int) -> int:
        if not self._left:
            self.flooded = True
            raise OSError("the server sends more than is taken")
        return min(size, self._left)


class Flow:
    """Runs one connection and reports how the server reacts to lost packets.

    ``heeded`` is called once, when a lost packet came again small enough; ``unheeded``, when the first lost packet came
    again as large ``repeats`` times.
    """

    def __init__(
        self, station: Station, request: Pmtud, *, heeded: Callable[[], None], unheeded: Callable[[], None]
    ) -> None:
        self._station = station
        self._r = request
        self._says_heeded = heeded
        self._unheeded = unheeded
        self._first_lost: int | None = None
        self._repeated = 0
        self._began = 0.0
        self._segments: list[dict[str, Any]] = []
        self._lost: set[int] = set()
        self._errors = 0
        self._first_error: float | None = None
        self._heeded: float | None = None
        self._received = 0
        self._sock: _Bounded | None = None
        self._reading: _Bounded | None = None
        self._losing = False

    async def run(self) -> dict[str, Any]:
        request, loop = self._r, asyncio.get_running_loop()
        self._source = source_toward(request.to)
        with _Bounded(socket.AF_INET6, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _MOST)
            sock.bind((str(self._source), 0))
            self._sock = sock
            try:
                self._lose(losing=request.mtu < NOTHING_LOST)
            except PermissionError as problem:
                raise PermissionError("a filter on a TCP socket needs CAP_NET_ADMIN here") from problem
            port = self._port = sock.getsockname()[1]
            with self._station.hearing_flow(port, request.port, self._heard):
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

    async def _talk(self, loop: asyncio.AbstractEventLoop, sock: _Bounded) -> str:
        """Return how the flow ended: ``connect`` or ``tls`` if it failed there, ``flood``, else as in ``PmtudFlow``."""
        ended = await self._ending(loop, sock)
        flooded = self._reading is not None and self._reading.flooded
        return "flood" if flooded and ended != "enough" else ended

    async def _ending(self, loop: asyncio.AbstractEventLoop, sock: _Bounded) -> str:
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

    async def _read(self, sock: _Bounded) -> str:
        self._reading = sock.dup()
        context = _context() if self._r.tls else None
        name = self._r.host if self._r.tls else None
        reader, writer = await asyncio.open_connection(
            sock=self._reading,
            ssl=context,
            server_hostname=name,
            ssl_handshake_timeout=self._r.wait if context else None,
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

    def _lose(self, *, losing: bool) -> None:
        """Start or stop dropping packets that are larger than the link would carry."""
        if losing == self._losing or self._sock is None:
            return
        self._losing = losing
        if losing:
            sockets.drop_larger(self._sock, self._r.mtu - IPV6_HEADER)
        else:
            sockets.drop_nothing(self._sock)

    def _heard(self, data: bytes) -> None:
        """Record one packet of the server, or several that our kernel merged."""
        segments = replies.flow(data, (self._r.to.packed, self._r.port), (self._source.packed, self._port))
        if not segments:
            return
        now, mtu = time.perf_counter() - self._began, self._r.mtu
        self._segments += [
            {"t": now, "seq": segment.seq, "size": segment.size}
            for segment in segments[: _SEGMENTS - len(self._segments)]
        ]
        if self._heeded is not None:
            return
        if any(segment.size <= mtu and segment.seq in self._lost for segment in segments):
            self._heeded = now  # proven: no more packets need to be dropped
            self._lose(losing=False)
            self._says_heeded()
            return
        large = [segment for segment in segments if segment.size > mtu]
        if not large:
            if len(segments) > 1:  # data that was merged from small packets must not be dropped
                self._lose(losing=False)
        elif self._losing:
            self._too_big(now, large)
        else:
            self._lose(losing=True)  # these packets passed; the next ones are dropped

    def _too_big(self, now: float, large: list[replies.TcpPacket]) -> None:
        """Send one Packet Too Big to the server for packets that came together: a router is as sparing."""
        self._lost.update(segment.seq for segment in large)
        self._count(large)
        if self._errors == _ERRORS:
            return
        self._errors += 1
        self._first_error = now if self._first_error is None else self._first_error
        self._station.pace.charge()
        message = packets.too_big(self._source, self._r.to, self._r.mtu, large[0].segment)
        with suppress(OSError):
            self._station.send_icmp6(self._r.to, message)

    def _count(self, large: list[replies.TcpPacket]) -> None:
        if self._first_lost is None:
            self._first_lost, self._repeated = large[0].seq, -1
        self._repeated += sum(1 for segment in large if segment.seq == self._first_lost)
        if self._repeated >= self._r.repeats:
            self._unheeded()
            self._unheeded = lambda: None


@cache
def _context() -> ssl.SSLContext:
    """Return the context for all flows, which accepts any certificate and any version, as this is about packets.

    Python versions differ in their default offers, so none of those are used. Made once: it takes as long as half a
    handshake.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:!aNULL:!eNULL:@SECLEVEL=0")
    return context
