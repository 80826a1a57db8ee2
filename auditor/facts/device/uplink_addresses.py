"""Tells which addresses of a device stand on the link to its provider, who numbers that link.

An access line gets its address by router advertisements or DHCPv6 (RFC 7084 §4.2), and a leased line one of the
provider's own: the owner can change neither.
"""

from collections.abc import Iterable

from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.interfaces import excused, layers, uplinks
from auditor.framework.address_owners import IPNetwork
from auditor.framework.context import Context
from inventory.model import Network, Subject
from probes.wire.snmp import oids
from probes.wire.snmp.addresses import InterfaceAddress
from probes.wire.snmp.routes import routes_to

ADVERTISED = frozenset({"linklayer", "stateless"})
"""Origins of addresses that a device made from a router advertisement."""
ASSIGNED = ADVERTISED | {"dhcp"}
"""Origins of addresses that others gave a device."""


def of_provider(
    subject: Subject, device: SeenDevice, ctx: Context, among: Iterable[InterfaceAddress]
) -> list[InterfaceAddress]:
    """Return the addresses that the provider may have numbered.

    On a declared uplink to the Internet these are all; else only those that the device did not set itself, and of a
    device of TSLCD none of TSLCD's own prefixes.
    """
    named = _beneath(subject, device, uplinks(subject, device))
    links = named or _beneath(subject, device, _ways_out(device))
    closed = subject.network is Network.TSLCD
    inside = ctx.reference.networks.get(Network.TSLCD, ())
    return [
        interface
        for interface in among
        if interface.if_index in links
        and ((named and not closed) or interface.origin in ASSIGNED)
        and not (closed and (not inside or _is_within(interface, inside)))
    ]


def _beneath(subject: Subject, device: SeenDevice, indexes: Iterable[int]) -> frozenset[int]:
    """Return interfaces with their layers; a network of users on the same port is none of the provider's."""
    every = frozenset[int]().union(*(layers(device, index) for index in indexes))
    return every - excused(subject, device, ("lan",))


def _ways_out(device: SeenDevice) -> list[int]:
    routes = routes_to(device.tree, oids.EVERYWHERE)
    return [route.if_index for route in routes if route.if_index is not None and route.leads_out]


def _is_within(interface: InterfaceAddress, networks: Iterable[IPNetwork]) -> bool:
    return any(interface.address in network for network in networks)
