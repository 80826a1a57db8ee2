"""Lets a terminal without Unicode show Vietnamese without its marks, instead of an error of Python.

Only text printed for people is changed; results that programs read are written as bytes of UTF-8.
"""

import codecs
import sys
import unicodedata
from io import TextIOWrapper

_HANDLER = "auditor.unmarked"
_LOOKALIKES = str.maketrans({"đ": "d", "Đ": "D", "–": "-", "…": "...", "“": '"', "”": '"', "→": "->", "·": "-"})


def fit_terminal() -> None:
    """Make standard output and standard error accept letters that their encoding lacks."""
    codecs.register_error(_HANDLER, _unmarked)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and not stream.encoding.lower().startswith("utf"):
            stream.reconfigure(errors=_HANDLER)


def _unmarked(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end].translate(_LOOKALIKES)
    base = "".join(letter for letter in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(letter))
    return base.encode("ascii", "backslashreplace").decode("ascii"), error.end
