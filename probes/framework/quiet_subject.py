"""Tracks the probes that measure a subject, so that one that disturbs the others can wait until they are done."""

import asyncio
from collections.abc import Hashable, Iterable


class ProbeBarrier:
    """Waits for a set of probes that begin together; each reports once that it is done."""

    def __init__(self, measuring: Iterable[Hashable]) -> None:
        self._measuring = set(measuring)
        self._still = asyncio.Event()

    def done(self, measuring: Hashable) -> None:
        """Mark ``measuring`` as done; repeated calls have no effect."""
        self._measuring.discard(measuring)
        if not self._measuring:
            self._still.set()

    async def wait(self, measuring: Hashable) -> None:
        """Mark ``measuring`` as done and wait until all are."""
        self.done(measuring)
        await self._still.wait()
