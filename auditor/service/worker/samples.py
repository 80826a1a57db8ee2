"""Delivers the samples that a worker takes by itself; the vantage's own store remembers how far the centre has them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from auditor.service.leases import frames
from auditor.service.store.api import Store
from auditor.service.store.chunks import chunks
from inventory.model import SubjectId

NOTE = "delivered"
"""The name under which the store remembers the time up to which samples were delivered."""
_STEP = timedelta(hours=6)
_AT_ONCE = 100  # subjects in one delivery
_AGAIN = timedelta(minutes=70)
"""Samples of web sites are written minutes after the hour that they are of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleDelivery:
    """Delivers the samples of one vantage. ``send`` returns when the centre has the lines."""

    store: Store
    vantage: str
    send: Callable[[bytes], Awaitable[None]]

    async def deliver(self, subjects: Sequence[SubjectId], now: datetime) -> None:
        """Deliver samples of the subjects since the last time, and once more those that may have come late."""
        since = await asyncio.to_thread(self._since, now)
        while since < now:
            until = min(since + _STEP, now)
            for some in chunks(subjects, _AT_ONCE):
                lines = await asyncio.to_thread(self._lines, some, since - _AGAIN, until)
                if lines:
                    await self.send(lines)
            await asyncio.to_thread(self.store.remember, self.vantage, {NOTE: until.isoformat().encode()})
            since = until

    def _since(self, now: datetime) -> datetime:
        oldest = now - frames.OLDEST + _AGAIN + _STEP
        try:
            known = datetime.fromisoformat(self.store.recall(self.vantage)[NOTE].decode())
        except (KeyError, ValueError):
            return oldest
        return max(known, oldest) if known.tzinfo is not None else oldest

    def _lines(self, subjects: Iterable[SubjectId], since: datetime, until: datetime) -> bytes:
        return frames.dump(self._samples(subjects, since, until))

    def _samples(self, subjects: Iterable[SubjectId], since: datetime, until: datetime) -> Iterator[frames.Taken]:
        for subject in subjects:
            known = self.store.series(subject, self.vantage)
            for series, samples in self.store.samples_together(known, since, until).items():
                yield from ((series, sample) for sample in samples)
