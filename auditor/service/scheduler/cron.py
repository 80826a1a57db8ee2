"""Computes the instants at which a cron expression is due in a time zone.

The expression is matched against local time only. Changes of the clock are handled here: a time that does not exist
(the clock is put forward) is due at the moment of the change, a time that comes twice is due the first time. So a daily
audit runs once on every day, regardless of its hour.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from croniter import CroniterBadDateError, croniter

from auditor.service.config.times import FARTHEST_YEARS


@dataclass(frozen=True, slots=True)
class Cron:
    """Computes due times. ``expression`` must have passed ``config.times.cron``; ``zone`` is an IANA time zone."""

    expression: str
    zone: str

    def after(self, instant: datetime) -> Iterator[datetime]:
        """Yield every due time later than ``instant``, in order, in UTC, until the last year of the calendar."""
        zone = ZoneInfo(self.zone)
        last = instant
        for local in self._local(instant.astimezone(zone).replace(tzinfo=None), forward=True):
            due = as_instant(local, zone)
            if due > last:
                yield due
                last = due

    def between(self, since: datetime, until: datetime) -> Iterator[datetime]:
        """Return the due times of ``since < time <= until``, the latest first."""
        zone = ZoneInfo(self.zone)
        last: datetime | None = None
        for local in self._local(_latest_wall(until, zone) + timedelta(seconds=1), forward=False):
            due = as_instant(local, zone)
            if due <= since:
                return
            if due <= until and due != last:
                yield due
                last = due

    def _local(self, start: datetime, *, forward: bool) -> Iterator[datetime]:
        """Yield matching local times after ``start``, or before it; none beyond the last year that a date can have."""
        found = croniter(self.expression, start, max_years_between_matches=FARTHEST_YEARS)
        step = found.get_next if forward else found.get_prev
        while True:
            try:
                yield step(datetime)
            except (CroniterBadDateError, OverflowError, ValueError):
                return


def as_instant(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the UTC instant of a local time, by the rule of this module for clock changes."""
    first = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None, fold=0) == local:
        return first
    low, high = local.replace(tzinfo=zone, fold=1).astimezone(UTC), first  # the jump lies between
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return high.replace(microsecond=0)


def _latest_wall(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return the latest local time shown up to an instant, which is later than the current one in a repeated hour."""
    local = instant.astimezone(zone)
    wall = local.replace(tzinfo=None, fold=0)
    if local.fold == 0:
        return wall
    first, second = local.replace(fold=0).utcoffset(), local.utcoffset()
    return wall if first is None or second is None else wall + max(first - second, timedelta())
