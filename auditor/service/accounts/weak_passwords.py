"""Refuses new passwords that are easy to guess: common ones, and common words followed by digits.

``zxcvbn`` knows 30,000 passwords and words of English, keyboard rows, dates and sequences. ``common_words.txt`` beside
this module has words that people type in Viet Nam: of everyday use and of the office, provinces and towns, without
diacritics and blanks. A password is checked as typed and with diacritics, blanks and signs left out, so that "Mật khẩu
123456" is recognised too.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib import resources

from zxcvbn import zxcvbn

_TYPED, _BARE = 8.0, 6.0
"""The least log10 of guesses that a password must need, as typed and bare."""
_LEFT = 4
"""Letters that a password must have besides common words."""
_SHORTEST_NAME = 4
_EXAMINED = 72
"""Characters that are examined; those after them cannot make a password easier to guess."""


def is_guessable(password: str, about: Iterable[str]) -> bool:
    """True if the password is easy to guess. ``about``: words an attacker knows, such as the account's name."""
    bare = "".join(re.findall(r"[a-z0-9]", plain(password)))
    names = [text for text in (plain(word).replace(" ", "") for word in about) if len(text) >= _SHORTEST_NAME]
    known = [*names, *words()]
    if any(name in bare for name in names):
        return True
    if _worth(plain(password), known) < _TYPED or (len(bare) >= _LEFT and _worth(bare, known) < _BARE):
        return True
    return _is_words(password, bare, known)


def plain(text: str) -> str:
    """Return the text in lower case without diacritics."""
    apart = unicodedata.normalize("NFKD", text.lower()).replace("đ", "d")
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


@cache
def words() -> tuple[str, ...]:
    text = resources.files("auditor.service.accounts").joinpath("common_words.txt").read_text("ascii")
    found = {part for line in text.splitlines() if not line.startswith("#") for part in line.split()}
    return tuple(sorted(found, key=lambda word: (-len(word), word)))


def _worth(text: str, known: Iterable[str]) -> float:
    return float(zxcvbn(text[:_EXAMINED], user_inputs=list(known))["guesses_log10"]) if text else 0.0


def _is_words(password: str, bare: str, known: Iterable[str]) -> bool:
    """True if fewer than four letters are left without common words, digits and signs."""
    left = bare
    for word in known:
        left = left.replace(word, " ")
    if left == bare:
        return False
    foreign = sum(letter.isalpha() and not plain(letter).isascii() for letter in password)
    return len(re.findall(r"[a-z]", left)) + foreign < _LEFT
