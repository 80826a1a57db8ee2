"""Simulates devices that attack over SNMP (RFC 3416), and hosts that answer one echo request with thousands of replies.

Messages are written by hand: every object is followed by one more, of a kilobyte, or by the first.
"""

import asyncio
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from ipaddress import IPv6Address
from typing import cast

from containers.rehearsal.peers.hostile_text import BYTES, FORMULA

Oid = tuple[int, ...]
Next = Callable[[Oid, int], tuple[Oid, bytes]]
"""The object behind one, as its name and its encoded value; the second argument counts within one answer."""
COMMUNITY = "hostile"
_GET, _NEXT, _BULK, _RESPONSE = 0xA0, 0xA1, 0xA5, 0xA2
_TEXT = FORMULA.encode() + BYTES
REPLIES = 3_000
_ECHO_REQUEST, _ECHO_REPLY = 128, 129
_IPV6_RECVPKTINFO, _IPV6_PKTINFO = 49, 50


def endless(oid: Oid, count: int) -> tuple[Oid, bytes]:
    """Return one more row of the same column, with a long text."""
    return (*oid[:-1], oid[-1] + 1) if len(oid) > 11 else (*oid, *(1,) * (12 - len(oid))), _tlv(4, b"x" * 1_000)


def looping(oid: Oid, count: int) -> tuple[Oid, bytes]:
    """Return the same row over and over."""
    return (*oid[:10], 7), _tlv(4, b"x" * 1_000)


def injecting(oid: Oid, count: int) -> tuple[Oid, bytes]:
    """Return a few rows of text that harms its readers, then the next object."""
    last = oid[-1] if len(oid) > 11 else 0
    row = (*oid[:11], *(1,) * (11 - len(oid[:11])), last + 1)
    return (row, _tlv(4, _TEXT)) if last < 3 else ((1, 3, 6, 1, 6, 1), _tlv(0x82, b""))


DEVICES: Mapping[str, Next] = {"device-endless": endless, "device-looping": looping, "device-injecting": injecting}


class HostileAgent(asyncio.DatagramProtocol):
    """Plays one agent of version 2c."""

    _transport: asyncio.DatagramTransport

    def __init__(self, behind: Next) -> None:
        self._behind = behind

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        with suppress(IndexError, ValueError):  # no question of version 2c
            self._transport.sendto(self._answer(data), addr)

    def _answer(self, data: bytes) -> bytes:
        version, community, (kind, pdu) = _items(_items(data)[0][1])
        number, _, repetitions, pairs = _items(pdu)
        names = [_oid(_items(pair)[0][1]) for _, pair in _items(pairs[1])]
        rows = b"".join(self._rows(kind, names, max(1, int.from_bytes(repetitions[1]))))
        body = _tlv(2, number[1]) + b"\x02\x01\x00\x02\x01\x00" + _tlv(0x30, rows)
        return _tlv(0x30, _tlv(*version) + _tlv(*community) + _tlv(_RESPONSE, body))

    def _rows(self, kind: int, names: list[Oid], repetitions: int) -> Iterator[bytes]:
        if kind == _GET:
            yield from (_tlv(0x30, _tlv(6, _content(oid)) + _scalar(oid)) for oid in names)
            return
        oid = names[0]
        for count in range(repetitions if kind == _BULK else 1):
            oid, value = self._behind(oid, count)
            yield _tlv(0x30, _tlv(6, _content(oid)) + value)


def _scalar(oid: Oid) -> bytes:
    if oid[:8] == (1, 3, 6, 1, 2, 1, 1, 3):
        return b"\x43\x03\x01\x00\x00"
    if oid[:8] == (1, 3, 6, 1, 2, 1, 1, 2):
        return _tlv(6, _content((1, 3, 6, 1, 4, 1, 9, 1, 1)))
    return _tlv(4, _TEXT)


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes((size,)) if size < 128 else b"\x82" + size.to_bytes(2)
    return bytes((tag,)) + length + content


def _items(data: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at < len(data):
        tag, size, at = data[at], data[at + 1], at + 2
        if size & 0x80:
            wide = size & 0x7F
            size, at = int.from_bytes(data[at : at + wide]), at + wide
        found.append((tag, data[at : at + size]))
        at += size
    return found


def _oid(content: bytes) -> Oid:
    arcs, number = [1, content[0] - 40], 0
    for byte in content[1:]:
        number = number << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(number)
            number = 0
    return tuple(arcs)


def _content(oid: Oid) -> bytes:
    return bytes((40 * oid[0] + oid[1],)) + b"".join(_arc(arc) for arc in oid[2:])


def _arc(arc: int) -> bytes:
    wire = bytes((arc & 0x7F,))
    while arc := arc >> 7:
        wire = bytes((arc & 0x7F | 0x80,)) + wire
    return wire


class EchoFlood:
    """Answers each echo request to one address ``REPLIES`` times, beside the kernel's own answer."""

    def __init__(self, address: IPv6Address) -> None:
        self._sock = socket.socket(socket.AF_INET6, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.IPPROTO_ICMPV6)
        self._sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVPKTINFO, 1)
        self._address = address.packed
        self._info = struct.pack("16si", self._address, 0)
        asyncio.get_running_loop().add_reader(self._sock, self._readable)

    def _readable(self) -> None:
        data, told, _, source = self._sock.recvmsg(2_048, 256)
        here = any(
            level == socket.IPPROTO_IPV6 and kind == _IPV6_PKTINFO and value[:16] == self._address
            for level, kind, value in told
        )
        if not here or not data or data[0] != _ECHO_REQUEST:
            return
        reply = bytes((_ECHO_REPLY, 0)) + data[2:] + bytes(1_000)
        for _ in range(REPLIES):
            try:
                self._sock.sendmsg([reply], [(socket.IPPROTO_IPV6, _IPV6_PKTINFO, self._info)], 0, source)
            except OSError:
                return
