"""Reads titles that stand in two rows: wider titles above, and the titles of their parts."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from inventory.tables.columns import read_header

_REMARK = re.compile(r"\((?!\d)[^()]{1,60}\)")
_VALUE = re.compile(r"\d[.:\d]|@|://")
"""Found in numbers, addresses and names, and in no title of a part: of IPv4 one digit stands alone."""


def repeats_titles(titles: Sequence[str], below: Sequence[str]) -> bool:
    """True if the row below repeats two titles, as titles merged over both rows do, and has others beside them."""
    pairs = list(zip_longest(titles, below, fillvalue=""))
    repeated = sum(bool(upper.strip()) and upper == lower for upper, lower in pairs)
    return repeated >= 2 and any(lower.strip() and upper != lower for upper, lower in pairs)


def divides(titles: Sequence[str], below: Sequence[str]) -> bool:
    """True if the row below only divides wider titles, or adds remarks to titles.

    Examples are ``IPv4`` and ``IPv6`` under ``Địa chỉ``, and ``(Kbps)``. Tables with merged titles are written so where
    each title is kept once.
    """
    parts: list[int] = []
    for position, (upper, after, lower) in enumerate(zip_longest(titles, titles[1:], below, fillvalue="")):
        if not lower.strip() or _is_remark(lower):
            continue
        if (upper.strip() and after.strip()) or _VALUE.search(lower):
            return False
        parts.append(position)
    return len(parts) >= 2 and _knows_part(titles, below, parts)


def lower_titles(titles: Sequence[str], below: Sequence[str]) -> list[str]:
    """Return the title of each column under two rows of titles."""
    pairs = list(zip_longest(titles, below, fillvalue=""))
    titles_below = [_title_of_column(upper, lower) for upper, lower in pairs]
    for parts in _parts(pairs):
        if _knows_part(titles, below, parts):  # else the wider title tells more of the first part than its own
            titles_below[parts.start : parts.stop] = below[parts.start : parts.stop]
    return titles_below


def _knows_part(titles: Sequence[str], below: Sequence[str], parts: Iterable[int]) -> bool:
    """True if one of the lower titles at these positions means a column, beside the other titles of the table."""
    whole = [*titles, *[""] * (len(below) - len(titles))]
    for position in parts:
        whole[position] = below[position]
    columns = read_header(tuple(whole)).columns
    return any(columns[position] for position in parts)


def _is_remark(title: str) -> bool:
    return _REMARK.fullmatch(title.strip()) is not None


def _parts(pairs: Sequence[tuple[str, str]]) -> Iterator[range]:
    """Yield the positions of the parts of each title that is wider than a column."""
    start = 0
    for position in range(1, len(pairs) + 1):
        if position < len(pairs) and not pairs[position][0].strip() and _is_part(*pairs[position]):
            continue
        if position - start >= 2 and _is_part(*pairs[start]):
            yield range(start, position)
        start = position


def _is_part(upper: str, lower: str) -> bool:
    return bool(lower.strip()) and lower != upper and not _is_remark(lower)


def _title_of_column(upper: str, lower: str) -> str:
    if not lower.strip():
        return upper
    if upper != lower and _is_remark(lower):
        whole = f"{upper} {lower.strip()}"
        return whole if _is_column(whole) else upper
    return upper if _is_column(upper) and not _is_column(lower) else lower


def _is_column(title: str) -> bool:
    return read_header((title,)).count > 0
