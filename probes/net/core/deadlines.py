"""Keeps deadlines of one constant length in a queue with one timer, however many steps are under way.

With one length the queue is in order by itself. It holds integer keys and never the futures: an answer must be freed
when it is read, not when its deadline passes.
"""

import asyncio
from collections import deque
from collections.abc import Callable


class Deadlines:
    """Calls ``expire(key)`` once the time of a key has passed, even if its task has stopped waiting."""

    def __init__(self, seconds: float, expire: Callable[[int], None]) -> None:
        self._seconds = seconds
        self._expire = expire
        self._queue: deque[tuple[float, int]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, key: int) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + self._seconds
        self._queue.append((due, key))
        if self._timer is None:
            self._timer = loop.call_at(due, self._run)

    def _run(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._timer = None
        queue = self._queue
        while queue and queue[0][0] <= now:
            self._expire(queue.popleft()[1])
        if queue and self._timer is None:  # an expired step may have added the next one
            self._timer = loop.call_at(queue[0][0], self._run)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._queue.clear()
