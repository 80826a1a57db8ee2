"""Runs long computations in a few threads, and refuses more when too many wait."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from aiohttp import web

P = ParamSpec("P")
R = TypeVar("R")
_AGAIN = 30


class BoundedPool:
    """A pool of ``threads`` workers with a queue of at most ``waiting``; more are refused with 503."""

    def __init__(self, name: str, *, threads: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most, self._under_way = threads + waiting, 0

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run work in the pool. Raises HTTPServiceUnavailable if too many wait already."""
        if self._under_way >= self._most:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": str(_AGAIN)})
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, partial(work, *args, **kwargs))
        finally:
            self._under_way -= 1

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
