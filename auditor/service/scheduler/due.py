"""Decides which audit of a schedule is due, from the time only: no clock, no chance, no store.

A schedule remembers its mark: its times up to there are dealt with. What is between the mark and now is due, for
whatever reason it had to wait: the machine was off, the calendar closed, the last audit still ran, or somebody set the
clock. However many times that are, one audit is asked for, of the latest; the others are counted as missed.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from auditor.service.scheduler.calendar import Calendar
from auditor.service.scheduler.cron import Cron

COUNTED = 1_000
"""Missed times are counted up to here."""
GRACE = timedelta(minutes=15)
"""Later than this an audit does not begin on time any more."""
SET_BACK = timedelta(days=1)
"""A mark, or the time of a repeat, that lies further ahead was made by a clock that went wrong."""
_MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """The times of one schedule. ``spread`` and ``jitter`` are minutes, see ``delay``."""

    name: str
    cron: Cron
    calendar: Calendar
    spread: int = 0
    jitter: int = 0
    catch_up: bool = True
    not_before: datetime | None = None

    def delay(self, due: datetime) -> timedelta:
        """How long after ``due`` it begins. The place within ``spread`` is the schedule's own; that within ``jitter``
        changes from time to time, and is the same however often it is asked for."""
        own = _share(self.name) * self.spread * _MINUTE
        return timedelta(seconds=int(own + _share(f"{self.name} {due.isoformat()}") * self.jitter * _MINUTE))

    def upcoming(self, now: datetime, mark: datetime, most: int = 3) -> list[tuple[datetime, datetime]]:
        """The next times: when due, and when it will begin as far as the calendar says. Of those that wait together for
        the same begin only the latest."""
        pairs: list[tuple[datetime, datetime]] = []
        cursor = mark if self.catch_up and mark <= now + SET_BACK else now
        cursor = max(cursor, self.not_before - timedelta(seconds=1)) if self.not_before else cursor
        while len(pairs) < most:
            due = next(self.cron.after(cursor), None)
            begins = None if due is None else self.calendar.opens(max(due + self.delay(due), now))
            if due is None or begins is None:
                break
            waits = begins > due + self.delay(due)
            together = (time for time in self.cron.between(cursor, begins) if time + self.delay(time) <= begins)
            latest = next(together, due) if waits else due
            cursor = max(latest, due)
            pairs.append((cursor, begins))
        return pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDecision:
    """``mark`` is the new mark. ``due`` is the time an audit is asked for, None for none; ``missed``, how many more
    times are let go with it. ``too_late``: it is only written down, it does not begin any more."""

    mark: datetime
    due: datetime | None = None
    missed: int = 0
    too_late: bool = False


def decide(table: Timetable, mark: datetime, now: datetime, *, busy: bool = False) -> DueDecision | None:
    """Decide what to do now; None for nothing. ``busy``: the schedule's last audit waits or runs."""
    if mark > now + SET_BACK:
        return DueDecision(mark=now)
    if busy:
        return None
    since = max(mark, table.not_before - timedelta(seconds=1)) if table.not_before else mark
    due = table.cron.between(since, now)
    latest = next((time for time in due if time + table.delay(time) <= now), None)
    if latest is None:
        return None
    late = now - latest - table.delay(latest) > GRACE
    if table.calendar.closed(now) is not None and (table.catch_up or not late):
        return None
    missed = sum(1 for _ in islice(due, COUNTED))  # not before it is wanted: it may be looked at every second
    return DueDecision(mark=latest, due=latest, missed=missed, too_late=late and not table.catch_up)


def _share(text: str) -> float:
    """Return a number from 0 up to 1, the same for the same text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / 2**64
