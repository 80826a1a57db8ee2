"""Builds and reads unauthenticated STAMP packets of 44 bytes (RFC 8762 §4.2.1, §4.3.1); so nothing is amplified."""

import struct
from dataclasses import dataclass

PORT = 862
SIZE = 44
EPOCH = 2_208_988_800
"""Seconds from 1900 to 1970 (RFC 5905 §6)."""
_SENDER = struct.Struct("!I8sH30x")
_REFLECTOR = struct.Struct("!I8sH2x8sI8sH2xB3x")
_ERROR = 0x0001
"""Error Estimate: not known to be synchronised, NTP format, scale 0, multiplier 1 (RFC 4656 §4.1.2)."""
_PTP = 0x4000
"""Of it: timestamps are seconds and nanoseconds (RFC 8762 §4.2.1, RFC 8186 §2.1)."""
_QUOTED = slice(24, 36)


class StampError(Exception):
    """Bytes that are no test packet."""


def timestamp(seconds: float) -> bytes:
    """Unix seconds as an NTP timestamp."""
    whole = int(seconds)
    return struct.pack("!II", (whole + EPOCH) & 0xFFFFFFFF, int((seconds - whole) * (1 << 32)) & 0xFFFFFFFF)


def seconds(stamp: bytes) -> float:
    """Return an NTP timestamp of the present era as Unix seconds."""
    whole, fraction = struct.unpack("!II", stamp)
    return float(whole - EPOCH + fraction / (1 << 32))


@dataclass(frozen=True, slots=True)
class Reflected:
    """An answer as its sender reads it: the first octets of the test packet that it quotes (``mark``), and how many
    seconds it lay at the reflector, which need not be true."""

    mark: bytes
    kept: float


def mark(packet: bytes) -> bytes:
    """Sequence number and timestamp of a test packet, by which its answer is known again."""
    return packet[:12]


def reflected(answer: bytes) -> Reflected:
    """Read an answer of a Session-Reflector, stateless or not. StampError for anything that is shorter than one."""
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
    """What a Session-Sender sends."""
    return _SENDER.pack(sequence, timestamp(now), _ERROR)


def reflection(packet: bytes, received: float, now: float, hop_limit: int) -> bytes:
    """What a stateless Session-Reflector answers: the sequence number is the sender's (RFC 8762 §4.3.1), ``hop_limit``
    that of the packet as it arrived. StampError for anything that is no test packet of that size."""
    if len(packet) < SIZE:
        raise StampError(f"{len(packet)} bytes")
    theirs, stamp, error = _SENDER.unpack_from(packet)
    return _REFLECTOR.pack(theirs, timestamp(now), _ERROR, timestamp(received), theirs, stamp, error, hop_limit)
