"""Builds the SSL 2.0 hello, which differs from that of later versions, and reads the server's answer.

Written from the SSL 2.0 draft (Hickman, 1995): a two-byte record header with the top bit set, three-byte cipher kinds.
"""

import struct
from dataclasses import dataclass

from probes.wire.tls.errors import TlsWireError
from probes.wire.tls.numbers import SSL2

KINDS = {
    0x010080: "SSL_CK_RC4_128_WITH_MD5",
    0x020080: "SSL_CK_RC4_128_EXPORT40_WITH_MD5",
    0x030080: "SSL_CK_RC2_128_CBC_WITH_MD5",
    0x040080: "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5",
    0x050080: "SSL_CK_IDEA_128_CBC_WITH_MD5",
    0x060040: "SSL_CK_DES_64_CBC_WITH_MD5",
    0x0700C0: "SSL_CK_DES_192_EDE3_CBC_WITH_MD5",
}
_SERVER_HELLO = 4
_HEADER = struct.Struct("!BBBHHHH")
_LONGEST = 32_767


@dataclass(frozen=True, slots=True)
class Ssl2Hello:
    """Holds the cipher kinds that an SSL 2.0 server accepts, by name; without any it still supports SSL 2.0."""

    suites: tuple[str, ...]


def client_hello(challenge: bytes) -> bytes:
    """Return a hello with every cipher kind; ``challenge`` is 16 bytes."""
    kinds = b"".join(code.to_bytes(3) for code in KINDS)
    body = struct.pack("!BHHHH", 1, SSL2, len(kinds), 0, len(challenge)) + kinds + challenge
    return (0x8000 | len(body)).to_bytes(2) + body


def server_hello(data: bytes) -> Ssl2Hello | None:
    """Return the answer in the bytes received so far; None if more are needed. Raise TlsWireError if not SSL 2.0."""
    if len(data) >= 1 and not data[0] & 0x80:
        raise TlsWireError("no SSL 2.0 record")
    if len(data) < 2:
        return None
    size = int.from_bytes(data[:2]) & _LONGEST
    if size < _HEADER.size:
        raise TlsWireError("no SSL 2.0 server hello")
    if len(data) >= 3 and data[2] != _SERVER_HELLO:
        raise TlsWireError("no SSL 2.0 server hello")
    if len(data) < 2 + size:
        return None
    _kind, _hit, _type, version, certificate, specs, connection = _HEADER.unpack_from(data, 2)
    if version != SSL2 or _HEADER.size + certificate + specs + connection > size or specs % 3:
        raise TlsWireError("an SSL 2.0 server hello that contradicts itself")
    start = 2 + _HEADER.size + certificate
    listed = [int.from_bytes(data[at : at + 3]) for at in range(start, start + specs, 3)]
    return Ssl2Hello(tuple(KINDS.get(code, f"0x{code:06X}") for code in listed))
