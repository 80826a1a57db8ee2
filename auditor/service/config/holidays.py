"""Reads the public holidays, on which no scheduled audit begins and no use of connections is expected.

They are dates of a file, not calculated: those of the lunar calendar are fixed by decision each year, and an operator
can put another file in place of the shipped one.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from auditor.framework.operator_problems import OperatorError, problem, unreadable
from auditor.framework.toml_problems import bad_toml
from auditor.service.config.model import CalendarSection
from inventory.safe_open import read_text

SHIPPED = "holidays.toml"


class CalendarError(OperatorError):
    """Raised for a file of holidays that cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """Holds a range of days, both ends included: dates, or pairs of (month, day) for every year."""

    names: Mapping[str, str]
    first: date | tuple[int, int]
    last: date | tuple[int, int]

    @property
    def span(self) -> tuple[str, str]:
        """The first and the last day as text: ``2027-02-05``, or ``09-01`` of every year."""
        first, last = (
            end.isoformat() if isinstance(end, date) else f"{end[0]:02}-{end[1]:02}" for end in (self.first, self.last)
        )
        return first, last

    def covers(self, day: date) -> bool:
        if isinstance(self.first, date) and isinstance(self.last, date):
            return self.first <= day <= self.last
        return self.first <= (day.month, day.day) <= self.last  # type: ignore[operator]  # both are pairs


def read_holidays(section: CalendarSection) -> tuple[Holiday, ...]:
    """Read the holidays from the operator's file, or from the shipped one. Raises CalendarError."""
    if section.holidays is None:
        text, where = resources.files("auditor.service.config").joinpath(SHIPPED).read_text("utf-8"), SHIPPED
    else:
        text, where = _text(section.holidays), f"{section.holidays}: calendar.holidays"
    try:
        rows = tomllib.loads(text).get("holiday", [])
    except (ValueError, RecursionError) as error:
        raise CalendarError([bad_toml(error, at=where)]) from error
    return tuple(_holidays(rows, where))


def _text(path: Path) -> str:
    try:
        return read_text(path)
    except (OSError, UnicodeDecodeError) as error:
        raise CalendarError([unreadable(error, at=f"{path}: calendar.holidays")]) from error


def _holidays(rows: Any, where: str) -> Iterable[Holiday]:
    problems, found = [], []
    for number, row in enumerate(rows if isinstance(rows, list) else [rows], 1):
        try:
            found.append(_holiday(row))
        except (ValueError, TypeError, KeyError, AttributeError):
            problems.append(
                problem(
                    "holiday {number:n} needs vi, en, first and last, two dates such as 2027-02-05 or 01-01 in order",
                    at=where,
                    number=number,
                )
            )
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
