"""Reads addresses in table indexes (InetAddressType and InetAddress, RFC 4001), as agents really write them.

The standard form is ``type.length.octets``. Also seen: no length; a zone of four octets after an address of a type
without zone; the address as text; one more number at the end (a virtual system). An index that is not exactly one
address counts as none: nothing is guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from inventory.model import IPAddress
from probes.wire.snmp.tree import Oid

_SIZES = {1: 4, 2: 16, 3: 8, 4: 20}
"""The octets of ipv4, ipv6, ipv4z and ipv6z in the standard."""
_ZONE = 4
_TEXT_LIMIT = 45


@dataclass(frozen=True, slots=True)
class Indexed:
    """Holds an address in an index, its zone, and the numbers of the index that were not used."""

    address: IPAddress
    zone: int | None
    rest: Oid


def address_in(index: Oid) -> Indexed | None:
    """Return the address at the start of ``index``, None if there is none. ``rest`` is the remainder."""
    if len(index) < 2 or index[0] not in _SIZES:
        return None
    found = _with_length(index[1:])
    return found if found is not None else _without_length(index[0], index[1:])


def _with_length(index: Oid) -> Indexed | None:
    """Read ``length.octets``; the length overrides the type, as some agents put IPv4 addresses into IPv6 rows."""
    length, octets = index[0], index[1 : 1 + index[0]]
    if len(octets) != length or not _are_octets(octets):
        return None
    rest = index[1 + length :]
    if length in (4, 16):
        return Indexed(_address(octets), None, rest)
    if length in (4 + _ZONE, 16 + _ZONE) and not _is_text(octets):
        return Indexed(_address(octets[:-_ZONE]), int.from_bytes(bytes(octets[-_ZONE:])), rest)
    text = _in_text(octets) if 2 <= length <= _TEXT_LIMIT else None
    return None if text is None else Indexed(text, None, rest)


def _without_length(kind: int, index: Oid) -> Indexed | None:
    """Read octets without a length, optionally with a zone; None if the first may be the length of missing octets."""
    size = 16 if kind in (2, 4) else 4
    if index[0] == _SIZES[kind] or len(index) not in (size, size + _ZONE) or not _are_octets(index):
        return None
    zone = int.from_bytes(bytes(index[size:])) if len(index) > size else None
    return Indexed(_address(index[:size]), zone, ())


def length_in(pointer: Oid, table: Oid) -> tuple[IPAddress, int] | None:
    """Return the address and length that a row pointer names: ``table.column.ifIndex.type.….length``.

    The pointer leads into ipAddressPrefixTable. None for zeroDotZero, a pointer into another table and one without its
    length (CHECKS trap D1).
    """
    if pointer[: len(table)] != table or len(pointer) < len(table) + 5:
        return None
    index = pointer[len(table) + 2 :]
    if index[0] not in _SIZES:
        return None
    length = index[-1]
    found = _with_length(index[1:])
    if found is not None and len(found.rest) == 1:
        return (found.address, length) if length <= found.address.max_prefixlen else None
    size = 16 if index[0] in (2, 4) else 4
    octets = index[1:-1]
    if found is None and len(octets) in (size, size + _ZONE) and _are_octets(octets) and length <= size * 8:
        return _address(octets[:size]), length
    return None


def legacy_address(index: Oid) -> tuple[int, IPv6Address] | None:
    """Read ``ifIndex.octets`` of IPV6-MIB (RFC 2465), with or without the length that the standard omits."""
    octets = index[2:] if len(index) == 18 and index[1] == 16 else index[1:]
    if len(octets) != 16 or not _are_octets(octets):
        return None
    return index[0], IPv6Address(bytes(octets))


def _are_octets(numbers: Sequence[int]) -> bool:
    return all(number <= 255 for number in numbers)


def _address(octets: Sequence[int]) -> IPAddress:
    return IPv4Address(bytes(octets)) if len(octets) == 4 else IPv6Address(bytes(octets))


def _is_text(octets: Sequence[int]) -> bool:
    return _in_text(octets) is not None


def _in_text(octets: Sequence[int]) -> IPAddress | None:
    try:
        text = bytes(octets).decode("ascii")
        return None if "%" in text else ip_address(text)
    except ValueError:
        return None
