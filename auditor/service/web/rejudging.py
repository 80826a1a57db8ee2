"""Judges runs again on request, one at a time in the background; each is completed even if the request ends."""

import asyncio
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime

from auditor.framework.catalogue import Catalogue
from auditor.service.pipeline.evaluating import evaluate
from auditor.service.store.api import Store
from probes.framework.evidence import RunId

_log = logging.getLogger("auditor.service.web")


class RejudgeQueue:
    """Judgements under way. Not for several event loops."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self._store, self._catalogue = store, catalogue
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
            evaluate(run, self._store, self._catalogue, now=datetime.now(UTC))
        except Exception:
            _log.exception("run %s could not be judged again", run)
