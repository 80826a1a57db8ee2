"""Asks DNS questions over UDP through a few shared sockets per family, however many are under way.

An answer counts when id, question, source address and source port are those of the question (RFC 5452 §9); one that
has the rest but comes from another address is noted, not accepted, and the wait goes on. An ICMP
error reaches the question that caused it.
"""

import asyncio
import errno
import random
import socket
from dataclasses import dataclass
from ipaddress import ip_address
from typing import NamedTuple
from weakref import WeakValueDictionary

from inventory.model import IPAddress
from probes.framework.budget import PeerUsage, account_of, over_budget
from probes.framework.evidence import Failure, FailureKind
from probes.net.core import faults
from probes.net.core.deadlines import Deadlines
from probes.net.core.sockets import family_of, sockaddr
from probes.net.core.unconnected import errors, opened, received
from probes.wire.dns import FORMERR, HEADER_SIZE, MESSAGE_LIMIT, NOTIMP, REFUSED, SERVFAIL

SOCKETS_PER_FAMILY = 4
_IN_FLIGHT = 32_768  # of the 65,536 ids of a socket
_BUSY = frozenset({errno.EAGAIN, errno.ENOBUFS})
_BUSY_WAIT = 0.005
_WITHOUT_QUESTION = frozenset({FORMERR, SERVFAIL, NOTIMP, REFUSED})


class DnsReply(NamedTuple):
    """What came of a question: the accepted answer, or why there is none."""

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


class _Shared:
    """One socket with the questions under way on it."""

    def __init__(self, family: socket.AddressFamily, seconds: float) -> None:
        self.pending: dict[int, _Pending] = {}
        self._accounts: WeakValueDictionary[str, PeerUsage] = WeakValueDictionary()
        self._deadlines = Deadlines(seconds, self._expire)
        self._count = 0
        self._sock = opened(family)
        asyncio.get_running_loop().add_reader(self._sock, self._readable)

    def close(self) -> None:
        self._deadlines.close()
        asyncio.get_running_loop().remove_reader(self._sock)
        self._sock.close()
        for pending in self.pending.values():
            pending.waiter.cancel()

    async def ask(self, server: IPAddress, port: int, query: bytes, chance: random.Random) -> DnsReply:
        account = account_of(server)
        if account.excess:
            return DnsReply(failure=over_budget(account.excess))
        number = chance.getrandbits(16)
        while number in self.pending:
            number = chance.getrandbits(16)
        self._count += 1
        target = sockaddr(server, port)
        host = target[0]
        pending = _Pending(
            key=self._count << 16 | number,
            host=host,
            packed=server.packed,
            port=port,
            question=_question_of(query),
            waiter=asyncio.get_running_loop().create_future(),
            account=account,
        )
        self.pending[number] = pending
        if self._accounts.get(host) is not account:
            self._accounts[host] = account
        self._deadlines.add(pending.key)
        try:
            refusal = await self._send(number.to_bytes(2) + query[2:], target, pending)
            return DnsReply(failure=refusal) if refusal is not None else await pending.waiter
        finally:
            self.pending.pop(number, None)

    async def _send(self, wire: bytes, target: tuple[object, ...], pending: _Pending) -> Failure | None:
        """Send, waiting while the kernel is busy.

        The kernel may report here what an earlier datagram of somebody else met. Reporting takes it off, so our own
        refusal is the one that is still there after a few tries.
        """
        stale = 3
        while not pending.waiter.done():
            try:
                self._sock.sendto(wire, target)
            except OSError as problem:
                number = problem.errno or errno.EIO
                if number in _BUSY:
                    await asyncio.sleep(_BUSY_WAIT)
                elif stale:
                    stale -= 1
                    self._drain_errors()
                else:
                    return faults.from_errno(number, local=True)
            else:
                return None
        return None

    def _expire(self, key: int) -> None:
        pending = self.pending.get(key & 0xFFFF)
        if pending is None or pending.key != key or pending.waiter.done():
            return
        detail = "no answer in time"
        if pending.answered_from is not None:
            detail = "answered from another address"
        elif pending.other_port is not None:
            detail = f"answered from port {pending.other_port}"
        failure = Failure(kind=FailureKind.TIMEOUT, detail=detail)
        if pending.account.excess:
            failure = over_budget(pending.account.excess)
        pending.waiter.set_result(DnsReply(failure=failure, answered_from=pending.answered_from))

    def _readable(self) -> None:
        if received(self._sock, MESSAGE_LIMIT, self._received):
            self._drain_errors()

    def _received(self, data: bytes, source: tuple[str, int]) -> None:
        host = source[0].partition("%")[0]
        pending = self.pending.get(data[0] << 8 | data[1]) if len(data) >= HEADER_SIZE else None
        account = self._accounts.get(host) if pending is None or pending.host != host else pending.account
        if account is not None and not account.take(len(data)):
            return
        if pending is None or pending.waiter.done() or not data[2] & 0x80 or not _answers(data, pending.question):
            return
        if host == pending.host or ip_address(host).packed == pending.packed:
            if source[1] == pending.port:
                pending.waiter.set_result(DnsReply(wire=data, answered_from=pending.answered_from))
            else:
                pending.other_port = source[1]
        else:
            pending.answered_from = ip_address(host)

    def _drain_errors(self) -> None:
        """Hand ICMP errors to their questions."""
        for error in errors(self._sock):
            pending = self.pending.get(int.from_bytes(error.data[:2])) if len(error.data) >= 2 else None
            if pending is None or pending.waiter.done() or (pending.packed, pending.port) != (error.packed, error.port):
                continue
            pending.waiter.set_result(DnsReply(failure=error.failure))


class Datagrams:
    """The shared sockets of both families, opened when first needed."""

    def __init__(self, seconds: float, *, chance: random.Random | None = None) -> None:
        self._seconds = seconds
        self._chance = chance or random.SystemRandom()
        self._shared: dict[int, list[_Shared]] = {}

    async def ask(self, server: IPAddress, port: int, query: bytes) -> DnsReply:
        """One question, one datagram; the id in ``query`` is replaced."""
        try:
            shared = self._pick(server)
        except OSError as problem:
            return DnsReply(failure=faults.from_exception(problem, local=True))
        return await shared.ask(server, port, query, self._chance)

    def _pick(self, server: IPAddress) -> _Shared:
        sockets = self._shared.setdefault(server.version, [])
        if len(sockets) >= SOCKETS_PER_FAMILY:
            shared = self._chance.choice(sockets)
            if len(shared.pending) < _IN_FLIGHT:
                return shared
        sockets.append(_Shared(family_of(server), self._seconds))
        return sockets[-1]

    def close(self) -> None:
        for sockets in self._shared.values():
            for shared in sockets:
                shared.close()
        self._shared.clear()


def _question_of(query: bytes) -> bytes:
    """The question as it stands in our own query, uncompressed, in lower case."""
    at = HEADER_SIZE
    while query[at]:
        at += query[at] + 1
    return query[HEADER_SIZE : at + 5].lower()


def matches(answer: bytes, query: bytes) -> bool:
    """Whether ``answer`` has the id of ``query``, is a response and repeats the question."""
    head = len(answer) >= HEADER_SIZE and answer[:2] == query[:2] and bool(answer[2] & 0x80)
    return head and _answers(answer, _question_of(query))


def _answers(data: bytes, question: bytes) -> bool:
    """Whether an answer repeats the question; some refusals repeat none (as RFC 1035 servers without EDNS do)."""
    if data[4:6] == b"\0\1":
        return data[HEADER_SIZE : HEADER_SIZE + len(question)].lower() == question
    return data[4:6] == b"\0\0" and data[3] & 0x0F in _WITHOUT_QUESTION
