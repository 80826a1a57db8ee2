"""Writes to a store from asynchronous code: a bounded queue, and one thread that writes its content in batches.

Each item is written a moment later, together with all that came meanwhile, in one transaction, because a transaction
costs more than the data of one probe. A slow disk makes larger batches, and a full queue slows the producers; a flush
ends the gathering of a batch. Within a batch evidence goes before the mark that a subject is measured, and batches go
in order: a mark in the store is always true.

A store that fails ends the writing: every producer gets the same error from then on, and so does leaving the block
without another error. Items handed over before the block ended are also written when it ends by an exception or a
cancellation.
"""

import asyncio
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from auditor.service.store.api import Store
from auditor.service.store.records import Sample, Series
from inventory.model import Subject, SubjectId
from probes.framework.evidence import Evidence, RunId

CAPACITY = 1_000
BATCH = 500
TOGETHER = 0.25
"""Seconds in which a batch gathers; a loss of power may lose measurements of that time."""


@dataclass(frozen=True, slots=True)
class _Found:
    run: RunId
    subjects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class _Owned:
    run: RunId
    subject: SubjectId
    owners: tuple[SubjectId, ...]


@dataclass(frozen=True, slots=True)
class _Measured:
    run: RunId
    subjects: tuple[SubjectId, ...]


@dataclass(frozen=True, slots=True)
class _Reached:
    """Marks a point in the queue; ``told`` is resolved when all before it is written. ``last``: the queue ends here."""

    told: "asyncio.Future[None]"
    last: bool = False


@dataclass(frozen=True, slots=True)
class _Sampled:
    samples: tuple[tuple[Series, Sample], ...]


_Work = Evidence | _Found | _Owned | _Measured | _Sampled
_Item = _Work | _Reached


class Mirror(Protocol):
    """Receives the same evidence while it comes in (``--evidence DIR``)."""

    def add_subjects(self, run: RunId, subjects: Iterable[Subject]) -> None: ...

    def add_owners(self, run: RunId, subject: SubjectId, owners: Iterable[SubjectId]) -> None: ...

    def add_evidence(self, evidence: Iterable[Evidence]) -> None: ...

    def mark_measured(self, run: RunId, *subjects: SubjectId) -> None: ...


class Writer:
    """Queues items for one event loop and one block: ``async with Writer(store) as writer: await writer.put(…)``."""

    def __init__(self, store: Store, mirror: Mirror | None = None, *, capacity: int = CAPACITY) -> None:
        self._store = store
        self._mirror = mirror
        self._queue: asyncio.Queue[_Item] = asyncio.Queue(capacity)
        self._group = asyncio.TaskGroup()
        self._thread = ThreadPoolExecutor(1, "store")
        self._error: Exception | None = None
        self._seen = False

    async def put(self, *evidence: Evidence) -> None:
        """Queue evidence; waits while the store is behind. Raises the store's error."""
        for envelope in evidence:
            await self._hand_over(envelope)

    async def add_subjects(self, run: RunId, subjects: Iterable[Subject]) -> None:
        await self._hand_over(_Found(run, tuple(subjects)))

    async def add_owners(self, run: RunId, subject: SubjectId, owners: Iterable[SubjectId]) -> None:
        await self._hand_over(_Owned(run, subject, tuple(owners)))

    async def mark_measured(self, run: RunId, *subjects: SubjectId) -> None:
        """Mark subjects as measured; evidence that was put before is written before, or together, without a flush."""
        await self._hand_over(_Measured(run, subjects))

    async def add_samples(self, samples: Iterable[tuple[Series, Sample]]) -> None:
        """Queue samples for later runs to look back at."""
        await self._hand_over(_Sampled(tuple(samples)))

    async def flush(self) -> None:
        """Wait until everything handed over before is committed. Raises the store's error."""
        self._check()
        reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._queue.put(_Reached(reached))
        await reached
        self._check()

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        self._task = self._group.create_task(self._work())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            last: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            await self._queue.put(_Reached(last, last=True))
            await last
        except BaseException:
            self._task.cancel()
            raise
        finally:
            # The block's own exception is not the group's: it would come out wrapped.
            await self._group.__aexit__(None, None, None)
            self._thread.shutdown()
        if error is None and not self._seen:
            self._check()

    async def _hand_over(self, work: _Work) -> None:
        self._check()
        await self._queue.put(work)
        self._check()

    def _check(self) -> None:
        if self._error is not None:
            self._seen = True
            raise self._error

    async def _work(self) -> None:
        """Write until the last item; after an error keep emptying the queue, or producers would wait for ever."""
        loop = asyncio.get_running_loop()
        last = False
        while not last:
            items = await self._gathered()
            work = [item for item in items if not isinstance(item, _Reached)]
            if work and self._error is None:
                try:
                    await loop.run_in_executor(self._thread, self._write, work)
                except Exception as error:  # every producer gets to see it
                    self._error = error
            for item in items:
                if isinstance(item, _Reached):
                    last = last or item.last
                    if not item.told.done():
                        item.told.set_result(None)

    async def _gathered(self) -> list[_Item]:
        """Return the items that came within a moment of the first, up to the first that a caller waits for."""
        items = [await self._queue.get()]
        until = asyncio.get_running_loop().time() + TOGETHER
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                while len(items) < min(BATCH, self._queue.maxsize) and not isinstance(items[-1], _Reached):
                    items.append(await self._queue.get())
        return items

    def _write(self, work: Sequence[_Work]) -> None:
        with self._store.appending():
            _put(work, self._store)
            for item in work:
                if isinstance(item, _Sampled):
                    self._store.add_round(item.samples)
        if self._mirror is not None:
            _put(work, self._mirror)


def _put(work: Sequence[_Work], target: Mirror) -> None:
    for item in work:
        if isinstance(item, _Found):
            target.add_subjects(item.run, item.subjects)
    for item in work:
        if isinstance(item, _Owned):
            target.add_owners(item.run, item.subject, item.owners)
    evidence = [item for item in work if isinstance(item, Evidence)]
    if evidence:
        target.add_evidence(evidence)
    measured: dict[RunId, list[SubjectId]] = {}
    for item in work:
        if isinstance(item, _Measured):
            measured.setdefault(item.run, []).extend(item.subjects)
    for run, subjects in measured.items():
        target.mark_measured(run, *subjects)
