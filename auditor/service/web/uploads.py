"""Parses uploaded inventories in a child process, one at a time."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from auditor.service.web.site import run_in_thread

P = ParamSpec("P")
T = TypeVar("T")
_reading = asyncio.Semaphore(1)
"""Inventories are large once they are open, and a thread of ours waits for each."""


async def parse_upload(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Parse the upload after the earlier ones. Raises SentError."""
    async with _reading:
        return await run_in_thread(work, *args, **kwargs)
