"""Decides which audit of a schedule is due, only from the given times: without clock, randomness or store.

A schedule stores its mark: its times up to the mark are done. Times between the mark and now are due, regardless of why
they waited: the machine was off, the calendar closed, the last audit still running, or the clock was set. However many
there are, one audit is requested, for the latest; the others are counted as missed.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from auditor.service.scheduler.calendar import Calendar
from auditor.service.scheduler.cron import Cron

COUNTED = 1_000
"""The largest number of missed times that is counted."""
GRACE = timedelta(minutes=15)
"""The delay after which an audit is no longer on time."""
SET_BACK = timedelta(days=1)
"""The lead of a mark, or of the time of a repeat, beyond which it was made by a wrong clock."""
_MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """Holds the times of one schedule. ``spread`` and ``jitter`` are minutes, see ``delay``."""

    name: str
    cron: Cron
    calendar: Calendar
    spread: int = 0
    jitter: int = 0
    catch_up: bool = True
    not_before: datetime | None = None

    def delay(self, due: datetime) -> timedelta:
        """Return the delay between ``due`` and the start.

        The part within ``spread`` is constant for the schedule; the part within ``jitter`` differs between due times,
        but repeated calls return the same value.
        """
        own = _share(self.name) * self.spread * _MINUTE
        return timedelta(seconds=int(own + _share(f"{self.name} {due.isoformat()}") * self.jitter * _MINUTE))

    def upcoming(self, now: datetime, mark: datetime, most: int = 3) -> list[tuple[datetime, datetime]]:
        """Return pairs of the next due times and the starts that the calendar allows.

        Of due times that wait for the same start, only the latest is returned.
        """
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
    """Holds a decision: ``mark`` is the new mark, ``due`` the time of the requested audit, None for none.

    ``missed`` is the number of further times that are dropped with it. ``too_late``: the audit is only recorded as
    missed and does not begin.
    """

    mark: datetime
    due: datetime | None = None
    missed: int = 0
    too_late: bool = False


def decide(table: Timetable, mark: datetime, now: datetime, *, busy: bool = False) -> DueDecision | None:
    """Return the decision for now; None if there is nothing to do. ``busy``: an audit of the schedule waits or runs."""
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
    missed = sum(1 for _ in islice(due, COUNTED))  # counted only when needed: this may run every second
    return DueDecision(mark=latest, due=latest, missed=missed, too_late=late and not table.catch_up)


def _share(text: str) -> float:
    """Return a number from 0 up to 1, always the same for the same text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / 2**64
