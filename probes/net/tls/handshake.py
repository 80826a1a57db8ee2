"""Makes TLS handshakes that are recorded and never verified.

The contexts accept connections that a client should refuse: old versions, small keys, legacy renegotiation. A weak
server must still show its certificate; checks judge it. Anonymous and unencrypted suites are left out: offering them
would let a server answer without any certificate because of us.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from inventory.model import IPAddress
from probes.framework.evidence import FailureKind
from probes.net.core import faults
from probes.net.core.gate import Place
from probes.net.core.reader import Inflow
from probes.net.core.tcp import Connector
from probes.net.core.time_limits import TimeLimits
from probes.net.core.turns import others_first
from probes.net.tls.starttls import PROLOGUES, Prologue
from probes.wire.tls.numbers import ALERT

CHAIN_LIMIT = 100
"""Certificates of one chain; OpenSSL takes 100 kB of them."""
_RECORD = 32_768
_ALERT_SIZE = 7
_ENCODING_DER = 2  # _ssl.ENCODING_DER


def permissive_context(alpn: Iterable[str] = ()) -> ssl.SSLContext:
    """Return a context for measuring. It costs milliseconds, so it is made once for each purpose and shared."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:!aNULL:!eNULL:@SECLEVEL=0")
    context.options |= 0x4  # SSL_OP_LEGACY_SERVER_CONNECT, which Python 3.11 has no name for
    protocols = list(alpn)
    if protocols:
        context.set_alpn_protocols(protocols)
    return context


def chain_of(tls: ssl.SSLObject | ssl.SSLSocket) -> tuple[bytes, ...]:
    """Return the certificates as the server sent them, leaf first, in DER.

    Public from Python 3.13; before, the same call exists on the C object and hands out certificate objects.
    """
    public = getattr(tls, "get_unverified_chain", None)
    if public is not None:
        sent: Iterable[object] = public() or ()
    else:
        inner = getattr(tls, "_sslobj", None)
        sent = (inner.get_unverified_chain() or ()) if inner is not None else ()
    return tuple(_der(certificate) for certificate in list(sent)[:CHAIN_LIMIT])


def _der(certificate: object) -> bytes:
    if isinstance(certificate, bytes):
        return certificate
    encoded = certificate.public_bytes(_ENCODING_DER)  # type: ignore[attr-defined]  # _ssl.Certificate has no stub
    return bytes(encoded)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """Holds the results of a completed handshake."""

    version: str | None
    cipher: str | None
    alpn: str | None
    chain: tuple[bytes, ...]


class Handshaker:
    """Connects, runs a handshake, reads its results and closes the connection.

    OpenSSL works on memory and the bytes are carried here: no transport, no protocol object, and the socket has one
    owner, which closes it in all cases.
    """

    def __init__(self, connector: Connector, seconds: float, prologues: Mapping[str, Prologue] = PROLOGUES) -> None:
        self._connector = connector
        self._limits = TimeLimits(seconds)
        self._prologues = prologues
        self._web = permissive_context(("h2", "http/1.1"))
        self._pages = permissive_context(("http/1.1",))
        self._plain = permissive_context()

    async def handshake(self, address: IPAddress, port: int, name: str | None, protocol: str) -> Handshake:
        """Connect and run a handshake; Fault, ssl.SSLError or OSError if it fails. ``name`` None sends no SNI."""
        refuse_impossible(name)
        context = self._web if protocol == "https" else self._plain
        with await self._connector.connect(address, port) as sock, self._limits.limited():
            await self._prologues[protocol](sock)
            tls = await shake_hands(sock, context, name)
            return _agreed(tls)

    async def open(
        self, address: IPAddress, port: int, name: str | None, *, also_h2: bool = False, place: Place | None = None
    ) -> "TlsSession":
        """Open an HTTPS session for HTTP/1.1, the only offer unless ``also_h2``; raises as ``handshake`` does.

        ``place``: see ``Connector.connect``.
        """
        refuse_impossible(name)
        return await self.over(await self._connector.connect(address, port, place), name, also_h2=also_h2)

    async def over(self, sock: socket.socket, name: str | None, *, also_h2: bool = False) -> "TlsSession":
        """Open the same session over a connected socket, which is closed if this fails."""
        try:
            refuse_impossible(name)
            with self._limits.limited():
                secured = await agree(sock, self._web if also_h2 else self._pages, name, goes_on=True)
        except BaseException:
            sock.close()
            raise
        return TlsSession(sock=sock, secured=secured, agreed=_agreed(secured.tls))


@dataclass(slots=True)
class TlsLayer:
    """Holds a TLS session over a socket that others own: bytes go in and out by the two buffers."""

    tls: ssl.SSLObject
    incoming: ssl.MemoryBIO
    outgoing: ssl.MemoryBIO
    inflow: Inflow

    def sealed(self, data: bytes) -> bytes:
        """Return the bytes to send for ``data``, with other bytes that were waiting to be sent."""
        self.tls.write(data)
        return self.outgoing.read()

    def opened(self, wire: bytes) -> bytes:
        """Return decrypted data; empty as long as no record is complete. EOFError at the end of the session."""
        self.incoming.write(wire)
        data, ended = b"", False
        with suppress(ssl.SSLWantReadError):
            while chunk := self.tls.read(_RECORD):
                data += chunk
            ended = True
        if ended and not data:
            raise EOFError
        return data


@dataclass(slots=True, kw_only=True)
class TlsSession:
    """Holds a connection on which a handshake has ended. Its owner closes it; a second close is a no-op."""

    sock: socket.socket
    secured: TlsLayer
    agreed: Handshake

    def close(self) -> None:
        self.secured.inflow.stop()
        self.sock.close()


async def shake_hands(sock: socket.socket, context: ssl.SSLContext, name: str | None) -> ssl.SSLObject:
    """Run a TLS handshake as client on a connected non-blocking socket, and send close_notify at its end."""
    secured = await agree(sock, context, name)
    with suppress(ssl.SSLError, OSError):
        with suppress(ssl.SSLWantReadError):
            secured.tls.unwrap()
        sock.send(secured.outgoing.read())
    return secured.tls


async def agree(sock: socket.socket, context: ssl.SSLContext, name: str | None, *, goes_on: bool = False) -> TlsLayer:
    """Run a TLS handshake as client on a connected non-blocking socket; ssl.SSLError or OSError if it fails.

    An alert that this Python has no name for (120, no_application_protocol) is a Fault that names it from its record.
    ``goes_on``: our last flight of TLS 1.3 stays in ``outgoing``, to go with the first data sent; ``inflow`` stays
    open.
    """
    await others_first()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname=name)
    secured, done = TlsLayer(tls, incoming, outgoing, Inflow(sock)), False
    try:
        await _shake(sock, secured, goes_on=goes_on)
        done = True
    finally:
        if not (done and goes_on):
            secured.inflow.stop()
    return secured


async def _shake(sock: socket.socket, secured: TlsLayer, *, goes_on: bool) -> None:
    loop, outgoing = asyncio.get_running_loop(), secured.outgoing
    done, chunk = False, b""
    while not done:
        try:
            secured.tls.do_handshake()
            done = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as problem:
            with suppress(OSError):  # tell them why, if it goes at once
                sock.send(outgoing.read())
            if not problem.reason and chunk[:1] == bytes((ALERT,)) and len(chunk) == _ALERT_SIZE:
                raise faults.fault(FailureKind.TLS_ALERT, f"alert {chunk[-1]}", problem.errno) from problem
            raise
        if outgoing.pending and not (done and goes_on):
            await loop.sock_sendall(sock, outgoing.read())
        if not done:
            chunk = await secured.inflow.more(_RECORD)
            if chunk:
                secured.incoming.write(chunk)
            else:
                secured.incoming.write_eof()


def refuse_impossible(name: str | None) -> None:
    """Raise Fault for a name that cannot be sent."""
    if name is not None and not can_be_sni(name):
        raise faults.fault(FailureKind.PROTOCOL, f"a name that no client can send as SNI: {name}")


def can_be_sni(name: str) -> bool:
    """True if a client can send the name at all (RFC 6066 §3)."""
    labels = name.removesuffix(".").split(".")
    return name.isascii() and len(name) < 256 and all(0 < len(label) < 64 for label in labels)


def _agreed(tls: ssl.SSLObject) -> Handshake:
    suite = tls.cipher()
    return Handshake(
        version=tls.version(),
        cipher=suite[0] if suite else None,
        alpn=tls.selected_alpn_protocol(),
        chain=chain_of(tls),
    )
