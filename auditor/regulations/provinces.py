"""Decides whether a framework concerns the province of an inventory: a plan of one province binds no other."""

import re
from collections.abc import Iterable
from datetime import date

from auditor.regulations.model import Framework
from inventory.kinds import LEVEL_WORDS
from inventory.organisation import Organisation, Unit
from inventory.word_matching import fold, unaccented

_PROVINCE = re.compile(r"\btinh (?P<name>.+)")
_CITY = re.compile(r"\bthanh pho (?P<name>.+)")
"""Searched only in units on the level of provinces: a city within a province follows the plan of the province."""


def concerning(frameworks: Iterable[Framework], *organisations: Organisation, day: date) -> tuple[Framework, ...]:
    """Return the frameworks without plans of provinces other than those that the units at the top name on that day.

    If they name none, all are returned.
    """
    names = [name for each in organisations for unit in each.roots_in_force(day) if (name := _province(unit))]
    return tuple(each for each in frameworks if not names or _is_of(each, names))


def _is_of(framework: Framework, names: Iterable[str]) -> bool:
    """True if a framework binds all provinces, or is the plan of a named one; text after the name is ignored."""
    return any(name.startswith(_as_spoken(fold(framework.province))) for name in names)


def _province(unit: Unit) -> str:
    """Return the folded name of the province in a unit's name, or "": of `UBND tỉnh Đắk Lắk`, `daklak`."""
    name = unaccented(unit.name)
    of_city = _CITY.search(name) if LEVEL_WORDS.get(fold(unit.level)) == "province" else None
    match = _PROVINCE.search(name) or of_city
    return _as_spoken(fold(match["name"])) if match else ""


def _as_spoken(name: str) -> str:
    """Return a name with k for c, since names of the Central Highlands are spelt with either: Đắk Lắk, Đắc Lắc."""
    return name.replace("c", "k")
