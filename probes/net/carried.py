"""A TLS session under HTTP: the connection whose handshake is on record carries the page as well.

What a certificate says is then said of the very server that gave the page, also where an address leads to several.
aiohttp's protocol and parser read the answer, without the session and the connections that it keeps around them: they
get a transport that is not asyncio's, as TLS runs on two buffers, as everywhere here, over a socket of ours.
"""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError
from multidict import CIMultiDictProxy

from probes.framework.evidence import FailureKind
from probes.net import faults
from probes.net.tls import Session

_CHUNK = 65_536
_SWITCHED = 101


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The head of a response, its body still to be read; ``close`` ends the connection."""

    status: int
    reason: str
    headers: CIMultiDictProxy[str]
    content: aiohttp.StreamReader
    transport: "Carried"

    def close(self) -> None:
        self.transport.close()


async def ask(session: Session, request: bytes, *, line: int, headers: int) -> Answer:
    """The answer to one request over ``session``, at most ``headers`` fields of ``line`` bytes each.

    Raises aiohttp.ClientError or OSError for what the network does, Fault for what is no HTTP.
    """
    protocol = ResponseHandler(asyncio.get_running_loop())
    carried = Carried(session)
    carried.carry(protocol)
    protocol.set_response_params(
        read_until_eof=True, auto_decompress=False, max_line_size=line, max_field_size=line, max_headers=headers
    )
    try:
        carried.write(request)
        while True:
            message, content = await protocol.read()
            if message.code >= 200 or message.code == _SWITCHED:
                return Answer(
                    status=message.code,
                    reason=message.reason,
                    headers=message.headers,
                    content=content,
                    transport=carried,
                )
    except BaseException as problem:
        carried.abort()
        if isinstance(problem, HttpProcessingError):
            raise faults.fault(FailureKind.PROTOCOL, problem.message) from problem
        raise


class Carried(asyncio.Transport):
    """Hands what comes inside a session to a protocol until either end closes; then the socket is closed too."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._sock = session.sock
        self._number = session.sock.fileno()  # a selector is slow to forget a socket that it does not know
        self._secured = session.secured
        self._protocol: asyncio.Protocol | None = None
        self._unsent = b""
        self._reading = False
        self._closing = False

    def carry(self, protocol: asyncio.Protocol) -> None:
        """Begin; what came behind the handshake already is handed over first."""
        self._protocol = protocol
        protocol.connection_made(self)
        self.resume_reading()

    def get_protocol(self) -> asyncio.BaseProtocol:
        if self._protocol is None:
            raise RuntimeError("nothing is carried yet")
        return self._protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        raise NotImplementedError("a session is carried for one protocol")

    def is_closing(self) -> bool:
        return self._closing

    def is_reading(self) -> bool:
        return self._reading

    def pause_reading(self) -> None:
        if self._reading:
            self._reading = False
            self._loop.remove_reader(self._number)

    def resume_reading(self) -> None:
        if not self._reading and not self._closing:
            self._reading = True
            self._secured.inflow.hand_over(self._arrived)
            if self._secured.incoming.pending or self._secured.tls.pending():
                self._loop.call_soon(self._hand_over)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._closing:
            return
        try:
            self._send(self._secured.sealed(bytes(data)))
        except OSError as problem:
            self._end(problem)

    def close(self) -> None:
        """With a farewell, if it goes at once: nobody waits for who has had enough."""
        if not self._closing and not self._unsent:
            self._say_farewell()
        self._end(None)

    def abort(self) -> None:
        self._end(None)

    def _arrived(self) -> None:
        try:
            wire = self._sock.recv(_CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as problem:
            self._end(problem)
            return
        if wire:
            self._secured.incoming.write(wire)
        self._hand_over()
        if not wire and self._reading:  # else it is said again when reading goes on
            self._at_its_end()

    def _hand_over(self) -> None:
        """Record by record, for as long as they are wanted."""
        while self._reading and self._protocol is not None:
            try:
                data = self._secured.tls.read(_CHUNK)
            except ssl.SSLWantReadError:
                break
            except OSError as problem:  # an alert, or nonsense
                self._end(problem)
                return
            if not data:
                self._at_its_end()
                return
            self._protocol.data_received(data)
        if self._reading and self._secured.outgoing.pending:  # an answer of TLS itself
            self._send(self._secured.outgoing.read())

    def _at_its_end(self) -> None:
        """Nothing comes any more; a server that leaves out the farewell of TLS is no worse than others."""
        if self._protocol is not None and not self._closing:
            self._protocol.eof_received()
        self._end(None)

    def _send(self, wire: bytes) -> None:
        if self._unsent:
            self._unsent += wire
            return
        self._unsent = self._rest_of(wire)
        if self._unsent:
            self._loop.add_writer(self._number, self._sendable)

    def _sendable(self) -> None:
        self._unsent = self._rest_of(self._unsent)
        if not self._unsent and not self._closing:
            self._loop.remove_writer(self._number)

    def _rest_of(self, wire: bytes) -> bytes:
        """What does not go yet."""
        try:
            return wire[self._sock.send(wire) :]
        except (BlockingIOError, InterruptedError):
            return wire
        except OSError as problem:
            self._end(problem)
            return b""

    def _say_farewell(self) -> None:
        with suppress(OSError):  # it waits for the other end's, or the session is past that
            self._secured.tls.unwrap()
        with suppress(OSError):
            self._sock.send(self._secured.outgoing.read())

    def _end(self, problem: OSError | None) -> None:
        if self._closing:
            return
        self._closing, self._reading = True, False
        self._loop.remove_reader(self._number)
        if self._unsent:
            self._loop.remove_writer(self._number)
        self._sock.close()
        if self._protocol is not None:
            self._loop.call_soon(self._protocol.connection_lost, problem)
            self._protocol = None
