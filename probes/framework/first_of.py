"""Returns the first result of several calls without waiting for each timeout in turn."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from probes.framework.ended_or import ended_or_lying

T = TypeVar("T")


async def first_of(asked: Iterable[Callable[[], Awaitable[T | None]]]) -> T | None:
    """Return the result of the first call, in order, that gives one; None if none does.

    The next call starts once the one before it has returned None or takes too long (``LYING``); calls after the chosen
    one are cancelled.
    """
    running = list[asyncio.Task[T | None]]()
    async with asyncio.TaskGroup() as group:
        for ask in asked:
            running.append(group.create_task(_awaited(ask)))
            await ended_or_lying(running[-1])
            if any(task.done() and task.result() is not None for task in running):
                break
        try:
            for task in running:
                if (found := await task) is not None:
                    return found
        finally:
            for task in running:
                task.cancel()
    return None


async def _awaited(ask: Callable[[], Awaitable[T | None]]) -> T | None:
    return await ask()
