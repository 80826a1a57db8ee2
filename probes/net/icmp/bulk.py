"""Sends and receives many datagrams with one system call (sendmmsg, recvmmsg), which Python's socket module lacks.

All that the kernel reads or writes is in buffers that are made once. Nothing here depends on a protocol. The socket has
an error queue: an error about one datagram also makes the next call fail once, for any datagram.
"""

import ctypes
import errno
import socket
import struct
from collections.abc import Iterator, Sequence

BATCH = 64
LARGEST = 2048
"""The most bytes that one outgoing datagram may have."""
_KEPT = 320
"""Bytes kept of an incoming datagram: headers, an ICMP error, and its quotation of our request."""
_NAME = 28  # sockaddr_in6
_CONTROL = 128
_SO_TIMESTAMPNS = 35
_CMSG = struct.Struct("@Nii")  # cmsghdr: length, level, type
_TIMESPEC = struct.Struct("@ll")
_INET6 = struct.Struct("=HHI16sI")
_USUAL = struct.Struct(f"@NiillNiii{_CONTROL - 52}x")
"""The usual control data of a datagram on Linux, in one slot: arrival time, then hop limit."""
_MESSAGE = struct.Struct("@PIPNPNi0PI0P")  # struct mmsghdr
_ERROR_QUEUE = 0x2000  # MSG_ERRQUEUE
_ERRORS_AT_ONCE = 256
_AGAIN = 8
"""Calls before an error counts as a refusal of the datagram to send, and not as an earlier ICMP error."""
ERROR_OF = {socket.AF_INET: (socket.IPPROTO_IP, 11), socket.AF_INET6: (socket.IPPROTO_IPV6, 25)}
"""IP_RECVERR and IPV6_RECVERR: the option that opens the error queue, and the mark on its entries."""
_TIME = (socket.SOL_SOCKET, _SO_TIMESTAMPNS)
_HOP_LIMITS = frozenset({(socket.IPPROTO_IPV6, socket.IPV6_HOPLIMIT), (socket.IPPROTO_IP, socket.IP_TTL)})
_ALIGN = ctypes.sizeof(ctypes.c_size_t)
_USUAL_LENGTH = 2 * _CMSG.size + _TIMESPEC.size + _ALIGN
_FULL = frozenset({errno.EAGAIN, errno.ENOBUFS, errno.ENOMEM})
_libc = ctypes.CDLL(None, use_errno=True)


class _Vector(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Header(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint),
        ("vectors", ctypes.c_void_p),
        ("vector_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Message(ctypes.Structure):
    _fields_ = (("header", _Header), ("length", ctypes.c_uint))


Refused = tuple[bytes, bytes, bytes]
"""An error: the kernel's record (sock_extended_err), the start of our datagram, and its packed destination."""
Received = tuple[bytes, bytes, int | None, float | None]
"""A datagram: its beginning, packed sender, hop limit and the time when the kernel got it (Unix time)."""


class Bulk:
    """Holds the buffers for one socket, and asks the kernel to note when each datagram arrived."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock, self._fd = sock, sock.fileno()
        self.has_errors = False
        """True if a call failed or ended early, as one does after each error that came: then ``errors`` has some."""
        self._address = (8, 24) if sock.family == socket.AF_INET6 else (4, 8)
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._out, self._out_names = bytearray(BATCH * LARGEST), bytearray(BATCH * _NAME)
        self._in, self._in_names = bytearray(BATCH * _KEPT), bytearray(BATCH * _NAME)
        self._controls = bytearray(BATCH * _CONTROL)
        self._out_vectors, self._in_vectors = (_Vector * BATCH)(), (_Vector * BATCH)()
        self._outgoing, self._incoming = (_Message * BATCH)(), (_Message * BATCH)()
        self._name_size = len(name_of(bytes(16 if sock.family == socket.AF_INET6 else 4)))
        self._sizes: list[int] = []
        self._point()
        self._fresh = bytes(self._incoming)  # the kernel overwrites lengths: they are put back before each call

    def _point(self) -> None:
        names = _address(self._out_names)
        into, from_names, controls = _address(self._in), _address(self._in_names), _address(self._controls)
        for n in range(BATCH):
            self._in_vectors[n].base, self._in_vectors[n].length = into + n * _KEPT, _KEPT
            sending, receiving = self._outgoing[n].header, self._incoming[n].header
            sending.name, sending.name_length = names + n * self._name_size, self._name_size
            sending.vectors, sending.vector_count = ctypes.addressof(self._out_vectors[n]), 1
            receiving.name, receiving.name_length = from_names + n * _NAME, _NAME
            receiving.vectors, receiving.vector_count = ctypes.addressof(self._in_vectors[n]), 1
            receiving.control, receiving.control_length = controls + n * _CONTROL, _CONTROL

    def send(self, names: Sequence[bytes], packets: Sequence[bytes]) -> tuple[int, int]:
        """Send each packet to the socket name at its place, BATCH at most.

        Returns the number sent, and the errno of the first that was not. A datagram that fails stops the batch: the
        rest is to be sent again.
        """
        sizes, data, to = list(map(len, packets)), b"".join(packets), b"".join(names)
        if sizes != self._sizes[: len(sizes)]:
            self._lay_out(sizes)
        self._out[: len(data)] = data
        self._out_names[: len(to)] = to
        number = errno.EIO
        for _ in range(_AGAIN):
            sent = _libc.sendmmsg(self._fd, self._outgoing, len(sizes), socket.MSG_DONTWAIT)
            if sent >= 0:
                self.has_errors |= sent < len(sizes)
                return sent, 0
            number = ctypes.get_errno() or errno.EIO
            if number in _FULL:
                break
            self.has_errors = True
        return 0, number

    def _lay_out(self, sizes: list[int]) -> None:
        """Set the places of the packets, one behind the other; they change only with the sizes, which is rare."""
        start, vectors = _address(self._out), self._out_vectors
        for n, size in enumerate(sizes):
            vectors[n].base, vectors[n].length = start, size
            start += size
        self._sizes = sizes

    def receive(self) -> list[Received]:
        """Return the datagrams that wait in the socket, BATCH at most."""
        ctypes.memmove(self._incoming, self._fresh, len(self._fresh))
        count = 0
        for _ in range(_AGAIN):
            count = _libc.recvmmsg(self._fd, self._incoming, BATCH, socket.MSG_DONTWAIT, None)
            if count >= 0 or ctypes.get_errno() in _FULL:
                break
            self.has_errors = True
        if count <= 0:
            return []
        heads = _MESSAGE.iter_unpack(bytes(self._incoming)[: count * _MESSAGE.size])
        said = _USUAL.iter_unpack(bytes(self._controls[: count * _CONTROL]))
        data, names, (first, last) = bytes(self._in[: count * _KEPT]), bytes(self._in_names), self._address
        start = 0
        found: list[Received] = []
        for head, (_, level, kind, seconds, nanoseconds, _, level2, kind2, hops) in zip(heads, said, strict=True):
            if head[5] == _USUAL_LENGTH and kind == _SO_TIMESTAMPNS and level == 1 and (level2, kind2) in _HOP_LIMITS:
                hop_limit, at = hops, seconds + nanoseconds * 1e-9
            else:
                hop_limit, at = self._control(len(found) * _CONTROL, head[5])
            found.append((data[start : start + head[7]], names[first:last], hop_limit, at))
            start, first, last = start + _KEPT, first + _NAME, last + _NAME
        return found

    def errors(self) -> Iterator[Refused]:
        """Yield the errors that wait in the error queue, a few hundred at most."""
        self.has_errors = False
        mark, (first, last) = ERROR_OF[self._sock.family], self._address
        for _ in range(_ERRORS_AT_ONCE):
            try:
                data, told, _flags, name = self._sock.recvmsg(_KEPT, _CONTROL * 2, _ERROR_QUEUE | socket.MSG_DONTWAIT)
            except OSError:
                return
            packed = socket.inet_pton(self._sock.family, name[0].partition("%")[0]) if name else bytes(last - first)
            yield from ((value, data, packed) for level, kind, value in told if (level, kind) == mark)
        self.has_errors = True

    def _control(self, start: int, length: int) -> tuple[int | None, float | None]:
        hop_limit, at, end = None, None, start + length
        while start + _CMSG.size <= end:
            size, level, kind = _CMSG.unpack_from(self._controls, start)
            if size < _CMSG.size:
                break
            if (level, kind) == _TIME:
                seconds, nanoseconds = _TIMESPEC.unpack_from(self._controls, start + _CMSG.size)
                at = seconds + nanoseconds / 1e9
            elif (level, kind) in _HOP_LIMITS:
                (hop_limit,) = struct.unpack_from("@i", self._controls, start + _CMSG.size)
            start += size + -size % _ALIGN
        return hop_limit, at


def name_of(packed: bytes, scope: int = 0) -> bytes:
    """Return the kernel's form of an address without a port (sockaddr_in, sockaddr_in6)."""
    if len(packed) == 4:
        return struct.pack("=HH4s8x", socket.AF_INET, 0, packed)
    return _INET6.pack(socket.AF_INET6, 0, 0, packed, scope)


def _address(buffer: bytearray) -> int:
    return ctypes.addressof((ctypes.c_char * len(buffer)).from_buffer(buffer))
