"""Makes the report of the year 2026 of a made-up province, with a unit that has a hostile name."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from auditor.figures.period import parse_period
from auditor.figures.period_report import PeriodReport, UnitName
from auditor.framework import catalogue
from auditor.service.runs.period_reporting import period_report
from auditor.service.store.memory.store import MemoryStore
from tests.support import published


@cache
def report() -> PeriodReport:
    with MemoryStore() as store:
        published.fill(store)
        now = datetime(2027, 1, 20, tzinfo=UTC)
        made = period_report(parse_period("2026"), store, catalogue.load(), now, "Sở <A>")
    hostile = UnitName(name=published.HOSTILE, level="department")
    return replace(made, units={**made.units, published.LARGE: hostile})
