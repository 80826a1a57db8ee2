"""Runs long computations in a few threads, and refuses more when too many wait."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, ParamSpec, TypeVar

from aiohttp import web

P = ParamSpec("P")
R = TypeVar("R")
_AGAIN = 30


class BoundedPool:
    """Runs work in ``threads`` threads with a queue of at most ``waiting``; more work is refused with 503."""

    def __init__(self, name: str, *, threads: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most, self._under_way = threads + waiting, 0
        self._counting = Lock()

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run work in the pool. Raises HTTPServiceUnavailable if too many wait already."""
        return await asyncio.wrap_future(self.start(work, *args, **kwargs))

    def start(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Begin work that continues even if its caller stops waiting. Raises as ``run``."""
        with self._counting:
            if self._under_way >= self._most:
                raise web.HTTPServiceUnavailable(headers={"Retry-After": str(_AGAIN)})
            self._under_way += 1
        started = self._pool.submit(work, *args, **kwargs)
        started.add_done_callback(self._ended)
        return started

    def _ended(self, _: Future[Any]) -> None:
        with self._counting:
            self._under_way -= 1

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
