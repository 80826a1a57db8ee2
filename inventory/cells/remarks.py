"""Recognises texts in a cell that are no value: statements that there is nothing, and remarks in brackets."""

import re

from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition
from inventory.word_matching import fold

_LONGEST = 12
"""The length of the longest way to say that there is nothing, with blanks around it, in characters."""
_NOTHING = frozenset(map(fold, ("none", "n/a", "không", "không có", "chưa có", "chưa", "chưa cấp", "trống", "null")))
_REMARK = re.compile(r"[(（]([^()（）]{0,200})[)）]")
_VALUE = re.compile(r"\w\.\w|:|/\d")
"""A part that addresses, names, prefixes and ports have, and remarks do not."""


def says_nothing(text: str) -> bool:
    """True if people say with this text that there is nothing to write."""
    return len(text) <= _LONGEST and fold(text) in _NOTHING


def without_remarks(text: str, place: CellPosition) -> str:
    """Return the text without remarks in brackets, which are reported; the same text where they hold a value."""
    remarks = _REMARK.findall(text)
    if not remarks or any(map(_VALUE.search, remarks)):
        return text
    place.report(Code.CELL_REMARK, text)
    return _REMARK.sub(" ", text).strip()
