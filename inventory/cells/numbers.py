"""Reads numbers with Vietnamese separators (1.000,5), with English ones where they are unambiguous, and with units."""

import re

from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition
from inventory.word_matching import fold

_PLAIN = re.compile(r"\d+(?:[.,]\d+)*", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+", re.ASCII)
_BANDWIDTH = re.compile(r"([\d.,\s]++)([a-z]*+(?:/s)?)", re.ASCII | re.IGNORECASE)
_PER_SECOND = {"": 1.0} | {
    letter + unit: factor
    for letter, factor in (("k", 0.001), ("m", 1.0), ("g", 1000.0))
    for unit in ("", "b", "bps", "b/s", "bit", "bits", "bit/s", "bits/s")
}
_TITLE_UNIT = re.compile(r"\b([kmg])b(?:it)?s?(?:ps|/s)?(?!\w)", re.IGNORECASE)
_LINE_RATES = frozenset({"1.544", "2.048", "8.448", "34.368", "44.736", "139.264"})
"""Megabits of leased lines (E1, E3, T1 and the like), which are never meant as thousands."""
_BANDWIDTH_LIMIT = 1_000_000.0
_BETWEEN_ASNS = re.compile(r"[,;\n]|(?<=\d)\s(?=AS)", re.ASCII | re.IGNORECASE)
_ASN = re.compile(r"(?:AS)?\s*(\d{1,10})", re.ASCII | re.IGNORECASE)
_LEVEL = re.compile(r"(?:capdo|cap|level)?([0-9]{1,3})", re.ASCII)
_PORTS = re.compile(r"(?:(?:tcp|udp)[/:])?(\d{1,5})(?:-(\d{1,5}))?(?:/(?:tcp|udp))?", re.ASCII | re.IGNORECASE)


def _number(text: str, place: CellPosition) -> float | None:
    """Return a number as people write it. ``1,000`` could be one or a thousand and is read as a thousand."""
    squeezed = "".join(text.split())
    digits = _to_digits(squeezed) if _PLAIN.fullmatch(squeezed) and len(squeezed) <= 20 else None
    if digits is None:
        return None
    if _GROUPED.fullmatch(squeezed) and "," in squeezed and "." not in squeezed and squeezed.count(",") == 1:
        place.report(Code.NUMBER_AMBIGUOUS, text, number=digits)
    return float(digits)


def _to_digits(text: str) -> str | None:
    """Return a number with a decimal point and no separators of thousands; None if it is none.

    Groups of three after one kind of separator are thousands; the last of two kinds is the decimal one.
    """
    kinds = {letter for letter in text if letter in ".,"}
    if len(kinds) == 2:
        decimal = text[max(text.rfind("."), text.rfind(","))]
        whole, _, fraction = text.partition(decimal)
        return f"{re.sub('[.,]', '', whole)}.{fraction}" if _GROUPED.fullmatch(whole) and fraction.isdigit() else None
    if not kinds or _GROUPED.fullmatch(text):
        return re.sub("[.,]", "", text)
    return text.replace(",", ".") if sum(map(text.count, kinds)) == 1 else None


def with_unit(title: str, text: str) -> str:
    """Return the text of a bandwidth with the unit in the column's title, if that is not Mbit/s and the cell has none.

    Under ``Băng thông (Kbps)`` ``2048`` is ``2048 Kbps``.
    """
    units = {match[1].lower(): match[0] for match in _TITLE_UNIT.finditer(title)}
    if len(units) != 1 or "m" in units or not text.strip()[-1:].isdecimal():
        return text
    return f"{text.strip()} {next(iter(units.values()))}"


def parse_bandwidth(text: str, place: CellPosition) -> float | None:
    """Read megabits per second; ``1 Gbps``, ``100M`` and ``512 kbit/s`` are understood."""
    match = _BANDWIDTH.fullmatch(text.strip())
    factor = _PER_SECOND.get(match.group(2).lower()) if match else None
    if match is None or factor is None:
        _report_bandwidth(text, place)
        return None
    rate = match.group(1).strip().replace(",", ".")
    if rate in _LINE_RATES and factor == 1.0:
        place.report(Code.NUMBER_AMBIGUOUS, text, number=rate)
        return float(rate)
    number = _number(match.group(1), place)
    if number is None or not 0 < number * factor <= _BANDWIDTH_LIMIT:
        _report_bandwidth(text, place)
        return None
    return number * factor


def _report_bandwidth(text: str, place: CellPosition) -> None:
    place.report(Code.NOT_A_BANDWIDTH, text, high=f"{_BANDWIDTH_LIMIT:.0f}")


def _bounded(text: str, digits: str | None, bounds: tuple[int, int], place: CellPosition) -> int | None:
    low, high = bounds
    if digits is None:
        place.report(Code.NOT_A_NUMBER, text)
        return None
    if not low <= int(digits) <= high:
        place.report(Code.NUMBER_OUTSIDE, text, low=str(low), high=str(high))
        return None
    return int(digits)


def parse_asns(text: str, place: CellPosition) -> tuple[int, ...]:
    """Read numbers of autonomous systems, in the order written, each once: ``AS7552, AS13335``."""
    pieces = (piece.strip() for piece in _BETWEEN_ASNS.split(text))
    found = (_asn(piece, place) for piece in pieces if piece)
    return tuple(dict.fromkeys(number for number in found if number is not None))


def _asn(text: str, place: CellPosition) -> int | None:
    match = _ASN.fullmatch(text)
    return _bounded(text, match.group(1) if match else None, (1, 2**32 - 1), place)


def parse_level(text: str, place: CellPosition) -> int | None:
    """Read the security level of an information system, 1 to 5; also ``Cấp độ 3``."""
    match = _LEVEL.fullmatch(fold(text))
    return _bounded(text, match.group(1) if match else None, (1, 5), place)


def parse_port(text: str, place: CellPosition) -> int | None:
    if text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535:
        return int(text)
    place.report(Code.NOT_A_PORT, text)
    return None


def parse_ports(text: str, place: CellPosition) -> tuple[int, ...]:
    """Read ports and ranges of ports, and return them sorted, each once."""
    found: set[int] = set()
    for piece in re.split(r"[\s,;]+", text.strip(" \t\r\n,;")):
        match = _PORTS.fullmatch(piece)
        if match is None:
            place.report(Code.NOT_A_PORT, piece)
            continue
        first = parse_port(match.group(1), place)
        last = parse_port(match.group(2), place) if match.group(2) else first
        if first is not None and last is not None:
            if first > last:
                place.report(Code.RANGE_BACKWARDS, piece)
            found.update(range(first, last + 1))
    return tuple(sorted(found))
