"""Judges runs again on request, one at a time in the background; each is completed even if the request ends."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime

from auditor.framework import catalogue
from auditor.framework.catalogue import Catalogue
from auditor.service.pipeline.judging.evaluating import evaluate
from auditor.service.pipeline.processes.process_handover import hand_over
from auditor.service.pipeline.processes.process_pool import ProcessPool
from auditor.service.store.api import Store
from probes.framework.evidence import RunId

MANY = 100
"""Subjects from which on a run is judged in a process of its own: otherwise pages would wait for it some seconds."""
_log = logging.getLogger("auditor.service.web")


class RejudgeQueue:
    """Holds the judgements in progress. Not for several event loops."""

    def __init__(self, store: Store, known: Catalogue) -> None:
        self._store, self._catalogue = store, known
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="judging")
        self._open: dict[RunId, Future[None]] = {}

    def __contains__(self, run: RunId) -> bool:
        future = self._open.get(run)
        return future is not None and not future.done()

    async def again(self, run: RunId, patience: float) -> bool:
        """Judge a run again, once for simultaneous requests; returns whether it ended within some seconds."""
        if run not in self:
            self._open[run] = self._worker.submit(self._judge, run)
        waiting = asyncio.wrap_future(self._open[run])
        done, _ = await asyncio.wait([waiting], timeout=patience)
        return bool(done)

    def _judge(self, run: RunId) -> None:
        try:
            if self._store.url is None or not _many(self._store, run):
                evaluate(run, self._store, self._catalogue, now=datetime.now(UTC))
                return
            with ProcessPool[RunId, None](1, hand_over((begin, self._store), self._store)) as processes:
                list(processes.each([run]))
        except Exception:
            _log.exception("run %s could not be judged again", run)


def begin(store: Store) -> Callable[[RunId], None]:
    """Return the function by which a separate process judges a run: pages never wait for a large run."""
    known = catalogue.load()

    def work(run: RunId) -> None:
        evaluate(run, store, known, now=datetime.now(UTC))

    return work


def _many(store: Store, run: RunId) -> bool:
    return sum(1 for _ in store.subjects(run)) >= MANY
