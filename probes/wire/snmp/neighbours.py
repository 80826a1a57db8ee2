"""Reads a device's neighbours (ARP, neighbour discovery), from the first table that has rows of an IP version."""

from collections.abc import Iterator
from dataclasses import dataclass

from inventory.model import IPAddress
from probes.wire.snmp import oids
from probes.wire.snmp.index import address_in, legacy_address
from probes.wire.snmp.tree import Oid, Tree

STATES = {1: "reachable", 2: "stale", 3: "delay", 4: "probe", 5: "invalid", 7: "incomplete"}
"""IpNetToPhysicalState (RFC 4293); that of IPV6-MIB has the same first five values."""
_INVALID, _LOCAL = 2, 5
_GONE = frozenset({"invalid", "incomplete"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Holds a neighbour on a link. ``state`` None: the device does not give it, or it is unknown."""

    address: IPAddress
    if_index: int
    state: str | None
    source: str

    @property
    def is_there(self) -> bool:
        """True if the device has not looked for the neighbour in vain: its state is not invalid or incomplete."""
        return self.state not in _GONE


def neighbours(tree: Tree) -> tuple[Neighbour, ...]:
    """Return all neighbours, without the device's own addresses and multicast groups."""
    listed: list[Neighbour] = []
    for version in (4, 6):
        tables = (
            _inet(tree, oids.IP_NET_TO_PHYSICAL_ENTRY, (4, 6, 7), "ipNetToPhysicalTable"),
            _inet(tree, oids.CISCO_NEIGHBOUR_ENTRY, (3, 5, 6), "cInetNetToMediaTable"),
            _legacy(tree),
        )
        rows = (tuple(neighbour for neighbour in table if neighbour.address.version == version) for table in tables)
        listed += next((table for table in rows if table), ())
    return tuple(
        neighbour for neighbour in listed if not neighbour.address.is_multicast and not neighbour.address.is_unspecified
    )


def _inet(tree: Tree, entry: Oid, columns: tuple[int, int, int], source: str) -> Iterator[Neighbour]:
    """Yield the rows of a table laid out as ipNetToPhysicalTable: its index is interface and address.

    ``columns`` are those of MAC address, type and state.
    """
    physical, kinds, states = ((*entry, column) for column in columns)
    types, conditions = tree.integers(kinds), tree.integers(states)
    for index in dict.fromkeys((*tree.indexes(physical), *conditions)):
        address = address_in(index[1:])
        if address is not None and types.get(index) not in (_INVALID, _LOCAL):
            state = STATES.get(conditions.get(index, 0))
            yield Neighbour(address=address.address, if_index=index[0], state=state, source=source)


def _legacy(tree: Tree) -> Iterator[Neighbour]:
    """Yield ipv6NetToMediaTable (RFC 2465): address 2, type 3, state 4; interface and address are the index."""
    entry = oids.LEGACY_NEIGHBOUR_ENTRY
    types, conditions = tree.integers((*entry, 3)), tree.integers((*entry, 4))
    for index in dict.fromkeys((*tree.indexes((*entry, 2)), *conditions)):
        address = legacy_address(index)
        if address is not None and types.get(index) not in (_INVALID, 4):
            state = STATES.get(conditions.get(index, 0))
            yield Neighbour(address=address[1], if_index=address[0], state=state, source="ipv6NetToMediaTable")
