"""Lists the networks that this machine is connected to without a router between: their hosts are its neighbours."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from probes.net.core.own_addresses import PROC, text_of

_LOOPBACK, _UNSPECIFIED = "lo", "0" * 32


def on_link_networks(proc: Path = PROC) -> frozenset[IPv4Network | IPv6Network]:
    """Return the on-link networks of all interfaces of this network namespace, without link-local ones.

    The set is empty where the system does not tell. A destination that has a route without a gateway is on the link; a
    default route without one (a tunnel's) has no neighbours.
    """
    found: list[IPv4Network | IPv6Network] = [*_four(text_of(proc / "route")), *_six(text_of(proc / "ipv6_route"))]
    return frozenset(network for network in found if network.prefixlen and not network.is_link_local)


def _four(text: str) -> list[IPv4Network]:
    """Return the IPv4 networks that have a route without a gateway.

    Each line of the table has interface, network, gateway and, eighth, mask; numbers are in reverse byte order.
    """
    rows = [line.split() for line in text.splitlines()[1:]]
    return [
        IPv4Network((_backwards(row[1]), str(int.from_bytes(_backwards(row[7])).bit_count())))
        for row in rows
        if len(row) > 7 and row[0] != _LOOPBACK and int(row[2], 16) == 0
    ]


def _backwards(number: str) -> bytes:
    return bytes.fromhex(number)[::-1]


def _six(text: str) -> list[IPv6Network]:
    """Return the IPv6 networks that have a route without a gateway.

    Each line has network and length first, the gateway fifth and the interface last.
    """
    rows = [line.split() for line in text.splitlines()]
    return [
        IPv6Network((bytes.fromhex(row[0]), int(row[1], 16)))
        for row in rows
        if len(row) > 9 and row[9] != _LOOPBACK and row[4] == _UNSPECIFIED and not row[0].startswith("ff")
    ]
