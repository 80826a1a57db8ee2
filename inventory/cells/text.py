"""Cleans the text of a cell from invisible characters, and reads small columns that are only text."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TypeVar

from inventory.cells.names import is_url, looks_like_name, split_url
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition
from inventory.quoting import plain
from inventory.tables.formula_guard import unguarded
from inventory.word_matching import fold, nearest

CELL_LIMIT = 10_000
MARKS_LIMIT = 30  # as in the stream-safe format of Unicode (UAX #15); Vietnamese has two
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))  # characters left by copying from web pages and PDFs
_KEPT = frozenset("\t\n\r\u200c\u200d")  # joiners belong to letters
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_WORD = re.compile(r"[\w.+-]{1,64}", re.ASCII)
_SPACES = re.compile(r"\s+")
T = TypeVar("T", bound=str)


def clean(text: str, place: CellPosition) -> str:
    """Return the cell's text, composed and trimmed. Report characters that could deceive a reader or a terminal."""
    if len(text) > CELL_LIMIT:
        place.report(Code.CELL_TOO_LONG, text, limit=str(CELL_LIMIT))
        return ""
    text = unguarded(text)
    if (usual := clean_usual(text)) is not None:
        return usual
    if (mark := _piled(text)) is not None:
        place.report(Code.CONTROL_CHARACTER, text, character=plain(mark))
        return ""
    composed = unicodedata.normalize("NFC", text.translate(_INVISIBLE)).replace("\u00a0", " ").strip()
    if composed.isprintable():
        return composed
    for letter in composed:
        if letter not in _KEPT and unicodedata.category(letter) in _HIDDEN:
            place.report(Code.CONTROL_CHARACTER, text, character=plain(letter))
            return ""
    return composed


def clean_usual(text: str) -> str | None:
    """Return the cell's text as ``clean`` gives it, for the cells in which nothing is to be reported; None for others.

    Nearly all cells are such: this is the fast way. A text that is printable as a whole has no character that is hidden
    or dropped, and one that is this short has no letter with too many marks.
    """
    ascii_only = text.isascii()
    if len(text) > (CELL_LIMIT if ascii_only else MARKS_LIMIT) or not text.isprintable() or "'" in text:
        return None
    return text.strip() if ascii_only else unicodedata.normalize("NFC", text).strip()


def _piled(text: str) -> str | None:
    """Return the first mark of more than MARKS_LIMIT on a letter: composing takes the square of their number."""
    run = 0
    for letter in text:
        run = run + 1 if unicodedata.combining(letter) else 0
        if run > MARKS_LIMIT:
            return letter
    return None


def one_line(text: str) -> str:
    return " ".join(text.split())


def parse_choice(text: str, place: CellPosition, words: Mapping[str, T], known: Iterable[str]) -> T | None:
    """Read a word of a closed list in any of its spellings; for others suggest the word with the nearest spelling."""
    found = words.get(fold(text))
    if found is None:
        names = list(known)
        close = nearest(text, names) or words.get(nearest(text, words), "")
        place.report(Code.UNKNOWN_WORD, text, suggestion=close, what=place.field, known=" ".join(names))
    return found


def parse_word(text: str, place: CellPosition) -> str | None:
    """Read one word, such as the name of a profile."""
    if _WORD.fullmatch(text):
        return text
    place.report(Code.NOT_A_WORD, text)
    return None


def parse_url(text: str, place: CellPosition) -> str | None:
    parts = split_url(text) if is_url(text) and not _SPACES.search(text) else None
    if parts is None or parts.scheme not in ("http", "https"):
        bare = looks_like_name(text.partition("/")[0])
        place.report(Code.NOT_A_URL, text, suggestion=f"https://{text}" if bare else "")
        return None
    if parts.username is not None or parts.password is not None:
        place.report(Code.TARGET_WITH_CREDENTIALS, f"{parts.scheme}://…@{parts.hostname}")
        return None
    return text
