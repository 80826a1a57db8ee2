"""Compare how an inventory calls a device with how the device calls itself.

Nobody writes a model as its maker's software does: "FortiGate 60F" is FGT_60F there, "Cisco 2960" is WS-C2960-24TT-L,
"bộ định tuyến Cisco ISR 4331" is ISR4331/K9. Two names are of one device where the number of the model is the same, and
of two where both tell it and it is not, or where they tell different makers. Else nothing is known.
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
"""What offices write beside a device: by which contract or decision it was bought, where it stands, its own number."""
_LONG = re.compile(r"\d{4,}")
"""Digits that are the number of a model without its letters too (C2911)."""
_NUMBER = 3
"""Digits of the number of a model (ISR4331)."""
_SHORTEST = 3
"""Letters and digits of a model without such a number (60F, SSG5)."""
_OF_AGENTS = frozenset({"Net-SNMP"})
"""Makers of SNMP agents, not of the machines that these run on."""


class SameDevice(Enum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def same_device(declared: str, maker: str | None, model: str, described: str) -> SameDevice:
    """True if ``declared`` is the device that says the rest: its maker by sysObjectID, None where that is not known,
    its model (ENTITY-MIB), empty where it names none, and sysDescr."""
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
    """Return the words that are numbers of models, and those that are where there is none of these."""
    words = [word.casefold() for word in _WORDS.findall(text) if not _YEAR.fullmatch(word)]
    digits = {word: sum(letter.isdigit() for letter in word) for word in words}
    short = [word for word in words if 0 < digits[word] < _NUMBER and len(word) >= _SHORTEST]
    return [word for word in words if digits[word] >= _NUMBER], short


def _is_in(number: str, text: str) -> bool:
    """True if a text names the model, written in one word or in several, with whichever letters before the digits."""
    texts = (text.casefold(), "".join(_WORDS.findall(text.casefold())))
    return any(_stands_in(part, some) for part in (number, *_LONG.findall(number)) for some in texts)


def _stands_in(part: str, text: str) -> bool:
    """True if it is there with no further digit on either side."""
    pieces = text.split(part)
    return any(not before[-1:].isdigit() and not after[:1].isdigit() for before, after in pairwise(pieces))


def _is_of_another(declared: str, maker: str | None, shown: str) -> bool:
    """True if the text names makers, and the device is of none of them: also not sold under their names."""
    named = [some for some in set(MAKERS.values()) if _words(some) <= _words(declared)]
    others = all(not _words(some) <= _words(shown) for some in named)
    return bool(named) and maker is not None and maker not in _OF_AGENTS and others
