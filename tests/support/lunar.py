"""Vietnam's lunisolar calendar from astronomy, as the oracle for the shipped dates: new moons and the sun's longitude
(J. Meeus, Astronomical Algorithms, chapters 25 and 49, the larger terms), days counted at UTC+7.

A month begins on the day of the new moon; the month with the winter solstice is the eleventh; in a year of thirteen
months the first one without a major solar term is a leap month.
"""

from datetime import date, timedelta
from math import floor, pi, sin

_EPOCH = date(2000, 1, 1)
_J2000 = 2_451_545  # the Julian day number of 1 January 2000


def _new_moon(k: int) -> float:
    """Return the Julian day (dynamical time, within minutes) of the k-th new moon since January 2000."""
    t = k / 1236.85
    mean = 2451550.09766 + 29.530588861 * k + 0.00015437 * t * t
    e = 1 - 0.002516 * t - 0.0000074 * t * t
    rad = pi / 180
    m = (2.5534 + 29.10535670 * k - 0.0000014 * t * t) * rad
    mm = (201.5643 + 385.81693528 * k + 0.0107582 * t * t) * rad
    f = (160.7108 + 390.67050284 * k - 0.0016118 * t * t) * rad
    node = (124.7746 - 1.56375588 * k + 0.0020672 * t * t) * rad
    return (
        mean
        + (
            -0.40720 * sin(mm)
            + 0.17241 * e * sin(m)
            + 0.01608 * sin(2 * mm)
            + 0.01039 * sin(2 * f)
            + 0.00739 * e * sin(mm - m)
            - 0.00514 * e * sin(mm + m)
            + 0.00208 * e * e * sin(2 * m)
            - 0.00111 * sin(mm - 2 * f)
            - 0.00057 * sin(mm + 2 * f)
            + 0.00056 * e * sin(2 * mm + m)
            - 0.00042 * sin(3 * mm)
            + 0.00042 * e * sin(m + 2 * f)
            + 0.00038 * e * sin(m - 2 * f)
            - 0.00024 * e * sin(2 * mm - m)
            - 0.00017 * sin(node)
        )
        - 0.0008
    )  # dynamical time is some 70 s ahead of the earth's


def _day(moment: float) -> int:
    """Return the Julian day number of the date in Vietnam."""
    return floor(moment + 0.5 + 7 / 24)


def _sun(day: int) -> float:
    """Return the sun's apparent longitude in degrees at the start of that date in Vietnam."""
    t = (day - 0.5 - 7 / 24 - 2451545.0) / 36525
    rad = pi / 180
    m = (357.52911 + 35999.05029 * t - 0.0001537 * t * t) * rad
    centre = (1.914602 - 0.004817 * t) * sin(m) + (0.019993 - 0.000101 * t) * sin(2 * m) + 0.000289 * sin(3 * m)
    longitude = 280.46646 + 36000.76983 * t + 0.0003032 * t * t + centre
    return (longitude - 0.00569 - 0.00478 * sin((125.04 - 1934.136 * t) * rad)) % 360


def _eleventh(year: int) -> int:
    """Return k of the month that holds the winter solstice of a year (longitude 270)."""
    k = floor((year - 2000) * 12.3685) + 12
    while _day(_new_moon(k)) > _julian(date(year, 12, 31)):
        k -= 1
    while _sun(_day(_new_moon(k))) >= 270:
        k -= 1
    while _sun(_day(_new_moon(k + 1))) < 270:
        k += 1
    return k


def _julian(day: date) -> int:
    return (day - _EPOCH).days + _J2000


def _gregorian(day: int) -> date:
    return _EPOCH + timedelta(days=day - _J2000)


def month(year: int, number: int) -> date:
    """Return the first day of a month, 1 to 10, of the lunar year that begins in ``year``; never the leap one."""
    k, following = _eleventh(year - 1), _eleventh(year)
    leap = None
    if following - k == 13:
        terms = [floor(_sun(_day(_new_moon(k + n))) / 30) for n in range(15)]
        leap = next(n for n in range(1, 14) if terms[n] == terms[n + 1])
    steps = number + 1
    return _gregorian(_day(_new_moon(k + steps + (1 if leap is not None and leap <= steps else 0))))
