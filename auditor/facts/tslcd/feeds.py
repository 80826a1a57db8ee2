"""CBĐTW's monthly data against our own samples: when they are due, and which sites differ."""

from collections.abc import Mapping
from datetime import date, timedelta

from auditor.framework.findings import Arg
from probes.observations.feed import FeedSite, MonthlyFeed

GAPS = ("availability_gap", "load_gap")
"""Thresholds, as shares: by how much more than these two figures of one site are not the same."""
_DUE_DAY = 5
_ROUNDED = 1e-9


def due(month: date) -> date:
    """The fifth of the month after (TT 06/2026 Đ9.3)."""
    return date(month.year + month.month // 12, month.month % 12 + 1, _DUE_DAY)


def is_last(due_on: date, day: date, late: float) -> bool:
    """Whether data that were due then are of the last month that can be asked for on ``day``: those of the next one may
    still be on their way for as long as they are only late."""
    return due_on <= day <= due(due_on) + timedelta(days=late)


def overdue(due_on: date, late: float) -> dict[str, Arg]:
    """When data were due, and until when they would have been late alone."""
    return {"due": due_on.isoformat(), "last": (due_on + timedelta(days=late)).isoformat()}


def share(text: str) -> float | None:
    """A share as a tag has it; None for anything else."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def compared(table: MonthlyFeed, bounds: Mapping[str, float]) -> Mapping[str, bool]:
    """Whether they differ, of the sites of which both sides tell something."""
    found = ((one.site, _differs(one, bounds)) for one in table.sites)
    return {site: differs for site, differs in found if differs is not None}


def _differs(one: FeedSite, bounds: Mapping[str, float]) -> bool | None:
    pairs = ((one.theirs.availability, one.ours.availability, GAPS[0]), (one.theirs.load, one.ours.load, GAPS[1]))
    gaps = [
        abs(theirs - ours) > bounds[name] + _ROUNDED
        for theirs, ours, name in pairs
        if theirs is not None and ours is not None
    ]
    if one.theirs.up is not None and one.ours.up is not None:
        gaps.append(one.theirs.up is not one.ours.up)
    return any(gaps) if gaps else None
