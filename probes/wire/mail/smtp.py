"""Reads SMTP replies (RFC 5321 §4.2) within bounds. No I/O.

A reply is one or more lines of the same form: three digits, a hyphen if more lines follow, text. Lines may be longer
than the 512 octets of RFC 5321 §4.5.3.1.5, as some servers send such lines; the excess is not kept. A firewall that
masks a greeting writes asterisks, even in place of the space; senders read only the digits.
"""

import re
from dataclasses import dataclass

LINE_KEPT = 512
"""The number of characters kept of one line."""
LINE_LIMIT = 16_384
"""The number of octets after which a line counts as endless."""
LINES_LIMIT = 100
SIZE_LIMIT = 65_536
_REPLY = re.compile(rb"([2-5][0-9][0-9])(?:([ *-]).*)?\r?", re.DOTALL)
_ENHANCED = re.compile(r"[2-5][0-9]{2}[ -]([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])")
_KEYWORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")


class SmtpWireError(ValueError):
    """Raised if bytes are not an SMTP reply, or exceed the limits of one."""


@dataclass(frozen=True, slots=True)
class SmtpAnswer:
    """Holds one reply. ``code`` is that of the last line; ``lines`` are readable text; ``cut``: some was left out."""

    code: int
    lines: tuple[str, ...]
    cut: bool = False


class ReplyReader:
    """Collects bytes as they arrive and returns whole replies."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._seen = 0
        self._size = 0
        self._lines: list[str] = []
        self._cut = False

    def feed(self, data: bytes) -> None:
        self._data += data

    def take(self) -> SmtpAnswer | None:
        """Return the next reply, None until complete. Raise SmtpWireError if invalid; ``lines`` then holds its text."""
        while (end := self._data.find(b"\n", self._seen)) >= 0:
            line = bytes(self._data[:end])
            del self._data[: end + 1]
            self._seen = 0
            last = self._line(line)
            if last is not None:
                reply = SmtpAnswer(last, tuple(self._lines), self._cut)
                self._lines, self._size, self._cut = [], 0, False
                return reply
        self._seen = len(self._data)
        if self._seen > LINE_LIMIT:
            self._keep(bytes(self._data[:LINE_LIMIT]))
            raise SmtpWireError("a line without end")
        return None

    def _line(self, line: bytes) -> int | None:
        """Return the code if this was the last line of its reply, otherwise None."""
        self._keep(line)
        self._size += len(line)
        match = _REPLY.fullmatch(line)
        if match is None:
            raise SmtpWireError("not an SMTP reply")
        if len(self._lines) >= LINES_LIMIT or self._size > SIZE_LIMIT:
            raise SmtpWireError("a reply without end")
        return None if match[2] == b"-" else int(match[1])

    def _keep(self, line: bytes) -> None:
        text = readable(line)
        self._cut |= len(line.rstrip(b"\r")) > len(text)
        self._lines.append(text)

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines read of a reply that is not complete."""
        return tuple(self._lines)

    @property
    def ahead(self) -> int:
        """The number of octets received after the replies taken: sent before the client asked."""
        return len(self._data)

    def drop(self) -> None:
        """Drop octets received ahead: nothing may be carried over into TLS (RFC 3207 §5)."""
        self._data.clear()
        self._seen = 0


def readable(line: bytes) -> str:
    """Return a line as text that is safe to display: printable, one line, bounded."""
    text = line[: LINE_KEPT * 4].rstrip(b"\r").decode("utf-8", "replace")[:LINE_KEPT]
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def enhanced(line: str) -> str:
    """Return the enhanced status code at the start of a reply line, as ``5.7.1`` (RFC 2034 §4); empty without one."""
    match = _ENHANCED.match(line)
    return match[1] if match else ""


def keywords(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return the extensions of an EHLO reply in upper case, in order; the first line is the greeting (§4.1.1.1)."""
    words = (line[4:].strip().partition(" ")[0].partition("=")[0] for line in lines[1:])
    return tuple(dict.fromkeys(word.upper() for word in words if _KEYWORD.fullmatch(word)))
