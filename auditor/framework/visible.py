"""Text of strangers on a line of ours: in messages, in the log."""


def visible(line: str) -> str:
    """One line without anything a terminal would obey."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
