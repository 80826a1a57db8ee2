"""When no audit of a schedule may begin: public holidays, announced blackouts, windows of the week.

Holidays are dates of a file, not calculated: those of the moon's calendar are fixed by decision each year, and an
operator can put another file in place of the shipped one.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from auditor.config.model import CalendarSection
from auditor.config.times import Window
from auditor.problems import OperatorError, problem, unreadable
from auditor.scheduler.cron import as_instant

SHIPPED = "holidays.toml"
_DAY = timedelta(days=1)
_LONGEST = 400  # closures one after another; more is a calendar that never opens


class CalendarError(OperatorError):
    """A file of holidays that cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """Some days, the last one included; of every year where the year is None, as (month, day)."""

    names: Mapping[str, str]
    first: date | tuple[int, int]
    last: date | tuple[int, int]

    def covers(self, day: date) -> bool:
        if isinstance(self.first, date) and isinstance(self.last, date):
            return self.first <= day <= self.last
        return self.first <= (day.month, day.day) <= self.last  # type: ignore[operator]  # both are pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """``until`` when it may begin again, as far as this closure goes. ``names`` by language, empty for a window."""

    until: datetime
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """For one schedule, by the clock of its ``zone``. Blackouts are (name, since, until)."""

    zone: str
    holidays: Sequence[Holiday] = ()
    blackouts: Sequence[tuple[str, datetime, datetime]] = ()
    avoid: Sequence[Window] = ()

    def closed(self, now: datetime) -> Closure | None:
        """Why nothing begins now; None where it may."""
        zone = ZoneInfo(self.zone)
        day = now.astimezone(zone).date()
        for name, since, until in self.blackouts:
            if since <= now < until:
                return Closure(until=until.astimezone(UTC), names={"vi": name, "en": name})
        for one in self.holidays:
            if one.covers(day):
                return Closure(until=_midnight(day + _DAY, zone), names=one.names)
        for window in self.avoid:
            end = _end(window, now, zone)
            if end is not None:
                return Closure(until=end)
        return None

    def opens(self, now: datetime) -> datetime | None:
        """The first time from ``now`` on at which something may begin; None where there is none within a year or so."""
        for _ in range(_LONGEST):
            closure = self.closed(now)
            if closure is None:
                return now
            now = closure.until
        return None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return as_instant(datetime.combine(day, time()), zone)


def _end(window: Window, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When the window that ``now`` lies in ends; None outside of it."""
    local = now.astimezone(zone)
    for day in (local.date(), local.date() - _DAY):  # that of yesterday may go over midnight
        if day.weekday() in window.days:
            over = window.until <= window.since
            since = as_instant(datetime.combine(day, window.since), zone)
            until = as_instant(datetime.combine(day + _DAY * over, window.until), zone)
            if since <= now < until:
                return until
    return None


# --- the file of holidays ---------------------------------------------------------------------------------------------


def read_holidays(section: CalendarSection) -> tuple[Holiday, ...]:
    """The operator's file, or the shipped one. Raises CalendarError."""
    if section.holidays is None:
        text, where = resources.files("auditor.scheduler").joinpath(SHIPPED).read_text("utf-8"), SHIPPED
    else:
        text, where = _text(section.holidays), f"{section.holidays}: calendar.holidays"
    try:
        rows = tomllib.loads(text).get("holiday", [])
    except (ValueError, RecursionError) as error:
        raise CalendarError([problem("not valid TOML: {why}", at=where, why=str(error))]) from error
    return tuple(_holidays(rows, where))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CalendarError([unreadable(error, at=f"{path}: calendar.holidays")]) from error


def _holidays(rows: Any, where: str) -> Iterable[Holiday]:
    problems, found = [], []
    for number, row in enumerate(rows if isinstance(rows, list) else [rows], 1):
        try:
            found.append(_holiday(row))
        except (ValueError, TypeError, KeyError, AttributeError):
            problems.append(problem(
                "holiday {number:n} needs vi, en, first and last, two dates such as 2027-02-05 or 01-01 in order",
                at=where, number=number,
            ))  # fmt: skip
    if problems:
        raise CalendarError(problems)
    return found


def _holiday(row: Mapping[str, Any]) -> Holiday:
    first, last = _when(row["first"]), _when(row.get("last", row["first"]))
    names = {lang: str(row.get(lang, row["vi"]))[:200] for lang in ("vi", "en")}
    if type(first) is not type(last) or first > last:  # type: ignore[operator]  # of one type by then
        raise ValueError
    return Holiday(names=names, first=first, last=last)


def _when(value: object) -> date | tuple[int, int]:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str):
        day = date.fromisoformat(f"2000-{value}")
        return day.month, day.day
    raise TypeError
