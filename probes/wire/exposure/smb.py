"""Builds and reads the first message of SMB negotiation ([MS-CIFS] 2.2.4.52, [MS-SMB2] 2.2.3 and 2.2.4). No I/O."""

import struct
from dataclasses import dataclass

LONGEST = 4_096
_DIALECTS2 = (0x0202, 0x0210, 0x0300, 0x0302)
_NO_DIALECT = 0xFFFF


class SmbError(Exception):
    """Raised if bytes are not an answer to a negotiation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Negotiated:
    """Holds the answer to a negotiation. ``accepted`` False: the server supports none of the offered dialects."""

    accepted: bool
    dialect: int | None = None
    signing_required: bool | None = None


def _framed(message: bytes) -> bytes:
    """Return a message framed for Direct TCP transport ([MS-SMB2] 2.1): a zero byte and a three-byte length."""
    return struct.pack("!I", len(message)) + message


def negotiate1() -> bytes:
    """Return an SMB 1 negotiation that offers only NT LM 0.12: a server without SMB 1 has to decline."""
    header = b"\xffSMB\x72" + bytes(4) + b"\x18" + struct.pack("<H", 0xC853) + bytes(12)
    header += struct.pack("<HHHH", 0, 0, 0, 1)
    dialects = b"\x02NT LM 0.12\x00"
    return _framed(header + b"\x00" + struct.pack("<H", len(dialects)) + dialects)


def negotiate2(client: bytes) -> bytes:
    """Return a negotiation of SMB 2.0.2 to 3.0.2. ``client``: 16 random bytes."""
    header = b"\xfeSMB" + struct.pack("<HHIHHIIQIIQ", 64, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + bytes(16)
    body = struct.pack("<HHHHI", 36, len(_DIALECTS2), 1, 0, 0) + client + bytes(8)
    return _framed(header + body + struct.pack(f"<{len(_DIALECTS2)}H", *_DIALECTS2))


def length(field: bytes) -> int:
    """Return the number of bytes that follow the four-byte frame header. Raise SmbError outside 32 to ``LONGEST``."""
    size = int.from_bytes(field)
    if not 32 <= size <= LONGEST:
        raise SmbError(f"a message of {size} bytes")
    return size


def answer(message: bytes) -> Negotiated:
    """Read the answer to either request. Raise SmbError if it is malformed or answers another command."""
    try:
        if message[:4] == b"\xffSMB":
            return _answer1(message)
        if message[:4] == b"\xfeSMB":
            return _answer2(message)
    except struct.error as problem:
        raise SmbError("an answer that ends too early") from problem
    raise SmbError("no SMB")


def _answer1(message: bytes) -> Negotiated:
    if message[4:5] != b"\x72":
        raise SmbError("an answer to something else")
    status, words = struct.unpack_from("<I", message, 5)[0], message[32:33]
    if status != 0 or words in (b"", b"\x00"):
        return Negotiated(accepted=False)
    index, mode = struct.unpack_from("<HB", message, 33)
    if index == _NO_DIALECT:
        return Negotiated(accepted=False)
    return Negotiated(accepted=True, signing_required=bool(mode & 0x08))


def _answer2(message: bytes) -> Negotiated:
    _, _, status, command = struct.unpack_from("<HHIH", message, 4)
    if command != 0:
        raise SmbError("an answer to something else")
    if status != 0:
        return Negotiated(accepted=False)
    _, mode, dialect = struct.unpack_from("<HHH", message, 64)
    return Negotiated(accepted=True, dialect=dialect, signing_required=bool(mode & 0x02))
