"""Compares the name of a device in the inventory with the name that the device itself gives.

Inventories rarely write a model as its maker's software does: "FortiGate 60F" is FGT_60F there, "Cisco 2960" is
WS-C2960-24TT-L, "bộ định tuyến Cisco ISR 4331" is ISR4331/K9. Two names match if the model number is the same. They
differ if both contain a model number and these differ, or if they name different makers. Otherwise nothing is known.
"""

import re
from enum import Enum
from itertools import pairwise

from auditor.facts.device.vendors import MAKERS

_WORDS = re.compile(r"[^\W_]+")
_YEAR = re.compile(r"20[0-3]\d")
_REMARK = re.compile(
    r"\b(?:hđ|hợp đồng|qđ|quyết định|cv|công văn|gói thầu|phòng|tầng|tủ|rack|serial|s/n|số)\b(?:\s*số)?[\s.:]*"
    r"(?=[\w/-]*\d)[\w/-]+",
    re.IGNORECASE,
)
"""Remarks that offices write beside a device: its contract or decision of purchase, its place, its serial number."""
_LONG = re.compile(r"\d{4,}")
"""Digits that are a model number even without its letters (C2911)."""
_NUMBER = 3
"""Smallest number of digits of a model number (ISR4331)."""
_SHORTEST = 3
"""Smallest number of letters and digits of a model without such a number (60F, SSG5)."""
_OF_AGENTS = frozenset({"Net-SNMP"})
"""Makers of SNMP agents, but not of the machines on which these run."""


class SameDevice(Enum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def same_device(declared: str, maker: str | None, model: str, described: str) -> SameDevice:
    """Return whether ``declared`` names the device that the other arguments describe.

    ``maker``: by sysObjectID, None if unknown; ``model``: from ENTITY-MIB, empty if none; ``described``: sysDescr.
    """
    declared = _REMARK.sub(" ", declared)
    if not _words(declared):
        return SameDevice.UNKNOWN
    shown = f"{maker or ''} {model} {described}"
    if _words(declared) <= _words(shown):
        return SameDevice.YES
    (numbers, short), (own_numbers, own_short) = _models(declared), _models(model)
    pairs = [*((word, shown) for word in numbers), *((word, declared) for word in own_numbers)]
    if not numbers:
        pairs += [*((word, shown) for word in short), *((word, declared) for word in own_short)]
    if any(_is_in(word, text) for word, text in pairs):
        return SameDevice.YES
    differs = bool(numbers and (own_numbers or own_short))
    return SameDevice.NO if differs or _is_of_another(declared, maker, shown) else SameDevice.UNKNOWN


def _words(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORDS.findall(text))


def _models(text: str) -> tuple[list[str], list[str]]:
    """Return the words that are model numbers, and the short words that may be models if there are none."""
    words = [word.casefold() for word in _WORDS.findall(text) if not _YEAR.fullmatch(word)]
    digits = {word: sum(letter.isdigit() for letter in word) for word in words}
    short = [word for word in words if 0 < digits[word] < _NUMBER and len(word) >= _SHORTEST]
    return [word for word in words if digits[word] >= _NUMBER], short


def _is_in(number: str, text: str) -> bool:
    """True if a text names the model, in one word or several, with any letters before the digits."""
    texts = (text.casefold(), "".join(_WORDS.findall(text.casefold())))
    return any(_stands_in(part, some) for part in (number, *_LONG.findall(number)) for some in texts)


def _stands_in(part: str, text: str) -> bool:
    """True if the part occurs in the text without another digit on either side."""
    pieces = text.split(part)
    return any(not before[-1:].isdigit() and not after[:1].isdigit() for before, after in pairwise(pieces))


def _is_of_another(declared: str, maker: str | None, shown: str) -> bool:
    """True if the text names makers, and the device neither is from nor mentions any of them."""
    named = [some for some in set(MAKERS.values()) if _words(some) <= _words(declared)]
    others = all(not _words(some) <= _words(shown) for some in named)
    return bool(named) and maker is not None and maker not in _OF_AGENTS and others
