"""Runs work with a fixed number of workers: from a lazy source, plus items that the work adds.

A worker can leave an item that turns out slow running and take the next; a limited number may run so.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overtaking(Generic[T]):
    """Decides every ``seconds`` whether an item is slow. At most ``most`` slow items run without a worker."""

    seconds: float
    is_slow: Callable[[T], bool]
    most: int


class Pool(Generic[T]):
    """Hands out work until the source and the added items are used up and no worker is busy."""

    def __init__(self, source: Iterable[T]) -> None:
        self._source: Iterator[T] = iter(source)
        self._found: list[T] = []
        self._busy = self._aside = 0
        self._changed = asyncio.Condition()

    async def add(self, item: T) -> None:
        """Add work found while working; it is done before more of the source."""
        async with self._changed:
            self._found.append(item)
            self._changed.notify()

    async def run(
        self, workers: int, work: Callable[[T], Awaitable[None]], overtaking: Overtaking[T] | None = None
    ) -> None:
        """Work everything off with ``workers`` tasks. An exception in ``work`` ends all of them."""
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(self._worker(work, group, overtaking))

    async def _worker(
        self, work: Callable[[T], Awaitable[None]], group: asyncio.TaskGroup, overtaking: Overtaking[T] | None
    ) -> None:
        while (taken := await self._take()) is not None:
            if overtaking is None:
                await self._one(work, taken[0])
            else:
                await self._until_slow(group.create_task(self._one(work, taken[0])), taken[0], overtaking)

    async def _one(self, work: Callable[[T], Awaitable[None]], item: T) -> None:
        try:
            await work(item)
        finally:
            # No await here: on cancellation the condition's lock may be gone with its holder.
            self._busy -= 1
        if not self._busy:  # otherwise there is no new work, and waking hundreds of workers takes long
            async with self._changed:
                self._changed.notify_all()

    async def _until_slow(self, task: "asyncio.Task[None]", item: T, overtaking: Overtaking[T]) -> None:
        """Wait for the end of an item, or until it continues without the worker."""
        while True:
            done, _ = await asyncio.wait((task,), timeout=overtaking.seconds)
            if done:
                return
            if self._aside < overtaking.most and overtaking.is_slow(item):
                self._aside += 1
                task.add_done_callback(self._is_back)
                return

    def _is_back(self, _: "asyncio.Task[None]") -> None:
        self._aside -= 1

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


async def together(jobs: Iterable[Coroutine[None, None, list[T]]]) -> list[T]:
    """Run all jobs concurrently and return their results in the order of the jobs."""
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(job) for job in jobs]
    return [one for task in running for one in task.result()]
