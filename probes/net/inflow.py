"""What comes on a connected socket, for who goes on to read it until its end."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress


class Inflow:
    """Waits for bytes. The selector hears of the socket once, at the first wait: telling it and taking that back again
    costs as much as a whole read. Whoever began ends it, before the socket is closed: by ``stop`` or ``hand_over``."""

    def __init__(self, sock: socket.socket) -> None:
        self._loop = asyncio.get_running_loop()
        self._sock = sock
        self._number = sock.fileno()  # a selector is slow to find a socket that it does not know
        self._waiter: asyncio.Future[None] | None = None
        self._watched = False

    async def more(self, most: int) -> bytes:
        """At least one byte, at most so many; none at the end. OSError as ``socket.recv`` raises it."""
        while True:
            with suppress(BlockingIOError, InterruptedError):
                return self._sock.recv(most)
            if not self._watched:
                self._watched = True
                self._loop.add_reader(self._number, self._wake)
            self._waiter = self._loop.create_future()
            await self._waiter

    def stop(self) -> None:
        """Nobody waits any more; a second time does nothing."""
        if self._watched:
            self._watched = False
            self._loop.remove_reader(self._number)

    def hand_over(self, arrived: Callable[[], None]) -> None:
        """From now on ``arrived`` is called whenever there is something to read, and whoever owns that takes the
        socket from the selector."""
        self._watched = False
        self._loop.add_reader(self._number, arrived)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
