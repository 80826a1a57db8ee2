"""Holds rows of a JSON document as its bytes: they are made one by one, and a run has tens of thousands."""

import json

_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class JsonRows:
    """Takes the rows of a list one by one."""

    def __init__(self) -> None:
        self._data = bytearray()

    def add(self, row: object) -> None:
        """Add the next row, a value that JSON can represent."""
        self._data += b"," if self._data else b""
        self._data += dumped(row)

    def written(self) -> bytes:
        """Return the list as the bytes of a JSON array."""
        return b"[%b]" % bytes(self._data)


def dumped(value: object) -> bytes:
    """Return a value as JSON bytes in the form of such a document."""
    return _dump(value).encode("utf-8", "surrogatepass")
