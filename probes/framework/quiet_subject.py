"""Tracks who measures a subject, so that a probe that changes what others see can wait until they are done."""

import asyncio
from collections.abc import Hashable, Iterable


class Quiet:
    """``measuring`` are those who begin together; each says once that it is done."""

    def __init__(self, measuring: Iterable[Hashable]) -> None:
        self._measuring = set(measuring)
        self._still = asyncio.Event()

    def done(self, measuring: Hashable) -> None:
        """``measuring`` looks at nothing any more; to say so again changes nothing."""
        self._measuring.discard(measuring)
        if not self._measuring:
            self._still.set()

    async def wait(self, measuring: Hashable) -> None:
        """``measuring`` is done, and waits until all are."""
        self.done(measuring)
        await self._still.wait()
