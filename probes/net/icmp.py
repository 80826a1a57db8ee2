"""ICMP and ICMPv6 echo: one socket per family, however many addresses are asked at once.

Raw where allowed, else the kernel's datagram ICMP sockets, which see replies but no errors. A reply is matched by a
random token and an index in its payload and by its packed source address; identifier and sequence number are 16 bits
and some middleboxes rewrite them. Quoted IPv4 errors may hold only those, so they are matched as a fallback.
"""

import asyncio
import errno
import os
import socket
import struct
import time
from dataclasses import dataclass, field

from inventory.model import IPAddress
from probes.net import faults
from probes.net.deadlines import Deadlines
from probes.net.sockets import enlarge_receive_buffer, sockaddr
from probes.wire import icmp

HOP_LIMIT = 64
_TOKEN_SIZE = 8
_STAMP = struct.Struct("!8sI")
_READS_AT_ONCE = 256
_SENDS_BETWEEN_READS = 16
_BUSY = frozenset({errno.EAGAIN, errno.ENOBUFS, errno.EINVAL, errno.ENOMEM})  # EINVAL: the neighbour table is full
_BUSY_WAIT = 0.01
_ICMP6_FILTER = 1
_ICMP_FILTER = 1
_SOL_RAW = 255
_IP_RECVTTL = 12


@dataclass(slots=True)
class Series:
    """One series under way; readable at any time, so that one that is cut short keeps what it has."""

    address: IPAddress
    packed: bytes
    rtts: list[float | None] = field(default_factory=list)
    hop_limits: list[int] = field(default_factory=list)
    error: str | None = None
    outstanding: int = 0
    waiter: asyncio.Event | None = None

    @classmethod
    def toward(cls, address: IPAddress) -> "Series":
        return cls(address, address.packed)

    async def settled(self) -> None:
        """Wait until every request was answered or its time is over."""
        if self.outstanding:
            self.waiter = asyncio.Event()
            await self.waiter.wait()


@dataclass(slots=True)
class _Request:
    series: Series
    index: int
    sent: float


class Echo:
    """The engine of one family. ``open()`` may fail for want of permission; then every series fails with that."""

    def __init__(self, family: int, *, wait: float) -> None:
        self._version = family
        self._wait = wait
        self._token = os.urandom(_TOKEN_SIZE)
        self._ident = int.from_bytes(os.urandom(2))
        self._pending: dict[int, _Request] = {}
        self._deadlines = Deadlines(wait, self._expire)
        self._count = 0
        self._sock: socket.socket | None = None
        self._raw = False
        self._refusal: OSError | None = None

    def open(self) -> None:
        """Open the socket while the process still may; a refusal is remembered, not raised."""
        if self._sock is not None:
            return
        try:
            self._sock, self._raw = _open_socket(self._version)
        except OSError as problem:
            self._refusal = problem

    def start(self) -> None:
        """Begin to listen, inside the loop."""
        if self._sock is not None:
            asyncio.get_running_loop().add_reader(self._sock, self._readable)

    def close(self) -> None:
        self._deadlines.close()
        if self._sock is not None:
            asyncio.get_running_loop().remove_reader(self._sock)
            self._sock.close()
            self._sock = None

    async def send(self, series: Series, size: int) -> None:
        """Send the next request of a series. Busy kernels are waited for, up to the time a reply may take."""
        sock = self._sock
        if sock is None:
            refusal = self._refusal or PermissionError(errno.EPERM, "")
            raise faults.Fault(faults.from_exception(refusal, local=True)) from refusal
        self._count = (self._count + 1) & 0xFFFFFFFF
        key = self._count
        payload = _STAMP.pack(self._token, key).ljust(size, b"\xa5")
        packet = icmp.echo_request(self._version, self._ident, key & 0xFFFF, payload)
        until = time.perf_counter() + self._wait
        while True:
            sent = time.perf_counter()
            self._pending[key] = _Request(series, len(series.rtts), sent)
            number = _send(sock, packet, series.address)
            if number == 0:
                break
            del self._pending[key]
            if number not in _BUSY or sent > until:
                raise faults.Fault(faults.from_errno(number, local=number not in _BUSY))
            await asyncio.sleep(_BUSY_WAIT)
        series.rtts.append(None)
        series.outstanding += 1
        self._deadlines.add(key)
        if not key % _SENDS_BETWEEN_READS:
            self._readable()  # bursts of sending must not let the receive buffer overflow

    def _readable(self) -> None:
        sock = self._sock
        if sock is None:
            return
        for _ in range(_READS_AT_ONCE):
            try:
                data, ancillary, _flags, source = sock.recvmsg(2048, 64)
            except OSError:
                return
            self._received(data, ancillary, source)

    def _received(self, data: bytes, ancillary: list[tuple[int, int, bytes]], source: tuple[object, ...]) -> None:
        now = time.perf_counter()
        message = icmp.parse(self._version, data, has_ip_header=self._raw and self._version == 4)
        if message is None:
            return
        host = str(source[0]).partition("%")[0]
        if message.is_reply:
            hop_limit = message.hop_limit if message.hop_limit is not None else _hop_limit(ancillary)
            packed = socket.inet_pton(socket.AF_INET if self._version == 4 else socket.AF_INET6, host)
            self._reply(message.payload, packed, hop_limit, now)
        elif message.quoted is not None:
            self._error(message, host)

    def _reply(self, payload: bytes, source: bytes, hop_limit: int | None, now: float) -> None:
        if len(payload) < _STAMP.size:
            return
        token, key = _STAMP.unpack_from(payload)
        request = self._pending.get(key)
        if token != self._token or request is None or request.series.packed != source:
            return
        series = request.series
        series.rtts[request.index] = now - request.sent
        if hop_limit is not None:
            series.hop_limits.append(hop_limit)
        self._finish(key, request)

    def _error(self, message: icmp.Message, host: str) -> None:
        quoted = message.quoted
        if quoted is None:
            return
        key = self._key_of(quoted)
        request = None if key is None else self._pending.get(key)
        if key is None or request is None or request.series.packed != quoted.destination:
            return
        if request.series.error is None:
            request.series.error = f"{message.type}/{message.code} from {host}"
        self._finish(key, request)

    def _key_of(self, quoted: icmp.Quoted) -> int | None:
        if len(quoted.payload) >= _STAMP.size:
            token, key = _STAMP.unpack_from(quoted.payload)
            return int(key) if token == self._token else None
        if quoted.identifier != self._ident:
            return None
        key = self._count & ~0xFFFF | quoted.sequence
        return key if key <= self._count else key - 0x10000  # sent before the sequence numbers began again

    def _finish(self, key: int, request: _Request) -> None:
        del self._pending[key]
        request.series.outstanding -= 1
        if request.series.outstanding == 0 and request.series.waiter is not None:
            request.series.waiter.set()

    def _expire(self, key: int) -> None:
        request = self._pending.get(key)
        if request is not None:
            self._finish(key, request)


def _open_socket(version: int) -> tuple[socket.socket, bool]:
    family, protocol = (
        (socket.AF_INET, socket.IPPROTO_ICMP) if version == 4 else (socket.AF_INET6, socket.IPPROTO_ICMPV6)
    )
    try:
        sock, raw = socket.socket(family, socket.SOCK_RAW | socket.SOCK_NONBLOCK, protocol), True
    except PermissionError:
        sock, raw = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK, protocol), False
    try:
        _configure(sock, version, raw=raw)
    except BaseException:
        sock.close()
        raise
    return sock, raw


def _configure(sock: socket.socket, version: int, *, raw: bool) -> None:
    enlarge_receive_buffer(sock)
    if version == 6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, HOP_LIMIT)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
        if raw:
            sock.setsockopt(socket.IPPROTO_ICMPV6, _ICMP6_FILTER, icmp.filter6())
        return
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, HOP_LIMIT)
    sock.setsockopt(socket.IPPROTO_IP, _IP_RECVTTL, 1)
    if raw:
        sock.setsockopt(_SOL_RAW, _ICMP_FILTER, icmp.filter4())


def _send(sock: socket.socket, packet: bytes, address: IPAddress) -> int:
    try:
        sock.sendto(packet, sockaddr(address, 0))
    except OSError as problem:
        return problem.errno or errno.EIO
    return 0


def _hop_limit(ancillary: list[tuple[int, int, bytes]]) -> int | None:
    for level, kind, data in ancillary:
        if (level, kind) in {(socket.IPPROTO_IPV6, socket.IPV6_HOPLIMIT), (socket.IPPROTO_IP, socket.IP_TTL)}:
            return int.from_bytes(data[:4], "little" if struct.pack("=H", 1)[0] else "big")
    return None
