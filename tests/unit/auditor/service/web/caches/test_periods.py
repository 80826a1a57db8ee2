"""Tests that a report of a period is made once for all requests, each of which waits only as long as asked."""

from concurrent.futures import Future

import pytest

from auditor.figures.period_report import PeriodReport
from auditor.service.web.caches.periods import PeriodCache, ReportNotReady

KEY = ("2026", "2026-11-29T10")


class Maker:
    """Counts how often a report is started; reports of periods without counts are None."""

    def __init__(self, *, ends: bool = True, error: Exception | None = None) -> None:
        self.ends, self.error = ends, error
        self.begun = list[Future[PeriodReport | None]]()

    def __call__(self) -> Future[PeriodReport | None]:
        self.begun.append(Future())
        if self.error is not None:
            self.begun[-1].set_exception(self.error)
        elif self.ends:
            self.begun[-1].set_result(None)
        return self.begun[-1]


async def test_of_a_report_that_takes_longer_than_its_reader_waits_is_made_on() -> None:
    cache, make = PeriodCache(), Maker(ends=False)
    for _ in range(2):
        with pytest.raises(ReportNotReady):
            await cache.of(KEY, ("r1",), make, 0.0)
    make.begun[0].set_result(None)
    assert await cache.of(KEY, ("r1",), make, None) is None
    assert len(make.begun) == 1


async def test_of_another_hour_or_another_judgement_is_made_again() -> None:
    cache, make = PeriodCache(), Maker()
    for key, rests_on in ((KEY, "r1"), (KEY, "r1"), (KEY, "r2"), (("2026", "2026-11-29T11"), "r2")):
        await cache.of(key, (rests_on,), make, None)
    assert len(make.begun) == 3


async def test_of_a_report_that_failed_is_tried_again() -> None:
    cache, make = PeriodCache(), Maker(error=ValueError("no disk"))
    for _ in range(2):
        with pytest.raises(ValueError, match="no disk"):
            await cache.of(KEY, (), make, None)
    assert len(make.begun) == 2


async def test_of_many_periods_keeps_the_latest() -> None:
    cache, make = PeriodCache(), Maker()
    for year in (*range(2000, 2020), 2019, 2000):
        await cache.of((str(year), ""), (), make, None)
    assert len(make.begun) == 21
