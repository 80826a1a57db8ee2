"""Compares words as people type them: without accents, case, punctuation or spaces, and with small slips."""

import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache

_COMPARED = 60  # longer words are no misspelt columns, and comparing them takes long


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Return a text without accents, case, spaces and punctuation: ``"TEN_HE-THONG "`` becomes ``tenhethong``."""
    return "".join(letter for letter in unaccented(text) if letter.isalnum())


def unaccented(text: str) -> str:
    """Return a text without accents and case: ``"Tên hệ-thống"`` becomes ``"ten he-thong"``, for search.

    Spaces and punctuation count in a search.
    """
    letters = unicodedata.normalize("NFKD", text.casefold()).replace("đ", "d")
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word closest to ``word``, or nothing when none is close."""
    spelt: Mapping[str, str] = {fold(each): each for each in known}
    matches = get_close_matches(fold(word)[:_COMPARED], spelt, n=1, cutoff=0.72)
    return spelt[matches[0]] if matches else ""
