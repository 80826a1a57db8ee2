# SPDX-License-Identifier: GPL-2.0-only
"""Parses replies: ICMP errors with their quotations, and TCP segments. Bytes only, no I/O.

scapy's own matching misses real answers (extension headers, fragments), so nothing here is scapy's.
"""

import struct
from dataclasses import dataclass

_IPV6 = 40
_TCP = 6
_ADDRESSES = 8
"""The offset of the addresses in an IPv6 header."""
_VNET = struct.Struct("=BBHHHH")  # virtio_net_hdr: flags, kind, length of headers, size of the parts, two of checksums
_EXTENSIONS = frozenset({0, 43, 44, 60})
ERRORS = {4: frozenset({3, 11, 12}), 6: frozenset({1, 2, 3, 4})}
ECHO_REQUEST = 128
"""The type in ICMPv6, because only packets that were forwarded to us are looked for."""
ECHO_REPLY = {4: 0, 6: 129}
EXTENDED_ECHO_REPLY = {4: 43, 6: 161}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """Holds our packet as an error quotes it: its destination, its contents, IPv4's identification."""

    destination: bytes
    protocol: int
    ident: int
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Icmp:
    """Holds one ICMP message; ``rest`` is the data behind type, code and checksum."""

    type: int
    code: int
    rest: bytes
    quoted: Quoted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Holds one TCP segment. ``size`` is header and payload together."""

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
    """Return the message in data from a raw socket (IPv4 with its IP header), None if it is too short."""
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
    """Return the segment in data from a raw socket, None if there is no whole TCP header."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpPacket:
    """Holds one IPv6 packet with TCP data as on the wire. ``segment``: its TCP header and data."""

    seq: int
    segment: bytes

    @property
    def size(self) -> int:
        return _IPV6 + len(self.segment)


def flow(data: bytes, theirs: tuple[bytes, int], ours: tuple[bytes, int]) -> list[TcpPacket]:
    """Return the packets with data in one read of a flow listener.

    Empty if they are broken, or not of the connection from address and port ``theirs`` to ``ours``. The kernel merges
    packets of one connection that come together, and reports their size: all but the last have that size, one behind
    the other. It does not report the length of the link's header, so the addresses are searched for.
    """
    start = data[: _VNET.size + 64].find(theirs[0] + ours[0]) - _ADDRESSES
    if start < _VNET.size or data[start] >> 4 != 6 or data[start + 6] != _TCP:
        return []
    length = int.from_bytes(data[start + 4 : start + 6])
    whole = data[start + _IPV6 :]
    whole = whole[:length] if length else whole  # 0: longer than this field can say (RFC 2675), only by merging
    found = segment(6, whole)
    if found is None or not found.payload or (found.source, found.destination) != (theirs[1], ours[1]):
        return []
    head, payload, seq = whole[: found.header], whole[found.header :], found.seq
    part = _VNET.unpack_from(data)[3] or len(payload)
    return [
        TcpPacket(seq=(seq + place) & 0xFFFFFFFF, segment=head + payload[place : place + part])
        for place in range(0, len(payload), part)
    ]


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
