"""Reads the addresses that a device declares, from the first table that has any of an IP version (CHECKS §2.5).

A prefix length comes only from the device (trap D1): a pointer counts only if it leads to a prefix that contains the
address.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_network

from inventory.model import IPAddress
from probes.wire.snmp import oids
from probes.wire.snmp.index import address_in, legacy_address, length_in
from probes.wire.snmp.tree import Oid, Tree

ORIGINS = {1: "other", 2: "manual", 4: "dhcp", 5: "linklayer", 6: "random"}
STATUSES = {
    1: "preferred",
    2: "deprecated",
    3: "invalid",
    4: "inaccessible",
    5: "unknown",
    6: "tentative",
    7: "duplicate",
    8: "optimistic",
}
TYPES = {1: "unicast", 2: "anycast", 3: "broadcast"}
_BROADCAST = 3  # not an address of the device
_LEGACY_ORIGINS = {1: "stateless", 2: "stateful"}
_CISCO_PREFIXES = (1, 3, 6, 1, 4, 1, 9, 10, 86, 1, 1, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceAddress:
    """Holds one address on one interface. Fields that the device does not give are None; ``source`` names the table.

    ``origin``, ``status`` are words of RFC 4293 (IpAddressOriginTC, IpAddressStatusTC), ``kind`` that of its type.
    """

    address: IPAddress
    prefix_length: int | None = None
    if_index: int | None = None
    origin: str | None = None
    status: str | None = None
    kind: str | None = None
    source: str


def addresses(tree: Tree) -> tuple[InterfaceAddress, ...]:
    """Return all addresses, for each IP version from its first table that is not empty, sorted, without duplicates."""
    tables = (_standard, _cisco, _legacy, _tplink, _huawei, _ipv4)
    declared: list[InterfaceAddress] = []
    for version in (4, 6):
        rows = (tuple(entry for entry in table(tree) if entry.address.version == version) for table in tables)
        declared += next((table for table in rows if table), ())
    legacy = {(entry.if_index, entry.address): entry.prefix_length for entry in (*_legacy(tree), *_ipv4(tree))}
    completed = (
        entry
        if entry.prefix_length is not None
        else replace(entry, prefix_length=legacy.get((entry.if_index, entry.address)))
        for entry in declared
    )
    unique = {(entry.address, entry.if_index): entry for entry in completed}
    return tuple(unique[key] for key in sorted(unique, key=lambda k: (k[0].version, int(k[0]), k[1] or 0)))


def _standard(tree: Tree) -> Iterator[InterfaceAddress]:
    yield from _inet(tree, oids.IP_ADDRESS_ENTRY, oids.IP_ADDRESS_PREFIX_ENTRY, "ipAddressTable")


def _cisco(tree: Tree) -> Iterator[InterfaceAddress]:
    yield from _inet(tree, oids.CISCO_ADDRESS_ENTRY, _CISCO_PREFIXES, "cIpAddressTable")


def _inet(tree: Tree, entry: Oid, prefixes: Oid, source: str) -> Iterator[InterfaceAddress]:
    """Yield the rows of a table laid out as ipAddressTable: IfIndex 3, Type 4, Prefix 5, Origin 6, Status 7."""
    interfaces, kinds = tree.integers((*entry, 3)), tree.integers((*entry, 4))
    pointers, origins = tree.oids((*entry, 5)), tree.integers((*entry, 6))
    statuses = tree.integers((*entry, 7))
    for index in dict.fromkeys((*interfaces, *pointers, *origins, *statuses, *kinds)):
        indexed = address_in(index)
        if indexed is None or len(indexed.rest) > 1 or kinds.get(index) == _BROADCAST:
            continue
        pointer = pointers.get(index)
        yield InterfaceAddress(
            address=indexed.address,
            prefix_length=None if pointer is None else _length(pointer, prefixes, indexed.address),
            if_index=interfaces.get(index),
            origin=ORIGINS.get(origins.get(index, 0)),
            status=STATUSES.get(statuses.get(index, 0)),
            kind=TYPES.get(kinds.get(index, 0)),
            source=source,
        )


def _length(pointer: Oid, prefixes: Oid, address: IPAddress) -> int | None:
    named = length_in(pointer, prefixes)
    if named is None or named[0].version != address.version:
        return None
    return named[1] if address in ip_network((named[0], named[1]), strict=False) else None


def _legacy(tree: Tree) -> Iterator[InterfaceAddress]:
    """Yield ipv6AddrTable (RFC 2465): PfxLength 2, Type 3, Status 5; interface and address are the index."""
    entry = oids.LEGACY_ADDR_ENTRY
    lengths, kinds, statuses = (tree.integers((*entry, column)) for column in (2, 3, 5))
    for index in dict.fromkeys((*lengths, *kinds, *statuses)):
        indexed = legacy_address(index)
        if indexed is not None:
            length = lengths.get(index)
            yield InterfaceAddress(
                address=indexed[1],
                prefix_length=length if length is not None and 0 <= length <= 128 else None,
                if_index=indexed[0],
                origin=_LEGACY_ORIGINS.get(kinds.get(index, 0)),
                status=STATUSES.get(statuses.get(index, 0)) if statuses.get(index, 0) <= 5 else None,
                source="ipv6AddrTable",
            )


def _tplink(tree: Tree) -> Iterator[InterfaceAddress]:
    """Yield TP-Link's own table: address 4, prefix length 5; the index begins with the interface."""
    entry = oids.TPLINK_ADDR_ENTRY
    lengths = tree.integers((*entry, 5))
    for index, data in tree.octets((*entry, 4)).items():
        if len(data) == 16 and index:
            length = lengths.get(index)
            yield InterfaceAddress(
                address=IPv6Address(data),
                prefix_length=length if length is not None and 0 <= length <= 128 else None,
                if_index=index[0],
                source="ipv6ParaConfigAddrTable",
            )


def _huawei(tree: Tree) -> Iterator[InterfaceAddress]:
    """Yield hwIpv6GlobalAddrTable: the address is an object; the index begins with the interface."""
    for index, data in tree.octets(oids.HUAWEI_GLOBAL_ADDR).items():
        if len(data) == 16 and index:
            yield InterfaceAddress(address=IPv6Address(data), if_index=index[0], source="hwIpv6GlobalAddrTable")


def _ipv4(tree: Tree) -> Iterator[InterfaceAddress]:
    """Yield ipAddrTable (RFC 1213): IfIndex 2, NetMask 3; some firewalls add a number to the index."""
    entry = oids.IP_ADDR_ENTRY
    interfaces, masks, own = tree.integers((*entry, 2)), tree.ips((*entry, 3)), tree.ips((*entry, 1))
    for index in dict.fromkeys((*own, *interfaces, *masks)):
        if len(index) in (4, 5) and all(number <= 255 for number in index[:4]):
            yield InterfaceAddress(
                address=IPv4Address(bytes(index[:4])),
                prefix_length=_mask_length(masks.get(index)),
                if_index=interfaces.get(index),
                source="ipAddrTable",
            )


def _mask_length(mask: str | None) -> int | None:
    """Return the prefix length of a mask of ones followed by zeros, None for others; 0.0.0.0 says nothing."""
    if mask is None:
        return None
    number = int(IPv4Address(mask))
    length = number.bit_count()
    return length if length and number == (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF else None
