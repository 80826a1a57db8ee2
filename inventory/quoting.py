"""Quotes other people's text safely: bounded, on one line, without characters that a terminal or reader obeys."""

SHOWN = 80


def _visible(letter: str) -> str:
    if letter.isprintable():
        return letter
    if letter == "\n":
        return "↵"
    point = ord(letter)
    if point <= 0xFF:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"


def plain(text: str, limit: int = SHOWN) -> str:
    """Cut to ``limit`` characters; spell out control, bidirectional and private ones, surrogates and odd spaces.

    The end of a line within a cell, which people write, is shown as the sign of the key that makes it.
    """
    shown = ""
    for letter in text.replace("\r\n", "\n"):
        shown += _visible(letter)
        if len(shown) > limit:
            return shown[: limit - 1] + "…"
    return shown


def quoted(text: str) -> str:
    return f'"{plain(text)}"'
