"""Tests next hops: the states of neighbours tell which was heard of, was heard of once, or is no neighbour at all."""

from dataclasses import replace
from ipaddress import IPv6Address, IPv6Network

import pytest

from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.next_hops import is_beyond, is_heard, is_stale, would_be_heard
from probes.wire.snmp.routes import DeviceRoute
from probes.wire.snmp.tree import Tree
from tests.golden.cases_device_addresses import neighbour_table
from tests.golden.lab import NOW
from tests.golden.lab_snmp import UPLINK

HOP = IPv6Address("fe80::99")
ROUTE = DeviceRoute(
    network=IPv6Network("::/0"), next_hop=HOP, if_index=UPLINK, active=True, source="inetCidrRouteTable"
)


def device(*rows: tuple[str, int, int]) -> SeenDevice:
    """Return a device with these neighbours: address, interface and state of ipNetToPhysicalTable."""
    walk = neighbour_table(*rows)
    return SeenDevice("router-1", Tree(walk.rows), (walk,), (), (), NOW)


@pytest.mark.parametrize(
    ("state", "heard", "stale"),
    [(1, True, False), (2, False, True), (3, True, False), (4, True, False), (5, False, False)],
)
def test_state_of_a_next_hop_says_when_it_was_heard_of(state: int, heard: bool, stale: bool) -> None:
    seen = device((str(HOP), UPLINK, state))
    assert (is_heard(seen, ROUTE), is_stale(seen, ROUTE)) == (heard, stale)


def test_neighbour_on_another_interface_is_another_one() -> None:
    assert not is_heard(device((str(HOP), UPLINK + 1, 1)), ROUTE)


def test_missing_entry_means_something_only_where_others_have_states() -> None:
    assert would_be_heard(device(("fe80::1", UPLINK, 1)), ROUTE)
    assert not would_be_heard(device(), ROUTE)


def test_next_hop_in_no_prefix_of_the_device_is_beyond_its_links() -> None:
    mapped = replace(ROUTE, next_hop=IPv6Address("::ffff:10.0.0.1"))
    assert [is_beyond(device(), route) for route in (ROUTE, mapped)] == [False, True]
