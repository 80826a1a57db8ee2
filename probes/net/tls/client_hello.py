"""Sends one hello on one connection and reads the server's answer to exactly this offer; no handshake ends."""

import asyncio
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from inventory.model import IPAddress
from probes.framework.evidence import Failure, FailureKind
from probes.net.core import faults
from probes.net.core.reader import Inflow
from probes.net.core.tcp import Connector, unacknowledged
from probes.net.tls.starttls import Prologue, https
from probes.wire.tls import ssl2
from probes.wire.tls.errors import TlsWireError
from probes.wire.tls.flight import Flight, FlightReader, ServerHello
from probes.wire.tls.hello import HelloOffer, hello_record
from probes.wire.tls.numbers import TLS13, alert_name
from probes.wire.tls.session13 import Session13

_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class HelloTarget:
    """Holds the destination of hellos.

    ``patience``: seconds that the dialogue before TLS may take, beside those for the answer.
    """

    address: IPAddress
    port: int
    prologue: Prologue
    patience: float = 0.0


@dataclass(frozen=True, slots=True)
class HelloReply:
    """Holds the answer. With a ``hello`` the offer was accepted; ``failure`` then is an error that came after it.

    ``seconds``: from our hello to the end of its answer, or for how long none came. ``heard``: the peer's kernel has
    acknowledged all of our hello, so that silence comes from the program and not from loss on the way.
    """

    flight: Flight
    failure: Failure | None = None
    seconds: float = 0.0
    heard: bool = False

    @property
    def hello(self) -> ServerHello | None:
        return self.flight.hello

    @property
    def alert(self) -> int | None:
        return self.flight.alert.code if self.flight.alert else None

    @property
    def silent(self) -> bool:
        """True if no TLS came back: a silent refusal, or a limit on our connections."""
        return self.flight.hello is None and self.flight.alert is None

    @property
    def left_lying(self) -> bool:
        """True if the hello arrived, the connection stayed open, and no answer came within our wait."""
        return self.silent and self.heard and self.failure is not None and self.failure.kind is FailureKind.TIMEOUT

    @property
    def hung_up(self) -> bool:
        """True if the hello arrived, and the peer ended the connection without an answer."""
        return self.silent and self.heard and not self.left_lying


class _Sent:
    """Measures a hello on its connection: see ``HelloReply``."""

    __slots__ = ("heard", "seconds")

    def __init__(self) -> None:
        self.seconds, self.heard = 0.0, False

    @contextmanager
    def on(self, sock: socket.socket) -> Iterator[None]:
        """Measure the exchange in the block."""
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            yield
        finally:
            self.seconds, self.heard = clock() - began, unacknowledged(sock) == 0


class Hellos:
    """Sends hellos; each answer has the same number of seconds, or fewer if the caller gives fewer."""

    def __init__(self, connector: Connector, seconds: float) -> None:
        self._connector = connector
        self._seconds = seconds

    async def say(self, target: HelloTarget, offer: HelloOffer, wait: float | None = None) -> HelloReply:
        """Send a hello; return the server's flight, with network failures in the reply.

        ``wait``: a shorter time for the answer.
        """
        session_id = secrets.token_bytes(32) if offer.version >= TLS13 else b""
        return await self.send(target, hello_record(offer, random=secrets.token_bytes(32), session_id=session_id), wait)

    async def send(self, target: HelloTarget, wire: bytes, wait: float | None = None) -> HelloReply:
        """Send a hello as ``say`` does, with a record that is already encoded."""
        reader, sent = FlightReader(), _Sent()
        failure: Failure | None = None
        try:
            with await self._connector.connect(target.address, target.port) as sock:
                await self._before(sock, target)
                with sent.on(sock):
                    async with asyncio.timeout(min(self._seconds, wait or self._seconds)):
                        await self._exchange(sock, wire, reader)
        except TlsWireError as problem:
            failure = Failure(kind=FailureKind.PROTOCOL, detail=faults.bounded(str(problem)))
        except (faults.Fault, OSError, EOFError) as problem:
            failure = faults.from_exception(problem)
        alert = reader.flight.alert
        if alert is not None and failure is None:
            failure = Failure(kind=FailureKind.TLS_ALERT, detail=alert_name(alert.code))
        return HelloReply(reader.flight, failure, seconds=sent.seconds, heard=sent.heard)

    async def say_ssl2(self, target: HelloTarget, wait: float | None = None) -> ssl2.Ssl2Hello | Failure:
        """Send an SSL 2.0 hello and return its answer or the failure."""
        data = b""
        try:
            with await self._connector.connect(target.address, target.port) as sock:
                await self._before(sock, target)
                async with asyncio.timeout(min(self._seconds, wait or self._seconds)):
                    loop = asyncio.get_running_loop()
                    await loop.sock_sendall(sock, ssl2.client_hello(secrets.token_bytes(16)))
                    while (ssl2_hello := ssl2.server_hello(data)) is None:
                        chunk = await loop.sock_recv(sock, _CHUNK)
                        if not chunk:
                            return Failure(kind=FailureKind.PROTOCOL, detail="closed during TLS")
                        data += chunk
                    return ssl2_hello
        except TlsWireError as problem:
            kind = FailureKind.TLS_ALERT if data[:1] == b"\x15" else FailureKind.PROTOCOL
            return Failure(kind=kind, detail=faults.bounded(str(problem)))
        except (faults.Fault, OSError, EOFError) as problem:
            return faults.from_exception(problem)

    async def early_data(self, target: HelloTarget, server_name: str | None) -> int | None:
        """Return the bytes of 0-RTT data that the server's tickets allow after a whole TLS 1.3 handshake.

        None: the handshake did not end.
        """
        session = Session13(server_name)
        try:
            with await self._connector.connect(target.address, target.port) as sock:
                async with asyncio.timeout(self._seconds + target.patience):
                    await target.prologue(sock)
                    await converse(sock, session)
        except (TlsWireError, faults.Fault, OSError, EOFError):
            pass  # a server may close the connection after its tickets; the data from before is valid
        refused = session.done and session.early_data is None
        return (session.early_data or 0) if session.agreed and not refused else None

    async def _before(self, sock: socket.socket, target: HelloTarget) -> None:
        """Run the dialogue before TLS, within its own time: a slow greeting is no slow handshake."""
        if target.prologue is not https:
            async with asyncio.timeout(self._seconds + target.patience):
                await target.prologue(sock)

    async def _exchange(self, sock: socket.socket, wire: bytes, reader: FlightReader) -> None:
        with suppress(ConnectionError):  # a server that has closed already may have left an alert to read
            await asyncio.get_running_loop().sock_sendall(sock, wire)
        with Inflow(sock) as inflow:
            while not reader.done:
                chunk = await inflow.more(_CHUNK)
                if not chunk:
                    raise EOFError
                reader.feed(chunk)


async def converse(sock: socket.socket, session: Session13) -> None:
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(sock, session.hello)
    with Inflow(sock) as inflow:
        while not session.done and (chunk := await inflow.more(_CHUNK)):
            data = session.feed(chunk)
            if data:
                await loop.sock_sendall(sock, data)
