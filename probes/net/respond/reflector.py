"""Sends datagrams back to their senders, as UDP echo (RFC 862) and STAMP (RFC 8762), never longer.

The answer leaves from the address that was asked, also if the socket is bound to all of them: the sender would accept
it from no other. The kernel reports the hop limit of each packet, and the answer gets one hop less: two reflectors that
answer each other, as a single packet under a forged source would make them, come to an end.
"""

import asyncio
import socket
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address

from inventory.model import IPAddress
from probes.net.core.sockets import family_of, only_its_family, sockaddr
from probes.wire.path import stamp

ANSWERS = 2_000
"""Answers per second and socket; further ones are lost, as on any busy machine."""
_AT_ONCE = 64
_LARGEST = 65_535
_PRIVILEGED = 1_024
_IP_PKTINFO, _IP_RECVTTL, _IP_TTL = 8, 12, 2  # not all of them in every Python's socket module
_IPV6_RECVPKTINFO, _IPV6_PKTINFO, _IPV6_RECVHOPLIMIT, _IPV6_HOPLIMIT = 49, 50, 51, 52

Ancillary = tuple[int, int, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """Holds one datagram, the time of its reading (Unix seconds), its hop limit and its source address.

    The hop limit is the value on arrival, 255 where it is not known.
    """

    data: bytes
    at: float
    hop_limit: int
    sender: IPAddress | None = None


Answer = Callable[[Arrived], bytes]


def echo(arrived: Arrived) -> bytes:
    return arrived.data


def stamped(arrived: Arrived) -> bytes:
    """Return the reflection of a test packet, empty for any other datagram."""
    with suppress(stamp.StampError):
        return stamp.reflection(arrived.data, arrived.at, time.time(), arrived.hop_limit)
    return b""


class UdpReflector:
    """Answers on one bound socket of one family: ``::`` does not take packets for ``0.0.0.0``. Raises OSError."""

    def __init__(self, address: IPAddress, port: int, answer: Answer) -> None:
        self._answer, self._port = answer, port
        self._second, self._sent = 0, 0
        self._sock = socket.socket(family_of(address), socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            only_its_family(self._sock)
            _tell_more(self._sock)
            self._sock.bind(sockaddr(address, port))
        except OSError:
            self._sock.close()
            raise
        asyncio.get_running_loop().add_reader(self._sock, self._readable)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._sock)
        self._sock.close()

    def _readable(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                data, ancillary, _, sender = self._sock.recvmsg(_LARGEST, 256)
            except OSError:
                return
            now = time.time()
            hops = _hop_limit(ancillary)
            # Never to the port of a service, ours included: a service there would answer our answer, and so on.
            if (
                sender[1] >= _PRIVILEGED
                and sender[1] != self._port
                and hops > 1
                and _asked_us(ancillary)
                and self._may(now)
            ):
                source = ip_address(sender[0].partition("%")[0])
                back = self._answer(Arrived(data=data, at=now, hop_limit=hops, sender=source))
                if back:
                    with suppress(OSError):
                        self._sock.sendmsg([back], [*_from_there(ancillary), self._hops(hops - 1)], 0, sender)

    def _hops(self, number: int) -> Ancillary:
        """Return the control message that sets the hop limit of an answer."""
        six = self._sock.family == socket.AF_INET6
        level, kind = (socket.IPPROTO_IPV6, _IPV6_HOPLIMIT) if six else (socket.IPPROTO_IP, _IP_TTL)
        return level, kind, number.to_bytes(4, sys.byteorder)

    def _may(self, now: float) -> bool:
        if int(now) != self._second:
            self._second, self._sent = int(now), 0
        self._sent += 1
        return self._sent <= ANSWERS


def _tell_more(sock: socket.socket) -> None:
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVPKTINFO, 1)
        sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVHOPLIMIT, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
        sock.setsockopt(socket.IPPROTO_IP, _IP_RECVTTL, 1)


def _hop_limit(ancillary: Iterable[Ancillary]) -> int:
    for level, kind, data in ancillary:
        if (level, kind) in ((socket.IPPROTO_IP, _IP_TTL), (socket.IPPROTO_IPV6, _IPV6_HOPLIMIT)) and len(data) >= 4:
            return int.from_bytes(data[:4], sys.byteorder) & 0xFF
    return 255


def _asked_us(ancillary: Iterable[Ancillary]) -> bool:
    """True if a packet was sent to an address of this machine, not to a multicast or broadcast address.

    One question must not get an answer from each of many machines.
    """
    for level, kind, data in ancillary:
        if (level, kind) == (socket.IPPROTO_IPV6, _IPV6_PKTINFO):
            return not ip_address(data[:16]).is_multicast
        if (level, kind) == (socket.IPPROTO_IP, _IP_PKTINFO):
            return data[4:8] == data[8:12]  # ipi_spec_dst is ours; ipi_addr is where the packet was sent to
    return True


def _from_there(ancillary: Iterable[Ancillary]) -> list[Ancillary]:
    """Return the control messages that set the source to the address that was asked.
    The routing table chooses the way back, except on a single link."""
    back: list[Ancillary] = []
    for level, kind, data in ancillary:
        if (level, kind) == (socket.IPPROTO_IPV6, _IPV6_PKTINFO):
            link = data[16:] if ip_address(data[:16]).is_link_local else bytes(4)
            back.append((level, kind, data[:16] + link))
        elif (level, kind) == (socket.IPPROTO_IP, _IP_PKTINFO):
            back.append((level, kind, bytes(4) + data[4:8] + bytes(4)))
    return back
