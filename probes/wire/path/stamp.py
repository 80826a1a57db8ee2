"""Builds and reads unauthenticated STAMP packets (RFC 8762 §4.2.1, §4.3.1).

All have 44 bytes, so nothing is amplified.
"""

import struct
from dataclasses import dataclass

PORT = 862
SIZE = 44
EPOCH = 2_208_988_800
"""Seconds from 1900 to 1970 (RFC 5905 §6)."""
_SENDER = struct.Struct("!I8sH30x")
_REFLECTOR = struct.Struct("!I8sH2x8sI8sH2xB3x")
_ERROR = 0x0001
"""An Error Estimate: not known to be synchronised, NTP format, scale 0, multiplier 1 (RFC 4656 §4.1.2)."""
_PTP = 0x4000
"""The Error Estimate bit for timestamps in seconds and nanoseconds (RFC 8762 §4.2.1, RFC 8186 §2.1)."""
_QUOTED = slice(24, 36)


class StampError(Exception):
    """Raised if bytes are not a test packet."""


def timestamp(seconds: float) -> bytes:
    """Return Unix seconds as an NTP timestamp."""
    whole = int(seconds)
    return struct.pack("!II", (whole + EPOCH) & 0xFFFFFFFF, int((seconds - whole) * (1 << 32)) & 0xFFFFFFFF)


def seconds(stamp: bytes) -> float:
    """Return an NTP timestamp of the present era as Unix seconds."""
    whole, fraction = struct.unpack("!II", stamp)
    return float(whole - EPOCH + fraction / (1 << 32))


@dataclass(frozen=True, slots=True)
class Reflected:
    """Holds an answer as its sender reads it.

    ``mark``: the first 12 octets of the quoted test packet; ``kept``: the seconds that the packet spent at the
    reflector, as the reflector states them, which need not be true.
    """

    mark: bytes
    kept: float


def mark(packet: bytes) -> bytes:
    """Return the sequence number and timestamp of a test packet, which identify its answer."""
    return packet[:12]


def reflected(answer: bytes) -> Reflected:
    """Read an answer of a Session-Reflector, stateless or not. Raise StampError if it is too short."""
    if len(answer) < SIZE:
        raise StampError(f"{len(answer)} bytes")
    _, sent, error, received, *_ = _REFLECTOR.unpack_from(answer)
    kept = _since(received, sent, ptp=bool(error & _PTP))
    return Reflected(mark=answer[_QUOTED], kept=kept)


def _since(first: bytes, last: bytes, *, ptp: bool) -> float:
    if not ptp:
        return seconds(last) - seconds(first)
    (whole1, nano1), (whole2, nano2) = struct.unpack("!II", first), struct.unpack("!II", last)
    return float(whole2 - whole1 + (nano2 - nano1) / 1e9)


def test_packet(sequence: int, now: float) -> bytes:
    """Return the test packet of a Session-Sender."""
    return _SENDER.pack(sequence, timestamp(now), _ERROR)


def reflection(packet: bytes, received: float, now: float, hop_limit: int) -> bytes:
    """Return the answer of a stateless Session-Reflector, with the sender's sequence number (RFC 8762 §4.3.1).

    ``hop_limit`` is that of the received packet. Raise StampError if the packet is too short.
    """
    if len(packet) < SIZE:
        raise StampError(f"{len(packet)} bytes")
    theirs, stamp, error = _SENDER.unpack_from(packet)
    return _REFLECTOR.pack(theirs, timestamp(now), _ERROR, timestamp(received), theirs, stamp, error, hop_limit)
