"""Tracks who measures a subject, so that a probe that changes what others see can wait until they are done."""

import asyncio
from collections.abc import Hashable, Iterable


class Quiet:
    """``measuring`` are those who begin together; each says once that it is done."""

    def __init__(self, measuring: Iterable[Hashable]) -> None:
        self._measuring = set(measuring)
        self._still = asyncio.Event()

    def done(self, one: Hashable) -> None:
        """``one`` looks at nothing any more; to say so again changes nothing."""
        self._measuring.discard(one)
        if not self._measuring:
            self._still.set()

    async def wait(self, one: Hashable) -> None:
        """``one`` is done, and waits until all are."""
        self.done(one)
        await self._still.wait()
