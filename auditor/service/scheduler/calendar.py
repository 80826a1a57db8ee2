"""Decides when no audit of a schedule may begin: public holidays, announced blackouts, windows of the week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from auditor.service.config.holidays import Holiday
from auditor.service.config.times import WeekWindow
from auditor.service.scheduler.cron import as_instant

_DAY = timedelta(days=1)
_LONGEST = 400  # closures in a row; with more, the calendar never opens


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """Holds the end of a closure, which another may follow. ``names`` are by language, empty for a window."""

    until: datetime
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Holds the closures of one schedule, by the clock of its ``zone``. Blackouts are (name, since, until)."""

    zone: str
    holidays: Sequence[Holiday] = ()
    blackouts: Sequence[tuple[str, datetime, datetime]] = ()
    avoid: Sequence[WeekWindow] = ()

    def closed(self, now: datetime) -> Closure | None:
        """Return why nothing may begin now; None if an audit may begin."""
        zone = ZoneInfo(self.zone)
        day = now.astimezone(zone).date()
        for name, since, until in self.blackouts:
            if since <= now < until:
                return Closure(until=until.astimezone(UTC), names={"vi": name, "en": name})
        for holiday in self.holidays:
            if holiday.covers(day):
                return Closure(until=_midnight(day + _DAY, zone), names=holiday.names)
        for window in self.avoid:
            end = _end(window, now, zone)
            if end is not None:
                return Closure(until=end)
        return None

    def opens(self, now: datetime) -> datetime | None:
        """Return the first time from ``now`` on at which an audit may begin; None if none comes in about a year."""
        for _ in range(_LONGEST):
            closure = self.closed(now)
            if closure is None:
                return now
            now = closure.until
        return None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return as_instant(datetime.combine(day, time()), zone)


def _end(window: WeekWindow, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the end of the window around ``now``; None outside of it."""
    local = now.astimezone(zone)
    for day in (local.date(), local.date() - _DAY):  # yesterday's window may extend past midnight
        if day.weekday() in window.days:
            over = window.until <= window.since
            since = as_instant(datetime.combine(day, window.since), zone)
            until = as_instant(datetime.combine(day + _DAY * over, window.until), zone)
            if since <= now < until:
                return until
    return None
