"""Builds SNMPv2c GETs as bytes (RFC 1901, RFC 3416), for large numbers of requests. Bytes only, no I/O.

Only the bytes themselves are built: the objects of a library cost several times as much as a datagram.
"""

from collections.abc import Sequence
from functools import lru_cache

from probes.wire.snmp.ber import UnreadableError, element, oid_content, oid_in, tlv
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.tree import Oid

LARGEST_ID = 0x7FFFFFFF
SMALLEST_ID = 0x01000000
"""The smallest request id: ids from here to LARGEST_ID take four octets (RFC 3416 allows all of Integer32)."""
_INTEGER, _OCTETS, _OID, _SEQUENCE = 0x02, 0x04, 0x06, 0x30
_GET, _RESPONSE = 0xA0, 0xA2
_IP, _OPAQUE, _NULL = 0x40, 0x44, 0x05
_NUMBERS = frozenset({_INTEGER, 0x41, 0x42, 0x43, 0x46})  # Counter32, Unsigned32, TimeTicks, Counter64 (RFC 2578)
_ABSENT = frozenset({0x80, 0x81, 0x82})  # noSuchObject, noSuchInstance, endOfMibView
_VERSION = b"\x02\x01\x01"
_NO_ERROR = b"\x02\x01\x00\x02\x01\x00"
_WIDEST = 9
"""The octets of the largest integer: a Counter64 with its leading zero."""


def question(community: bytes, number: int, oids: Sequence[str]) -> bytes:
    """Return a GET of the objects; its request id ``number`` is between SMALLEST_ID and LARGEST_ID."""
    before, between, behind = _frame(len(community), tuple(oids))
    return b"".join((before, community, between, number.to_bytes(4), behind))


def answer(data: bytes) -> tuple[int, int] | None:
    """Return the request id of a response and the offset of the bytes after it; None for any other datagram."""
    return _numbered(data, _RESPONSE, len(data))


def asked(data: bytes) -> int | None:
    """Return the request id of one of our GETs, of which an ICMP error may quote only a part; None if there is none."""
    pair = _numbered(data, _GET, 1 << 16)
    return None if pair is None else pair[0]


def _numbered(data: bytes, wanted: int, limit: int) -> tuple[int, int] | None:
    try:
        tag, at, end = element(data, 0, limit)
        if tag != _SEQUENCE or data[at : at + 3] != _VERSION:
            return None
        tag, _, at = element(data, at + 3, end)  # the community
        if tag != _OCTETS:
            return None
        tag, at, end = element(data, at, end)
        if tag != wanted:
            return None
        tag, at, end = element(data, at, end)
    except (UnreadableError, IndexError):
        return None
    if tag != _INTEGER or not 0 < end - at <= 5:
        return None
    return int.from_bytes(data[at:end], "big", signed=True), end


def objects(data: bytes, at: int) -> tuple[int, list[tuple[str, object]]]:
    """Return the error status of an answer and its objects, which begin at ``at``.

    Each is a name and an ``int``, ``bytes``, the ``str`` of an OID or IPv4 address, or None for NULL. Objects that the
    device does not have are left out. Raise UnreadableError if it is malformed.
    """
    limit = len(data)
    status = 0
    if data[at : at + 6] == _NO_ERROR:
        at += 6
    else:
        _, start, at = element(data, at, limit)
        status = int.from_bytes(data[start:at], "big", signed=True)
        at = element(data, at, limit)[2]  # the index of the error
    _, at, limit = element(data, at, limit)
    pairs: list[tuple[str, object]] = []
    while at < limit:
        start, stop, first, last, end = _varbind(data, at, limit)
        kind = data[stop]
        if kind in _NUMBERS and 0 < last - first <= _WIDEST:
            pairs.append((_text(data[start:stop]), int.from_bytes(data[first:last], signed=kind == _INTEGER)))
        elif kind not in _ABSENT:
            pairs.append((_text(data[start:stop]), _value(kind, data[first:last])))
        at = end
    return status, pairs


def _varbind(data: bytes, at: int, limit: int) -> tuple[int, int, int, int, int]:
    """Return five offsets of a variable binding.

    They are the start of its name; the end of the name, where the value's element begins; the start and end of the
    value's content; and the start of the next binding.
    """
    start = at + 4
    if start < limit and data[at + 1] < 0x80 and data[at + 2] == _OID:  # short form, the usual case
        stop, end = start + data[at + 3], start - 2 + data[at + 1]
        first = stop + 2
        if first <= end <= limit and data[stop + 1] <= min(end - first, 0x7F):
            return start, stop, first, first + data[stop + 1], end
    _, name, end = element(data, at, limit)
    tag, start, stop = element(data, name, end)
    if tag != _OID:
        raise UnreadableError
    _, first, last = element(data, stop, end)
    return start, stop, first, last, end


def _value(tag: int, content: bytes) -> object:
    if tag in (_OCTETS, _OPAQUE):
        return content
    if tag == _OID:
        return _text(content)
    if tag == _IP and len(content) == 4:
        return ".".join(map(str, content))
    if tag == _NULL:
        return None
    raise UnreadableError


@lru_cache(maxsize=1_024)
def _frame(community: int, oids: tuple[str, ...]) -> tuple[bytes, bytes, bytes]:
    """Return the bytes before a community of ``community`` octets, between it and the request id, and after that.

    They are the same in every GET of these objects.
    """
    names = b"".join(tlv(_SEQUENCE, tlv(_OID, oid_content(_numbers(oid))) + b"\x05\x00") for oid in oids)
    behind = _NO_ERROR + tlv(_SEQUENCE, names)
    pdu = tlv(_GET, b"\x02\x04" + bytes(4) + behind)
    whole = tlv(_SEQUENCE, _VERSION + tlv(_OCTETS, bytes(community)) + pdu)
    return whole[: -len(pdu) - community], pdu[: -len(behind) - 4], behind


def _numbers(oid: str) -> Oid:
    return tuple(int(part) for part in oid.split("."))


@lru_cache(maxsize=4_096)
def _text(content: bytes) -> str:
    oid = oid_in(content)
    if not oid:
        raise UnreadableError
    return dotted(oid)
