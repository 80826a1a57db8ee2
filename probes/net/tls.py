"""TLS handshakes that record and never verify, over asyncio and OpenSSL.

The contexts accept what a client should refuse: old versions, small keys, legacy renegotiation. A weak server must
still show its certificate, whether it is good is a check's business. Anonymous and unencrypted suites are left out:
offering them would let a server answer without any certificate because of us.
"""

import asyncio
import ssl
from collections.abc import Iterable
from dataclasses import dataclass

from inventory.model import IPAddress
from probes.framework.evidence import FailureKind
from probes.net import faults
from probes.net.tcp import Connector

CHAIN_LIMIT = 20
_ENCODING_DER = 2  # _ssl.ENCODING_DER


def permissive_context(alpn: Iterable[str] = ()) -> ssl.SSLContext:
    """A context for measuring. Costs milliseconds: made once for each purpose and shared."""
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
    """The certificates as the server sent them, leaf first, in DER.

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
    """What a completed handshake showed."""

    version: str | None
    cipher: str | None
    alpn: str | None
    chain: tuple[bytes, ...]


class _Hold(asyncio.Protocol):
    """Keeps nothing of what arrives; tells when the transport is really gone."""

    def __init__(self) -> None:
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.gone.done():
            self.gone.set_result(None)


class Handshaker:
    """Connects, shakes hands, reads what was agreed, hangs up."""

    def __init__(self, connector: Connector, seconds: float) -> None:
        self._connector = connector
        self._seconds = seconds
        self._web = permissive_context(("h2", "http/1.1"))
        self._plain = permissive_context()

    async def handshake(self, address: IPAddress, port: int, name: str | None, protocol: str) -> Handshake:
        """Fault, ssl.SSLError or OSError when it fails. ``name`` None sends no SNI."""
        if name is not None and not _can_be_sni(name):
            raise faults.fault(FailureKind.PROTOCOL, f"a name that no client can send as SNI: {name}")
        context = self._web if protocol == "https" else self._plain
        sock = await self._connector.connect(address, port)
        transport: asyncio.Transport | None = None
        hold = _Hold()
        try:
            async with asyncio.timeout(self._seconds):
                transport, _ = await asyncio.get_running_loop().create_connection(
                    lambda: hold,
                    sock=sock,
                    ssl=context,
                    server_hostname=name or "",
                    ssl_handshake_timeout=self._seconds * 2,  # the outer timeout is the one that counts
                )
                return _agreed(transport)
        finally:
            if transport is None:
                sock.close()
            else:
                transport.abort()
                await hold.gone


def _can_be_sni(name: str) -> bool:
    labels = name.removesuffix(".").split(".")
    return name.isascii() and len(name) < 256 and all(0 < len(label) < 64 for label in labels)


def _agreed(transport: asyncio.Transport) -> Handshake:
    tls = transport.get_extra_info("ssl_object")
    if not isinstance(tls, ssl.SSLObject):
        raise faults.fault(FailureKind.BUG, "asyncio gave no SSL object")
    suite = tls.cipher()
    return Handshake(
        version=tls.version(),
        cipher=suite[0] if suite else None,
        alpn=tls.selected_alpn_protocol(),
        chain=chain_of(tls),
    )
