"""Escapes text from outside for one line of a message or log."""


def visible(line: str) -> str:
    """One line without anything a terminal would obey."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
