"""The routes of a device to ::/0, from the answers to targeted questions: a route table is never read whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address

from probes.wire.snmp import oids
from probes.wire.snmp.index import address_in
from probes.wire.snmp.tree import Oid, Tree

_ACTIVE = 1  # RowStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultRoute:
    """``next_hop`` None: none is named, the route leads out of the interface. ``active`` None: the device does not
    say. ``source`` names the table."""

    next_hop: IPv6Address | None
    if_index: int | None
    active: bool | None
    source: str


def default_routes(tree: Tree) -> tuple[DefaultRoute, ...]:
    """All of them, from each table that has any."""
    return (*_inet(tree, oids.INET_CIDR_ROUTE_ENTRY, "inetCidrRouteTable"),
            *_inet(tree, oids.CISCO_ROUTE_ENTRY, "cInetCidrRouteTable"), *_legacy(tree), *_learned(tree))  # fmt: skip


def shows_routes(tree: Tree) -> bool:
    """Whether a route table showed an IPv6 route at all: only then is a default route that is missing not there."""
    return any(tree.has_below(root) for root in (*oids.FIRST_ROUTES,))


def _inet(tree: Tree, entry: Oid, source: str) -> Iterator[DefaultRoute]:
    """inetCidrRouteTable (RFC 4292): behind ::/0 the index has policy and next hop."""
    interfaces, states = (tree.integers(oids.default_route(entry, column)) for column in (7, 17))
    for index in dict.fromkeys((*interfaces, *states)):
        state = states.get(index)
        yield DefaultRoute(
            next_hop=_next_hop(index),
            if_index=interfaces.get(index) or None,
            active=None if state is None else state == _ACTIVE,
            source=source,
        )


def _next_hop(index: Oid) -> IPv6Address | None:
    """``length.policy.type.length.octets``."""
    rest = index[1 + index[0] :] if index else ()
    found = address_in(rest)
    if found is None or found.address.version != 6 or found.address.is_unspecified:
        return None
    return IPv6Address(found.address.packed)


def _legacy(tree: Tree) -> Iterator[DefaultRoute]:
    """ipv6RouteTable (RFC 2465): IfIndex 4, NextHop 5, Valid 14."""
    entry, zeros = oids.LEGACY_ROUTE_ENTRY, (*([0] * 16), 0)
    hops, valid = tree.octets((*entry, 5, *zeros)), tree.integers((*entry, 14, *zeros))
    for index, interface in tree.integers((*entry, 4, *zeros)).items():
        hop, state = hops.get(index, b""), valid.get(index)
        yield DefaultRoute(
            next_hop=IPv6Address(hop) if len(hop) == 16 and any(hop) else None,
            if_index=interface or None,
            active=None if state is None else state == _ACTIVE,
            source="ipv6RouteTable",
        )


def _learned(tree: Tree) -> Iterator[DefaultRoute]:
    """ipDefaultRouterTable (RFC 4293): routers that advertise themselves; Lifetime 4."""
    for index, lifetime in tree.integers((*oids.IP_DEFAULT_ROUTER_ENTRY, 4)).items():
        found = address_in(index)
        if found is not None and found.address.version == 6 and lifetime > 0:
            interface = found.rest[0] if found.rest else None
            hop = IPv6Address(found.address.packed)
            yield DefaultRoute(next_hop=hop, if_index=interface, active=True, source="ipDefaultRouterTable")
