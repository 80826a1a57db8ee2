"""Reads days and months, written the ISO way or the Vietnamese way (day first, always)."""

import re
from datetime import date, timedelta

from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", re.ASCII)
_SERIAL = re.compile(r"[3-7]\d{4}", re.ASCII)
_SERIAL_ZERO = date(1899, 12, 30)
"""The day from which spreadsheets count: 36526 is the first day of the year 2000."""
_CLOCK = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?$", re.ASCII)  # spreadsheets keep a time with a date
_MONTHS = (re.compile(r"(\d{4})[-/.](\d{1,2})", re.ASCII), re.compile(r"(\d{1,2})[-/.](\d{4})", re.ASCII))


def parse_date(text: str, place: CellPosition) -> date | None:
    wanted = _CLOCK.sub("", text.strip())
    numbers = None
    if match := _ISO.fullmatch(wanted):
        numbers = [int(part) for part in match.groups()]
    elif match := _DAY_FIRST.fullmatch(wanted):
        numbers = [int(part) for part in reversed(match.groups())]
    elif _SERIAL.fullmatch(wanted):
        day = _SERIAL_ZERO + timedelta(days=int(wanted))
        place.report(Code.NUMBER_AMBIGUOUS, text, number=day.isoformat())
        return day
    try:
        if numbers:
            return date(*numbers)
    except ValueError:
        pass  # the 31st of June
    place.report(Code.NOT_A_DATE, text)
    return None


def parse_month(text: str, place: CellPosition) -> date | None:
    """Read a month and return its first day."""
    for pattern, year_first in zip(_MONTHS, (True, False), strict=True):
        if match := pattern.fullmatch(text.strip()):
            year, month = match.groups() if year_first else reversed(match.groups())
            if int(year) > 0 and 1 <= int(month) <= 12:
                return date(int(year), int(month), 1)
    place.report(Code.NOT_A_MONTH, text, suggestion=_month_of_day(text))
    return None


def _month_of_day(text: str) -> str:
    match = _ISO.fullmatch(text.strip())
    return f"{match.group(1)}-{int(match.group(2)):02}" if match else ""
