"""Tests two flaws of OpenSSL that only show when they are exercised, without taking data or causing damage.

Heartbleed (CVE-2014-0160): a heartbeat without the padding that RFC 6520 §4 demands. A sound server throws it away; a
flawed one echoes exactly the sixteen bytes that we sent, so not one byte of its memory is read. Early ChangeCipherSpec
(CVE-2014-0224): one before any key exists. A sound server sends unexpected_message; a flawed one takes it and then
cannot read our next record (bad_record_mac). A handshake never ends, a session never begins.
"""

import asyncio
import secrets
import socket

from probes.net.core.tcp import Connector
from probes.net.tls.client_hello import HelloTarget
from probes.wire.tls import groups, signatures, suites
from probes.wire.tls.errors import TlsWireError
from probes.wire.tls.flight import FlightReader
from probes.wire.tls.hello import HelloOffer, hello_record, message, records
from probes.wire.tls.numbers import ALERT, CHANGE_CIPHER_SPEC, CLIENT_KEY_EXCHANGE, HANDSHAKE, HEARTBEAT, TLS12

HEARTBLEED, EARLY_CCS = "heartbleed", "early-ccs"
TRIES = 2
_SILENCE = 1.0
"""Seconds of silence that count as an answer."""
_UNREADABLE = frozenset({20, 21})  # bad_record_mac, decryption_failed
_ECHO = 2


class Weaknesses:
    """Tries one flaw on one connection."""

    def __init__(self, connector: Connector, seconds: float) -> None:
        self._connector = connector
        self._seconds = seconds

    async def tried(self, target: HelloTarget, server_name: str | None, weakness: str) -> bool | None:
        """True if the flaw exists; None if the answer does not tell. Raises the connect's errors."""
        try:
            return await self._attempt(target, server_name, weakness)
        except (EOFError, ConnectionError):
            return False  # a closed connection is a refusal
        except (TlsWireError, TimeoutError):
            return None

    async def _attempt(self, target: HelloTarget, server_name: str | None, weakness: str) -> bool | None:
        offer = HelloOffer(
            version=TLS12,
            suites=suites.usual(),
            server_name=server_name,
            groups=groups.for_tls12(),
            signatures=signatures.EVERY,
            heartbeat=True,
        )
        with await self._connector.connect(target.address, target.port) as sock:
            async with asyncio.timeout(self._seconds + target.patience):
                await target.prologue(sock)
                reader = FlightReader()
                await asyncio.get_running_loop().sock_sendall(sock, hello_record(offer, random=secrets.token_bytes(32)))
                while not reader.done:
                    reader.feed(await _received(sock))
                hello = reader.flight.hello
                if hello is None:  # an alert: the server does not support this version of TLS
                    return False
                if weakness == HEARTBLEED:
                    return await _heartbleed(sock, hello.version) if hello.heartbeat else False
                return await _early_ccs(sock, hello.version)


async def _heartbleed(sock: socket.socket, version: int) -> bool | None:
    sent = secrets.token_bytes(16)
    request = b"\x01" + len(sent).to_bytes(2) + sent
    await asyncio.get_running_loop().sock_sendall(sock, records(request, kind=HEARTBEAT, version=version))
    answer = await _record(sock)
    if answer is None or answer[0] == ALERT:
        return False
    kind, body = answer
    echoed = kind == HEARTBEAT and body[:1] == bytes((_ECHO,)) and body[3:19] == sent
    return True if echoed else None


async def _early_ccs(sock: socket.socket, version: int) -> bool | None:
    """Send an early ChangeCipherSpec, then a record in clear text; True if the server took the message.

    Only a server that took the message cannot read the record. The flaw takes the message in silence. An immediate
    alert is a refusal, with any code, because other libraries than OpenSSL choose other ones.
    """
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(sock, records(b"\x01", kind=CHANGE_CIPHER_SPEC, version=version))
    answer = await _record(sock)
    if answer is not None:
        return False if answer[0] == ALERT else None
    nonsense = message(CLIENT_KEY_EXCHANGE, bytes(64))
    await loop.sock_sendall(sock, records(nonsense, kind=HANDSHAKE, version=version))
    answer = await _record(sock)
    if answer is None or answer[0] != ALERT or len(answer[1]) != 2:
        return None
    return answer[1][1] in _UNREADABLE


async def _record(sock: socket.socket) -> tuple[int, bytes] | None:
    """Return the next record, or None for silence."""
    data = b""
    try:
        async with asyncio.timeout(_SILENCE):
            while len(data) < 5 or len(data) < 5 + int.from_bytes(data[3:5]):
                data += await _received(sock)
    except TimeoutError:
        return None
    return data[0], data[5 : 5 + int.from_bytes(data[3:5])]


async def _received(sock: socket.socket) -> bytes:
    data = await asyncio.get_running_loop().sock_recv(sock, 16_384)
    if not data:
        raise EOFError
    return data
