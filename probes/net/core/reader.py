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
    """Waits for bytes on a socket, which is watched from the first wait on.

    The owner ends that by ``stop``, before the socket is closed, or by the end of a ``with`` block.
    """

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
        """Return at least one byte and at most ``most``; empty at the end. Raises OSError as ``socket.recv`` does."""
        while True:  # the data is still on its way: reading before the wait would be a useless call
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
        """Stop watching the socket; a second call does nothing."""
        arrivals, self._arrivals = self._arrivals, None
        if arrivals is not None:
            arrivals.leave(self._number, self._loop)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class _Arrivals:
    """Watches the awaited sockets of one event loop, in an epoll with one descriptor that the loop watches.

    Adding each socket to the loop, a callback for each, and removing it again cost more than a whole read.
    """

    def __init__(self) -> None:
        self._poll: select.epoll | None = None
        self._wakes: dict[int, Callable[[], None]] = {}

    def watch(self, sock: int, wake: Callable[[], None]) -> None:
        """Call ``wake`` once when there is data to read, or an end."""
        if self._poll is None:
            self._poll = select.epoll()
            asyncio.get_running_loop().add_reader(self._poll.fileno(), self._wake)
        self._poll.register(sock, select.EPOLLIN | select.EPOLLONESHOT)
        self._wakes[sock] = wake

    def watch_on(self, sock: int) -> None:
        """Call ``wake`` of a watched socket once more."""
        if self._poll is not None:
            self._poll.modify(sock, select.EPOLLIN | select.EPOLLONESHOT)

    def leave(self, sock: int, loop: asyncio.AbstractEventLoop) -> None:
        """Stop watching a socket; the last one takes the epoll with it."""
        self._wakes.pop(sock, None)
        if self._poll is None:
            return
        if self._wakes:
            with suppress(OSError):  # closed already, which removes it as well
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
    """Return the arrivals of a loop, which are dropped with the loop."""
    found = _OF_LOOPS.get(loop)
    if found is None:
        found = _OF_LOOPS[loop] = _Arrivals()
    return found
