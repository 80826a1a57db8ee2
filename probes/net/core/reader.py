"""Reads a connected socket until its end."""

import asyncio
import socket
from contextlib import suppress
from types import TracebackType
from typing import Self


class Inflow:
    """Waits for bytes. The selector hears of the socket once, at the first wait: telling it and taking that back again
    costs as much as a whole read. Whoever began ends it by ``stop``, before the socket is closed, or by the end of a
    ``with`` block."""

    def __init__(self, sock: socket.socket) -> None:
        self._loop = asyncio.get_running_loop()
        self._sock = sock
        self._number = sock.fileno()  # a selector is slow to find a socket that it does not know
        self._waiter: asyncio.Future[None] | None = None
        self._watched = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def more(self, most: int) -> bytes:
        """At least one byte, at most so many; none at the end. OSError as ``socket.recv`` raises it."""
        while True:  # what is asked for is on its way: to look first whether it has come is a call for nothing
            if not self._watched:
                self._watched = True
                self._loop.add_reader(self._number, self._wake)
            self._waiter = self._loop.create_future()
            await self._waiter
            with suppress(BlockingIOError, InterruptedError):
                return self._sock.recv(most)

    def stop(self) -> None:
        """Nobody waits any more; a second time does nothing."""
        if self._watched:
            self._watched = False
            self._loop.remove_reader(self._number)

    def _wake(self) -> None:
        if self._waiter is None or self._waiter.done():
            self.stop()  # nobody takes it now, and the selector would tell of it again and again
        else:
            self._waiter.set_result(None)
