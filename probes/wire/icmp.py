"""ICMP (RFC 792) and ICMPv6 (RFC 4443) echo messages and the errors that quote them. Bytes only, no I/O."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass

_HEADER = struct.Struct("!BBHHH")
_STAMP = struct.Struct("!8sI")
_IPV6_HEADER = 40
_IPV4_MINIMUM = 20
_ICMPV6 = 58
_ICMPV4 = 1
_REQUEST = {4: 8, 6: 128}
_REPLY = {4: 0, 6: 129}
# Destination unreachable, packet too big (ICMPv6), time exceeded, parameter problem.
_ERRORS = {4: frozenset({3, 11, 12}), 6: frozenset({1, 2, 3, 4})}


@dataclass(frozen=True, slots=True)
class Quoted:
    """The echo request of ours that an error quotes; ``payload`` may be cut off anywhere."""

    destination: bytes
    identifier: int
    sequence: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """An echo reply, or an error with the request that it quotes."""

    type: int
    code: int
    is_reply: bool
    payload: bytes = b""
    hop_limit: int | None = None
    quoted: Quoted | None = None
    mtu: int | None = None  # what Packet Too Big (RFC 4443 §3.2) or Fragmentation Needed (RFC 1191 §4) says


def echo_request(version: int, identifier: int, sequence: int, payload: bytes) -> bytes:
    """The checksum of ICMPv6 covers addresses, so the kernel fills it in; that of ICMPv4 is ours."""
    head = _HEADER.pack(_REQUEST[version], 0, 0, identifier, sequence)
    if version == 6:
        return head + payload
    return _HEADER.pack(_REQUEST[4], 0, checksum(head + payload), identifier, sequence) + payload


class EchoRequests:
    """Makes the requests of one sender, whose payload begins with a token and a 32-bit number, padded to a size.

    As ``echo_request``, but faster: what stays the same is put together and added up once for each size.
    """

    _BODY = struct.Struct("!BBHHH8sI")
    PAD = b"\xa5"

    def __init__(self, version: int, identifier: int, token: bytes) -> None:
        self._version = version
        self._ident = identifier
        self._token = token
        self._pads: dict[int, tuple[bytes, int]] = {}

    def make(self, numbers: Iterable[int], size: int) -> list[bytes]:
        """The requests with ``size`` bytes of payload, at least 12; a number modulo 65536 is the sequence number."""
        pad, same = self._pads.get(size) or self._prepare(size)
        kind, ident, token, pack = _REQUEST[self._version], self._ident, self._token, self._BODY.pack
        if self._version == 6:
            return [pack(kind, 0, 0, ident, number & 0xFFFF, token, number) + pad for number in numbers]
        return [pack(kind, 0, _sum_of(same, number), ident, number & 0xFFFF, token, number) + pad for number in numbers]

    def number_in(self, data: bytes, *, has_ip_header: bool) -> int | None:
        """The number in an echo reply to one of these; None where ``data`` is none. Takes any header for whole."""
        start = (data[0] & 0x0F) * 4 if has_ip_header and data else 0
        if len(data) < start + _HEADER.size or data[start] != _REPLY[self._version]:
            return None
        return self.number_at(data, start + _HEADER.size)

    def number_at(self, data: bytes, start: int) -> int | None:
        """The number in the payload of one of these that begins at ``start``; None where it is cut off or another's."""
        if len(data) < start + _STAMP.size:
            return None
        token, number = _STAMP.unpack_from(data, start)
        return number if token == self._token else None

    def _prepare(self, size: int) -> tuple[bytes, int]:
        pad = self.PAD * (size - 12)
        whole = self._BODY.pack(_REQUEST[self._version], 0, 0, self._ident, 0, self._token, 0) + pad
        prepared = self._pads[size] = (pad, ~checksum(whole) & 0xFFFF)
        return prepared


def _sum_of(same: int, number: int) -> int:
    """The checksum where ``same`` is the sum of everything but the number and the sequence number."""
    low = number & 0xFFFF
    total = same + low + low + (number >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    total += total >> 16
    return ~total & 0xFFFF


def parse(version: int, data: bytes, *, has_ip_header: bool = False) -> Message | None:
    """What a socket handed over, or None for anything that is no echo reply and no error about an echo request."""
    hop_limit = None
    if has_ip_header:
        start = _ipv4_payload(data)
        if start is None:
            return None
        hop_limit = data[8]
        data = data[start:]
    if len(data) < _HEADER.size:
        return None
    kind, code = data[0], data[1]
    if kind == _REPLY[version]:
        return Message(kind, code, is_reply=True, payload=data[_HEADER.size :], hop_limit=hop_limit)
    if kind in _ERRORS[version]:
        quoted = _quoted(version, data[_HEADER.size :])
        mtu = _mtu(version, data)
        return None if quoted is None else Message(kind, code, is_reply=False, quoted=quoted, mtu=mtu)
    return None


def _mtu(version: int, data: bytes) -> int | None:
    if version == 6:
        return int.from_bytes(data[4:8]) if data[0] == 2 else None
    return int.from_bytes(data[6:8]) or None if (data[0], data[1]) == (3, 4) else None


def _ipv4_payload(packet: bytes) -> int | None:
    """Where the payload of an IPv4 packet starts, None when it is no whole header of an ICMP packet."""
    if len(packet) < _IPV4_MINIMUM or packet[0] >> 4 != 4 or packet[9] != _ICMPV4:
        return None
    length = (packet[0] & 0x0F) * 4
    return length if _IPV4_MINIMUM <= length <= len(packet) else None


def _quoted(version: int, packet: bytes) -> Quoted | None:
    if version == 6:
        if len(packet) < _IPV6_HEADER or packet[0] >> 4 != 6 or packet[6] != _ICMPV6:
            return None
        start, destination = _IPV6_HEADER, packet[24:40]
    else:
        found = _ipv4_payload(packet)
        if found is None:
            return None
        start, destination = found, packet[16:20]
    if len(packet) < start + _HEADER.size:
        return None
    kind, _code, _sum, identifier, sequence = _HEADER.unpack_from(packet, start)
    if kind != _REQUEST[version]:
        return None
    return Quoted(destination, identifier, sequence, packet[start + _HEADER.size :])


def filter6() -> bytes:
    """ICMP6_FILTER (RFC 3542 §3.2): let replies and errors in; on Linux a set bit blocks."""
    words = [0xFFFFFFFF] * 8
    for kind in (*_ERRORS[6], _REPLY[6]):
        words[kind >> 5] &= ~(1 << (kind & 31)) & 0xFFFFFFFF
    return struct.pack("=8I", *words)


def filter4() -> bytes:
    """Linux's ICMP_FILTER: the same for the 32 first types."""
    word = 0xFFFFFFFF
    for kind in (*_ERRORS[4], _REPLY[4]):
        word &= ~(1 << kind) & 0xFFFFFFFF
    return struct.pack("=I", word)
