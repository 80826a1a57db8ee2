"""Lists the quirks of web servers that portals of the rehearsal have."""

from enum import Enum


class Quirk(Enum):
    """A deviation of a web server that browsers accept and strict readers do not."""

    LARGE_HEADS = "heads of 12 kB and more than 100 fields"
    BARE_LINES = "lines of the head that end with LF"
    FOLDED = "fields of the head on several lines"
    NO_REASON = "no reason phrase"
    TOO_LONG = "a length beyond the end"
    STRAY_LINES = "lines of the head with blanks where none may be"
    TWO_LENGTHS = "chunks and lengths at once"
    HTTP2 = "HTTP/2 alone"
