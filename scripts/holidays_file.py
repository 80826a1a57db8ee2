# /// script
# requires-python = ">=3.11"
# dependencies = ["holidays==0.109", "python-dateutil==2.9.0.post0"]
# ///
"""Prints auditor/service/config/holidays.toml as the package ``holidays`` has the days.

.venv/bin/uv run --no-config scripts/holidays_file.py > auditor/service/config/holidays.toml

Days of years to come are what that package expects until they are decided: after each yearly decision put its newest
version above and run this. It has an environment of its own, since it wants another version of a package that we use. A
test compares the file with what this prints.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

import holidays

YEARS = range(2026, 2041)
HEAD = """\
# Public holidays of Vietnam (Labour Code 45/2019/QH14, articles 111 and 112). No audit of a schedule begins on them
# unless the schedule says on_holidays = "run", and nobody is expected to use a connection (tslcd.site.in-use).
#
# Written by scripts/holidays_file.py from the package holidays {version}; never edited by hand. The law gives five days
# of Tet and two of National Day; which ones is decided anew each year, and days are swapped with weekends: of years to
# come all days stand here that may be off. Where it matters, put the year's decision into a file of your own in this
# form and name it in [calendar] holidays.
#
# first and last are dates of one year, or month and day ("09-01") of every year; last may be left out.
"""
EVERY_YEAR = (
    ("Tết Dương lịch", "New Year's Day", "01-01", None),
    (
        "Ngày Giải phóng miền Nam và Ngày Quốc tế Lao động",
        "Reunification Day and International Labour Day",
        "04-30",
        "05-01",
    ),
    ("Quốc khánh", "National Day", "09-01", "09-02"),
    ("Ngày Văn hóa Việt Nam", "Vietnam Culture Day", "11-24", None),
)
_ENGLISH = {
    "Tết Dương lịch": "New Year's Day",
    "Ngày Giỗ Tổ Hùng Vương": "Hùng Kings' Commemoration Day",
    "Ngày Chiến thắng": "Reunification Day",
    "Ngày Quốc tế Lao động": "International Labour Day",
    "Quốc khánh": "National Day",
    "Ngày Văn hóa Việt Nam": "Vietnam Culture Day",
}
_IN_LIEU = re.compile(r"(?P<name>.*) \(nghỉ bù\)")
_SWAPPED = re.compile(r"Ngày nghỉ \(thay cho ngày (?P<day>\d\d/\d\d/\d{4})\)")


def text() -> str:
    """Return the file as the package has the days."""
    blocks = [_block(vi, en, f'"{first}"', last and f'"{last}"') for vi, en, first, last in EVERY_YEAR]
    for names, days in _spans():
        blocks.append(_block(*names, days[0].isoformat(), days[-1].isoformat() if len(days) > 1 else None))
    return HEAD.format(version=holidays.__version__) + "\n" + "\n".join(blocks)


def _block(vi: str, en: str, first: str, last: str | None) -> str:
    lines = ["[[holiday]]", f'vi = "{vi}"', f'en = "{en}"', f"first = {first}"]
    return "\n".join([*lines, *([f"last = {last}"] if last else [])]) + "\n"


def _spans() -> Iterator[tuple[tuple[str, str], list[date]]]:
    """Yield the days that are not the same every year, those of one name together."""
    known = holidays.country_holidays("VN", years=YEARS, language="vi")
    moving = [day for day in sorted(known) if not _is_of_every_year(day)]
    named = [(day, _names(known[day], day.year)) for day in moving]
    span: list[date] = []
    for (day, names), (following, later) in pairwise([*named, (date.max, ("", ""))]):
        span.append(day)
        if names != later or following != day + timedelta(days=1):
            yield names, span
            span = []


def _is_of_every_year(day: date) -> bool:
    place = f"{day:%m-%d}"
    return any(first <= place <= (last or first) for _, _, first, last in EVERY_YEAR)


def _names(name: str, year: int) -> tuple[str, str]:
    if match := _SWAPPED.fullmatch(name):
        return f"Nghỉ, làm bù ngày {match['day']}", f"Day off for work on {match['day']}"
    if match := _IN_LIEU.fullmatch(name):
        return (
            f"Nghỉ bù {match['name'].removeprefix('Ngày ')} {year}",
            f"Day in lieu of {_ENGLISH[match['name']]} {year}",
        )
    if name in _ENGLISH:
        return f"{name.removeprefix('Ngày ')} {year}", f"{_ENGLISH[name]} {year}"
    return f"Tết Nguyên đán {year}", f"Lunar New Year (Tết) {year}"


if __name__ == "__main__":
    print(text(), end="")
