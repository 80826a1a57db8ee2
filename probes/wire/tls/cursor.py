"""Reads the fields of a TLS message one after the other."""

from probes.wire.tls.errors import TlsWireError


class Cursor:
    """Reads fields one after the other. Raises TlsWireError at the end of the data."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        if self._at + size > len(self._data):
            raise TlsWireError("a message that ends too early")
        self._at += size
        return self._data[self._at - size : self._at]

    def number(self, width: int) -> int:
        return int.from_bytes(self.take(width))

    def vector(self, width: int) -> bytes:
        return self.take(self.number(width))

    @property
    def left(self) -> int:
        return len(self._data) - self._at
