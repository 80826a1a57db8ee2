"""Tells which of the addresses that a device lists are its own and count (CHECKS §2.5).

Agents list more addresses than a device is reached by: the unspecified address, multicast groups, addresses between the
cards of the machine. These prove nothing, neither a defect nor its absence.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv6Address, IPv6Network, ip_network

from inventory.model import IPAddress
from probes.wire.snmp import oids
from probes.wire.snmp.addresses import InterfaceAddress, addresses
from probes.wire.snmp.tree import Tree

_IPV4_INSIDE = (IPv6Network("::ffff:0:0/96"), IPv6Network("::/96"))
"""IPv4-mapped and IPv4-compatible addresses (RFC 4291 §2.5.5)."""
_CISCO, _JUNIPER, _SOPHOS = 9, 2636, 2604
_INSIDE: Mapping[int, re.Pattern[str]] = {
    _CISCO: re.compile(
        r"(EOBC|LIIN|Lsmpi|lsmpi|IDE-|nlp_int_tap)\S*|Adaptive Security Appliance 'nlp_int_tap\S*' interface"
    ),
    _JUNIPER: re.compile(
        r"((em|bme|pfe|pfh)[0-9-]\S*|jsrv(\.\d{1,9})?|fxp1(\.\d{1,9})?|lc-\S+|lo0\.1638\d|sp-[0-9/]{3,20}\.16383)"
    ),
    _SOPHOS: re.compile(r"tun\d{1,4}"),
}
"""Interfaces between the parts of one machine, by the maker's enterprise number.

Other makers give such names to ports (em1 is an Ethernet port of many Linux machines). On an ASA it is the path to its
management plane (fd00:0:0:1::1 on every one); on a Sophos firewall its own end of the dial-in VPN (10.81.234.5 and
2001:db8::1:0 on every one).
"""
_OF_CONTAINERS = re.compile(r"docker(0|_gwbridge)|br-[0-9a-f]{12}|virbr\d{1,4}|lxcbr0|lxdbr0|cni0|podman\d{1,4}")
"""Bridges for the virtual machines inside a machine of any maker: every machine has the same addresses there."""
_NAMES = (oids.IF_DESCR, oids.IF_NAME)
ANYCAST = "anycast"
"""The tag of subjects that share an address with others by design."""
_HALF, _PAIR, _HOST = 64, 127, 128


def own_addresses(tree: Tree) -> tuple[InterfaceAddress, ...]:
    """Return the own addresses of a device that count, IPv4 and IPv6."""
    return tuple(of_its_own(tree, addresses(tree)))


def of_its_own(tree: Tree, shown: Iterable[InterfaceAddress]) -> Iterator[InterfaceAddress]:
    """Yield those of ``shown`` that count, in their order."""
    every = tuple(shown)
    inside, together = _inside(tree), Counter(map(_subnet, every))
    for interface in every:
        is_group = interface.kind == "anycast" or _of_all_routers(
            interface, has_others_beside=together[_subnet(interface)] > 1
        )
        if interface.if_index not in inside and is_own(interface.address) and not is_group:
            yield interface


def _subnet(interface: InterfaceAddress) -> tuple[int | None, int, int]:
    """Return the interface, the IP version and the address without its last 64 bits."""
    return interface.if_index, interface.address.version, int(interface.address) >> _HALF


def _of_all_routers(interface: InterfaceAddress, *, has_others_beside: bool) -> bool:
    """True if it is the anycast address of all routers of a subnet (RFC 4291 §2.6.1), which some agents list.

    If the device does not state the prefix length, another address of the same /64 must be listed: on a link of two
    routers the address that ends in zeros may be one router's own (RFC 6164).
    """
    address, length = interface.address, interface.prefix_length
    if not isinstance(address, IPv6Address):
        return False
    if length is None:
        return has_others_beside and int(address) % (1 << _HALF) == 0
    return length < _PAIR and int(address) % (1 << 128 - length) == 0


def stands_inside(interface: InterfaceAddress, every: Iterable[InterfaceAddress]) -> bool:
    """True if it is a host address inside another prefix of its interface, as VRRP adds for the virtual router.

    Some systems list that address as deprecated, so that none of their own packets use it as a source.
    """
    return interface.prefix_length == _HOST and any(
        other.if_index == interface.if_index
        and other.prefix_length is not None
        and other.prefix_length < _HOST
        and interface.address in ip_network((other.address, other.prefix_length), strict=False)
        for other in every
    )


def with_virtual_routers(tree: Tree) -> frozenset[int]:
    """Return the interfaces with VRRP or HSRP, where an address may be shared by several routers."""
    columns = (oids.VRRP_STATUS, oids.HSRP_STATE)
    return frozenset(index[0] for column in columns for index in tree.integers(column) if index)


def is_own(address: IPAddress) -> bool:
    """True if a device can have such an address as its own; link-local and loopback addresses count."""
    if address.is_unspecified or address.is_multicast:
        return False
    if isinstance(address, IPv6Address) and not address.is_loopback:
        return not address.is_site_local and not any(address in network for network in _IPV4_INSIDE)
    return True


def may_stand_inside(tree: Tree, interface: InterfaceAddress) -> bool:
    """True if an address may be between the parts of the machine, because the device shows too little to exclude that.

    An SNMP view that hides the interface of addresses, the names of interfaces or the maker hides that too.
    """
    index = interface.if_index
    texts = (tree.texts(column).get((index,)) for column in _NAMES if index is not None)
    names = [name for name in texts if name]
    if not names:
        return True
    return tree.oid(oids.SYS_OBJECT_ID) is None and any(
        pattern.fullmatch(name) for pattern in _INSIDE.values() for name in names
    )


def _inside(tree: Tree) -> frozenset[int]:
    """Return the indexes of the interfaces between the parts of the machine."""
    object_id = tree.oid(oids.SYS_OBJECT_ID) or ()
    of_maker = _INSIDE.get(object_id[6]) if object_id[:6] == oids.ENTERPRISES and len(object_id) > 6 else None
    patterns = (_OF_CONTAINERS,) if of_maker is None else (_OF_CONTAINERS, of_maker)
    named = (pair for column in _NAMES for pair in tree.texts(column).items())
    return frozenset(
        index[0] for index, name in named if len(index) == 1 and any(pattern.fullmatch(name) for pattern in patterns)
    )
