"""Translates between the choices of a form (monthly, the 1st, 01:00) and cron expressions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic_core import PydanticCustomError

from auditor.service.config.times import cron

OFTEN = ("daily", "weekly", "monthly", "quarterly")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LAST_DAY = 28
"""The last day of the month that forms offer: every month has it."""
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_PLAIN = re.compile(r"(\d{1,2}) (\d{1,2}) (\*|\d{1,2}) (\*|1,4,7,10) (\*|[a-z]{3})")


class BadTime(ValueError):
    """Raised for an invalid time; ``code`` is a key of the pages' words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Often:
    """Holds the frequency, the day of the month or week, and the time; only ``cron`` for any other expression."""

    often: str = "monthly"
    day: int = 1
    weekday: str = "mon"
    time: str = "01:00"
    cron: str = ""


def _is_day(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 3 and 1 <= int(text) <= LAST_DAY


def cron_of(given: Mapping[str, str]) -> str:
    """Return the cron expression of a form, or of its field for experts. Raises BadTime."""
    if text := given.get("cron", "").strip():
        try:
            return str(cron(text))
        except PydanticCustomError as error:
            raise BadTime("BAD_CRON") from error
    match, day, weekday = _TIME.fullmatch(given.get("time", "")), given.get("day", ""), given.get("weekday", "")
    if match is None:
        raise BadTime("BAD_TIME")
    clock = f"{int(match[2])} {int(match[1])}"
    often = given.get("often", "")
    if often in ("monthly", "quarterly") and not _is_day(day):
        raise BadTime("BAD_DAY_OF_MONTH")
    if often == "weekly" and weekday not in WEEKDAYS:
        raise BadTime("BAD_TIME")
    made = {
        "daily": f"{clock} * * *",
        "weekly": f"{clock} * * {weekday}",
        "monthly": f"{clock} {day} * *",
        "quarterly": f"{clock} {day} 1,4,7,10 *",
    }
    if often not in made:
        raise BadTime("BAD_TIME")
    return made[often]


def often_of(expression: str) -> Often:
    """Return the form's choices for a cron expression; one that they cannot express goes into ``cron``."""
    match = _PLAIN.fullmatch(expression.lower())
    if match is None or int(match[1]) > 59 or int(match[2]) > 23:  # minutes and hours
        return Often(cron=expression)
    minute, hour, day, month, weekday = match.groups()
    time = f"{int(hour):02}:{int(minute):02}"
    if weekday != "*":
        weekly = (day, month) == ("*", "*") and weekday in WEEKDAYS
        return Often(often="weekly", weekday=weekday, time=time) if weekly else Often(cron=expression)
    if day == "*":
        return Often(often="daily", time=time) if month == "*" else Often(cron=expression)
    if not 1 <= int(day) <= LAST_DAY:
        return Often(cron=expression)
    return Often(often="monthly" if month == "*" else "quarterly", day=int(day), time=time)
