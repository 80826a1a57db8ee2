"""Parses uploaded inventories in a child process, one at a time."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec

from auditor.service.pipeline.previewing import Previewed
from auditor.service.web.site import run_in_thread

P = ParamSpec("P")
_reading = asyncio.Semaphore(1)
"""Inventories are large once they are open, and a thread of ours waits for each."""


async def parse_upload(work: Callable[P, Previewed], *args: P.args, **kwargs: P.kwargs) -> Previewed:
    """Parse the upload after the earlier ones. Raises SentError."""
    async with _reading:
        return await run_in_thread(work, *args, **kwargs)
