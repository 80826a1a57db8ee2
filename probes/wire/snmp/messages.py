"""Builds and reads the few SNMP messages that are sent without credentials. Bytes only, no I/O.

Libraries hide the details needed here: the type of a value (RFC 2578 TimeTicks) and the Report that answers a
discovery (RFC 3414 §4). Everything read is bounded by its datagram; unreadable data gives None.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from probes.wire.snmp.ber import UnreadableError, element, oid_content, oid_in, tlv
from probes.wire.snmp.tree import Oid

SYS_UP_TIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)
V1, V2C, V3 = 0, 1, 3
TIME_TICKS = 0x43
_NOTHING = frozenset({0x05, 0x80, 0x81, 0x82})  # NULL, noSuchObject, noSuchInstance, endOfMibView
_INTEGER, _OCTETS, _NULL, _OID, _SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
_GET, _GET_NEXT, _RESPONSE, _REPORT = 0xA0, 0xA1, 0xA2, 0xA8
_REPORTABLE = b"\x04"  # msgFlags (RFC 3412 §6.4): no authentication, no privacy
_USM = 3
_LARGEST = 65_507


@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpResponse:
    """Holds a response or report. ``number`` is the request id, in version 3 the message id.

    ``tag`` is the type of the first value, None if there is no object; the fields of the engine are only in version 3.
    """

    version: int
    number: int
    status: int = 0
    oid: Oid = ()
    tag: int | None = None
    engine_id: bytes = b""
    boots: int = 0
    time: int = 0

    @property
    def has_value(self) -> bool:
        return self.status == 0 and self.tag is not None and self.tag not in _NOTHING

    @property
    def is_up_time(self) -> bool:
        return self.status == 0 and self.tag == TIME_TICKS and self.oid == SYS_UP_TIME


def get(version: int, community: bytes, number: int, oid: Oid, *, following: bool = False) -> bytes:
    """Return a GET of one object by community; ``following`` requests the next object (GETNEXT)."""
    pair = tlv(_SEQUENCE, tlv(_OID, oid_content(oid)) + tlv(_NULL, b""))
    pdu = tlv(_GET_NEXT if following else _GET, _integer(number) + _integer(0) * 2 + tlv(_SEQUENCE, pair))
    return tlv(_SEQUENCE, _integer(version) + tlv(_OCTETS, community) + pdu)


def discovery(number: int) -> bytes:
    """Return a request for an engine id (RFC 3414 §4): a GET without objects or user, to be answered with a Report."""
    header = _integer(number) + _integer(_LARGEST) + tlv(_OCTETS, _REPORTABLE) + _integer(_USM)
    nobody = tlv(_OCTETS, b"") + _integer(0) * 2 + tlv(_OCTETS, b"") * 3
    pdu = tlv(_GET, _integer(number) + _integer(0) * 2 + tlv(_SEQUENCE, b""))
    scoped = tlv(_SEQUENCE, tlv(_OCTETS, b"") * 2 + pdu)
    security = tlv(_OCTETS, tlv(_SEQUENCE, nobody))
    return tlv(_SEQUENCE, _integer(V3) + tlv(_SEQUENCE, header) + security + scoped)


def read(data: bytes) -> SnmpResponse | None:
    try:
        fields = _parts(_only(data, _SEQUENCE), 3)
        version = _number(fields[0])
        if version == V3:
            return _of_version_3(fields)
        if version in (V1, V2C) and len(fields) == 3:
            return _of_pdu(fields[2], version)
    except UnreadableError:
        pass
    return None


def _of_pdu(item: tuple[int, bytes], version: int) -> SnmpResponse | None:
    if item[0] != _RESPONSE:
        return None
    number, status, _, pairs = _parts(item[1], 4)[:4]
    oid, tag = _first(pairs)
    return SnmpResponse(version=version, number=_number(number), status=_number(status), oid=oid, tag=tag)


def _of_version_3(fields: list[tuple[int, bytes]]) -> SnmpResponse | None:
    if len(fields) < 4:
        raise UnreadableError
    number = _number(_parts(_content(fields[1], _SEQUENCE), 1)[0])
    security = _parts(_only(_content(fields[2], _OCTETS), _SEQUENCE), 3)
    engine_id, boots, time = _content(security[0], _OCTETS), _number(security[1]), _number(security[2])
    oid: Oid = ()
    if fields[3][0] == _SEQUENCE:  # unencrypted
        pdu = _parts(fields[3][1], 3)[2]
        if pdu[0] not in (_REPORT, _RESPONSE):
            return None
        oid, _ = _first(_parts(pdu[1], 4)[3])
    return SnmpResponse(version=V3, number=number, oid=oid, engine_id=engine_id[:32], boots=boots, time=time)


def _first(pairs: tuple[int, bytes]) -> tuple[Oid, int | None]:
    """Return the name and type of the first object in a list; empty and None if there is none."""
    for pair in _items(_content(pairs, _SEQUENCE)):
        name, value = _parts(_content(pair, _SEQUENCE), 2)[:2]
        return oid_in(_content(name, _OID)), value[0]
    return (), None


def _only(data: bytes, tag: int) -> bytes:
    return _content(next(iter(_items(data)), (0, b"")), tag)


def _content(item: tuple[int, bytes], tag: int) -> bytes:
    if item[0] != tag:
        raise UnreadableError
    return item[1]


def _number(item: tuple[int, bytes]) -> int:
    data = _content(item, _INTEGER)
    if not 1 <= len(data) <= 8:
        raise UnreadableError
    return int.from_bytes(data, "big", signed=True)


def _parts(data: bytes, least: int) -> list[tuple[int, bytes]]:
    """Return the elements of ``data``. Raise UnreadableError if there are fewer than ``least``."""
    pairs = list(_items(data))
    if len(pairs) < least:
        raise UnreadableError
    return pairs


def _items(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the consecutive elements in ``data``."""
    at = 0
    while at < len(data):
        tag, start, at = element(data, at, len(data))
        yield tag, data[start:at]


def _integer(number: int) -> bytes:
    return tlv(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))
