"""Waits for a task or for another event, the earlier of both."""

import asyncio

from probes.framework.limits import DEADLINE

LYING = 3.0
"""Seconds of network time after which an unfinished task counts as left pending."""


async def ended_or(task: asyncio.Task[object], *events: asyncio.Event) -> None:
    """Wait until ``task`` has ended or one of ``events`` is set."""
    async with asyncio.TaskGroup() as group:
        said = [group.create_task(event.wait()) for event in events]
        await asyncio.wait((task, *said), return_when=asyncio.FIRST_COMPLETED)
        for waiting in said:
            waiting.cancel()


async def ended_or_lying(task: asyncio.Task[object]) -> None:
    """Wait until ``task``, just started, has ended or ``LYING`` seconds passed, our waits for admission excluded."""
    clock, deadline = asyncio.get_running_loop().time, DEADLINE.get()
    began, held = clock(), 0.0 if deadline is None else deadline.held
    left = LYING
    while left > 0 and not task.done():
        await asyncio.wait((task,), timeout=left)
        waited = 0.0 if deadline is None else deadline.held - held
        left = began + LYING + waited - clock()
