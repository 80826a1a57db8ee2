"""Parses times as an operator writes them for schedules: cron expressions, zones, windows of the week."""

import re
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic_core import PydanticCustomError

NOT_A_CRON, NEVER_DUE, NOT_A_ZONE, NOT_A_WINDOW = "not_a_cron", "never_due", "not_a_zone", "not_a_window"
FARTHEST_YEARS = 9
"""Years to look ahead for a due time: from one 29 February to the next may be eight."""

_FIELD = re.compile(r"[0-9A-Za-z*,/#-]+")  # no random or hashed fields: a schedule has fixed times
_ANY = datetime(2000, 1, 1)  # noqa: DTZ001  # a wall's clock has no zone
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW = re.compile(r"(?:([a-z]{3})(?:-([a-z]{3}))? +)?([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})")


@dataclass(frozen=True, slots=True)
class WeekWindow:
    """Holds a time of day on some days of the week (0 is Monday), by the schedule's clock.

    It lasts from ``since`` to ``until``, past midnight if ``until`` is not later than ``since``.
    """

    days: frozenset[int]
    since: time
    until: time


def cron(value: object) -> object:
    """Check a cron expression, five fields or a word such as @monthly; refuse one that is never due."""
    from croniter import CroniterBadDateError, CroniterError, croniter  # imported here: few configurations need it

    if not isinstance(value, str) or not _looks_right(value) or not croniter.is_valid(value):
        raise PydanticCustomError(NOT_A_CRON, "not a cron expression")
    try:
        croniter(value, _ANY, max_years_between_matches=FARTHEST_YEARS).get_next(datetime)
    except CroniterBadDateError as error:
        raise PydanticCustomError(NEVER_DUE, "never due") from error
    except (CroniterError, ValueError) as error:
        raise PydanticCustomError(NOT_A_CRON, "not a cron expression") from error
    return value


def _looks_right(text: str) -> bool:
    fields = text.split()
    words = len(fields) == 1 and text in ("@hourly", "@daily", "@weekly", "@monthly", "@yearly")
    hashed = any(part[:1] in "RrHh" for field in fields for part in re.split(r"[,/-]", field))
    return words or (len(fields) == 5 and all(map(_FIELD.fullmatch, fields)) and not hashed)


def zone(value: object) -> object:
    """Check a name of the IANA time zone database; this machine must know it."""
    try:
        if isinstance(value, str):
            ZoneInfo(value)
            return value
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise PydanticCustomError(NOT_A_ZONE, "not a time zone")


def window(value: object) -> object:
    """Parse ``mon-fri 07:30-17:00``, ``sun 00:00-00:00`` (the whole day), or ``22:00-05:00`` for every day."""
    match = _WINDOW.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    try:
        if match is not None:
            hours = [int(group) for group in match.groups()[2:]]
            return WeekWindow(_days(match[1], match[2]), time(hours[0], hours[1]), time(hours[2], hours[3]))
    except ValueError:
        pass
    raise PydanticCustomError(NOT_A_WINDOW, "not a window of the week")


def _days(first: str | None, last: str | None) -> frozenset[int]:
    if first is None:
        return frozenset(range(7))
    since = _DAYS.index(first)
    until = since if last is None else _DAYS.index(last)
    return frozenset((since + n) % 7 for n in range((until - since) % 7 + 1))
