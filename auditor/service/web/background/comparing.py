"""Compares runs in one background thread, so that requests do not block."""

import asyncio
import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor

from auditor.service.store.records import JudgementId, JudgementRecord
from auditor.service.web.judged_runs.judgement_summary import JudgementSummaries, JudgementSummary

_log = logging.getLogger("auditor.service.web")


class Comparisons:
    """Holds the comparisons in progress. Not for several event loops."""

    def __init__(self, digests: JudgementSummaries) -> None:
        self._digests = digests
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="comparing")
        self._open: dict[tuple[JudgementId, JudgementId], tuple[Future[None], float]] = {}

    async def ready(self, before: JudgementRecord, after: JudgementSummary, patience: float | None = None) -> bool:
        """True if the comparison is known within ``patience`` seconds after it was first wanted (None: wait for it).

        So only the first reader waits for a long comparison."""
        key = (before.id, after.judgement.id)
        if self._digests.has_compared(*key):
            return True
        started = self._open.get(key)
        if started is None:
            started = self._worker.submit(self._compare, before, after), time.monotonic()
            self._open[key] = started
            started[0].add_done_callback(lambda _: self._open.pop(key, None))
        running, since = started
        left = None if patience is None else max(0.0, since + patience - time.monotonic())
        await asyncio.wait([asyncio.wrap_future(running)], timeout=left)
        return self._digests.has_compared(*key)

    def _compare(self, before: JudgementRecord, after: JudgementSummary) -> None:
        try:
            self._digests.compared(self._digests.of(before), after)
        except Exception:
            _log.exception("judgements %s and %s could not be compared", before.id, after.judgement.id)
