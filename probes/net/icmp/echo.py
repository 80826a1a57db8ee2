"""Sends ICMP and ICMPv6 echo over one socket per family, however many addresses are asked at once.

It uses the kernel's datagram sockets of ICMP, which can only send echo requests; no raw socket. The kernel passes the
replies to its identifier, and errors about our requests from its error queue (IP_RECVERR). A reply is matched by a
random token and an index in its payload and by its packed source address; sequence numbers are 16 bits. Quoted IPv4
errors may hold only those, so they are matched as a fallback. Requests leave in batches; a batch's packets are taken to
leave evenly from the call's begin on, never far apart. The kernel gives the arrival time of a reply. A request is never
fragmented here, for any MTU that the kernel remembers for the path: too large for our own link is a failure of ours,
too large further on is an ICMP error.
"""

import asyncio
import errno
import os
import socket
import time
from array import array
from collections.abc import Callable
from weakref import WeakValueDictionary

from inventory.model import IPAddress
from probes.framework.budget import PeerUsage, over_budget
from probes.framework.evidence import Failure, FailureKind
from probes.net.core import faults
from probes.net.core.deadlines import Deadlines
from probes.net.core.sockets import enlarge_receive_buffer, interface
from probes.net.icmp.bulk import BATCH, ERROR_OF, Bulk, Received, name_of
from probes.wire.path import icmp

HOP_LIMIT = 64
SMALLEST, LARGEST = 12, 2000
"""Bytes of payload, at least and at most: the stamp must fit in."""
_TOKEN_SIZE = 8
_READS_AT_ONCE = 4
_BUSY = frozenset({errno.EAGAIN, errno.ENOBUFS, errno.EINVAL, errno.ENOMEM})  # EINVAL: the neighbour table is full
_BUSY_WAIT = 0.01
_NO_REPLY = -1.0
_LONGEST_STEP = 20e-6
"""Seconds assumed from one packet of a batch to the next, at most.

A call that took longer was held up at some point: hosts sent to before that must not seem to have answered faster than
they did, which the fastest of many would be taken for.
"""
_LAST_NUMBER = 0xFFFFFFFF - BATCH
_BYTES = [bytes([number]) for number in range(256)]
_NO_TIMES = array("d")
_ONE_TIME = array("d", [_NO_REPLY])
_IP_RECVTTL = 12
_MTU_DISCOVER = {4: (socket.IPPROTO_IP, 10), 6: (socket.IPPROTO_IPV6, 23)}
_ERRORS_TOO = {4: ERROR_OF[socket.AF_INET], 6: ERROR_OF[socket.AF_INET6]}
_PROBE = 3  # IP_PMTUDISC_PROBE: never fragment, and ignore the cached path MTU


class RunningEchoes:
    """Holds one series under way; readable at any time, so that a series that is cut short keeps its results.

    Times and hop limits are in arrays: there may be a hundred thousand of these, and the garbage collector looks
    through every list. Neither is created before its first value.
    """

    __slots__ = (
        "_heard",
        "_rtts",
        "address",
        "error",
        "failure",
        "hops",
        "mtu",
        "name",
        "outstanding",
        "packed",
        "waiter",
    )

    def __init__(self, address: IPAddress, heard: Callable[[], None] | None = None) -> None:
        self.address = address
        self._heard = heard
        packed = self.packed = address.packed
        has_zone = packed[0] >= 0xFE and len(packed) > 4  # link-local, which is rare; this check runs for every address
        self.name = name_of(packed, interface(address) if has_zone else 0)
        self.hops = b""
        self.error: str | None = None
        self.mtu: int | None = None
        self.failure: Failure | None = None
        self.outstanding = 0
        self.waiter: asyncio.Future[None] | None = None
        self._rtts = _NO_TIMES

    @property
    def rtts(self) -> tuple[float | None, ...]:
        """The round trip times in seconds, None where no reply came."""
        return tuple([None if rtt < 0 else rtt for rtt in self._rtts])

    @property
    def hop_limits(self) -> tuple[int, ...]:
        return tuple(self.hops)

    def sent(self) -> int:
        """Count a request as sent and return its index."""
        index = len(self._rtts)
        if index:
            self._rtts.append(_NO_REPLY)
        else:
            self._rtts = _ONE_TIME[:]
        return index

    def answered(self, index: int, rtt: float, hop_limit: int | None) -> None:
        self._rtts[index] = rtt if rtt > 0 else 0.0
        if hop_limit is not None:
            self.hops += _BYTES[hop_limit & 0xFF]
        if self._heard is not None:
            self._heard()
        self.finish()

    async def settled(self) -> None:
        """Wait until every request was answered or its time is over. Raises Fault if one could not be sent."""
        if self.outstanding:
            self.waiter = asyncio.get_running_loop().create_future()
            await self.waiter
        if self.failure is not None:
            raise faults.Fault(self.failure)

    def finish(self) -> None:
        self.outstanding -= 1
        if not self.outstanding and self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)


class Echo:
    """Sends echo requests over one family. ``open()`` may lack permission; then every series fails with that."""

    def __init__(self, family: int, *, wait: float) -> None:
        self._version = family
        self._wait = wait
        self._requests = icmp.EchoRequests(family, os.urandom(_TOKEN_SIZE))
        self._pending: dict[int, tuple[RunningEchoes, int, float]] = {}
        self._outbox: list[tuple[RunningEchoes, int]] = []
        self._flush: asyncio.Handle | None = None
        self._busy_since: float | None = None
        self._deadlines = Deadlines(wait, self._expire)
        self._batches: dict[int, int] = {}
        self._accounts: WeakValueDictionary[bytes, PeerUsage] = WeakValueDictionary()
        self._count = 0
        self._sock: socket.socket | None = None
        self._bulk: Bulk | None = None
        self._refusal: OSError | None = None

    def open(self, handed: socket.socket | None = None) -> None:
        """Open the socket, or use ``handed`` from a privileged process; a refusal is remembered, not raised."""
        if self._sock is not None:
            return
        try:
            self._sock = _open_socket(self._version, handed)
            self._bulk = Bulk(self._sock)
        except OSError as problem:
            self._refusal = problem

    def start(self) -> None:
        """Begin to listen, inside the loop."""
        if self._sock is not None:
            asyncio.get_running_loop().add_reader(self._sock, self._readable)

    def close(self) -> None:
        self._deadlines.close()
        if self._flush is not None:
            self._flush.cancel()
        if self._sock is not None:
            asyncio.get_running_loop().remove_reader(self._sock)
            self._sock.close()
            self._sock = self._bulk = None

    def count(self, series: RunningEchoes, account: PeerUsage) -> None:
        """Count other packets from the address of a series against its budget. Raises Fault if it is used up."""
        if account.excess:
            raise faults.Fault(over_budget(account.excess))
        self._accounts[series.packed] = account

    async def send(self, series: RunningEchoes, size: int) -> None:
        """Send the next request of a series, with the others that are sent at this moment.

        Returns at once, unless the kernel is busy: then it waits its turn. A request that cannot be sent ends the
        series: this raises Fault the next time, as ``RunningEchoes.settled`` does.
        """
        self._put(series, size)
        if len(self._outbox) >= BATCH:
            await self._send_full()
        elif self._flush is None:
            self._flush = asyncio.get_running_loop().call_soon(self._send_outbox)

    def put(self, series: RunningEchoes, size: int) -> None:
        """Queue one more request of a series for the next ``flush``. Raises Fault as ``send`` does."""
        self._put(series, size)

    def flush(self) -> None:
        """Send the queued requests as far as the kernel takes them; the rest is sent when it is less busy."""
        self._send_outbox()

    def _put(self, series: RunningEchoes, size: int) -> None:
        if series.failure is not None:
            raise faults.Fault(series.failure)
        if self._bulk is None:
            raise faults.Fault(_unopened(self._refusal)) from self._refusal
        series.outstanding += 1
        self._outbox.append((series, size))

    async def _send_full(self) -> None:
        self._send_outbox()
        while len(self._outbox) >= BATCH:  # noqa: ASYNC110 - hardly ever, and an event would cost every send
            await asyncio.sleep(_BUSY_WAIT)

    def _send_outbox(self) -> None:
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        bulk = self._bulk
        while bulk is not None and self._outbox:
            batch = self._outbox[:BATCH]
            packets = self._packets(batch)
            began = time.perf_counter()
            count, number = bulk.send([series.name for series, _ in batch], packets)
            if number in _BUSY and self._may_wait(began):
                self._flush = asyncio.get_running_loop().call_later(_BUSY_WAIT, self._send_outbox)
                break
            self._busy_since = None
            if count:
                self._sent(batch[:count], began, time.perf_counter())
            elif number:
                self._unsent(batch[0][0], number)
                count = 1
            del self._outbox[:count]
            self._readable()  # bursts of sending must not let the receive buffer overflow

    def _may_wait(self, now: float) -> bool:
        """True if a busy kernel may be waited for still, up to the time that a reply may take."""
        self._busy_since = self._busy_since or now
        return now - self._busy_since < self._wait

    def _packets(self, batch: list[tuple[RunningEchoes, int]]) -> list[bytes]:
        """Return the packets of a batch, numbered from the last one that was sent."""
        if self._count > _LAST_NUMBER:
            self._count = 0
        first, size = self._count + 1, batch[0][1]
        if all(other == size for _, other in batch):
            return self._requests.make(range(first, first + len(batch)), size)
        return [self._requests.make((number,), other)[0] for number, (_, other) in enumerate(batch, first)]

    def _sent(self, batch: list[tuple[RunningEchoes, int]], began: float, ended: float) -> None:
        step = min((ended - began) / len(batch), _LONGEST_STEP)
        first = self._count + 1
        for key, (series, _) in enumerate(batch, first):
            self._pending[key] = (series, series.sent(), began)
            began += step
        self._count += len(batch)
        self._batches[first] = self._count
        self._deadlines.add(first)

    def _unsent(self, series: RunningEchoes, number: int) -> None:
        if number == errno.EMSGSIZE:
            series.failure = Failure(kind=FailureKind.CUT_SHORT, detail="too large for our own link", errno=number)
        else:
            series.failure = faults.from_errno(number, local=number not in _BUSY)
        series.finish()

    def _readable(self) -> None:
        bulk = self._bulk
        if bulk is None:
            return
        pending, number_in = self._pending, self._requests.number_in
        batch: list[Received] = []
        for _ in range(_READS_AT_ONCE):
            now, wall, batch = time.perf_counter(), time.time(), bulk.receive()
            for data, source, hop_limit, at in batch:
                key = number_in(data)
                request = None if key is None else pending.get(key)
                if key is not None and request is not None and request[0].packed == source:
                    del pending[key]
                    series, index, sent = request
                    arrived = now if at is None else min(now, now - wall + at)
                    series.answered(index, arrived - sent, hop_limit)
                else:
                    self._unasked(data, source)
            if len(batch) < BATCH:
                break
        if bulk.has_errors or not batch:
            self._refused(bulk)

    def _unasked(self, data: bytes, source: bytes) -> None:
        account = self._accounts.get(source)
        if account is not None:
            account.take(len(data))

    def _refused(self, bulk: Bulk) -> None:
        for error, quoted, destination in bulk.errors():
            report = icmp.report(self._version, error, quoted)
            if report is not None:
                self._unasked(quoted, report.sender)
                self._error(report, destination)

    def _error(self, report: icmp.IcmpError, destination: bytes) -> None:
        key = self._key_of(report)
        request = None if key is None else self._pending.get(key)
        if key is None or request is None or request[0].packed != destination:
            return
        series = request[0]
        if series.error is None:
            family = socket.AF_INET6 if self._version == 6 else socket.AF_INET
            series.error = f"{report.type}/{report.code} from {socket.inet_ntop(family, report.sender)}"
            series.mtu = report.mtu
        del self._pending[key]
        series.finish()

    def _key_of(self, report: icmp.IcmpError) -> int | None:
        if len(report.payload) >= SMALLEST:
            return self._requests.number_at(report.payload, 0)
        key = self._count & ~0xFFFF | report.sequence
        return key if key <= self._count else key - 0x10000  # sent before the sequence numbers began again

    def _expire(self, first: int) -> None:
        for key in range(first, self._batches.pop(first) + 1):
            request = self._pending.pop(key, None)
            if request is not None:
                request[0].finish()


def _open_socket(version: int, handed: socket.socket | None) -> socket.socket:
    family, protocol = (
        (socket.AF_INET, socket.IPPROTO_ICMP) if version == 4 else (socket.AF_INET6, socket.IPPROTO_ICMPV6)
    )
    sock = handed or socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK, protocol)
    try:
        _configure(sock, version)
    except BaseException:
        sock.close()
        raise
    return sock


def _unopened(problem: OSError | None) -> Failure:
    """Return the failure to open a socket: usually the kernel does not let our group have one for echo."""
    if problem is None:
        return Failure(kind=FailureKind.NO_PERMISSION)
    if isinstance(problem, PermissionError):
        return Failure(kind=FailureKind.NO_PERMISSION, detail=problem.strerror or "", errno=problem.errno)
    return faults.from_exception(problem, local=True)


def _configure(sock: socket.socket, version: int) -> None:
    enlarge_receive_buffer(sock)
    sock.setsockopt(*_MTU_DISCOVER[version], _PROBE)
    sock.setsockopt(*_ERRORS_TOO[version], 1)
    if version == 6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, HOP_LIMIT)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, HOP_LIMIT)
        sock.setsockopt(socket.IPPROTO_IP, _IP_RECVTTL, 1)
