"""Keeps the latest reports of periods; making one takes seconds, and a reader need not wait for it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from auditor.figures.period_report import PeriodReport
from auditor.service.web.caches.recently_used import RecentlyUsed

_KEPT = 6


class ReportNotReady(Exception):
    """Raised if a report is not ready within the time that its reader waits; it is still being made."""


@dataclass(frozen=True, slots=True)
class _Making:
    """Describes a report that is being made, or was. ``rests_on``: its sources other than samples."""

    rests_on: tuple[object, ...]
    report: Future[PeriodReport | None]

    @property
    def went_wrong(self) -> bool:
        report = self.report
        return report.done() and (report.cancelled() or report.exception() is not None)


class PeriodCache:
    """Keeps the latest reports, by period and hour. Only for the event loop."""

    def __init__(self) -> None:
        self._made = RecentlyUsed[tuple[str, str], _Making](_KEPT)

    async def of(
        self,
        key: tuple[str, str],
        rests_on: tuple[object, ...],
        make: Callable[[], Future[PeriodReport | None]],
        patience: float | None,
    ) -> PeriodReport | None:
        """Return a report, made once for all callers, and made again if ``rests_on`` differs.

        Raises ReportNotReady after ``patience`` seconds (None: wait for it); the report is completed nevertheless.
        """
        making = self._made.get(key)
        if making is None or making.rests_on != rests_on or making.went_wrong:
            making = self._made.keep(key, _Making(rests_on, make()))
        if not making.report.done():
            await asyncio.wait([asyncio.wrap_future(making.report)], timeout=patience)
        if not making.report.done():
            raise ReportNotReady
        return making.report.result()
