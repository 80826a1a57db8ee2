"""Reads routing neighbours over IPv6 (OSPFv3, IS-IS, BGP), from standard or manufacturers' tables."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address

from probes.wire.snmp import oids
from probes.wire.snmp.tree import Oid, Tree

PEER_TABLES: Mapping[Oid, str] = {
    oids.BGP4V2_PEER_STATE: "bgp4V2PeerTable",
    oids.CISCO_PEER3_STATE: "cbgpPeer3Table",
    oids.CISCO_PEER2_STATE: "cbgpPeer2Table",
    oids.JUNIPER_PEER_STATE: "jnxBgpM2PeerTable",
    oids.HUAWEI_PEER_STATE: "hwBgpPeerTable",
    oids.ARISTA_PEER_STATE: "aristaBgp4V2PeerTable",
    oids.DELL_PEER_STATE: "os10bgp4V2PeerTable",
    oids.NOKIA_PEER_STATE: "tBgpPeerNgTable",
    oids.H3C_PEER_STATE: "hh3cBgp4v2PeerTable",
}
_STATES = {1: "idle", 2: "connect", 3: "active", 4: "opensent", 5: "openconfirm", 6: "established"}
_IPV6, _OCTETS = 2, 16  # InetAddressType ipv6 (RFC 4001); afi ipv6 is 2 too
_ADJACENT = frozenset({4, 8})
"""The stable neighbour states: full, and two-way, as between two routers that are not designated (RFC 2328 §10.4)."""
_ISIS_UP = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Holds a BGP session over IPv6. ``accepted``: the number of IPv6 prefixes, None where no table counts them."""

    address: IPv6Address
    state: str
    accepted: int | None
    source: str


@dataclass(frozen=True, slots=True)
class Adjacencies:
    """Counts the neighbours in a table (``known``) and the adjacent ones among them (``up``)."""

    known: int
    up: int


def peers(tree: Tree) -> tuple[Peer, ...]:
    """Return the IPv6 sessions of all tables; one in several tables is established if any table says so.

    In virtual networks the same address may occur twice: the best state counts there too, as nothing tells them apart.
    """
    found: dict[IPv6Address, Peer] = {}
    accepted = dict(_accepted(tree))
    for column, source in PEER_TABLES.items():
        for index, value in tree.integers(column).items():
            remote = (_IPV6, _OCTETS, *index[-_OCTETS:]) if column == oids.H3C_PEER_STATE else index
            address, state = _remote(remote), _STATES.get(value)
            if address is None or state is None:
                continue
            if address not in found or state == _STATES[6]:
                found[address] = Peer(address=address, state=state, accepted=accepted.get(address), source=source)
    return tuple(found[address] for address in sorted(found))


def _remote(index: Oid) -> IPv6Address | None:
    """Return the remote address at the end of an index: ``2.16.octets``, or ``2.octets`` without the length."""
    octets = index[-_OCTETS:]
    before = index[:-_OCTETS]
    by_the_book = before[-2:] == (_IPV6, _OCTETS)
    if len(octets) != _OCTETS or max(octets) > 255 or not (by_the_book or before[-1:] == (_IPV6,)):
        return None
    return IPv6Address(bytes(octets))


def _accepted(tree: Tree) -> Iterator[tuple[IPv6Address, int]]:
    """Yield the number of accepted IPv6 unicast prefixes of each peer.

    cbgpPeer2AcceptedPrefixes is indexed by peer, afi and safi. Of the draft's routes (index: prefix, its length, peer,
    a number) only the first are read: a peer without routes is missing.
    """
    seen = [peer for index in tree.indexes(oids.BGP4V2_ROUTE_BEST) if (peer := _remote(index[:-1])) is not None]
    yield from Counter(seen).items()
    for index, count in tree.integers(oids.CISCO_PEER2_ACCEPTED).items():
        address = _remote(index[:-2])
        if address is not None and index[-2:] == (_IPV6, 1):
            yield address, count


def ospfv3(tree: Tree) -> Adjacencies:
    return _adjacencies(tree, oids.OSPFV3_NBR_STATE) or _adjacencies(tree, oids.HUAWEI_OSPFV3_NBR) or Adjacencies(0, 0)


def ospf(tree: Tree) -> Adjacencies:
    """Return the OSPF adjacencies over IPv4."""
    return _adjacencies(tree, oids.OSPF_NBR_STATE) or Adjacencies(0, 0)


def isis(tree: Tree) -> Adjacencies:
    """Return the IS-IS adjacencies; the table does not tell which IP versions an adjacency carries."""
    states = tree.integers(oids.ISIS_ADJ_STATE).values()
    return Adjacencies(len(states), sum(state == _ISIS_UP for state in states))


def _adjacencies(tree: Tree, column: Oid) -> Adjacencies | None:
    states = tree.integers(column).values()
    return Adjacencies(len(states), sum(state in _ADJACENT for state in states)) if states else None
