"""Decodes bytes to text, for files that come out of Excel in the encoding of any machine."""

import codecs
import unicodedata

from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition

_MARKED = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_GUESSED = ("windows-1258", "windows-1252")
_LOOKED_AT = 4096


def to_text(data: bytes, place: CellPosition) -> str | None:
    """Return the text of a file; nothing, with a problem, when it is none. A guess of the encoding is reported."""
    encoding = next((name for mark, name in _MARKED if data.startswith(mark)), None) or _without_mark(data)
    text = _decoded(data, encoding)
    if text is None and encoding == "utf-8":
        text = _guessed(data, place)
    if text is None or "\x00" in text:
        place.report(Code.UNDECODABLE)
        return None
    return text


def _without_mark(data: bytes) -> str:
    """Return the encoding of text without a byte order mark: in UTF-16 every second byte of Latin letters is zero."""
    head = data[:_LOOKED_AT]
    odd, even = head[1::2].count(0), head[0::2].count(0)
    if odd > len(head) // 8 and even == 0:
        return "utf-16-le"
    if even > len(head) // 8 and odd == 0:
        return "utf-16-be"
    return "utf-8"


def _guessed(data: bytes, place: CellPosition) -> str | None:
    for encoding in _GUESSED:
        text = _decoded(data, encoding)
        if text is not None:
            place.report(Code.GUESSED_ENCODING, encoding=encoding.title())
            return unicodedata.normalize("NFC", text)
    return None


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
