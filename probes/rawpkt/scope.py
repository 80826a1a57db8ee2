# SPDX-License-Identifier: GPL-2.0-only
"""Decides which addresses may be sent to: a scope written by the machine's owner, and within it the caller's.

Loopback, link-local, multicast, metadata and translated addresses are special: closed unless an entry of ``allow`` lies
inside them. An address that a translator or a tunnel turns into an IPv4 address is as closed as that one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_SPECIAL: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "224.0.0.0/4",
        "255.255.255.255/32",
        "100.100.100.200/32",  # metadata beside 169.254.169.254 (link-local already): Alibaba, Azure, Oracle of old
        "168.63.129.16/32",
        "192.0.0.192/32",
        "::/96",
        "::ffff:0:0:0/96",  # IPv4-translated (RFC 2765)
        "64:ff9b:1::/48",  # local-use translation (RFC 8215)
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
        "fd00:ec2::254/128",  # metadata: Amazon, Google
        "fd20:ce::254/128",
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})
"""The upper half of an interface identifier that carries an IPv4 address (RFC 5214 §6.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketScope:
    """Holds the networks, interfaces and receivers that may be used.

    ``interfaces``: where it is allowed to listen, and to ask for routers. ``receivers``: the only addresses that may be
    sent packets under forged sources. Addresses that ``bound`` does not allow are closed, even if listed here.
    """

    allow: tuple[Network, ...]
    deny: tuple[Network, ...]
    interfaces: tuple[str, ...] = ()
    receivers: tuple[Address, ...] = ()
    bound: "PacketScope | None" = None

    def expects(self, address: Address) -> bool:
        """True if forged sources may be shown to an address."""
        known = address in self.receivers and not _within(address, self.deny)
        return known and (self.bound is None or self.bound.expects(address))

    def may_listen(self, interface: str) -> bool:
        """True if listening at the network of an interface is allowed."""
        return interface in self.interfaces and (self.bound is None or self.bound.may_listen(interface))

    def permits(self, address: Address) -> bool:
        return self._is_open(address) and (self.bound is None or self.bound.permits(address))

    def _is_open(self, address: Address) -> bool:
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            return False  # no IPv6 packet has such a destination
        carried = tuple(_carried(address))
        if any(_within(target, self.deny) for target in (address, *carried)):
            return False
        if _within(address, _SPECIAL):
            return self._is_opened(address)
        if any(_within(target, _SPECIAL) and not self._is_opened(target) for target in carried):
            return False
        return _within(address, self.allow)

    def _is_opened(self, address: Address) -> bool:
        return _within(address, tuple(network for network in self.allow if _inside_any(network, _SPECIAL)))


ANYWHERE = PacketScope(allow=(IPv4Network("0.0.0.0/0"), IPv6Network("::/0")), deny=())
"""The bound of a caller that comes by a socket, if the owner of the machine wrote none.
It allows no special address, no interface, no receiver of forged sources."""


def _carried(address: Address) -> Iterator[IPv4Address]:
    """Yield the IPv4 addresses that a packet to an address may be carried to."""
    if isinstance(address, IPv4Address):
        return
    if address in _NAT64:
        yield IPv4Address(int(address) & 0xFFFFFFFF)
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if int(address) >> 32 & 0xFFFFFFFF in _ISATAP:
        yield IPv4Address(int(address) & 0xFFFFFFFF)


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _inside_any(network: Network, others: tuple[Network, ...]) -> bool:
    return any(
        network.version == other.version and network.prefixlen >= other.prefixlen and network.network_address in other
        for other in others
    )
