"""Inventories that were sent to the service: read elsewhere, one at a time, whoever sent them."""

import asyncio
from collections.abc import Sequence

from auditor.pipeline.reading import load_sent
from auditor.web.site import aside
from inventory.loader import Loaded

_reading = asyncio.Semaphore(1)
"""Workbooks are large once they are open, and a thread of ours waits for each reader."""


async def read_sent(files: Sequence[tuple[str, bytes]]) -> Loaded:
    """Raises InventoryError."""
    async with _reading:
        return await aside(load_sent, files)
