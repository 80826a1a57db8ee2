"""Tests the reading of neighbours on links from the two MIBs of LLDP and from CDP."""

from ipaddress import ip_address

import pytest

from probes.observations.snmp import Varbind
from probes.wire.snmp import oids
from probes.wire.snmp.links import LinkNeighbour, link_neighbours
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.tree import Oid, Tree

V6 = "2001:db8:c1:ff::1"
OCTETS = tuple(ip_address(V6).packed)


def octets(oid: Oid, data: bytes) -> Varbind:
    return Varbind(dotted(oid), "octets", data.hex())


def number(oid: Oid, value: int) -> Varbind:
    return Varbind(dotted(oid), "int", str(value))


def lldp(entry: Oid, first: int, index: Oid, *, enabled: bytes = b"\x28") -> list[Varbind]:
    """A row as lldpd gives it: capabilities bridge and router."""
    mac = bytes.fromhex("325c24bd7b6b")
    return [
        number((*entry, first, *index), 4),
        octets((*entry, first + 1, *index), mac),
        number((*entry, first + 2, *index), 3),
        octets((*entry, first + 3, *index), mac),
        octets((*entry, first + 4, *index), b"eth0"),
        octets((*entry, first + 5, *index), b"rt-core"),
        octets((*entry, first + 6, *index), b"Debian GNU/Linux 13"),
        octets((*entry, first + 8, *index), enabled),
    ]


def only(rows: list[Varbind]) -> LinkNeighbour:
    (link_neighbour,) = link_neighbours(Tree(rows))
    return link_neighbour


def test_a_neighbour_of_lldp_with_its_address() -> None:
    index = (100, 2, 1)
    rows = [*lldp(oids.LLDP_REM_ENTRY, 4, index), number((*oids.LLDP_REM_MAN_ADDR, *index, 2, 16, *OCTETS), 2)]
    assert only(rows) == LinkNeighbour(
        port=2,
        port_is_index=False,
        name="rt-core",
        described="Debian GNU/Linux 13",
        chassis="32:5c:24:bd:7b:6b",
        remote_port="eth0",
        addresses=(ip_address(V6),),
        router=True,
        bridge=True,
        terminal=False,
        capabilities=True,
        source="lldpRemTable",
    )


def test_the_newer_mib_says_the_same_one_column_further_on() -> None:
    index = (100, 7, 1, 1)
    rows = [
        *lldp(oids.LLDP_V2_REM_ENTRY, 5, index, enabled=b"\x08"),
        number((*oids.LLDP_V2_REM_MAN_ADDR, *index, 1, 4, 192, 0, 2, 1), 2),
    ]
    link_neighbour = only(rows)
    assert (link_neighbour.port, link_neighbour.port_is_index, link_neighbour.source) == (7, True, "lldpV2RemTable")
    assert (link_neighbour.router, link_neighbour.bridge, link_neighbour.addresses) == (
        True,
        False,
        (ip_address("192.0.2.1"),),
    )


def test_a_neighbour_of_cdp_with_both_of_its_addresses() -> None:
    entry, index = oids.CDP_CACHE_ENTRY, (10101, 3)
    link_neighbour = only(
        [
            octets((*entry, 4, *index), bytes([192, 0, 2, 9])),
            octets((*entry, 6, *index), b"SW-TANG2(FOC1234X5YZ)"),
            octets((*entry, 7, *index), b"GigabitEthernet0/1"),
            octets((*entry, 9, *index), bytes([0, 0, 0, 0x28])),
            octets((*entry, 20, *index), bytes(OCTETS)),
        ]
    )
    assert (link_neighbour.name, link_neighbour.port, link_neighbour.remote_port) == (
        "SW-TANG2(FOC1234X5YZ)",
        10101,
        "GigabitEthernet0/1",
    )
    assert link_neighbour.addresses == (ip_address("192.0.2.9"), ip_address(V6))
    assert (link_neighbour.router, link_neighbour.bridge) == (False, True)


def test_what_two_protocols_tell_stands_once() -> None:
    newer = lldp(oids.LLDP_V2_REM_ENTRY, 5, (100, 7, 1, 1))
    older = [octets((*oids.CDP_CACHE_ENTRY, 6, 7, 1), b"rt-core"), octets((*oids.CDP_CACHE_ENTRY, 7, 7, 1), b"eth0")]
    assert [link_neighbour.source for link_neighbour in link_neighbours(Tree([*newer, *older]))] == ["lldpV2RemTable"]


@pytest.mark.parametrize("index", [(), (1,), (100, 2), (100, 2, 1, 5, 9)])
def test_a_row_of_another_shape_is_none(index: Oid) -> None:
    assert link_neighbours(Tree(lldp(oids.LLDP_REM_ENTRY, 4, index))) == ()


@pytest.mark.parametrize(
    "tail", [(2, 16), (2, 16, *OCTETS[:-1]), (2, 16, *OCTETS, 1), (3, 16, *OCTETS), (1, 4, 1, 2, 3, 300)]
)
def test_a_management_address_that_is_none_is_left_out(tail: Oid) -> None:
    index = (100, 2, 1)
    rows = [*lldp(oids.LLDP_REM_ENTRY, 4, index), number((*oids.LLDP_REM_MAN_ADDR, *index, *tail), 2)]
    assert only(rows).addresses == ()


def test_who_has_no_name_is_called_by_its_chassis() -> None:
    rows = [varbind for varbind in lldp(oids.LLDP_REM_ENTRY, 4, (100, 2, 1)) if ".1.1.9." not in varbind.oid]
    assert only(rows).label == "32:5c:24:bd:7b:6b"
