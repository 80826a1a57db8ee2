"""Starts the crafted-packet program with the first crafted packet, or uses one that was passed to it, and asks it.

The privilege is the program's own; if that is missing, every request ends with ``no_permission`` and the privilege to
grant. The scope goes to it first, so that it refuses forbidden addresses by itself; ours is asked before that all the
same.
"""

import asyncio
import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from probes.framework.evidence import FailureKind
from probes.net.core import children, faults
from probes.net.core.gate import QueueGate
from probes.net.raw import answers, privsep

_START = 15.0
"""Seconds until the program must report that it is ready: scapy is slow to load on a busy machine."""
AT_ONCE = 60
"""Requests under way. The program does no more than 64 at a time, and waiting for it must not look like its silence."""
_GRANT = {
    "permission": "crafted packets need CAP_NET_RAW",
    "scapy": "crafted packets need scapy: install the extra rawpkt",
}
_REFUSALS = {
    "scope": FailureKind.OUT_OF_SCOPE,
    "permission": FailureKind.NO_PERMISSION,
    "route": FailureKind.NO_ROUTE_HERE,
}


class EarlyNotices:
    """Holds the early notices about a connection.

    ``heeded``: a lost segment has come again small enough; ``unheeded``: it has come again as large as before as often
    as counts (``REPEATED``).
    """

    def __init__(self) -> None:
        self.heeded, self.unheeded = asyncio.Event(), asyncio.Event()


@dataclass(frozen=True, slots=True, kw_only=True)
class CraftedScope:
    """Holds prefixes as text, given to the program once. Special ranges need an entry inside them (inventory.scope)."""

    allow: tuple[str, ...] = ("0.0.0.0/0", "::/0")
    deny: tuple[str, ...] = ()
    interfaces: tuple[str, ...] = ()  # the interfaces at which it may listen
    receivers: tuple[str, ...] = ()  # the only addresses that forged sources may be sent to


EVERYWHERE = CraftedScope()


class Crafted:
    """Runs one program, started lazily. ``command`` is for tests."""

    def __init__(self, scope: CraftedScope, command: Sequence[str] = ()) -> None:
        self._scope = scope
        self._command = tuple(command) or tuple(children.command(privsep.PROGRAM))
        self._handed: socket.socket | None = None
        self._writer: asyncio.WriteTransport | None = None
        self._transport: asyncio.BaseTransport | None = None
        self._ready: asyncio.Future[answers.Ready] | None = None
        self._ended: asyncio.Future[None] | None = None
        self._waiting: dict[int, tuple[asyncio.Future[answers.RawAnswer], EarlyNotices]] = {}
        self._count = 0
        self._starting = asyncio.Lock()
        self._gate = QueueGate(AT_ONCE)

    def adopt(self, program: socket.socket) -> None:
        """Use this program instead of starting one. It is closed with this object."""
        self._handed = program

    async def ask(self, seconds: float, *, ahead: EarlyNotices | None = None, **fields: object) -> answers.RawAnswer:
        """Return the answer to one request within ``seconds``; early notices go into ``ahead``. Raises Fault."""
        await self._started()
        async with self._gate.slot():
            return await self._ask(seconds, fields, ahead or EarlyNotices())

    async def _ask(self, seconds: float, fields: Mapping[str, object], ahead: EarlyNotices) -> answers.RawAnswer:
        self._count = number = self._count + 1
        future: asyncio.Future[answers.RawAnswer] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future, ahead
        try:
            self._write({"id": number, **fields})
            async with asyncio.timeout(seconds):
                answer = await future
        except TimeoutError as problem:
            raise faults.fault(FailureKind.CUT_SHORT, "the crafted-packet program did not answer in time") from problem
        finally:
            self._waiting.pop(number, None)
        if answer.refused:
            kind = _REFUSALS.get(answer.refused, FailureKind.CUT_SHORT)
            raise faults.fault(kind, f"crafted packet: {answer.refused} {answer.detail}")
        return answer

    async def _started(self) -> None:
        async with self._starting:
            if self._ready is None:
                await self._start()
        assert self._ready is not None
        ready = await self._said(self._ready)
        if ready.why:
            detail = _GRANT.get(ready.why, f"the crafted-packet program does not work: {ready.detail}")
            raise faults.fault(FailureKind.NO_PERMISSION, detail)

    async def _said(self, ready: "asyncio.Future[answers.Ready]") -> answers.Ready:
        try:
            async with asyncio.timeout(_START):
                await asyncio.wait([ready])
        except TimeoutError:
            return answers.Ready(why="other", detail="it does not start")
        return ready.result()

    async def _start(self) -> None:
        loop = asyncio.get_running_loop()
        self._ready, self._ended = loop.create_future(), loop.create_future()
        try:
            if self._handed is not None:
                handed, self._handed = self._handed, None
                self._transport, _ = await loop.create_unix_connection(lambda: _Socket(self), sock=handed)
                self._writer = self._transport
            else:
                started, _ = await loop.subprocess_exec(
                    lambda: _Pipe(self), *self._command, stderr=None, cwd=children.ROOT, env=children.environment()
                )
                pipe = started.get_pipe_transport(0)
                self._transport, self._writer = started, pipe if isinstance(pipe, asyncio.WriteTransport) else None
        except OSError as problem:
            self._ready.set_result(answers.Ready(why="other", detail=faults.bounded(str(problem))))
            self._ended.set_result(None)
            return
        scope = self._scope
        lists = {"allow": scope.allow, "deny": scope.deny, "interfaces": scope.interfaces, "receivers": scope.receivers}
        self._write({name: list(values) for name, values in lists.items()})

    def _write(self, line: dict[str, object]) -> None:
        if self._writer is None or self._writer.is_closing():
            raise faults.fault(FailureKind.CUT_SHORT, "the crafted-packet program has ended")
        self._writer.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")

    def heard(self, line: bytes) -> None:
        """Handle one line of the program's output."""
        try:
            if self._ready is not None and not self._ready.done():
                self._ready.set_result(answers.ready(line))
                return
            answer = answers.answer(line)
        except answers.RawpktError as problem:
            self.ended(f"it says what it must not: {problem}")
            return
        future, ahead = self._waiting.get(-1 if answer.id is None else answer.id, (None, None))
        if ahead is not None and (answer.heeded or answer.unheeded):
            (ahead.heeded if answer.heeded else ahead.unheeded).set()
        elif future is not None and not future.done():
            future.set_result(answer)

    def ended(self, why: str) -> None:
        """End all waits, because the program is gone, or is not read any more."""
        if self._ready is not None and not self._ready.done():
            self._ready.set_result(answers.Ready(why="other", detail=why))
        for number, (future, _) in self._waiting.items():
            if not future.done():
                future.set_result(answers.RawAnswer(id=number, refused="failed", detail=why))
        if self._transport is not None:
            self._transport.close()

    def exited(self) -> None:
        self.ended("it has ended")
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(None)

    async def close(self) -> None:
        """End the program and wait until it is gone."""
        if self._handed is not None:
            self._handed.close()
        if self._transport is not None and self._ended is not None:
            self._transport.close()
            await self._ended


class _Lines:
    """Cuts the program's output into lines."""

    def __init__(self, owner: Crafted) -> None:
        self._owner = owner
        self._buffer = bytearray()

    def _take(self, data: bytes) -> None:
        self._buffer += data
        *lines, rest = self._buffer.split(b"\n")
        self._buffer = bytearray(rest)
        if len(rest) > answers.LINE_LIMIT:
            self._owner.ended("a line without end")
            return
        for line in lines:
            self._owner.heard(bytes(line))


class _Pipe(_Lines, asyncio.SubprocessProtocol):
    """Reads the output of a program that we started."""

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 1:
            self._take(data)

    def process_exited(self) -> None:
        self._owner.exited()


class _Socket(_Lines, asyncio.Protocol):
    """Reads the output of a program behind a socket."""

    def data_received(self, data: bytes) -> None:
        self._take(data)

    def connection_lost(self, problem: Exception | None) -> None:
        self._owner.exited()
