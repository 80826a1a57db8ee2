"""Fills the named fields of a message: numbers, dates and lists by language, hostile text made harmless.

``{x}`` is text as it is, ``{x:n}`` a number, ``{x:percent}`` a ratio, ``{x:date}``, ``{x:datetime}`` and ``{x:month}``
(``2026-10``) ISO 8601 text, ``{x:list}`` a sequence, ``{x:levels}`` one of texts with levels in dBm; ``{{`` and ``}}``
are braces. ``{x/day/days}`` does not show the value: it is the first word if x is one (the number 1, or one item), else
the second, in languages that distinguish them. Nothing here raises: one odd value must not cost a report.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from math import isfinite

VIETNAM = timezone(timedelta(hours=7))
"""Vietnam's civil time. A fixed offset, so that a machine without time zone data prints the same report."""

LONGEST_VALUE = 200
LONGEST_LIST = 20
LONGEST_WHOLE_LIST = 20_000
"""The length of a whole list in characters: below a workbook cell's limit; the largest switch's ports fit."""
MISSING = "?"
EMPTY = "–"

_FIELD = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)(?::([a-z]+)|(/[^/{}]*/[^/{}]*))?\}")
# Controls but none of them useful in one line, bidirectional overrides and marks, zero-width and other format
# characters, line separators, lone surrogates, tag characters: everything that shows otherwise than it reads.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
# As the Unicode locale data has it, compared by a test; for two languages its 36 MB need not be installed.
_SIGNS = {"vi": {",": ".", ".": ","}}
_LEVEL = re.compile(r"(?<= )-?[0-9]+\.[0-9](?= dBm)|(?<=\(≥ )-?[0-9]+\.[0-9](?=\))")
_THOUSANDTH = Decimal("0.001")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def clean(text: str, longest: int = LONGEST_VALUE) -> str:
    """Return ``text`` on one line: unsafe characters as escapes (``\\x1b``, ``\\u202e``), cut to ``longest``."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return cut if cut.isprintable() else _UNSAFE.sub(_escape, cut)  # unsafe characters are not printable


def _escape(match: re.Match[str]) -> str:
    point = ord(match.group())
    if point <= 0xFF:
        return {9: "\\t", 10: "\\n", 13: "\\r"}.get(point, f"\\x{point:02x}")
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"


def fields(template: str) -> frozenset[tuple[str, str]]:
    """Return the named fields of a template with their formats, to compare a translation with its original.

    Choices between singular and plural are left out, since Vietnamese does not make them.
    """
    return frozenset((name, form) for _, name, form in _parts(template) if name and not form.startswith("/"))


def choosing(template: str) -> frozenset[str]:
    """Return the fields of a template that decide by their number between singular and plural."""
    return frozenset(name for _, name, form in _parts(template) if form.startswith("/"))


def fill(template: str, args: Mapping[str, object], lang: str, *, missing: str = MISSING, whole: bool = False) -> str:
    """Return the template with its fields filled in; a field without a value shows as ``?``, an empty one as ``–``.

    ``whole``: lists are shown in full, for a reader that must act on each item and has no other source; else a list
    ends after its first items with the number of those left out.
    """
    parts = _parts(template)
    if len(parts) == 1 and not parts[0][1]:
        return parts[0][0]
    text = ""
    for literal, name, form in parts:
        text += literal
        if name:
            value = None if form else args.get(name)
            # nine in ten are short plain text, which is shown as it is
            if type(value) is str and value and len(value) <= LONGEST_VALUE and value.isprintable():
                text += value
            else:
                text += _filled(name, form, args, lang, missing, whole=whole)
    return text


def _filled(name: str, form: str, args: Mapping[str, object], lang: str, missing: str, *, whole: bool) -> str:
    if form.startswith("/"):
        singular, many = form[1:].split("/")
        return singular if _is_one(args.get(name)) else many
    if name not in args:
        return missing
    value = args[name]
    if isinstance(value, list | tuple):
        value = tuple(value) if _is_plain(value) else tuple(_items(value, whole=whole))
    return _value(value, form, lang)


def _is_one(value: object) -> bool:
    return len(value) == 1 if isinstance(value, list | tuple) else value in (1, "1")


@lru_cache(maxsize=8192)
def _parts(template: str) -> tuple[tuple[str, str, str], ...]:
    """Return each field as (text before, name or "", format, ``/one/many`` or ""), and then the rest of the text."""
    parts: list[tuple[str, str, str]] = []
    text, end = "", 0
    for match in _FIELD.finditer(template):
        text += template[end : match.start()]
        end = match.end()
        if match.group(1) is None:
            text += match.group()[0]
        else:
            parts.append((text, match.group(1), match.group(2) or match.group(3) or ""))
            text = ""
    text += template[end:]
    if text or not parts:
        parts.append((text, "", ""))
    return tuple(parts)


def _value(value: object, form: str, lang: str) -> str:
    try:
        return _FORMATS.get(form, _plain)(value, lang) or EMPTY
    except (ValueError, TypeError, OverflowError):
        return clean(str(value)) or EMPTY


def _plain(value: object, lang: str) -> str:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float):
        return number(value, lang)
    return ", ".join(value) if isinstance(value, tuple) else clean(str(value))


def _listed(value: object, lang: str) -> str:
    return listing(value if isinstance(value, tuple) else (clean(str(value)),), lang)


def _levels(value: object, lang: str) -> str:
    """Return a list of texts with light levels in the language's decimal notation; port names keep their dots."""
    written = _listed(value, lang)
    return _LEVEL.sub(lambda found: _signed(found.group(), lang), written)


def _is_plain(values: list[object] | tuple[object, ...]) -> bool:
    """True if these are few texts, short together and printable, as nearly all are: then each is shown as it is."""
    try:
        together = "".join(values)  # type: ignore[arg-type]  # what is no text has its own error
    except TypeError:
        return False
    return len(values) <= LONGEST_LIST and len(together) <= LONGEST_VALUE and together.isprintable()


def _items(values: list[object] | tuple[object, ...], *, whole: bool) -> Iterator[str]:
    """Yield each item made harmless, up to the number or length that is shown, then the number of those left out."""
    room = LONGEST_WHOLE_LIST
    for place, value in enumerate(values):
        text = clean(str(value))
        room -= len(text) + 2
        if room < 0 if whole else place == LONGEST_LIST:
            yield f"… (+{len(values) - place})"
            return
        yield text


def _number(value: object, lang: str) -> str:
    if isinstance(value, int | float):
        return number(value, lang)
    return number(float(value), lang) if isinstance(value, str) else _plain(value, lang)


def _percent(value: object, lang: str) -> str:
    return percent(float(value) if isinstance(value, int | float | str) else 0.0, lang)


def _date(value: object, lang: str) -> str:
    return day(value, lang) if isinstance(value, date) else day(_parsed(str(value)), lang)


def _month(value: object, lang: str) -> str:
    return month(date.fromisoformat(f"{value}-01"), lang)


def _datetime(value: object, lang: str) -> str:
    parsed = value if isinstance(value, date) else _parsed(str(value))
    return moment(parsed, lang) if isinstance(parsed, datetime) else day(parsed, lang)


def _parsed(text: str) -> date:
    return datetime.fromisoformat(text) if len(text) > 10 else date.fromisoformat(text)


_FORMATS: Mapping[str, Callable[[object, str], str]] = {
    "n": _number,
    "percent": _percent,
    "date": _date,
    "datetime": _datetime,
    "month": _month,
    "list": _listed,
    "levels": _levels,
}
FORMS = frozenset(_FORMATS)


def number(value: float, lang: str) -> str:
    """Return a number as ``1.284,5`` or ``1,284.5``; at most three decimals; one with too many digits is unchanged."""
    return _signed(f"{value:,}", lang) if isinstance(value, int) else _decimal(value, lang)


def _signed(text: str, lang: str) -> str:
    signs = _SIGNS.get(lang)
    return "".join(signs.get(letter, letter) for letter in text) if signs else text


@lru_cache(maxsize=8192)
def _decimal(value: float, lang: str) -> str:
    if not isfinite(value):
        return str(value)
    try:
        rounded = Decimal(str(value)).quantize(_THOUSANDTH)
    except ArithmeticError:  # decimal's context holds 28 digits; a device may report a longer number
        return str(value)
    return _signed(f"{rounded:,f}".rstrip("0").rstrip("."), lang)


@lru_cache(maxsize=4096)
def percent(ratio: float, lang: str) -> str:
    """Return a percentage truncated to one decimal, never rounded up: 100 % is everything (CHECKS §4.2 rule 6)."""
    return number(int(ratio * 1000 + 1e-9) / 10, lang) + "%"


@lru_cache(maxsize=4096)
def day(when: date, lang: str) -> str:
    """Return a date as ``30/10/2026`` or ``30 Oct 2026``; of a moment, the day in Vietnam."""
    local = _local(when).date() if isinstance(when, datetime) else when
    return (
        f"{local:%d/%m}/{local.year:04}" if lang == "vi" else f"{local.day} {_MONTHS[local.month - 1]} {local.year:04}"
    )


def month(when: date, lang: str) -> str:
    """Return a month as ``10/2026`` or ``Oct 2026``."""
    return day(when, lang).partition("/" if lang == "vi" else " ")[2]


def moment(when: datetime, lang: str) -> str:
    """Return date and time of day in Vietnam, with the offset: readers must not mistake it for their own clock."""
    return _minute(when.replace(second=0, microsecond=0), lang)


@lru_cache(maxsize=4096)
def _minute(when: datetime, lang: str) -> str:
    return f"{day(when, lang)} {_local(when):%H:%M} (UTC+7)"


def _local(when: datetime) -> datetime:
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(VIETNAM)


@lru_cache(maxsize=4096)
def listing(items: tuple[str, ...], lang: str) -> str:
    """Return items as ``a, b và c`` or ``a, b, and c``."""
    if len(items) < 2:
        return "".join(items)
    last = " và " if lang == "vi" else " and " if len(items) == 2 else ", and "
    return ", ".join(items[:-1]) + last + items[-1]
