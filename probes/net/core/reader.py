"""Reads a connected socket until its end."""

import asyncio
import select
import socket
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self
from weakref import WeakKeyDictionary


class Inflow:
    """Waits for bytes. The socket is watched from the first wait on; whoever began ends that by ``stop``, before the
    socket is closed, or by the end of a ``with`` block."""

    def __init__(self, sock: socket.socket) -> None:
        self._loop = asyncio.get_running_loop()
        self._sock = sock
        self._number = sock.fileno()
        self._waiter: asyncio.Future[None] | None = None
        self._arrivals: _Arrivals | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def more(self, most: int) -> bytes:
        """At least one byte, at most so many; none at the end. OSError as ``socket.recv`` raises it."""
        while True:  # what is asked for is on its way: to look first whether it has come is a call for nothing
            waiter = self._waiter = self._loop.create_future()
            if self._arrivals is None:
                self._arrivals = _arrivals(self._loop)
                self._arrivals.watch(self._number, self._wake)
            else:
                self._arrivals.watch_on(self._number)
            await waiter
            try:
                return self._sock.recv(most)
            except (BlockingIOError, InterruptedError):
                continue

    def stop(self) -> None:
        """Nobody waits any more; a second time does nothing."""
        arrivals, self._arrivals = self._arrivals, None
        if arrivals is not None:
            arrivals.leave(self._number, self._loop)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class _Arrivals:
    """The sockets of one event loop that are waited for, in an epoll of which the loop watches the descriptor alone.

    To tell the loop of each socket, to have it call for each, and to take that back cost more than a whole read.
    """

    def __init__(self) -> None:
        self._poll: select.epoll | None = None
        self._wakes: dict[int, Callable[[], None]] = {}

    def watch(self, sock: int, wake: Callable[[], None]) -> None:
        """Call ``wake`` once when there is something to read, or an end."""
        if self._poll is None:
            self._poll = select.epoll()
            asyncio.get_running_loop().add_reader(self._poll.fileno(), self._wake)
        self._poll.register(sock, select.EPOLLIN | select.EPOLLONESHOT)
        self._wakes[sock] = wake

    def watch_on(self, sock: int) -> None:
        """Call once more."""
        if self._poll is not None:
            self._poll.modify(sock, select.EPOLLIN | select.EPOLLONESHOT)

    def leave(self, sock: int, loop: asyncio.AbstractEventLoop) -> None:
        """Watch a socket no more; the last one takes the epoll with it."""
        self._wakes.pop(sock, None)
        if self._poll is None:
            return
        if self._wakes:
            with suppress(OSError):  # closed already, which takes it out as well
                self._poll.unregister(sock)
            return
        loop.remove_reader(self._poll.fileno())
        self._poll.close()
        self._poll = None

    def _wake(self) -> None:
        if self._poll is not None:
            for sock, _ in self._poll.poll(0):
                if (wake := self._wakes.get(sock)) is not None:
                    wake()


_OF_LOOPS: WeakKeyDictionary[asyncio.AbstractEventLoop, _Arrivals] = WeakKeyDictionary()


def _arrivals(loop: asyncio.AbstractEventLoop) -> _Arrivals:
    """Of a loop: what it holds ends with it."""
    found = _OF_LOOPS.get(loop)
    if found is None:
        found = _OF_LOOPS[loop] = _Arrivals()
    return found
