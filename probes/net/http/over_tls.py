"""Makes one request of HTTP/1.1 over a connection that is already open, in the clear or inside TLS.

The connection with the recorded handshake carries the page as well: the certificate then belongs to the very server
that gave the page, even if one address leads to several. TLS runs on two buffers, as everywhere here.
"""

import asyncio
import socket
import ssl
from contextlib import suppress
from typing import Protocol

from probes.framework.evidence import CLOSED_MUTE, Failure, FailureKind
from probes.net.core import faults
from probes.net.core.reader import Inflow
from probes.net.core.tcp import got_full_segment
from probes.net.tls.handshake import TlsSession
from probes.observations.web import NOT_HTTP
from probes.wire.web.http1 import Body, HeadReader, NotHttpError, ResponseHead

BROKEN_OFF = "the body was broken off"
_RECORD = 32_768


class HungUpError(OSError):
    """Signals that the server closed the connection instead of answering."""


class Http2Error(faults.Fault):
    """Signals that the server uses HTTP/2 although it was not agreed on.

    Callers that cannot ask again in HTTP/2 report it.
    """

    def __init__(self) -> None:
        super().__init__(Failure(kind=FailureKind.PROTOCOL, detail=f"{NOT_HTTP}: answered in HTTP/2"))


class Carrier(Protocol):
    """Carries a request over a connection. Closing it twice does nothing."""

    async def send(self, data: bytes) -> None: ...
    async def more(self) -> bytes:
        """Return the next data; empty at the end."""
        ...

    def close(self) -> None: ...
    def got_full_segment(self) -> bool:
        """True if received data filled a TCP segment; to be called before closing."""
        ...


class Clear:
    """Carries requests over a connection without TLS."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._inflow = Inflow(sock)

    async def send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self._sock, data)

    async def more(self) -> bytes:
        return await self._inflow.more(_RECORD)

    def got_full_segment(self) -> bool:
        return got_full_segment(self._sock)

    def close(self) -> None:
        self._inflow.stop()
        self._sock.close()


class Sealed:
    """Carries requests over a connection with an agreed TLS session."""

    def __init__(self, session: TlsSession) -> None:
        self._loop = asyncio.get_running_loop()
        self._session, self._secured = session, session.secured
        self._ended = False

    async def send(self, data: bytes) -> None:
        await self._send(self._secured.sealed(data))

    async def more(self) -> bytes:
        """Return the next decrypted data, a record at most. A missing close_notify is not reported as a defect."""
        tls, incoming, outgoing = self._secured.tls, self._secured.incoming, self._secured.outgoing
        while not self._ended:
            if incoming.pending or tls.pending():
                with suppress(ssl.SSLWantReadError):
                    data = tls.read(_RECORD)
                    self._ended = not data
                    return data
                if outgoing.pending:  # an answer of TLS itself
                    await self._send(outgoing.read())
            wire = await self._secured.inflow.more(_RECORD)
            self._ended = not wire
            incoming.write(wire)
        return b""

    def got_full_segment(self) -> bool:
        return got_full_segment(self._session.sock)

    def close(self) -> None:
        """Send close_notify unless the server has closed first; do not wait for it to leave."""
        if not self._ended and not self._left():
            self._ended = True
            with suppress(OSError):  # it waits for the server's close_notify, or the session has ended already
                self._secured.tls.unwrap()
            with suppress(OSError):
                self._session.sock.send(self._secured.outgoing.read())
        self._session.close()

    def _left(self) -> bool:
        """True if a close_notify of the server follows the data that was read."""
        try:
            return self._secured.incoming.pending > 0 and not self._secured.tls.read(1)
        except OSError:
            return False

    async def _send(self, wire: bytes) -> None:
        with suppress(BlockingIOError, InterruptedError):
            wire = wire[self._session.sock.send(wire) :]
        if wire:
            await self._loop.sock_sendall(self._session.sock, wire)


class Exchange:
    """Sends one request over a carrier: after ``ask``, ``head`` is set and ``part`` gives the body.

    Network errors raise OSError, an answer that is not HTTP a Fault.
    """

    head: ResponseHead

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._waiting = b""
        self._body: Body

    async def ask(self, request: bytes) -> None:
        """Send the request and return once the head has come. HungUpError if the server closed before it answered."""
        await self._carrier.send(request)
        reader, said = HeadReader(), False
        while True:
            data = await self._carrier.more()
            if not data and not said:
                raise HungUpError(CLOSED_MUTE)
            if not said and _begins_http2(data):
                raise Http2Error
            said = True
            head = _read(reader, data)
            if head is not None:
                self.head, self._body, self._waiting = head, Body(head), reader.rest
                return

    async def part(self) -> bytes:
        """Return more of the body as it comes, not decoded; empty at its end. A Fault if it was broken off."""
        body = self._body
        while not body.ended and not body.broken:
            data, self._waiting = self._waiting, b""
            data = data or await self._carrier.more()
            if not data:
                break
            if part := body.feed(data):
                return part
        if not body.complete:
            raise faults.fault(FailureKind.PROTOCOL, BROKEN_OFF)
        return b""


def _begins_http2(data: bytes) -> bool:
    """True if data begins with HTTP/2 settings, as a server sends them in any case (RFC 9113 §3.4, §6.5)."""
    return len(data) >= 9 and int.from_bytes(data[:3]) % 6 == 0 and data[3:9] == b"\x04" + bytes(5)


def _read(reader: HeadReader, data: bytes) -> ResponseHead | None:
    try:
        head = reader.feed(data)
    except NotHttpError as problem:
        raise faults.fault(FailureKind.PROTOCOL, f"{NOT_HTTP}: {problem}") from problem
    if head is None and not data:
        raise faults.fault(FailureKind.PROTOCOL, f"{NOT_HTTP}: the head was broken off")
    return head
