"""Reads geographic coordinates as people write them: decimal or in degrees, minutes and seconds, in one cell or two.

Latitude comes first. A value outside the range of either is a mistake and never taken for the other one.
"""

import re

from inventory.model import Coordinates
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition

_LONGEST = 60
_NUMBER = r"(\d{1,3}(?:[.,]\d{1,15})?)"
_PART = re.compile(rf"([+-]?){_NUMBER}(?:[°º](?:{_NUMBER}['′’](?:{_NUMBER}(?:[\"″”]|''))?)?)?([NBEĐSW]?)")
_SOUTH_OR_WEST = frozenset("SW")
_BETWEEN = (";", "/", "|", ", ", " ")
_DIGITS = 6
"""Decimals that are kept: some ten centimetres."""
_LATITUDE, _LONGITUDE = 90, 180


def parse_coordinates(text: str, place: CellPosition) -> Coordinates | None:
    """Read both from one cell, as ``12.68, 108.04``; of two mistakes the first is reported."""
    halves = _halves(text.strip(" ()[]")) if len(text) <= _LONGEST else None
    if halves is None:
        place.report(Code.NOT_COORDINATES, text)
        return None
    latitude = parse_latitude(halves[0], place)
    longitude = None if latitude is None else parse_longitude(halves[1], place)
    return None if latitude is None or longitude is None else Coordinates(latitude=latitude, longitude=longitude)


def parse_latitude(text: str, place: CellPosition) -> float | None:
    return _degrees(text, _LATITUDE, place)


def parse_longitude(text: str, place: CellPosition) -> float | None:
    return _degrees(text, _LONGITUDE, place)


def _halves(text: str) -> tuple[str, str] | None:
    """Split at the text between the two coordinates; at a comma only where both have decimals after a point."""
    text = " ".join(text.split())
    for between in _BETWEEN:
        parts = text.split(between)
        if len(parts) == 2 and all(parts):
            return parts[0], parts[1]
    first, _, second = text.partition(",")
    return (first, second) if "." in first and "." in second and "," not in second else None


def _degrees(text: str, limit: int, place: CellPosition) -> float | None:
    match = _PART.fullmatch("".join(text.split()).upper()) if len(text) <= _LONGEST else None
    if match is None:
        place.report(Code.NOT_COORDINATES, text)
        return None
    sign, *numbers, side = match.groups()
    whole, minutes, seconds = (float(number.replace(",", ".")) if number else 0.0 for number in numbers)
    degrees = round(whole + minutes / 60 + seconds / 3600, _DIGITS)
    if degrees > limit or minutes >= 60 or seconds >= 60:
        place.report(Code.NUMBER_OUTSIDE, text, low=str(-limit), high=str(limit))
        return None
    return -degrees if (sign == "-") is not (side in _SOUTH_OR_WEST) else degrees
