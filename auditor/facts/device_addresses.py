"""Tells which of the addresses that a device shows are its own: those that count (CHECKS §2.5).

Agents show more than a device is reached by: the unspecified address, groups it listens to, addresses between the cards
of the machine. These neither accuse nor prove anything.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv6Address, IPv6Network

from inventory.model import IPAddress
from probes.wire.snmp import oids
from probes.wire.snmp.addresses import Declared, addresses
from probes.wire.snmp.tree import Tree

_IPV4_INSIDE = (IPv6Network("::ffff:0:0/96"), IPv6Network("::/96"))
"""IPv4-mapped and IPv4-compatible addresses (RFC 4291 §2.5.5)."""
_CISCO, _JUNIPER = 9, 2636
_INSIDE: Mapping[int, re.Pattern[str]] = {
    _CISCO: re.compile(r"(EOBC|LIIN|Lsmpi|lsmpi|IDE-)\S*"),
    _JUNIPER: re.compile(
        r"((em|bme|jsrv|pfe|pfh)[0-9-]\S*|jsrv|fxp1(\.\d{1,9})?|lc-\S+|lo0\.1638\d|sp-[0-9/]{3,20}\.16383)"
    ),
}
"""Interfaces between the parts of one machine, by the maker's enterprise number: others give such names to ports (em1
is an Ethernet port of many Linux machines)."""


def own_addresses(tree: Tree) -> tuple[Declared, ...]:
    """The addresses of a device that count, of both families."""
    return tuple(of_its_own(tree, addresses(tree)))


def of_its_own(tree: Tree, shown: Iterable[Declared]) -> Iterator[Declared]:
    """Those of ``shown`` that count, in their order."""
    inside = _inside(tree)
    return (one for one in shown if one.if_index not in inside and is_own(one.address))


def is_own(address: IPAddress) -> bool:
    """Whether a device can have such an address as its own; those of one link and of the device itself are."""
    if address.is_unspecified or address.is_multicast:
        return False
    if isinstance(address, IPv6Address) and not address.is_loopback:
        return not address.is_site_local and not any(address in network for network in _IPV4_INSIDE)
    return True


def _inside(tree: Tree) -> frozenset[int]:
    """The indexes of the interfaces of the machine's inside."""
    object_id = tree.oid(oids.SYS_OBJECT_ID) or ()
    pattern = _INSIDE.get(object_id[6]) if object_id[:6] == oids.ENTERPRISES and len(object_id) > 6 else None
    if pattern is None:
        return frozenset()
    named = (pair for column in (oids.IF_DESCR, oids.IF_NAME) for pair in tree.texts(column).items())
    return frozenset(index[0] for index, name in named if len(index) == 1 and pattern.fullmatch(name))
