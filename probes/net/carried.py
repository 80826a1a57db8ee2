"""A TLS session under HTTP: the connection whose handshake is on record carries the page as well.

What a certificate says is then said of the very server that gave the page, also where an address leads to several.
aiohttp's parser reads the answer, without the connections and protocols around it: what comes inside the session is
handed to it piece by piece, as it is asked for, and TLS runs on two buffers, as everywhere here, over a socket of ours.
"""

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import suppress

import aiohttp
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpResponseParser, RawResponseMessage
from aiohttp.http_exceptions import HttpProcessingError
from multidict import CIMultiDict, CIMultiDictProxy

from probes.framework.evidence import FailureKind
from probes.net import faults
from probes.net.tls import Session

_RECORD = 65_536
_HELD = 1 << 20  # far above a record: the parser never waits for a reader
_SWITCHED = 101


class Exchange:
    """One request over a session, and its answer: ``ask``, then the head stands here and ``part`` gives the body.

    At most ``headers`` fields of ``line`` bytes each. What the network does raises aiohttp.ClientError or OSError, what
    is no HTTP a Fault.
    """

    status = 0
    reason = ""
    headers: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())

    def __init__(self, session: Session, *, line: int, headers: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._session, self._secured = session, session.secured
        self._parser = HttpResponseParser(
            BaseProtocol(self._loop), self._loop, _HELD, payload_exception=aiohttp.ClientPayloadError,
            read_until_eof=True, auto_decompress=False, max_line_size=line, max_field_size=line, max_headers=headers,
        )  # fmt: skip
        self._body: aiohttp.StreamReader | None = None
        self._ended = False

    async def ask(self, request: bytes) -> None:
        """Returns once the head has come. ServerDisconnectedError or ClientOSError where the server hung up before."""
        try:
            await self._send(self._secured.sealed(request))
            while not self.status:
                data = await self._more()
                if not data:
                    raise aiohttp.ServerDisconnectedError
                self._take(self._parsed(data))
        except OSError as problem:
            raise aiohttp.ClientOSError(*problem.args) from problem

    async def part(self) -> bytes:
        """More of the body, as it comes and nothing decoded; nothing at its end. ClientPayloadError where the server
        broke it off."""
        body = self._body
        while body is not None and not body.at_eof():
            if part := body.read_nowait():
                return part
            broken: OSError | None = None
            try:
                data = await self._more()
            except OSError as problem:
                data, broken = b"", problem
            if not data or not self._goes_on(data):
                self._finish(broken)
                return body.read_nowait()
        return b""

    def close(self) -> None:
        """With a farewell, unless the server has gone first, and if it goes at once: nobody waits for that."""
        if not self._ended and not self._left():
            self._ended = True
            with suppress(OSError):  # it waits for the other end's, or the session is past that
                self._secured.tls.unwrap()
            with suppress(OSError):
                self._session.sock.send(self._secured.outgoing.read())
        self._session.close()

    def _take(self, messages: Sequence[tuple[RawResponseMessage, aiohttp.StreamReader]]) -> None:
        """The answer, behind whatever was said in the meantime (RFC 9110 §15.2)."""
        for message, body in messages:
            if message.code >= 200 or message.code == _SWITCHED:
                self.status, self.reason, self.headers = message.code, message.reason, message.headers
                self._body = body
                return

    def _parsed(self, data: bytes) -> Sequence[tuple[RawResponseMessage, aiohttp.StreamReader]]:
        try:
            messages: Sequence[tuple[RawResponseMessage, aiohttp.StreamReader]] = self._parser.feed_data(data)[0]
        except HttpProcessingError as problem:
            raise faults.fault(FailureKind.PROTOCOL, problem.message) from problem
        return messages

    def _goes_on(self, data: bytes) -> bool:
        """More of the body; False where it is no HTTP any more, and the rest of it worth nothing."""
        try:
            self._parser.feed_data(data)
        except HttpProcessingError:
            return False
        return True

    def _finish(self, broken: OSError | None) -> None:
        """Nothing comes any more: the end of a body without a length, and else a body that was broken off."""
        try:
            self._parser.feed_eof()
        except HttpProcessingError as problem:
            said = f"Response payload is not completed: {problem!r}"
            raise aiohttp.ClientPayloadError(said if broken is None else f"{said}. {broken!r}") from problem

    def _left(self) -> bool:
        """Whether the server's own farewell has come behind what was read."""
        try:
            return self._secured.incoming.pending > 0 and not self._secured.tls.read(1)
        except OSError:
            return False

    async def _more(self) -> bytes:
        """What came inside, a record at most; nothing at the end. A server that leaves out the farewell of TLS is no
        worse than others."""
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

    async def _send(self, wire: bytes) -> None:
        with suppress(BlockingIOError, InterruptedError):
            wire = wire[self._session.sock.send(wire) :]
        if wire:
            await self._loop.sock_sendall(self._session.sock, wire)
