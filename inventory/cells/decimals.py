"""Marks the texts of numbers whose point is decimal: those of numeric cells, and plain numbers in YAML.

Written by hand, ``1.125`` is a Vietnamese thousand; as the number of a cell it is little more than one.
"""

import re

_THREE_DECIMALS = re.compile(r"-?\d+\.\d{3}", re.ASCII)


class DecimalText(str):
    """Holds the text of a number with three decimals, as it is shown."""

    __slots__ = ()


def of_number(text: str) -> str:
    """Return the text of a number, marked if it could be taken for thousands."""
    return DecimalText(text) if _THREE_DECIMALS.fullmatch(text) else text


def unmistakable(text: str) -> str:
    """Return a text that reads as the same number wherever it is read: a marked one gets a fourth decimal."""
    return f"{text}0" if isinstance(text, DecimalText) else text
