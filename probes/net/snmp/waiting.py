"""Waits for answers on many connected sockets with one epoll inside the loop's own and one timer per length of wait.

A socket for each agent, so that only it can answer, costs little; a reader in the loop and a ``wait_for`` for each of
its questions cost as much as the question itself. Edge-triggered: a datagram that comes without a pending question is
read, and thrown away, by the next question.
"""

import asyncio
import select

from probes.net.core.deadlines import Deadlines


class Waiting:
    """Waits within one running loop. A watched socket is forgotten when it is closed."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._by_socket: dict[int, asyncio.Future[bool]] = {}
        self._by_number: dict[int, asyncio.Future[bool]] = {}
        self._last = 0
        self._deadlines: dict[float, Deadlines] = {}
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._epoll.fileno(), self._wake)

    def watch(self, descriptor: int) -> None:
        self._epoll.register(descriptor, select.EPOLLIN | select.EPOLLET)

    def start(self, seconds: float) -> int:
        """Start the wait for one question and return its number; unrelated datagrams do not extend the wait."""
        deadlines = self._deadlines.get(seconds)
        if deadlines is None:
            deadlines = self._deadlines[seconds] = Deadlines(seconds, self._expire)
        self._last += 1
        deadlines.add(self._last)
        return self._last

    def readable(self, descriptor: int, number: int) -> asyncio.Future[bool]:
        """Return a future that is done when data came, True for an error (ICMP); it fails with TimeoutError in the end.

        A future and no coroutine: fewer frames to wake up for each answer. ``end`` forgets it.
        """
        waiter: asyncio.Future[bool] = self._loop.create_future()
        self._by_socket[descriptor] = self._by_number[number] = waiter
        return waiter

    def end(self, descriptor: int, number: int) -> None:
        """Forget a question that is over, by its number."""
        self._by_socket.pop(descriptor, None)
        self._by_number.pop(number, None)

    def close(self) -> None:
        for deadlines in self._deadlines.values():
            deadlines.close()
        self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()

    def _wake(self) -> None:
        for descriptor, events in self._epoll.poll(0):
            waiter = self._by_socket.get(descriptor)
            if waiter is not None and not waiter.done():
                waiter.set_result(bool(events & select.EPOLLERR))

    def _expire(self, number: int) -> None:
        waiter = self._by_number.get(number)
        if waiter is not None and not waiter.done():
            waiter.set_exception(TimeoutError())
