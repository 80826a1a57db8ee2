"""Asks DNS questions over UDP through a few shared sockets per family, however many are under way.

An answer counts when id, question, source address and source port are those of the question (RFC 5452 §9); one that
has the rest but comes from another address is noted, not accepted, and the wait goes on. An ICMP
error reaches the question that caused it.
"""

import asyncio
import errno
import random
import socket
import struct
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import NamedTuple
from weakref import WeakValueDictionary

from inventory.model import IPAddress
from probes.framework.budget import PeerUsage, over_budget, tab
from probes.framework.evidence import Failure, FailureKind
from probes.net.core import faults
from probes.net.core.deadlines import Deadlines
from probes.net.core.sockets import family_of, sockaddr
from probes.net.core.unconnected import errors, opened, received
from probes.wire.dns.messages import FORMERR, HEADER_SIZE, MESSAGE_LIMIT, NOTIMP, REFUSED, SERVFAIL

SOCKETS_PER_FAMILY = 4
_IN_FLIGHT = 32_768  # of the 65,536 ids of a socket
_IDS = 0xFFFF
_NUMBER = struct.Struct("=I")
_STALE = 3
"""Errors of earlier datagrams that a send may report in place of its own."""
_BUSY = frozenset({errno.EAGAIN, errno.ENOBUFS})
_BUSY_WAIT = 0.005
_WITHOUT_QUESTION = frozenset({FORMERR, SERVFAIL, NOTIMP, REFUSED})


class DnsReply(NamedTuple):
    """Holds the result of a question: the accepted answer, or the failure."""

    wire: bytes | None = None
    failure: Failure | None = None
    answered_from: IPAddress | None = None


@dataclass(slots=True)
class _Pending:
    key: int
    host: str  # as the kernel writes it, to compare with the source of an answer
    packed: bytes
    port: int
    question: bytes
    waiter: asyncio.Future[DnsReply]
    account: PeerUsage
    answered_from: IPAddress | None = None
    other_port: int | None = None
    refused: int = 0
    """The errno with which the kernel has not taken the question so far."""


class _Shared:
    """Holds one socket with its pending questions, without coroutines.

    A coroutine costs as much as reading a small answer, and a question that goes through six of them waits for all of
    them.
    """

    def __init__(self, family: socket.AddressFamily, seconds: float) -> None:
        self.pending: dict[int, _Pending] = {}
        self._accounts: WeakValueDictionary[str, PeerUsage] = WeakValueDictionary()
        self._deadlines = Deadlines(seconds, self._expire)
        self._count = 0
        self._sock = opened(family)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._sock, self._readable)

    def close(self) -> None:
        self._deadlines.close()
        self._loop.remove_reader(self._sock)
        self._sock.close()
        for pending in self.pending.values():
            pending.waiter.cancel()

    def ask(self, server: IPAddress, port: int, query: bytes, number: int) -> asyncio.Future[DnsReply]:
        """Send ``query`` with the id ``number``, which no pending question has.

        A question with a cancelled waiter keeps its id until its time is over: a late datagram is no answer to another.
        """
        waiter: asyncio.Future[DnsReply] = self._loop.create_future()
        packed = server.packed
        account = tab().ledger.of(packed)
        if account.excess:
            waiter.set_result(DnsReply(failure=over_budget(account.excess)))
            return waiter
        target = sockaddr(server, port)
        host = target[0]
        if self._accounts.get(host) is not account:
            self._accounts[host] = account
        self._count += 1
        key = self._count << 16 | number
        pending = _Pending(key, host, packed, port, _question_of(query), waiter, account)
        self.pending[number] = pending
        self._deadlines.add(key)
        self._send(pending, number.to_bytes(2) + query[2:], target, _STALE)
        return waiter

    def _send(self, pending: _Pending, wire: bytes, target: tuple[object, ...], stale: int) -> None:
        """Send the question, again later while the kernel is busy.

        The kernel may report here the error of an earlier datagram. Reporting removes it, so our own refusal is the one
        that is still there after a few tries.
        """
        while not pending.waiter.done():
            try:
                self._sock.sendto(wire, target)
            except OSError as problem:
                number = problem.errno or errno.EIO
                if number in _BUSY:
                    pending.refused = number
                    self._loop.call_later(_BUSY_WAIT, self._send, pending, wire, target, stale)
                elif stale:
                    stale -= 1
                    self._drain_errors()
                    continue
                else:
                    self._end(pending, DnsReply(failure=faults.from_errno(number, local=True)))
            else:
                pending.refused = 0
            return

    def _end(self, pending: _Pending, reply: DnsReply) -> None:
        del self.pending[pending.key & _IDS]
        pending.waiter.set_result(reply)

    def _expire(self, key: int) -> None:
        pending = self.pending.get(key & _IDS)
        if pending is None or pending.key != key:
            return
        if pending.waiter.done():  # cancelled
            del self.pending[key & _IDS]
            return
        detail = "no answer in time"
        if pending.answered_from is not None:
            detail = "answered from another address"
        elif pending.other_port is not None:
            detail = f"answered from port {pending.other_port}"
        failure = Failure(kind=FailureKind.TIMEOUT, detail=detail)
        if pending.refused:
            failure = faults.exhausted(pending.refused)
        if pending.account.excess:
            failure = over_budget(pending.account.excess)
        self._end(pending, DnsReply(failure=failure, answered_from=pending.answered_from))

    def _readable(self) -> None:
        if received(self._sock, MESSAGE_LIMIT, self._received):
            self._drain_errors()

    def _received(self, data: bytes, source: tuple[str, int]) -> None:
        host = source[0]
        if "%" in host:
            host = host.partition("%")[0]
        pending = self.pending.get(data[0] << 8 | data[1]) if len(data) >= HEADER_SIZE else None
        account = self._accounts.get(host) if pending is None or pending.host != host else pending.account
        if account is not None and not account.take(len(data)):
            return
        if pending is None or pending.waiter.done() or not data[2] & 0x80 or not _answers(data, pending.question):
            return
        if host == pending.host or ip_address(host).packed == pending.packed:
            if source[1] == pending.port:
                self._end(pending, DnsReply(data, None, pending.answered_from))
            else:
                pending.other_port = source[1]
        else:
            pending.answered_from = ip_address(host)

    def _drain_errors(self) -> None:
        """Assign ICMP errors to their questions."""
        for error in errors(self._sock):
            pending = self.pending.get(int.from_bytes(error.data[:2])) if len(error.data) >= 2 else None
            if pending is None or pending.waiter.done() or (pending.packed, pending.port) != (error.packed, error.port):
                continue
            self._end(pending, DnsReply(failure=error.failure))


class Datagrams:
    """Holds the shared sockets for IPv4 and IPv6, opened when first needed."""

    def __init__(self, seconds: float, *, chance: random.Random | None = None) -> None:
        self._seconds = seconds
        self._numbers = _numbers(chance or random.SystemRandom())
        self._shared: dict[int, list[_Shared]] = {4: [], 6: []}

    def ask(self, server: IPAddress, port: int, query: bytes) -> Awaitable[DnsReply]:
        """Send one question in one datagram before this returns; the id in ``query`` is replaced."""
        number = next(self._numbers)
        try:
            shared = self._pick(server, number >> 16)
        except OSError as problem:
            return at_once(DnsReply(failure=faults.from_exception(problem, local=True)))
        number &= _IDS
        while number in shared.pending:
            number = next(self._numbers) & _IDS
        return shared.ask(server, port, query, number)

    def _pick(self, server: IPAddress, chance: int) -> _Shared:
        sockets = self._shared[server.version]
        if len(sockets) >= SOCKETS_PER_FAMILY:
            shared = sockets[chance % len(sockets)]
            if len(shared.pending) < _IN_FLIGHT:
                return shared
        sockets.append(_Shared(family_of(server), self._seconds))
        return sockets[-1]

    def close(self) -> None:
        for sockets in self._shared.values():
            for shared in sockets:
                shared.close()
            sockets.clear()


def at_once(reply: DnsReply) -> Awaitable[DnsReply]:
    """Return an awaitable with a reply that is there already."""
    waiter: asyncio.Future[DnsReply] = asyncio.get_running_loop().create_future()
    waiter.set_result(reply)
    return waiter


def _numbers(chance: random.Random) -> Iterator[int]:
    """Yield numbers of 32 bits: half of one is an id, the other half chooses a socket."""
    while True:
        for (number,) in _NUMBER.iter_unpack(chance.randbytes(4_096)):
            yield number


def _question_of(query: bytes) -> bytes:
    """Return the question in our own query, uncompressed, in lower case."""
    at = HEADER_SIZE
    while query[at]:
        at += query[at] + 1
    return query[HEADER_SIZE : at + 5].lower()


def matches(answer: bytes, query: bytes) -> bool:
    """True if ``answer`` has the id of ``query``, is a response and repeats the question."""
    head = len(answer) >= HEADER_SIZE and answer[:2] == query[:2] and bool(answer[2] & 0x80)
    return head and _answers(answer, _question_of(query))


def _answers(data: bytes, question: bytes) -> bool:
    """True if an answer repeats the question; some refusals repeat none (as RFC 1035 servers without EDNS do)."""
    if data[4:6] == b"\0\1":
        return data[HEADER_SIZE : HEADER_SIZE + len(question)].lower() == question
    return data[4:6] == b"\0\0" and data[3] & 0x0F in _WITHOUT_QUESTION
