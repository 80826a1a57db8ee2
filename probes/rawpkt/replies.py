# SPDX-License-Identifier: GPL-2.0-only
"""What came back, taken apart: ICMP errors with what they quote, and TCP segments. Bytes only, no I/O.

scapy's own matching misses real answers (extension headers, fragments), so nothing here is scapy's.
"""

import struct
from dataclasses import dataclass

_IPV6 = 40
_EXTENSIONS = frozenset({0, 43, 44, 60})
ERRORS = {4: frozenset({3, 11, 12}), 6: frozenset({1, 2, 3, 4})}
ECHO_REQUEST = 128
"""Of IPv6: only packets that were passed on to us are looked for."""
ECHO_REPLY = {4: 0, 6: 129}
EXTENDED_ECHO_REPLY = {4: 43, 6: 161}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """The packet of ours that an error quotes: where it went, what it carried, IPv4's identification."""

    destination: bytes
    protocol: int
    ident: int
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Icmp:
    """One ICMP message; ``rest`` is what stands behind type, code and checksum."""

    type: int
    code: int
    rest: bytes
    quoted: Quoted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One TCP segment. ``size`` is header and payload together."""

    source: int
    destination: int
    seq: int
    ack: int
    syn: bool
    rst: bool
    header: int
    size: int

    @property
    def payload(self) -> int:
        return self.size - self.header


def icmp(version: int, data: bytes) -> Icmp | None:
    """A message as a raw socket hands it over (IPv4 with its IP header), None for what is too short."""
    if version == 4:
        start = _ipv4(data)
        if start is None or data[9] != 1:
            return None
        data = data[start:]
    if len(data) < 8:
        return None
    kind = data[0]
    quoted = _quoted(version, data[8:]) if kind in ERRORS[version] else None
    return Icmp(type=kind, code=data[1], rest=data[4:], quoted=quoted)


def segment(version: int, data: bytes) -> Segment | None:
    """A segment as a raw socket hands it over, None for what is no whole TCP header."""
    if version == 4:
        start = _ipv4(data)
        if start is None or data[9] != 6:
            return None
        data = data[start:]
    if len(data) < 20:
        return None
    source, destination, seq, ack, offset, flags = struct.unpack_from("!HHIIBB", data)
    header = (offset >> 4) * 4
    if not 20 <= header <= len(data):
        return None
    return Segment(
        source=source,
        destination=destination,
        seq=seq,
        ack=ack,
        syn=bool(flags & 2),
        rst=bool(flags & 4),
        header=header,
        size=len(data),
    )


def _ipv4(data: bytes) -> int | None:
    if len(data) < 20 or data[0] >> 4 != 4:
        return None
    length = (data[0] & 15) * 4
    return length if 20 <= length <= len(data) else None


def _quoted(version: int, packet: bytes) -> Quoted | None:
    if version == 4:
        start = _ipv4(packet)
        if start is None:
            return None
        ident = int.from_bytes(packet[4:6])
        return Quoted(destination=packet[16:20], protocol=packet[9], ident=ident, payload=packet[start:])
    if len(packet) < _IPV6 or packet[0] >> 4 != 6:
        return None
    protocol, start = packet[6], _IPV6
    while protocol in _EXTENSIONS and len(packet) >= start + 8:
        length = 8 if protocol == 44 else 8 + packet[start + 1] * 8
        protocol, start = packet[start], start + length
    return Quoted(destination=packet[24:40], protocol=protocol, ident=0, payload=packet[start:])
