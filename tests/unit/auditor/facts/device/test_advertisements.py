"""Tests router advertisements: values are read by interface, and values that break hosts of the LAN are odd."""

import pytest

from auditor.facts.device.advertisements import COLUMNS, is_odd, shown
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.interfaces import DeclaredInterface
from probes.observations.snmp import Varbind
from probes.wire.snmp import oids
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.tree import Oid, Tree
from tests.golden.lab import NOW

LAN = DeclaredInterface(role="lan", name="ge-0/0/3", index=3)
NOWHERE = DeclaredInterface(role="lan", name="ge-0/0/9", index=None)
NOBODY = frozenset[int]()


def device(**told: int) -> SeenDevice:
    """Return a device with these columns of the LAN, and a link that carries 1,500 octets."""
    entry = oids.IPV6_ROUTER_ADVERT_ENTRY
    columns: dict[Oid, int] = {(*entry, COLUMNS[word]): value for word, value in told.items()}
    rows = (
        Varbind(dotted((*column, 3)), "int", str(value)) for column, value in {**columns, oids.IF_MTU: 1_500}.items()
    )
    return SeenDevice("router-1", Tree(rows), (), (), (), NOW)


def test_columns_are_those_of_the_interface_and_none_without_an_index() -> None:
    seen = device(send=1, lifetime=1_800)
    assert shown(seen, 3) == {"send": 1, "lifetime": 1_800}
    assert shown(seen, 4) == shown(seen, None) == {}


@pytest.mark.parametrize(
    ("told", "least", "odd"),
    [
        ({}, 1, False),
        ({"lifetime": 0}, 1, True),
        ({"lifetime": 0}, 0, False),
        ({"lifetime": 1}, 1, False),
        ({"lifetime": 65_535}, 1, False),
        ({"lifetime": 65_536}, 1, True),
        ({"hops": 0}, 1, False),
        ({"hops": 1}, 1, True),
        ({"hops": 64}, 1, False),
        ({"mtu": 1_279}, 1, True),
        ({"mtu": 1_280}, 1, False),
        ({"mtu": 1_500}, 1, False),
        ({"mtu": 1_501}, 1, True),
    ],
)
def test_what_hosts_cannot_live_with_is_odd(told: dict[str, int], least: int, odd: bool) -> None:
    assert is_odd(device(), LAN, told, (NOBODY, NOBODY), least) is odd


@pytest.mark.parametrize(
    ("managed", "dhcpv6", "slaac", "odd"),
    [
        (1, {3}, NOBODY, False),
        (2, {3}, NOBODY, True),
        (1, NOBODY, {3}, True),
        (2, NOBODY, {3}, False),
        (2, {4}, NOBODY, False),
    ],
)
def test_another_way_to_addresses_than_the_planned_one_is_odd(
    managed: int, dhcpv6: set[int], slaac: set[int], odd: bool
) -> None:
    assert is_odd(device(), LAN, {"managed": managed}, (dhcpv6, slaac), 1) is odd
    assert not is_odd(device(), NOWHERE, {"managed": managed}, (dhcpv6, slaac), 1)
