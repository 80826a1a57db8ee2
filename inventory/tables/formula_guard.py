"""Guards cells of tables against being computed by a spreadsheet, and removes the guard when a table is read again.

A file with commas is read with semicolons or tabs where the machine's locale demands it; then a cell begins after each
of them. So an apostrophe precedes every character that would begin a formula, at the start of a cell and after every
separator, also after blanks and quotes that a spreadsheet drops (OWASP, CSV injection).
"""

import re

_FORMULA = "=+\\-@＝＋－＠"  # full-width forms are taken for formulas too
_BEGINS = r"(?:\A|(?<=[,;|\t\r\n]))((?:[^\S\t\r\n]|[\u200b\ufeff\"])*+)"
_SUSPECT = re.compile(rf"[{_FORMULA}\t\r\n]")
"""Characters without which there is nothing to guard, as in most cells; this search is much faster."""
_OPEN = re.compile(rf"{_BEGINS}(?='*+[{_FORMULA}])|\A()(?='*+[\t\r\n])")
_GUARDED = re.compile(rf"{_BEGINS}'(?='*+[{_FORMULA}])|\A()'(?='*+[\t\r\n])")


def guarded(text: str) -> str:
    """Return the text in a form that no spreadsheet computes."""
    return text if _SUSPECT.search(text) is None else _OPEN.sub(r"\1\2'", text)


def unguarded(text: str) -> str:
    """Return the text from which ``guarded`` made a cell; any other text without such apostrophes as it is."""
    return _GUARDED.sub(r"\1\2", text) if "'" in text else text
