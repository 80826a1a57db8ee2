"""Builds and reads NTP client packets (RFC 5905 §7.3). Bytes only, no I/O.

The transmit timestamp of a request is random instead of our time: the server must return it as its origin timestamp,
so only a host on the path can answer, and our clock is not disclosed.
"""

import struct
from dataclasses import dataclass

SIZE = 48
COOKIE_SIZE = 8
_VERSION, _CLIENT, _SERVER = 4, 3, 4
_ALARM = 3  # leap indicator: not synchronised
_UNSYNCHRONISED = 16
_FRACTION = 2**32
_TO_UNIX = 2_208_988_800  # seconds from 1900 to 1970
_ERA = 2**32
_HEADER = struct.Struct("!BBbbII4s8s8s8s8s")


class NtpError(ValueError):
    """Raised if bytes are not an answer to our request."""


@dataclass(frozen=True, slots=True)
class NtpReply:
    """Holds an answer, with times in seconds since 1970. ``synchronised``: the server says that its clock is."""

    stratum: int
    leap: int
    reference: bytes
    received: float
    sent: float

    @property
    def synchronised(self) -> bool:
        return self.leap != _ALARM and 0 < self.stratum < _UNSYNCHRONISED


def request(cookie: bytes) -> bytes:
    """Return a client request with ``cookie`` (eight bytes) in place of our time."""
    if len(cookie) != COOKIE_SIZE:
        raise ValueError(f"a cookie of {len(cookie)} bytes")
    return bytes([_VERSION << 3 | _CLIENT]) + bytes(SIZE - 1 - COOKIE_SIZE) + cookie


def read(wire: bytes, cookie: bytes) -> NtpReply:
    """Return the answer to the request with ``cookie``; ignore extension fields and MAC. Raise NtpError if invalid."""
    if len(wire) < SIZE:
        raise NtpError(f"{len(wire)} bytes")
    head, stratum, _, _, _, _, reference, _, origin, received, sent = _HEADER.unpack_from(wire)
    if head & 7 != _SERVER or head >> 3 & 7 not in (3, 4):
        raise NtpError(f"mode {head & 7}, version {head >> 3 & 7}")
    if origin != cookie:
        raise NtpError("the answer to another question")
    if sent == bytes(8):
        raise NtpError("no transmit time")
    return NtpReply(stratum=stratum, leap=head >> 6, reference=reference, received=_unix(received), sent=_unix(sent))


def _unix(timestamp: bytes) -> float:
    """Return seconds since 1970; a timestamp without the highest bit is of the era from 2036 (RFC 4330 §3)."""
    seconds, fraction = struct.unpack("!II", timestamp)
    if not seconds & 0x8000_0000:
        seconds += _ERA
    return float(seconds - _TO_UNIX + fraction / _FRACTION)
