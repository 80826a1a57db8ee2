"""Reads the neighbours at the other end of a device's links, from LLDP (IEEE 802.1AB, both MIBs) and Cisco's CDP.

A neighbour states all of it about itself: names are shown, never trusted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address

from inventory.model import IPAddress
from probes.wire.snmp import oids
from probes.wire.snmp.tree import Oid, Tree

_BRIDGE, _ACCESS_POINT, _ROUTER, _TELEPHONE, _STATION = 2, 3, 4, 5, 7
"""The bit numbers of LldpSystemCapabilitiesMap, from 0."""
_CDP_ROUTER, _CDP_BRIDGE, _CDP_TERMINAL = 0x01, 0x02 | 0x04 | 0x08, 0x10 | 0x80
"""The bits of cdpCacheCapabilities; the last are host and telephone."""
_MAC = 6
_CHASSIS_MAC, _CHASSIS_ADDRESS = 4, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkNeighbour:
    """Holds one neighbour. ``port`` is the device's own: an LLDP port number, or an ifIndex if ``port_is_index``.

    ``capabilities`` False: it does not state its kind. ``terminal``: it states that it is a telephone, an access point
    or a station, which bridge too (the computer behind a telephone, virtual machines).
    """

    port: int
    port_is_index: bool
    name: str
    described: str
    chassis: str
    remote_port: str
    addresses: tuple[IPAddress, ...]
    router: bool
    bridge: bool
    terminal: bool
    capabilities: bool
    source: str

    @property
    def label(self) -> str:
        """The neighbour's name, else an address, else its chassis, else "?"."""
        return self.name or next((str(address) for address in self.addresses), self.chassis) or "?"


def link_neighbours(tree: Tree) -> tuple[LinkNeighbour, ...]:
    """Return all neighbours in order, without duplicates by label and ports.

    A neighbour that both LLDP and CDP report appears once, with the addresses of both.
    """
    neighbours = (*_lldp(tree), *_lldp_v2(tree), *_cdp(tree))
    unique: dict[tuple[str, str, int], LinkNeighbour] = {}
    for neighbour in neighbours:
        key = neighbour.label.casefold(), neighbour.remote_port, neighbour.port
        known = unique.get(key, neighbour)
        unique[key] = replace(known, addresses=tuple(dict.fromkeys((*known.addresses, *neighbour.addresses))))
    return tuple(unique.values())


def _lldp(tree: Tree) -> Iterator[LinkNeighbour]:
    """Yield lldpRemTable: index TimeMark, LocalPortNum, Index."""
    addresses = _managed(tree.indexes(oids.LLDP_REM_MAN_ADDR), 3)
    yield from _remote(tree, oids.LLDP_REM_ENTRY, 4, 3, addresses, "lldpRemTable")


def _lldp_v2(tree: Tree) -> Iterator[LinkNeighbour]:
    """Yield lldpV2RemTable: index TimeMark, LocalIfIndex, LocalDestMACAddress, Index; columns are one higher."""
    addresses = _managed(tree.indexes(oids.LLDP_V2_REM_MAN_ADDR), 4)
    yield from _remote(tree, oids.LLDP_V2_REM_ENTRY, 5, 4, addresses, "lldpV2RemTable")


def _remote(
    tree: Tree, entry: Oid, first: int, size: int, addresses: Mapping[Oid, tuple[IPAddress, ...]], source: str
) -> Iterator[LinkNeighbour]:
    """Yield the rows of a table; ``first`` is the column of the chassis subtype, the next are alike in both MIBs."""
    kinds, chassis, port = tree.integers((*entry, first)), tree.octets((*entry, first + 1)), (*entry, first + 3)
    ports, port_names = tree.texts(port), tree.texts((*entry, first + 4))
    names, described = tree.texts((*entry, first + 5)), tree.texts((*entry, first + 6))
    enabled = tree.octets((*entry, first + 8))
    for index in sorted({*kinds, *chassis, *names}):
        if len(index) != size:
            continue
        capabilities = enabled.get(index, b"")
        identity = chassis.get(index, b"")
        yield LinkNeighbour(
            port=index[1],
            port_is_index=size == 4,
            name=names.get(index, ""),
            described=described.get(index, ""),
            chassis=_chassis(kinds.get(index), identity),
            remote_port=port_names.get(index) or ports.get(index, ""),
            addresses=addresses.get(index, ()) or _as_address(kinds.get(index), identity),
            router=_bit(capabilities, _ROUTER),
            bridge=_bit(capabilities, _BRIDGE),
            terminal=any(_bit(capabilities, bit) for bit in (_ACCESS_POINT, _TELEPHONE, _STATION)),
            capabilities=any(capabilities),
            source=source,
        )


def _managed(indexes: tuple[Oid, ...], size: int) -> Mapping[Oid, tuple[IPAddress, ...]]:
    """Return addresses by neighbour: its index, then ``…subtype.length.octets``; subtype 1 is IPv4, 2 IPv6."""
    managed: dict[Oid, tuple[IPAddress, ...]] = {}
    for index in indexes:
        rest = index[size:]
        if len(rest) > 2 and len(rest) == 2 + rest[1] and (address := _address(rest[0], rest[2:])) is not None:
            managed[index[:size]] = (*managed.get(index[:size], ()), address)
    return managed


def _address(kind: int, octets: Oid | bytes) -> IPAddress | None:
    if any(octet > 255 for octet in octets):
        return None
    match kind, len(octets):
        case 1, 4:
            return IPv4Address(bytes(octets))
        case 2, 16:
            return IPv6Address(bytes(octets))
        case _:
            return None


def _as_address(kind: int | None, identity: bytes) -> tuple[IPAddress, ...]:
    """Return the address of a chassis that is identified by one; its first octet is the address family."""
    address = _address(identity[0], identity[1:]) if kind == _CHASSIS_ADDRESS and identity else None
    return () if address is None else (address,)


def _chassis(kind: int | None, identity: bytes) -> str:
    if kind == _CHASSIS_MAC and len(identity) == _MAC:
        return identity.hex(":")
    return " ".join(identity.decode("utf-8", "replace").split())[:64] if identity.isascii() else identity.hex(":")[:64]


def _bit(bits: bytes, number: int) -> bool:
    return len(bits) > number // 8 and bool(bits[number // 8] & 0x80 >> number % 8)


def _cdp(tree: Tree) -> Iterator[LinkNeighbour]:
    """Yield cdpCacheTable: index ifIndex, DeviceIndex."""
    entry = oids.CDP_CACHE_ENTRY
    ids, names = tree.texts((*entry, 6)), tree.texts((*entry, 17))
    versions, ports, platforms = tree.texts((*entry, 5)), tree.texts((*entry, 7)), tree.texts((*entry, 8))
    capable, first, managed = tree.octets((*entry, 9)), tree.octets((*entry, 4)), tree.octets((*entry, 20))
    for index in sorted(ids):
        if len(index) != 2:
            continue
        bits = int.from_bytes(capable.get(index, b"")[:4])
        addresses = tuple(
            address
            for data in (first.get(index, b""), managed.get(index, b""))
            if (address := _plain(data)) is not None
        )
        yield LinkNeighbour(
            port=index[0],
            port_is_index=True,
            name=names.get(index) or ids[index],
            described=" ".join(text for text in (platforms.get(index), versions.get(index)) if text)[:255],
            chassis=ids[index],
            remote_port=ports.get(index, ""),
            addresses=tuple(dict.fromkeys(addresses)),
            router=bool(bits & _CDP_ROUTER),
            bridge=bool(bits & _CDP_BRIDGE),
            terminal=bool(bits & _CDP_TERMINAL),
            capabilities=bool(bits),
            source="cdpCacheTable",
        )


def _plain(data: bytes) -> IPAddress | None:
    """Read a CiscoNetworkAddress: four or sixteen octets."""
    return _address({4: 1, 16: 2}.get(len(data), 0), data)
