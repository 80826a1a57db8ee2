"""Connects over TCP to literal addresses: one non-blocking socket of that family, one deadline queue, no fallback."""

import asyncio
import errno
import fcntl
import select
import socket
import struct
import sys
import termios
from contextlib import nullcontext
from functools import lru_cache, partial
from ipaddress import ip_address
from types import TracebackType
from typing import Protocol, Self

from inventory.model import IPAddress
from probes.framework.evidence import NO_CONNECT, Failure, FailureKind
from probes.net.core import faults
from probes.net.core.deadlines import Deadlines
from probes.net.core.gate import Place
from probes.net.core.metered import MeteredSocket
from probes.net.core.sockets import family_of, is_mapped, local_errno, only_its_family, sockaddr

_TIMES = struct.Struct("=68xI28xI")  # rtt; total_retrans
_LARGEST = struct.Struct("=20xI")  # rcv_mss
_FULL, _HEADERS = 1500, {socket.AF_INET6: 72, socket.AF_INET: 52}  # IP, TCP and the time stamps that most packets have
_BARE = {6: 60, 4: 40}  # IP and TCP
_SLOW = 0.1
"""Seconds within which most addresses answer that answer at all."""
_UNDER_WAY = frozenset({errno.EINPROGRESS, errno.EALREADY})

_SILENT = Failure(kind=FailureKind.TIMEOUT, detail=NO_CONNECT)


class Clamp:
    """Limits the packet size of connections in both directions, by family.

    A server that gets no Packet Too Big falls silent behind a router of ours with a narrow link. Routers of PPPoE and
    of tunnels clamp the segments (TCP MSS) for that reason; where ours does not, each connection does it by itself.
    """

    def __init__(self) -> None:
        self._most: dict[int, int] = {}

    def fit(self, family: int, size: int) -> None:
        """Limit packets of a family to ``size`` bytes from now on, all headers included."""
        self._most[family] = size - _BARE[family]

    def put_on(self, sock: socket.socket, family: int) -> None:
        """Set the segment size of a socket; to be called before the connect."""
        if family in self._most:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, self._most[family])


class ConnectCallback(Protocol):
    """Defines the callback for a connect that was answered, or was not in time."""

    def __call__(self, *, in_time: bool) -> None: ...


class Connector:
    """Opens connections, all with the same time limit in seconds, with segments as ``clamp`` defines.

    A connect that is under way waits in an epoll of the connector's own, which the event loop watches by one
    descriptor: a reader and its handle for each socket are a fifth of a connect.
    """

    def __init__(self, seconds: float, clamp: Clamp | None = None) -> None:
        self._clamp = Clamp() if clamp is None else clamp
        self._deadlines = Deadlines(seconds, self._expire)
        self._waiting: dict[int, ConnectCallback] = {}
        self._writable: dict[int, ConnectCallback] = {}
        self._poll: select.epoll | None = None
        self._count = 0

    async def connect(self, address: IPAddress, port: int, place: Place | None = None) -> socket.socket:
        """Return a connected non-blocking socket, or Fault. The caller closes it.

        Others have the caller's ``place`` at a gate while an address does not answer: dead ones hold up none of them.
        """
        sock = _opened(address)
        try:
            is_under_way, failure = self.dial(sock, address, port)
            if is_under_way:
                with nullcontext() if place is None else place.lent_if_slow(_SLOW):
                    in_time = await self._answered(sock.fileno())
                failure = _outcome(sock, in_time=in_time)
                if failure is None and place is not None:
                    await place.regain()
        except BaseException:
            sock.close()
            raise
        if failure is not None:
            _put_away(sock, failure)
            raise faults.Fault(failure)
        return sock

    def dials(self) -> "Dials":
        """Return a set of connects of one caller that wait side by side, without a task for each."""
        return Dials(self)

    def dial(self, sock: MeteredSocket, address: IPAddress, port: int) -> tuple[bool, Failure | None]:
        """Begin a connect; return whether it is under way, and the failure if it has failed already."""
        packed, where = address.packed, sockaddr(address, port)
        if is_mapped(packed):
            only_its_family(sock)
        self._clamp.put_on(sock, address.version)
        number = sock.dial(packed, where)
        if number not in _UNDER_WAY:
            return False, _refusal(number, address) if number else None
        number = sock.ask_again(where)
        if number not in _UNDER_WAY:
            return False, faults.from_errno(number) if number else None
        return True, None

    async def _answered(self, sock: int) -> bool:
        """Wait for the answer to a connect; False if none came in time."""
        waiter: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        key = self.watch(sock, partial(_settle, waiter))
        try:
            return await waiter
        finally:
            self.leave(key, sock)

    def watch(self, sock: int, told: ConnectCallback) -> int:
        """Call back when the connect of a descriptor was answered, or was not in time; return the key for ``leave``."""
        self._count += 1
        key = self._count
        self._waiting[key] = self._writable[sock] = told
        self._deadlines.add(key)
        if self._poll is None:
            self._poll = select.epoll()
            asyncio.get_running_loop().add_reader(self._poll.fileno(), self._wake)
        self._poll.register(sock, select.EPOLLOUT | select.EPOLLONESHOT)  # closing the socket removes it again
        return key

    def leave(self, key: int, sock: int) -> None:
        """Cancel the callback of a connect."""
        del self._waiting[key], self._writable[sock]

    def _wake(self) -> None:
        """Call back for each connect that was answered."""
        if self._poll is not None:
            for sock, _ in self._poll.poll(0):
                told = self._writable.get(sock)
                if told is not None:
                    told(in_time=True)

    def _expire(self, key: int) -> None:
        told = self._waiting.get(key)
        if told is not None:
            told(in_time=False)

    def fit(self, family: int, size: int) -> None:
        """Limit segments over a family to packets of ``size`` bytes from now on."""
        self._clamp.fit(family, size)

    def close(self) -> None:
        self._deadlines.close()
        if self._poll is not None:
            asyncio.get_running_loop().remove_reader(self._poll.fileno())
            self._poll.close()
            self._poll = None


class Dials:
    """Holds the connects of one caller to different ports, each noted when it is answered or was not in time.

    Use as ``with``: at the end all sockets that it opened are closed.
    """

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._under_way: dict[int, tuple[MeteredSocket, int]] = {}
        self._connected: list[MeteredSocket] = []
        self._settled: list[tuple[int, MeteredSocket | Failure]] = []
        self._news = asyncio.Event()

    def begin(self, address: IPAddress, port: int) -> None:
        """Start a connect; its result is returned by ``settled``, immediately if it is known immediately."""
        try:
            sock = _opened(address)
        except faults.Fault as problem:
            return self._note(port, problem.failure)
        try:
            is_under_way, failure = self._connector.dial(sock, address, port)
            if is_under_way:
                key = self._connector.watch(sock.fileno(), partial(self._answered, port))
                self._under_way[port] = sock, key
                return None
        except OSError as problem:
            failure = faults.from_exception(problem)
        except BaseException:
            sock.close()
            raise
        return self._end(port, sock, failure)

    def settled(self) -> list[tuple[int, MeteredSocket | Failure]]:
        """Return the connects that ended since the last call: each port with its socket or its failure."""
        found, self._settled = self._settled, []
        self._news.clear()
        return found

    async def wait(self) -> None:
        """Wait until another connect has ended."""
        await self._news.wait()

    def _answered(self, port: int, *, in_time: bool) -> None:
        sock, key = self._under_way.pop(port)
        self._connector.leave(key, sock.fileno())
        self._end(port, sock, _outcome(sock, in_time=in_time))

    def _end(self, port: int, sock: MeteredSocket, failure: Failure | None) -> None:
        if failure is None:
            self._connected.append(sock)
            self._note(port, sock)
        else:
            _put_away(sock, failure)
            self._note(port, failure)

    def _note(self, port: int, outcome: MeteredSocket | Failure) -> None:
        self._settled.append((port, outcome))
        self._news.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for sock, key in self._under_way.values():
            self._connector.leave(key, sock.fileno())
            sock.close()
        for sock in self._connected:
            sock.close()


def _opened(address: IPAddress) -> MeteredSocket:
    try:
        return MeteredSocket(family_of(address), socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    except OSError as problem:
        raise faults.Fault(faults.from_exception(problem, local=True)) from problem


def _refusal(number: int, address: IPAddress) -> Failure:
    """Return the failure for a connect that this machine refused: no address of the family, or no source port.

    A lack of source ports is reported as exhausted, because it passes.
    """
    if number == errno.EADDRNOTAVAIL and local_errno(address) == 0:
        return faults.exhausted(number)
    return faults.from_errno(number, local=True)


def _put_away(sock: MeteredSocket, failure: Failure) -> None:
    """Close a socket that did not connect."""
    if failure.kind is FailureKind.REFUSED:
        sock.discard()
    else:
        sock.close()


def _settle(waiter: asyncio.Future[bool], *, in_time: bool) -> None:
    if not waiter.done():
        waiter.set_result(in_time)


def _outcome(sock: socket.socket, *, in_time: bool) -> Failure | None:
    """Return the failure of a connect that was under way, None if it succeeded."""
    if not in_time:
        return _SILENT
    number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return faults.from_errno(number) if number else None


_own_address = lru_cache(maxsize=256)(ip_address)


def source_of(sock: socket.socket) -> IPAddress | None:
    """Return our own address on this connection."""
    try:
        return _own_address(sock.getsockname()[0])
    except (OSError, ValueError):
        return None


def rtt_of(sock: socket.socket) -> float | None:
    """Return the handshake's seconds by our kernel's clock (struct tcp_info); None if a packet was repeated."""
    try:
        microseconds, repeated = _TIMES.unpack(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TIMES.size))
    except OSError:
        return None
    return microseconds / 1e6 if microseconds and not repeated else None


def got_full_segment(sock: socket.socket) -> bool:
    """True if a packet of 1500 bytes came on this connection.

    A smaller packet is not full even if both ends agreed on its size: they may know of a narrower link, and that says
    nothing about other paths.
    """
    try:
        (largest,) = _LARGEST.unpack(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LARGEST.size))
    except OSError:
        return False
    return bool(largest >= _FULL - _HEADERS[sock.family])


def mss_of(sock: socket.socket) -> int | None:
    """Return the size in bytes of the segments that we may send on this connection, None if not known."""
    try:
        return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
    except OSError:
        return None


def unacknowledged(sock: socket.socket) -> int | None:
    """Return our octets that the peer's kernel has not acknowledged; None if that is not known."""
    try:
        return int.from_bytes(fcntl.ioctl(sock, termios.TIOCOUTQ, bytes(4)), sys.byteorder)
    except OSError:
        return None
