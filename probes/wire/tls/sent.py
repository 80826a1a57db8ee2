"""Reads a server's certificate chain, OCSP response and log timestamps.

In TLS 1.3 all are in one message (RFC 8446 §4.4.2); before, the response has its own message (RFC 6066 §8) and the
timestamps are in the ServerHello (RFC 6962 §3.3.1).
"""

from dataclasses import dataclass

from probes.wire.tls.cursor import Cursor
from probes.wire.tls.errors import TlsWireError
from probes.wire.tls.flight import extensions_of
from probes.wire.tls.numbers import SIGNED_TIMESTAMPS, STATUS_REQUEST

_OCSP = 1
ASKED = ((SIGNED_TIMESTAMPS, b""), (STATUS_REQUEST, b"\x01\0\0\0\0"))
"""The extensions with which a client requests both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentParts:
    """Holds the parts that a server sent; a part that was not sent is empty."""

    chain: tuple[bytes, ...] = ()
    ocsp: bytes = b""
    timestamps: bytes = b""


def of_tls13(body: bytes) -> SentParts:
    """Return the parts in a TLS 1.3 Certificate message; only the leaf's extensions are read. Raise TlsWireError."""
    cursor = Cursor(body)
    cursor.vector(1)
    entries, chain, first = Cursor(cursor.vector(3)), [], b""
    while entries.left:
        chain.append(entries.vector(3))
        extensions = entries.vector(2)
        first = first if len(chain) > 1 else extensions
    found = dict(extensions_of(first))
    response = found.get(STATUS_REQUEST, b"")
    return SentParts(
        chain=tuple(chain), ocsp=of_status(response) if response else b"", timestamps=found.get(SIGNED_TIMESTAMPS, b"")
    )


def of_tls12(body: bytes) -> tuple[bytes, ...]:
    """Return the chain of a Certificate message before TLS 1.3. Raise TlsWireError if it is invalid."""
    entries, chain = Cursor(Cursor(body).vector(3)), []
    while entries.left:
        chain.append(entries.vector(3))
    return tuple(chain)


def of_status(body: bytes) -> bytes:
    """Return the OCSP response of a CertificateStatus. Raise TlsWireError for another kind of status."""
    cursor = Cursor(body)
    if cursor.number(1) != _OCSP:
        raise TlsWireError("a certificate status of another kind")
    return cursor.vector(3)
