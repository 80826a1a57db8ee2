"""Tests the reading of routing neighbours from the tables of the standard and of makers."""

from ipaddress import IPv6Address

import pytest

from probes.observations.snmp import Varbind
from probes.wire.snmp import oids
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.routing import Adjacencies, isis, ospfv3, peers
from probes.wire.snmp.tree import Oid, Tree

PEER = IPv6Address("2001:db8::1")
OCTETS = tuple(PEER.packed)


def tree(*rows: tuple[Oid, int]) -> Tree:
    return Tree(Varbind(dotted(oid), "int", str(value)) for oid, value in rows)


@pytest.mark.parametrize("column", [oids.BGP4V2_PEER_STATE, oids.CISCO_PEER3_STATE, oids.JUNIPER_PEER_STATE])
@pytest.mark.parametrize("before", [(2, 16), (2,), (1, 2, 16, *range(16), 2, 16), (0, 2)])
def test_the_remote_address_ends_every_index(column: Oid, before: Oid) -> None:
    assert [peer.address for peer in peers(tree(((*column, *before, *OCTETS), 3)))] == [PEER]


@pytest.mark.parametrize("index", [(), (2,), OCTETS, (1, 4, 192, 0, 2, 1), (2, 16, *OCTETS[:-1], 256), (9, 9, *OCTETS)])
def test_what_is_no_ipv6_address_is_no_peer(index: Oid) -> None:
    assert peers(tree(((*oids.CISCO_PEER2_STATE, *index), 3))) == ()


def test_the_same_peer_in_two_virtual_networks_is_established_where_one_is() -> None:
    rows = [((*oids.CISCO_PEER3_STATE, vrf, 2, 16, *OCTETS), state) for vrf, state in ((1, 6), (2, 1))]
    assert [peer.state for peer in peers(tree(*rows))] == ["established"]


def test_prefixes_are_those_of_ipv6_unicast() -> None:
    state = ((*oids.CISCO_PEER2_STATE, 2, 16, *OCTETS), 6)
    counts = [((*oids.CISCO_PEER2_ACCEPTED, 2, 16, *OCTETS, afi, safi), 7) for afi, safi in ((1, 1), (2, 128))]
    assert [peer.accepted for peer in peers(tree(state, *counts))] == [None]
    unicast = ((*oids.CISCO_PEER2_ACCEPTED, 2, 16, *OCTETS, 2, 1), 0)
    assert [peer.accepted for peer in peers(tree(state, *counts, unicast))] == [0]


def test_routes_of_the_drafts_table_count_for_the_peer_that_they_came_from() -> None:
    state = ((*oids.BGP4V2_PEER_STATE, 1, 2, *OCTETS), 6)
    prefixes = [(2, 32, 1, 13, 184, 0, number, *[0] * 10, 48) for number in (8, 9)]
    routes = [((*oids.BGP4V2_ROUTE_BEST, *prefix, 2, *OCTETS, 1), 2) for prefix in prefixes]
    assert [peer.accepted for peer in peers(tree(state, *routes))] == [2]
    assert [peer.accepted for peer in peers(tree(state))] == [None]


def test_two_way_lasts_and_the_exchange_does_not() -> None:
    rows = [((*oids.OSPFV3_NBR_STATE, 2, 0, number), state) for number, state in enumerate((8, 4, 5, 1))]
    assert ospfv3(tree(*rows)) == Adjacencies(4, 2)


def test_huawei_has_a_table_of_its_own() -> None:
    assert ospfv3(tree(((*oids.HUAWEI_OSPFV3_NBR, 1, 1), 8))) == Adjacencies(1, 1)


def test_isis_counts_what_is_up() -> None:
    rows = [((*oids.ISIS_ADJ_STATE, 1, 1, number), state) for number, state in enumerate((3, 2))]
    assert isis(tree(*rows)) == Adjacencies(2, 1)
