"""Encodes and decodes the part of ASN.1's Basic Encoding Rules that SNMP uses (RFC 3417 §8)."""

from probes.wire.snmp.tree import Oid

_LONGEST = 640
"""The maximum octets of an object identifier: 128 numbers of 32 bits (RFC 2578 §3.5)."""


class UnreadableError(ValueError):
    """Raised if bytes are not a BER element."""


def tlv(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size) + content


def element(data: bytes, at: int, limit: int) -> tuple[int, int, int]:
    """Return the tag of the element at ``at`` and its content's start and end; UnreadableError if beyond ``limit``."""
    start = at + 2
    if start > limit:
        raise UnreadableError
    length = data[at + 1]
    if length & 0x80:
        more = length & 0x7F
        if not 1 <= more <= 4 or start + more > limit:
            raise UnreadableError
        length = int.from_bytes(data[start : start + more])
        start += more
    end = start + length
    if end > limit:
        raise UnreadableError
    return data[at], start, end


def oid_content(oid: Oid) -> bytes:
    return b"".join(_arc(number) for number in (oid[0] * 40 + oid[1], *oid[2:]))


def oid_in(content: bytes) -> Oid:
    """Return the object identifier in the content of an element; empty if there is none."""
    numbers, number = [], 0
    for octet in content[:_LONGEST]:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    if not numbers:
        return ()
    first = min(numbers[0] // 40, 2)
    return (first, numbers[0] - 40 * first, *numbers[1:])


def _arc(number: int) -> bytes:
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(number & 0x7F | 0x80)
    return bytes(reversed(groups))
