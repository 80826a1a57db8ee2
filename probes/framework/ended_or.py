"""Waits for a task or an event, whichever comes first."""

import asyncio


async def ended_or(task: asyncio.Task[object], event: asyncio.Event) -> None:
    """Until ``task`` has ended or ``event`` is set."""
    async with asyncio.TaskGroup() as group:
        said = group.create_task(event.wait())
        await asyncio.wait((task, said), return_when=asyncio.FIRST_COMPLETED)
        said.cancel()
