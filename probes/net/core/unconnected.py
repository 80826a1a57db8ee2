"""Opens datagram sockets that many questions share, and reads the ICMP errors about them.

IP_RECVERR is on, so an ICMP error is assigned to the datagram that it quotes, instead of turning into a timeout.
"""

import socket
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from probes.framework.evidence import Failure, FailureKind
from probes.net.core import faults
from probes.net.core.sockets import enlarge_receive_buffer, only_its_family

_ERRORS_AT_ONCE = 256
_READS_AT_ONCE = 256
_LARGEST = 65_535
_EXTENDED_ERROR = struct.Struct("=IBBBBII")  # struct sock_extended_err
_FROM_ICMP = frozenset({2, 3})  # SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6
_ICMP, _UNREACHABLE = 2, 3
_FILTERED = frozenset({9, 10, 13})
"""Codes of ICMPv4's "destination unreachable" by which a filter answers (RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1).

Linux reports them as if there were no host or no network.
"""
_RECVERR = {socket.AF_INET: (socket.IPPROTO_IP, 11), socket.AF_INET6: (socket.IPPROTO_IPV6, 25)}


@dataclass(frozen=True, slots=True)
class SentDatagram:
    """Holds a datagram of ours that met an error: the part that the error quotes, and its destination."""

    data: bytes
    packed: bytes
    port: int
    failure: Failure


def opened(family: socket.AddressFamily) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        only_its_family(sock)
        if sys.platform == "linux":
            sock.setsockopt(*_RECVERR[family], 1)
        enlarge_receive_buffer(sock)
        sock.bind(("::" if family is socket.AF_INET6 else "0.0.0.0", 0))  # noqa: S104  # the kernel picks a random port
    except BaseException:
        sock.close()
        raise
    return sock


def received(sock: socket.socket, largest: int, take: Callable[[bytes, tuple[str, int]], None]) -> bool:
    """Pass waiting datagrams and their senders to ``take``, up to a bound so that other work gets its turn.

    True if none is left; only then is there time for errors.
    """
    receive = sock.recvfrom
    for _ in range(_READS_AT_ONCE):
        try:
            data, source = receive(largest)
        except BlockingIOError:
            return True
        except OSError:  # an ICMP error is waiting in the error queue
            continue
        take(data, source)
    return False


def errors(sock: socket.socket) -> Iterator[SentDatagram]:
    """Yield the errors in the socket's error queue, a bounded number at a time, and remove them from it."""
    for _ in range(_ERRORS_AT_ONCE):
        try:
            data, ancillary, _flags, target = sock.recvmsg(_LARGEST, 512, socket.MSG_ERRQUEUE)
        except OSError:
            return
        for _level, _kind, blob in ancillary:
            if len(blob) >= _EXTENDED_ERROR.size and isinstance(target, tuple):
                packed = ip_address(str(target[0]).partition("%")[0]).packed
                yield SentDatagram(data, packed, target[1], _failure(blob))


def _failure(blob: bytes) -> Failure:
    number, origin, kind, code, *_rest = _EXTENDED_ERROR.unpack_from(blob)
    arrived = origin in _FROM_ICMP
    failure = faults.from_errno(number, local=not arrived)
    is_filtered = origin == _ICMP and kind == _UNREACHABLE and code in _FILTERED
    reason = FailureKind.PROHIBITED if is_filtered else failure.kind
    return Failure(kind=reason, detail=f"ICMP {kind}/{code}" if arrived else failure.detail, errno=number)
