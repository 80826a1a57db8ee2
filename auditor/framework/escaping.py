"""Escapes text from outside for one line of a message or log."""

import codecs

codecs.lookup("unicode_escape")  # is read from a file, which cannot be opened when that is what is to be told


def visible(line: str) -> str:
    """One line without anything a terminal would obey."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
