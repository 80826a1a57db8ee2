"""Reads HTTP/1 responses as browsers do, with the same tolerance, within bounds.

A head begins with a status line and ends with an empty one. Lines may end with LF only; a line without a colon is
ignored; blanks before a colon are not part of a name; a folded line continues the field. For a body, Transfer-Encoding
overrides the length, and contradicting lengths count as none.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

HEAD_LIMIT = 262_144
FIELD_LIMIT = 65_536
FIELDS_LIMIT = 2_000
EARLY_LIMIT = 20
"""The number of interim responses (1xx) that are accepted."""
_STATUS = re.compile(r"HTTP/[0-9](?:\.[0-9])?[ \t]+([0-9]{3})(?:[ \t]+(.*))?", re.IGNORECASE)
_BEGINNING = b"HTTP/"
_CHUNK_LINE = 4_096
_CHUNK_DIGITS = 16
"""The digits of a chunk size without leading zeros: 64 bits."""
_LENGTH_DIGITS = 15
_BLANKS = (" ", "\t")
_BODILESS = frozenset({204, 304})


class NotHttpError(ValueError):
    """Raised if an answer is not a valid HTTP head."""


class ResponseHead(NamedTuple):
    """Holds a status line and its fields in order, as they were sent."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]

    def values(self, name: str) -> list[str]:
        """Return every value of one field; ``name`` is in lower case."""
        length = len(name)  # compared first, as most names differ in length
        return [value for header, value in self.headers if len(header) == length and header.lower() == name]


class HeadReader:
    """Collects bytes until the head is complete; ``rest`` then holds the bytes after it."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._looked = 0
        self._early = 0
        self.rest = b""

    def feed(self, data: bytes) -> ResponseHead | None:
        """Return the head once it is complete, skipping interim responses (RFC 9110 §15.2). Raise NotHttpError."""
        self._data += data
        while (head := self._next()) is not None:
            if head.status >= 200 or head.status == 101:
                self.rest = bytes(self._data)
                return head
            self._early += 1
            if self._early > EARLY_LIMIT:
                raise NotHttpError(f"more than {EARLY_LIMIT} heads that say nothing")
        return None

    def _next(self) -> ResponseHead | None:
        self._begin()
        end = _end(self._data, max(0, self._looked - 2))
        if end is None:
            self._looked = len(self._data)
            if self._looked > HEAD_LIMIT:
                raise NotHttpError(f"a head of more than {HEAD_LIMIT} bytes")
            return None
        head = parsed(bytes(self._data[: end[0]]))
        del self._data[: end[1]]
        self._looked = 0
        return head

    def _begin(self) -> None:
        """Skip blank lines before the status line. Raise NotHttpError for any other beginning."""
        if self._data.startswith(_BEGINNING):
            return
        if self._looked == 0:
            del self._data[: len(self._data) - len(self._data.lstrip(b"\r\n"))]
        start = bytes(self._data[: len(_BEGINNING)]).upper()
        if start != _BEGINNING[: len(start)]:
            raise NotHttpError("no status line")


def _end(data: bytearray, start: int) -> tuple[int, int] | None:
    """Return the end of a head's last line and the end of the empty line after it; None if it is incomplete."""
    with_return = data.find(b"\n\r\n", start)
    without = data.find(b"\n\n", start, len(data) if with_return < 0 else with_return)
    at, behind = (without, without + 2) if without >= 0 else (with_return, with_return + 3)
    return None if at < 0 else (at - (data[at - 1 : at] == b"\r"), behind)


def parsed(text: bytes) -> ResponseHead:
    """Return the head in ``text``, which has no empty line at its end. Raise NotHttpError if it is invalid."""
    lines = text[:HEAD_LIMIT].decode("utf-8", "replace").split("\n")
    status = _STATUS.match(lines[0].rstrip("\r"))
    if status is None:
        raise NotHttpError("no status line")
    headers: list[tuple[str, str]] = []
    for line in lines[1:]:
        if line.startswith(_BLANKS):
            _go_on(headers, line)
            continue
        name, colon, value = line.partition(":")
        if not colon or not (name := name.strip()):
            continue
        headers.append((name[:FIELD_LIMIT], value.strip()[:FIELD_LIMIT]))
        if len(headers) > FIELDS_LIMIT:
            raise NotHttpError(f"a head of more than {FIELDS_LIMIT} fields")
    return ResponseHead(int(status[1]), (status[2] or "").strip(), tuple(headers))


def _go_on(headers: list[tuple[str, str]], line: str) -> None:
    """Add a folded line to the field before it."""
    if headers and len(headers[-1][1]) < FIELD_LIMIT:
        name, value = headers[-1]
        headers[-1] = (name, f"{value} {line.strip()}".strip()[:FIELD_LIMIT])


class Body:
    """Decodes a body: by chunks, by its length, or up to the end of the connection."""

    def __init__(self, head: ResponseHead) -> None:
        codings = ",".join(head.values("transfer-encoding")).lower()
        self._chunked = "chunked" in codings
        self._left = None if self._chunked else _length(head)
        self._line = bytearray()
        self._in_chunk = 0
        self._behind_chunk = False
        self.ended = head.status in _BODILESS or head.status < 200 or self._left == 0
        self.broken = False
        """True if it cannot be decoded further: only the bytes before are known."""

    @property
    def complete(self) -> bool:
        """True if the body is complete when the connection ends here."""
        return not self.broken and (self.ended or (not self._chunked and self._left is None))

    def feed(self, data: bytes) -> bytes:
        """Return the part of ``data`` that is body content."""
        if self.ended or self.broken:
            return b""
        if self._chunked:
            return b"".join(self._chunks(data))
        if self._left is not None:
            data = data[: self._left]
            self._left -= len(data)
            self.ended = self._left == 0
        return data

    def _chunks(self, data: bytes) -> Iterator[bytes]:
        at = 0
        while at < len(data) and not self.ended and not self.broken:
            if self._in_chunk:
                piece = data[at : at + self._in_chunk]
                self._in_chunk -= len(piece)
                at += len(piece)
                self._behind_chunk = self._in_chunk == 0
                yield piece
                continue
            end = data.find(b"\n", at)
            self._line += data[at : end if end >= 0 else len(data)]
            at = len(data) if end < 0 else end + 1
            if len(self._line) > _CHUNK_LINE:
                self.broken = True
            elif end >= 0:
                self._size()

    def _size(self) -> None:
        """Interpret a complete line: the end of a chunk, or the size of the next one."""
        line = bytes(self._line).strip()
        self._line.clear()
        if self._behind_chunk and not line:
            self._behind_chunk = False
            return
        self._behind_chunk = False
        digits = line.partition(b";")[0].strip()
        if not re.fullmatch(rb"0*[0-9A-Fa-f]{1,%d}" % _CHUNK_DIGITS, digits):
            self.broken = True
            return
        self._in_chunk = int(digits, 16)
        self.ended = self._in_chunk == 0


def _length(head: ResponseHead) -> int | None:
    """Return the content length; None if there is none, or several that differ."""
    said = {word.strip() for value in head.values("content-length") for word in value.split(",")}
    numbers = {int(word) for word in said if word.isascii() and word.isdigit() and len(word) <= _LENGTH_DIGITS}
    return numbers.pop() if len(numbers) == 1 and len(said) == 1 else None
