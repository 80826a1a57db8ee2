"""Limits the time of blocks by one constant length: as ``asyncio.timeout``, without a timer for each."""

import asyncio
from types import TracebackType
from typing import Any

from probes.net.core.deadlines import Deadlines


class TimeLimits:
    """Creates limits of a fixed number of seconds. One object per kind of step and event loop."""

    def __init__(self, seconds: float) -> None:
        self._deadlines = Deadlines(seconds, self._expire)
        self._running: dict[int, _TimeLimit] = {}
        self._count = 0

    def limited(self) -> "_TimeLimit":
        """Return a context manager, to be used within a task; it raises TimeoutError if its block takes longer."""
        return _TimeLimit(self)

    def begin(self, limit: "_TimeLimit") -> int:
        """Start the time of a limit; return the key for ``end``."""
        self._count += 1
        self._running[self._count] = limit
        self._deadlines.add(self._count)
        return self._count

    def end(self, key: int) -> None:
        self._running.pop(key, None)

    def _expire(self, key: int) -> None:
        limit = self._running.pop(key, None)
        if limit is not None:
            limit.expire()


class _TimeLimit:
    """Limits the time of one ``with`` block, which is entered once."""

    __slots__ = ("_cancelling", "_expired", "_key", "_limits", "_task")

    _task: "asyncio.Task[Any]"

    def __init__(self, limits: TimeLimits) -> None:
        self._limits = limits
        self._key = self._cancelling = 0
        self._expired = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a time limit outside of a task")
        self._task, self._cancelling = task, task.cancelling()
        self._key = self._limits.begin(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._limits.end(self._key)
        if self._expired and self._task.uncancel() <= self._cancelling and isinstance(error, asyncio.CancelledError):
            raise TimeoutError from error  # no other code has cancelled the task meanwhile

    def expire(self) -> None:
        """Cancel the wait of the block, because its time is over."""
        self._expired = True
        self._task.cancel()
