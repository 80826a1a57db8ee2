"""Work for a fixed number of workers: a lazy source, plus what the work itself turns up."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Pool(Generic[T]):
    """Hands out work until the source is empty, nothing found is left, and nobody is working any more."""

    def __init__(self, source: Iterable[T]) -> None:
        self._source: Iterator[T] = iter(source)
        self._found: list[T] = []
        self._busy = 0
        self._changed = asyncio.Condition()

    async def add(self, item: T) -> None:
        """More work, found while working; it is done before more of the source."""
        async with self._changed:
            self._found.append(item)
            self._changed.notify()

    async def run(self, workers: int, work: Callable[[T], Awaitable[None]]) -> None:
        """Work everything off with ``workers`` tasks. An exception of ``work`` ends them all."""
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(self._worker(work))

    async def _worker(self, work: Callable[[T], Awaitable[None]]) -> None:
        while (taken := await self._take()) is not None:
            try:
                await work(taken[0])
            finally:
                # No await here: on cancellation the condition's lock may be gone with its holder.
                self._busy -= 1
            async with self._changed:
                self._changed.notify_all()

    async def _take(self) -> tuple[T] | None:
        async with self._changed:
            while True:
                if self._found:
                    item = self._found.pop()
                else:
                    try:
                        item = next(self._source)
                    except StopIteration:
                        if self._busy == 0:
                            self._changed.notify_all()
                            return None
                        await self._changed.wait()
                        continue
                self._busy += 1
                return (item,)
