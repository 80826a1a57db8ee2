"""Sends GETs of version 2c over one socket for each family, however many devices are asked.

A socket for each device costs more than the question. The checks of a connected socket are done here instead: an answer
counts if address, port and request id are those of the question, and an ICMP error is assigned to its question.
"""

import asyncio
import errno
import os
import socket
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from inventory.model import IPAddress
from probes.framework.budget import PeerUsage, over_budget, tab
from probes.framework.evidence import Failure, FailureKind
from probes.net.core import faults
from probes.net.core.deadlines import Deadlines
from probes.net.core.sockets import family_of, sockaddr
from probes.net.core.unconnected import errors, opened, received
from probes.net.snmp.agents import Admit, varbind
from probes.observations.snmp import FROM_ELSEWHERE, Varbind
from probes.wire.snmp import gets

_LARGEST = 65_535
_BUSY = frozenset({errno.EAGAIN, errno.ENOBUFS})
_BUSY_WAIT = 0.005
_STALE = 3
"""Errors of earlier datagrams that a send may report in place of its own."""
_PLACE = tuple[str, int] | tuple[str, int, int, int]
_KEPT = 10_000
"""The most recently asked devices, the unsolicited datagrams of which are counted as well."""
Answer = tuple[bytes, int]
"""A datagram, and the offset of the data after its request id."""


@dataclass(slots=True)
class _Pending:
    number: int
    key: int
    where: _PLACE  # as the kernel writes it, to compare with the source of an answer
    packed: bytes
    waiter: asyncio.Future[Answer]
    account: PeerUsage
    from_elsewhere: bool = False
    refused: int = 0
    """The errno with which the kernel has not taken the question so far."""


class SnmpSocket:
    """Holds one socket with its pending questions, by request id."""

    def __init__(self, family: socket.AddressFamily) -> None:
        self._pending: dict[int, _Pending] = {}
        self._accounts: dict[str, PeerUsage] = {}
        self._deadlines: dict[float, Deadlines] = {}
        self._count = 0
        self._ids = _unpredictable()
        self._sock = opened(family)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._sock, self._readable)

    def close(self) -> None:
        for deadlines in self._deadlines.values():
            deadlines.close()
        self._loop.remove_reader(self._sock)
        self._sock.close()
        for pending in self._pending.values():
            pending.waiter.cancel()

    def begin(self, where: _PLACE, packed: bytes, wait: float, again: int = 0) -> _Pending:
        """Register a question with a number, pending until ``end``; ``again``: the number to use."""
        account = tab().ledger.of(packed)
        if account.excess:
            raise faults.Fault(over_budget(account.excess))
        number = again or next(self._ids)
        while number in self._pending:
            number = next(self._ids)
        self._count += 1
        waiter: asyncio.Future[Answer] = self._loop.create_future()
        pending = _Pending(number, self._count << 31 | number, where, packed, waiter, account)
        self._pending[number] = pending
        self._accounts.pop(where[0], None)  # to the end of the order, so that the first was asked longest ago
        self._accounts[where[0]] = account
        if len(self._accounts) > _KEPT:
            del self._accounts[next(iter(self._accounts))]
        deadlines = self._deadlines.get(wait)
        if deadlines is None:
            deadlines = self._deadlines[wait] = Deadlines(wait, self._expire)
        deadlines.add(pending.key)
        return pending

    def end(self, pending: _Pending) -> None:
        del self._pending[pending.number]

    def send(self, wire: bytes, where: _PLACE) -> int:
        """Send immediately; return the errno if the kernel did not take it, 0 if it did."""
        try:
            self._sock.sendto(wire, where)
        except OSError as problem:
            return problem.errno or errno.EIO
        return 0

    async def send_again(self, wire: bytes, pending: _Pending, number: int) -> None:
        """Send a datagram again after the kernel did not take it.

        Waits while the kernel is busy. An error of another datagram is removed by being reported, so our own is the one
        that is still there after a few tries.
        """
        stale = _STALE
        while number and not pending.waiter.done():
            if number in _BUSY:
                pending.refused = number
                await asyncio.sleep(_BUSY_WAIT)
            elif stale:
                stale -= 1
                self._drain_errors()
            else:
                raise faults.Fault(faults.from_errno(number, local=True))
            number = self.send(wire, pending.where)
        pending.refused = number if number in _BUSY else 0

    def _expire(self, key: int) -> None:
        pending = self._pending.get(key & gets.LARGEST_ID)
        if pending is not None and pending.key == key and not pending.waiter.done():
            excess = pending.account.excess
            detail = FROM_ELSEWHERE if pending.from_elsewhere else "no answer in time"
            silence = Failure(kind=FailureKind.TIMEOUT, detail=detail)
            if pending.refused:
                silence = faults.exhausted(pending.refused)
            pending.waiter.set_exception(faults.Fault(over_budget(excess) if excess else silence))

    def _readable(self) -> None:
        if received(self._sock, _LARGEST, self._received):
            self._drain_errors()

    def _received(self, data: bytes, source: tuple[str, int]) -> None:
        host = source[0].partition("%")[0]
        account = self._accounts.get(host)
        if account is not None and not account.take(len(data)):
            return
        read = gets.answer(data)
        pending = None if read is None else self._pending.get(read[0])
        if read is None or pending is None or pending.waiter.done():
            return
        is_there = host == pending.where[0] or ip_address(host).packed == pending.packed
        if is_there and source[1] == pending.where[1]:
            pending.waiter.set_result((data, read[1]))
        else:
            pending.from_elsewhere = True

    def _drain_errors(self) -> None:
        for error in errors(self._sock):
            number = gets.asked(error.data)
            pending = None if number is None else self._pending.get(number)
            if (
                pending is None
                or pending.waiter.done()
                or (pending.packed, pending.where[1]) != (error.packed, error.port)
            ):
                continue
            pending.waiter.set_exception(faults.Fault(error.failure))


class SharedGets:
    """Holds the sockets for IPv4 and IPv6, opened when first needed."""

    def __init__(self) -> None:
        self._shared: dict[int, SnmpSocket] = {}

    def of(self, address: IPAddress) -> SnmpSocket:
        shared = self._shared.get(address.version)
        if shared is None:
            try:
                shared = self._shared[address.version] = SnmpSocket(family_of(address))
            except OSError as problem:
                raise faults.Fault(faults.from_exception(problem, local=True)) from None
        return shared

    def close(self) -> None:
        for shared in self._shared.values():
            shared.close()
        self._shared.clear()


class SharedAgent:
    """Sends the GETs of one device."""

    __slots__ = ("_admit", "_community", "_late", "_packed", "_shared", "_wait", "_where")

    def __init__(
        self, shared: SnmpSocket, address: IPAddress, port: int, community: bytes, wait: float, admit: Admit
    ) -> None:
        self._shared = shared
        self._where = sockaddr(address, port)
        self._packed = address.packed
        self._community = community
        self._wait = wait
        self._admit = admit
        self._late: tuple[Sequence[str], int] | None = None  # the question without an answer in time, its number

    async def get(self, oids: Sequence[str]) -> list[Varbind]:
        """Get objects, see ``Agent``. Written as one coroutine, as each further one costs a fiftieth of a get."""
        await self._admit()
        shared = self._shared
        again = 0
        if self._late is not None and self._late[0] == oids:  # reuse its number, so that a late answer counts
            again = self._late[1]
        self._late = None
        pending = shared.begin(self._where, self._packed, self._wait, again)
        try:
            wire = gets.question(self._community, pending.number, oids)
            refused = shared.send(wire, self._where)
            if refused:
                await shared.send_again(wire, pending, refused)
            data, at = await pending.waiter
        except faults.Fault as problem:
            if problem.failure.kind is FailureKind.TIMEOUT:
                self._late = oids, pending.number
            raise
        finally:
            shared.end(pending)
        try:
            status, pairs = gets.objects(data, at)
        except ValueError:
            raise faults.fault(FailureKind.PROTOCOL, "unreadable answer") from None
        if status:
            raise faults.fault(FailureKind.PROTOCOL, f"error status {status}")
        return [varbind(oid, value) for oid, value in pairs]


def _unpredictable() -> Iterator[int]:
    """Yield request ids that cannot be guessed from outside."""
    while True:
        for (number,) in struct.iter_unpack("=I", os.urandom(4_096)):
            yield number & gets.LARGEST_ID | gets.SMALLEST_ID
