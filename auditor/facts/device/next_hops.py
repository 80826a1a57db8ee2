"""Tells whether the next hop of a device's route was heard of, by its table of neighbours."""

from ipaddress import ip_network

from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.interfaces import is_down, is_up, kind_of
from probes.wire.snmp.neighbours import neighbours
from probes.wire.snmp.routes import DeviceRoute

_HEARD = frozenset({"reachable", "delay", "probe"})
"""States of a next hop that was heard of within the last minute (RFC 4861 §7.3.2)."""
_STALE = "stale"
_POINT_TO_POINT = frozenset({22, 23, 108, 131})
"""ifType propPointToPointSerial, ppp, pppMultilinkBundle and tunnel: a route there needs no neighbour entry."""
_OTHER = 1
"""ifType of interfaces that have none of their own, as a WireGuard or OpenVPN tunnel of Linux."""


def is_heard(device: SeenDevice, route: DeviceRoute) -> bool:
    """True if a route's next hop was heard of lately, or is the single far end of a line that is up.
    For such a line no table may report the far end as silent. An answer over IPv6 proves a route to us, not this
    one."""
    states = _states(device, route)
    if states & _HEARD or route.if_index is None:
        return bool(states & _HEARD)
    kind = kind_of(device, route.if_index)
    by_line = kind in _POINT_TO_POINT or (kind == _OTHER and route.next_hop is None)
    return by_line and states <= {None} and is_up(device, route.if_index)


def is_stale(device: SeenDevice, route: DeviceRoute) -> bool:
    """True if the next hop of a route was heard of once, and not asked since (RFC 4861 §7.3.2)."""
    return _STALE in _states(device, route)


def is_listed(device: SeenDevice, route: DeviceRoute) -> bool:
    """True if the table of neighbours has the next hop of a route."""
    return bool(_states(device, route))


def would_be_heard(device: SeenDevice, route: DeviceRoute) -> bool:
    """True if the neighbour table would show that the next hop does not answer.
    Many agents (RouterOS, FortiOS) list no neighbour over IPv6 at all (trap D2), and some do not report when they heard
    of one; none is heard on an interface that is down."""
    listed = [neighbour for neighbour in neighbours(device.tree) if neighbour.address.version == 6]
    hops = [neighbour for neighbour in listed if neighbour.address == route.next_hop]
    told = any(neighbour.state is not None for neighbour in hops or listed)
    return told or is_down(device, route.if_index)


def is_beyond(device: SeenDevice, route: DeviceRoute) -> bool:
    """True if its next hop is certainly no neighbour.
    It is another router's IPv4 address across MPLS (6PE, RFC 4798), or in no prefix of a link of this device, as BGP
    has them."""
    if route.next_hop is None or route.next_hop.is_link_local:
        return False
    if route.next_hop.ipv4_mapped is not None:
        return True
    own = [(entry.address, entry.prefix_length) for entry in device.v6 if not entry.address.is_link_local]
    links = [ip_network((address, length), strict=False) for address, length in own if length is not None]
    whole = bool(own) and len(links) == len(own) and device.all_addresses_read()
    return whole and not any(route.next_hop in link for link in links)


def _states(device: SeenDevice, route: DeviceRoute) -> set[str | None]:
    """Return the states of a route's next hop in the table of neighbours; None stands for one that is not shown."""
    return {
        neighbour.state
        for neighbour in neighbours(device.tree)
        if neighbour.address == route.next_hop and route.if_index in (None, neighbour.if_index)
    }
