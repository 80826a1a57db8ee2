"""Recognises Vietnamese that was typed for fonts older than Unicode (TCVN3, VNI): in Unicode it is another text."""

import re
from collections.abc import Iterable, Sequence

_LOOKED_AT = 100
"""The number of rows that are examined."""
_ENOUGH = 3
"""The number of cells that are enough: a foreign name or a sign is no Vietnamese in an old font."""
_SIGN = "[ª¬\u00ad§¨µ¶¸¹¼½¾ÆÇËÎÏÑÖØÜÞßäåæçëîïðñöøûüþ]"
_OLD = re.compile(rf"[A-Za-z]{_SIGN}|{_SIGN}[A-Za-z]")
"""Letters of the old fonts, beside Latin ones, that no Vietnamese word has in Unicode."""
_NEW = re.compile("[\u1ea0-\u1ef9]")
"""Letters that only Vietnamese in Unicode has."""


def is_in_old_font(rows: Iterable[Sequence[str]]) -> bool:
    """True if several of the upper cells read as text for an old font."""
    found = 0
    for number, cells in enumerate(rows):
        if number == _LOOKED_AT:
            return False
        for text in cells:
            found += not text.isascii() and _OLD.search(text) is not None and _NEW.search(text) is None
            if found == _ENOUGH:
                return True
    return False
