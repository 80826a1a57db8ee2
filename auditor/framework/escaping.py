"""Escapes text from outside for one line of a message or log."""

import codecs

codecs.lookup("unicode_escape")  # load now: later, no more files may be open, as the very message may state


def visible(line: str) -> str:
    """Return a line with characters escaped that a terminal would obey."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
