"""Tests the reading of neighbours and default routes from tables; missing rows are not made up."""

from ipaddress import IPv6Address, ip_address

from probes.observations.snmp import Varbind
from probes.wire.snmp.neighbours import neighbours
from probes.wire.snmp.oids import EVERYWHERE
from probes.wire.snmp.routes import DeviceRoute, routes_to, shows_routes
from probes.wire.snmp.tree import Tree

ND = "1.3.6.1.2.1.4.35.1"
HOST = "254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.9"
ROUTE = "1.3.6.1.2.1.4.24.7.1"
ZERO = ".".join(["0"] * 17)
HOP = IPv6Address("fe80::9")


def _default_routes(tree: Tree) -> tuple[DeviceRoute, ...]:
    return routes_to(tree, EVERYWHERE[:1])


def _tree(*lines: str) -> Tree:
    parts = (line.split("|") for line in lines)
    return Tree(Varbind(oid, kind, value) for oid, kind, value in parts)


def test_own_addresses_groups_and_invalid_rows_are_no_neighbours() -> None:
    tree = _tree(
        f"{ND}.7.2.2.16.{HOST}|int|1",
        f"{ND}.6.3.2.16.{HOST}|int|5",
        f"{ND}.7.3.2.16.{HOST}|int|1",
        f"{ND}.6.4.2.16.{HOST}|int|2",
        f"{ND}.7.4.2.16.{HOST}|int|1",
        f"{ND}.7.2.2.16.255.2.0.0.0.0.0.0.0.0.0.0.0.0.0.1|int|1",
    )
    assert [(neighbour.address, neighbour.if_index, neighbour.state) for neighbour in neighbours(tree)] == [
        (HOP, 2, "reachable")
    ]


def test_who_was_looked_for_in_vain_is_not_there() -> None:
    [neighbour] = neighbours(_tree(f"{ND}.4.2.2.16.{HOST}|octets|", f"{ND}.7.2.2.16.{HOST}|int|7"))
    assert not neighbour.is_there


def test_ipv6_neighbours_of_the_old_table_where_the_new_has_none() -> None:
    tree = _tree(f"{ND}.7.2.1.4.192.0.2.1|int|1", f"1.3.6.1.2.1.55.1.12.1.4.2.{HOST}|int|2")
    assert [(neighbour.address, neighbour.state) for neighbour in neighbours(tree)] == [
        (ip_address("192.0.2.1"), "reachable"),
        (HOP, "stale"),
    ]


def test_a_default_route_with_its_next_hop() -> None:
    index = f"2.16.{ZERO}.2.0.0.2.16.{HOST}"
    tree = _tree(f"{ROUTE}.7.{index}|int|2", f"{ROUTE}.17.{index}|int|1")
    [route] = _default_routes(tree)
    assert (route.next_hop, route.if_index, route.active) == (HOP, 2, True)
    assert shows_routes(tree)


def test_a_route_out_of_an_interface_has_no_next_hop() -> None:
    [route] = _default_routes(_tree(f"{ROUTE}.7.2.16.{ZERO}.2.0.0.0.0|int|3"))
    assert (route.next_hop, route.if_index, route.active) == (None, 3, None)


def test_another_route_is_no_default_route() -> None:
    tree = _tree(f"{ROUTE}.7.2.16.32.1.13.184.{'.'.join(['0'] * 12)}.32.2.0.0.2.16.{HOST}|int|2")
    assert _default_routes(tree) == ()
    assert shows_routes(tree)


def test_routes_that_drop_or_name_nothing_lead_nowhere() -> None:
    reject, placeholder, out = (
        f"2.16.{ZERO}.2.0.{policy}.2.16.{hop}" for policy, hop in ((0, HOST), (1, "0." * 15 + "0"), (2, HOST))
    )
    lines = [f"{ROUTE}.7.{reject}|int|1", f"{ROUTE}.8.{reject}|int|2", f"{ROUTE}.7.{placeholder}|int|0"]
    routes = _default_routes(_tree(*lines, f"{ROUTE}.7.{out}|int|2"))
    assert [route.leads_out for route in routes] == [False, False, True]


def test_routes_to_all_global_addresses_are_told_from_others() -> None:
    eighth = ZERO.replace("0", "32", 1)[: -len(".0")] + ".3"
    routes = routes_to(_tree(f"1.3.6.1.2.1.55.1.11.1.4.{eighth}.1|int|5"), EVERYWHERE)
    assert [(str(route.network), route.if_index) for route in routes] == [("2000::/3", 5)]


def test_default_routes_of_the_old_table_and_of_advertisements() -> None:
    old = f"1.3.6.1.2.1.55.1.11.1.4.{ZERO}.1|int|5"
    learned = f"1.3.6.1.2.1.4.37.1.4.2.16.{HOST}.2|int|1800"
    gone = f"1.3.6.1.2.1.4.37.1.4.2.16.{HOST}.3|int|0"
    routes = _default_routes(_tree(old, learned, gone))
    assert [(route.source, route.next_hop, route.if_index) for route in routes] == [
        ("ipv6RouteTable", None, 5),
        ("ipDefaultRouterTable", HOP, 2),
    ]
