"""Builds the request for a Teredo server (RFC 4380) and recognises its answer. Bytes only, no I/O."""

import struct
from ipaddress import IPv6Address

NAME, PORT = "teredo", 3544
_SOURCE = IPv6Address("fe80::ffff:ffff:ffff")
"""Link-local address without the cone bit (RFC 4380 §5.2.1); with it, another address of the server would answer."""
_ALL_ROUTERS = IPv6Address("ff02::2")
_SOLICITATION, _ADVERTISEMENT, _ICMP = 133, 134, 58
_AUTHENTICATION, _ORIGIN = b"\0\1", b"\0\0"


def solicitation() -> bytes:
    """Return a router solicitation after an authentication indicator without secrets (§5.1.1)."""
    body = struct.pack("!BBHI", _SOLICITATION, 0, 0, 0)
    pseudo = _SOURCE.packed + _ALL_ROUTERS.packed + struct.pack("!IHBB", len(body), 0, 0, _ICMP)
    body = body[:2] + struct.pack("!H", _checksum(pseudo + body)) + body[4:]
    head = struct.pack("!IHBB", 6 << 28, len(body), _ICMP, 255) + _SOURCE.packed + _ALL_ROUTERS.packed
    return _AUTHENTICATION + b"\0\0" + bytes(8) + b"\0" + head + body


def is_advertisement(data: bytes) -> bool:
    """True if a datagram carries a router advertisement, after any authentication and origin indicators."""
    if data[:2] == _AUTHENTICATION and len(data) >= 4:
        data = data[4 + data[2] + data[3] + 9 :]
    if data[:2] == _ORIGIN:
        data = data[8:]
    return len(data) > 40 and data[0] >> 4 == 6 and data[6] == _ICMP and data[40] == _ADVERTISEMENT


def _checksum(data: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
