"""Reads a device's routes to a few networks with targeted requests: a route table is never read whole."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

from probes.wire.snmp import oids
from probes.wire.snmp.index import address_in
from probes.wire.snmp.tree import Oid, Tree

_ACTIVE = 1  # RowStatus
_DROPPED = frozenset({2, 5})
"""inetCidrRouteType reject and blackhole (RFC 4292)."""
_DISCARD = 2  # ipv6RouteType (RFC 2465)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRoute:
    """Holds a route. ``next_hop`` None: none is named, the route leads out of the interface.

    ``active`` None: the device does not say. ``drops``: packets there are discarded. ``source`` names the table.
    """

    network: IPv6Network
    next_hop: IPv6Address | None
    if_index: int | None
    active: bool | None
    drops: bool = False
    source: str

    @property
    def leads_out(self) -> bool:
        """True if the route is in use, forwards, and has an interface or next hop; without both it is a placeholder."""
        return self.active is not False and not self.drops and (self.if_index, self.next_hop) != (None, None)


def routes_to(tree: Tree, networks: Iterable[IPv6Network]) -> tuple[DeviceRoute, ...]:
    """Return the routes to the networks from each table that has any; for ::/0 also from router advertisements."""
    routes: list[DeviceRoute] = []
    for network in networks:
        routes += _inet(tree, network, oids.INET_CIDR_ROUTE_ENTRY, "inetCidrRouteTable")
        routes += _inet(tree, network, oids.CISCO_ROUTE_ENTRY, "cInetCidrRouteTable")
        routes += _legacy(tree, network)
        if not network.prefixlen:
            routes += _learned(tree, network)
    return tuple(routes)


def shows_routes(tree: Tree) -> bool:
    """True if a route table showed any IPv6 route: only then does a missing route mean that there is none."""
    return any(tree.has_below(root) for root in (*oids.FIRST_ROUTES,))


def _inet(tree: Tree, network: IPv6Network, entry: Oid, source: str) -> Iterator[DeviceRoute]:
    """Yield inetCidrRouteTable (RFC 4292): after the network the index has policy and next hop."""
    interfaces, kinds, states = (tree.integers(oids.route(entry, column, network)) for column in (7, 8, 17))
    for index in dict.fromkeys((*interfaces, *states)):
        state = states.get(index)
        yield DeviceRoute(
            network=network,
            next_hop=_next_hop(index),
            if_index=interfaces.get(index) or None,
            active=None if state is None else state == _ACTIVE,
            drops=kinds.get(index) in _DROPPED,
            source=source,
        )


def _next_hop(index: Oid) -> IPv6Address | None:
    """Return the IPv6 next hop in ``length.policy.type.length.octets``; None if unspecified or not IPv6."""
    rest = index[1 + index[0] :] if index else ()
    address = address_in(rest)
    if address is None or address.address.version != 6 or address.address.is_unspecified:
        return None
    return IPv6Address(address.address.packed)


def _legacy(tree: Tree, network: IPv6Network) -> Iterator[DeviceRoute]:
    """Yield ipv6RouteTable (RFC 2465): IfIndex 4, NextHop 5, Type 6, Valid 14."""
    interfaces, kinds, valid = (tree.integers(oids.legacy_route(column, network)) for column in (4, 6, 14))
    hops = tree.octets(oids.legacy_route(5, network))
    for index, interface in interfaces.items():
        hop, state = hops.get(index, b""), valid.get(index)
        yield DeviceRoute(
            network=network,
            next_hop=IPv6Address(hop) if len(hop) == 16 and any(hop) else None,
            if_index=interface or None,
            active=None if state is None else state == _ACTIVE,
            drops=kinds.get(index) == _DISCARD,
            source="ipv6RouteTable",
        )


def _learned(tree: Tree, network: IPv6Network) -> Iterator[DeviceRoute]:
    """Yield ipDefaultRouterTable (RFC 4293): routers that advertise themselves; Lifetime 4."""
    for index, lifetime in tree.integers((*oids.IP_DEFAULT_ROUTER_ENTRY, 4)).items():
        address = address_in(index)
        if address is not None and address.address.version == 6 and lifetime > 0:
            interface = address.rest[0] if address.rest else None
            hop = IPv6Address(address.address.packed)
            yield DeviceRoute(
                network=network, next_hop=hop, if_index=interface, active=True, source="ipDefaultRouterTable"
            )
