"""Adapts gufo-snmp (Rust), the default: a connected socket for each agent, so that only it can answer.

Single objects over version 2c are asked without the library, over sockets that all agents share (``shared.py``): most
questions of a large run are one GET of one device, for which a socket of its own is most of the cost. It gets one when
it is walked. The library's sockets are used without its asyncio session, which costs a reader and a timer of the loop
for every question and restarts the time limit with every unrelated datagram.

The library does not distinguish an answer that is an error (tooBig, genErr) from one at the end of a table, nor from
one without any object. After an empty answer, one or two more questions decide. Version 3 asks its first question with
the boots and time that came with the engine id (RFC 3414 §4); an engine that needs others sends a Report, from which
the library learns them, and is asked once more.
"""

import errno
import fcntl
import os
import re
import socket
import sys
import termios
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from functools import partial
from ipaddress import IPv6Address
from typing import TypeVar

from gufo.snmp import NoSuchInstance, SnmpError
from gufo.snmp._fast import GetIter, SnmpV1ClientSocket, SnmpV2cClientSocket, SnmpV3ClientSocket

from inventory.model import IPAddress
from probes.framework.budget import PeerUsage, account_of, over_budget
from probes.framework.evidence import OF_THIS_MACHINE, FailureKind
from probes.net.core import faults
from probes.net.core.sockets import local_errno, sockaddr
from probes.net.snmp.agents import Admit, Agent, Rejected, WalkPlace, varbind
from probes.net.snmp.gufo_users import User, Users
from probes.net.snmp.profiles import SnmpProfile
from probes.net.snmp.shared import SharedAgent, SharedGets, SnmpSocket
from probes.net.snmp.waiting import Waiting
from probes.observations.snmp import Varbind
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.tree import Oid

T = TypeVar("T")
_Socket = SnmpV1ClientSocket | SnmpV2cClientSocket | SnmpV3ClientSocket
_Own = Callable[[], "_GufoAgent"]
_PANIC = "PanicException"
_SLOWEST = 3
"""The longest wait for a device with late answers, as a multiple of the usual wait."""
_JUNK = 16_384
"""Bytes counted for unrelated datagrams: the library reads all that wait and does not tell how many."""
_BUFFERS = (0, 0, 0, 0)
"""Type of service, send and receive buffer, blocking time: the kernel's own, and never blocking."""


class GufoEngine:
    """Makes agents; keeps the users with their keys. Used inside one running loop."""

    name = "gufo"

    def __init__(self) -> None:
        self._users = Users()
        self._waiting = Waiting()
        self._gets = SharedGets()

    def agent(self, address: IPAddress, port: int, profile: SnmpProfile, *, wait: float, admit: Admit) -> Agent:
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            raise _not_here(address, port)  # the library would connect over IPv4
        if profile.version == "2c":
            community = b"" if profile.community is None else profile.community.reveal().encode()
            own = partial(self._own, address, port, profile, wait, admit)
            return _CommunityAgent(self._gets.of(address), address, port, community, wait, admit, own)
        return self._own(address, port, profile, wait, admit)

    def _own(self, address: IPAddress, port: int, profile: SnmpProfile, wait: float, admit: Admit) -> "_GufoAgent":
        """Return an agent with a socket of its own."""
        make = partial(self._socket, address, port, profile)
        user = self._users.of(profile) if profile.version == "3" else None
        account = account_of(address)
        return _GufoAgent(make, user, self._waiting, wait, admit, account, one_by_one=profile.version == "1")

    def _socket(self, address: IPAddress, port: int, profile: SnmpProfile) -> _Socket:
        where = _literal(address, port)
        try:
            return self._made(where, profile)
        except OSError:
            raise _not_here(address, port) from None

    def _made(self, where: str, profile: SnmpProfile) -> _Socket:
        if profile.version == "3":  # without an engine id: the user is set when it is known
            return SnmpV3ClientSocket(where, b"", "", 0, b"", 0, b"", *_BUFFERS)
        community = "" if profile.community is None else profile.community.reveal()
        kind = SnmpV1ClientSocket if profile.version == "1" else SnmpV2cClientSocket
        return kind(where, community, *_BUFFERS)

    def close(self) -> None:
        self._gets.close()
        self._waiting.close()
        self._users.clear()


class _CommunityAgent(SharedAgent):
    """Queries by version 2c; the first walk makes a socket of its own by ``own``."""

    __slots__ = ("_own", "_walking")
    engine_id = None

    def __init__(
        self, shared: SnmpSocket, address: IPAddress, port: int, community: bytes, wait: float, admit: Admit, own: _Own
    ) -> None:
        super().__init__(shared, address, port, community, wait, admit)
        self._own = own
        self._walking: _GufoAgent | None = None

    async def open(self) -> None:
        return None

    async def renew(self) -> bool:
        return False

    def walk(self, root: str, repetitions: int) -> AsyncIterator[list[Varbind]]:
        if self._walking is None:
            self._walking = self._own()
        return self._walking.walk(root, repetitions)

    def close(self) -> None:
        if self._walking is not None:
            self._walking.close()
            self._walking = None


class _GufoAgent:
    def __init__(
        self,
        make: Callable[[], _Socket],
        user: User | None,
        waiting: Waiting,
        wait: float,
        admit: Admit,
        account: PeerUsage,
        *,
        one_by_one: bool,
    ) -> None:
        self._account = account
        self._make = make
        self._user = user
        self._waiting = waiting
        self._wait = wait
        self._longest = _SLOWEST * wait
        self._is_late = False  # whether the answer to an earlier try may still come
        self._admit = admit
        self._one_by_one = one_by_one
        self.ends_at: Oid | None = None  # the place behind which no further object is known to exist
        self._sock = make()
        self._fd = self._sock.get_fd()
        waiting.watch(self._fd)

    @property
    def engine_id(self) -> bytes | None:
        return (self._sock.get_engine_id() or None) if isinstance(self._sock, SnmpV3ClientSocket) else None

    async def open(self) -> None:
        """Discover the engine (RFC 3414 §4); send nothing for the other versions."""
        sock = self._sock
        if isinstance(sock, SnmpV3ClientSocket) and self._user is not None:
            await self.ask(sock.send_refresh, sock.recv_refresh)
            try:
                sock.set_keys(*self._user.keys(sock.get_engine_id()))
            except (SnmpError, ValueError):
                raise faults.fault(FailureKind.PROTOCOL, "an engine id that no key fits") from None

    async def renew(self) -> bool:
        """Open a new socket: the library drops another engine's Report and cannot be told to ask for its id again."""
        if self._user is None:
            return False
        before, old = self.engine_id, self._sock
        self._sock = self._make()
        self._fd = self._sock.get_fd()
        self._waiting.watch(self._fd)
        try:
            await self.open()
        except faults.Fault:
            self._sock, self._fd = old, old.get_fd()
            raise
        return self.engine_id != before

    def get(self, oids: Sequence[str]) -> Coroutine[None, None, list[Varbind]]:
        """Ask in one datagram; in version 1 in one per object, as a missing one makes the whole answer an error."""
        return self._one_at_a_time(oids) if self._one_by_one else self._together(list(oids))

    async def _together(self, oids: list[str]) -> list[Varbind]:
        rows = await self.ask(partial(self._sock.send_get_many, oids), self._received)
        if not rows and self._user is not None and not await self._lacks(oids[0]):
            raise faults.fault(FailureKind.PROTOCOL, "an error for an answer")
        return rows

    def _lacks(self, oid: str) -> Coroutine[None, None, bool]:
        """True if the device reports that one object does not exist."""
        return self.ask(partial(self._sock.send_get, oid), self._is_missing)

    def _is_missing(self) -> bool:
        try:
            self._sock.recv_get()
        except NoSuchInstance:
            return True
        return False

    async def _one_at_a_time(self, oids: Sequence[str]) -> list[Varbind]:
        return [row for oid in oids for row in await self._together([oid])]

    def _received(self) -> list[Varbind]:
        return [varbind(oid, value) for oid, value in self._sock.recv_get_many().items()]

    def walk(self, root: str, repetitions: int) -> AsyncIterator[list[Varbind]]:
        bulk = repetitions > 1 and not self._one_by_one
        return _Walk(self, self._sock, root, repetitions if bulk else None)

    def close(self) -> None:
        """Drop the socket, which closes with the last reference to it."""
        del self._sock

    async def ask(self, send: Callable[[], None], receive: Callable[[], T]) -> T:
        """Send a question; for a user once more after a Report, which tells the library the engine's boots and time."""
        waiting, descriptor = self._waiting, self._fd
        for left in (0,) if self._user is None else (1, 0):
            await self._admit()
            number = waiting.start(self._wait)
            try:
                self._count(0)
                self._sent(send)
                while True:
                    if await waiting.readable(descriptor, number):
                        self._error()
                    self._count(_next_size(descriptor))
                    try:
                        return _read(receive)
                    except BlockingIOError:  # the datagram was no answer to this question
                        self._count(_JUNK)
                        number = self._more_patient(number)
            except TimeoutError:
                self._is_late = True
                raise faults.fault(FailureKind.TIMEOUT, "no answer in time") from None
            except OSError as problem:
                raise faults.Fault(faults.from_exception(problem)) from None
            except (SnmpError, ValueError) as problem:
                if "Auth" not in type(problem).__name__:
                    # Never the library's own text: a later version may put the sent data into it.
                    text = f"unreadable answer ({type(problem).__name__})"
                    raise faults.fault(FailureKind.PROTOCOL, text) from None
                if not left:
                    break
            finally:
                waiting.end(descriptor, number)
        raise Rejected("the device does not accept the user or its keys")

    def _more_patient(self, number: int) -> int:
        """Return the number of the question from now on, with a longer wait if answers are late.

        A datagram that answers no question, after a silence, is the late answer to the try before: the device is slower
        than our wait, and is given more time, now and later.
        """
        if not self._is_late:
            return number
        self._is_late, self._wait = False, min(2 * self._wait, self._longest)
        self._waiting.end(self._fd, number)
        return self._waiting.start(self._wait)

    def _count(self, size: int) -> None:
        """Count ``size`` bytes against the budget of the device."""
        if not self._account.take(size):
            raise faults.Fault(over_budget(self._account.excess))

    def _sent(self, send: Callable[[], None]) -> None:
        try:
            send()
        except OSError:  # perhaps the error of an earlier datagram
            self._error()
            try:
                send()
            except OSError as problem:
                if _errno(problem) == errno.EPERM:
                    raise faults.Fault(faults.from_errno(errno.EPERM, local=True)) from None
                raise faults.fault(FailureKind.CUT_SHORT, f"{OF_THIS_MACHINE} could not send") from None

    def _error(self) -> None:
        """Raise the failure of a pending ICMP error; the library knows only refusal."""
        with socket.socket(fileno=os.dup(self._fd)) as sock:
            number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            raise faults.Fault(faults.from_errno(number))


class _Walk:
    """Yields the rows of one answer at a time. The place is kept after a timeout.

    The library ends a walk at the first object that is not below its root, of any kind. It is given the whole of the
    tree as root, except for the first question, so that the end of a walk is detected here.
    """

    def __init__(self, agent: _GufoAgent, sock: _Socket, root: str, repetitions: int | None) -> None:
        bulk = repetitions is not None
        self._agent = agent
        self._sock = sock
        self._root = root
        self._bulk = bulk
        self._asked = GetIter(root, repetitions)
        self._wide = GetIter(_whole_tree(root), repetitions)
        self._place = WalkPlace(root)
        self._send = sock.send_get_bulk if bulk else sock.send_get_next
        self._receive = sock.recv_get_bulk if bulk else lambda place: [sock.recv_get_next(place)]

    def __aiter__(self) -> "_Walk":
        return self

    async def __anext__(self) -> list[Varbind]:
        place, receive, wide = self._place, self._receive, self._wide
        if place.over:
            raise StopAsyncIteration

        def received() -> list[tuple[str, object] | None]:
            try:
                return list(receive(wide))
            except StopAsyncIteration:
                return []

        answered = await self._agent.ask(partial(self._send, self._asked), received)
        if not answered and not await self._is_end():
            raise faults.fault(FailureKind.PROTOCOL, "an error for an answer")
        self._asked = wide
        objects = [varbind for varbind in answered if varbind is not None]
        rows = place.take(objects, ended=len(objects) < len(answered) or not answered)
        if not rows:
            raise StopAsyncIteration
        return rows

    async def _is_end(self) -> bool:
        """True if there is nothing more: no object behind the place, asked for by itself, nor behind the root.
        An answer without any object is not enough, as it may be an error."""
        agent, place = self._agent, self._place.last
        if agent.ends_at is not None and agent.ends_at <= place:
            return True
        head, _, last = self._root.rpartition(".")
        behind = [f"{head}.{int(last) + 1}"]
        for start in [dotted(place), *behind] if self._bulk else behind:
            if await agent.ask(partial(self._sock.send_get_next, GetIter(start)), self._any):
                return False
        agent.ends_at = place
        return True

    def _any(self) -> bool:
        try:
            self._sock.recv_get_next(GetIter(_whole_tree(self._root)))
        except StopAsyncIteration:
            return False
        return True


def _whole_tree(root: str) -> str:
    return ".".join(root.split(".")[:2])


def _read(receive: Callable[[], T]) -> T:
    try:
        return receive()
    except BaseException as problem:
        # Noise makes the library panic, which is no Exception, or raise while it shows a value that it had read.
        if isinstance(problem, RuntimeError) or type(problem).__name__ == _PANIC:
            raise faults.fault(FailureKind.PROTOCOL, "unreadable answer") from None
        raise


def _errno(problem: OSError) -> int | None:
    """Return the number of an error, which the library keeps as text."""
    told = re.search(r"\(os error (\d{1,5})\)", str(problem))
    return int(told[1]) if told else problem.errno


def _next_size(descriptor: int) -> int:
    """Return the bytes of the datagram that waits first."""
    return int.from_bytes(fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)), sys.byteorder)


def _not_here(address: IPAddress, port: int) -> faults.Fault:
    """Return the failure to send; the library keeps only the text of the error, so its number is looked up."""
    number = local_errno(address, port)
    if not number:
        return faults.fault(FailureKind.CUT_SHORT, "no socket to be had")
    return faults.Fault(faults.from_errno(number, local=True))


def _literal(address: IPAddress, port: int) -> str:
    """Return address and port as text; a zone as the number of the interface."""
    target = sockaddr(address, port)
    if len(target) == 2:
        return f"{target[0]}:{port}"
    zone = f"%{target[3]}" if target[3] else ""
    return f"[{target[0]}{zone}]:{port}"
