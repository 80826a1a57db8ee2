"""Decides which IPv6 addresses can carry a public service (the list of CHECKS, ipv6.dns.ns-addr-sane).

The rejected ranges are those of RFC 6890's registry that are not global unicast, those that translate or tunnel IPv4,
and the parts of 2000::/3 that IANA has not allocated.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, IPv6Network


class FlawKind(Enum):
    LOCAL = "local"  # valid in one site or link only: must not be published in public DNS
    DOCUMENTATION = "documentation"
    TUNNEL = "tunnel"  # 6to4 and Teredo: work for some clients only
    IPV4 = "ipv4"  # an IPv4 address written as IPv6, or a prefix that translates to IPv4
    RESERVED = "reserved"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressFlaw:
    """Holds the reason why an address is rejected, and the range that contains it."""

    kind: FlawKind
    network: str


_RANGES = tuple(
    (IPv6Network(network), AddressFlaw(kind=kind, network=network))
    for network, kind in (
        ("::/128", FlawKind.RESERVED),
        ("::1/128", FlawKind.RESERVED),
        ("::ffff:0:0/96", FlawKind.IPV4),  # RFC 4291 §2.5.5.2
        ("::/96", FlawKind.IPV4),  # RFC 4291 §2.5.5.1, deprecated
        ("64:ff9b::/96", FlawKind.IPV4),  # RFC 6052
        ("64:ff9b:1::/48", FlawKind.IPV4),  # RFC 8215
        ("fe80::/10", FlawKind.LOCAL),
        ("fec0::/10", FlawKind.LOCAL),  # site-local, deprecated by RFC 3879
        ("fc00::/7", FlawKind.LOCAL),
        ("ff00::/8", FlawKind.RESERVED),
        ("2001:db8::/32", FlawKind.DOCUMENTATION),
        ("3fff::/20", FlawKind.DOCUMENTATION),  # RFC 9637
        ("2001::/32", FlawKind.TUNNEL),  # Teredo
        ("2001:2::/48", FlawKind.RESERVED),  # benchmarks, RFC 5180
        ("2001:10::/28", FlawKind.RESERVED),  # ORCHID, deprecated, RFC 4843
        ("2001:20::/28", FlawKind.RESERVED),  # ORCHIDv2, RFC 7343
        ("2002::/16", FlawKind.TUNNEL),  # 6to4
        ("100::/64", FlawKind.RESERVED),  # discard-only, RFC 6666
        # The parts of 2000::/3 that IANA has not allocated or keeps in reserve (2d00:: and above, with 3ffe::/16).
        # Free space inside the blocks of the regional registries is not listed, because they keep allocating from it.
        ("2000::/16", FlawKind.RESERVED),
        ("2004::/14", FlawKind.RESERVED),
        ("2008::/13", FlawKind.RESERVED),
        ("2010::/12", FlawKind.RESERVED),
        ("2020::/11", FlawKind.RESERVED),
        ("2040::/10", FlawKind.RESERVED),
        ("2080::/9", FlawKind.RESERVED),
        ("2100::/8", FlawKind.RESERVED),
        ("2200::/7", FlawKind.RESERVED),
        ("2d00::/8", FlawKind.RESERVED),
        ("2e00::/7", FlawKind.RESERVED),
        ("3000::/4", FlawKind.RESERVED),
    )
)
UNIQUE_LOCAL = IPv6Network("fc00::/7")
GLOBAL_UNICAST = IPv6Network("2000::/3")
RFC6052_LENGTHS = (32, 40, 48, 56, 64, 96)


def flaw(
    address: IPv6Address, *, documentation_is_global: bool, nat64: Iterable[IPv6Network] = ()
) -> AddressFlaw | None:
    """Return why ``address`` is not a global unicast address; None if it is.

    ``nat64``: prefixes that are translated to IPv4.
    """
    for prefix in nat64:
        if address in prefix:
            return AddressFlaw(kind=FlawKind.IPV4, network=str(prefix))
    for network, flaw_facts in _RANGES:
        if address in network:
            return None if flaw_facts.kind is FlawKind.DOCUMENTATION and documentation_is_global else flaw_facts
    if address not in GLOBAL_UNICAST:
        return AddressFlaw(kind=FlawKind.RESERVED, network=f"not in {GLOBAL_UNICAST}")
    return None


def embedded(address: IPv6Address, candidates: Iterable[IPv4Address]) -> IPv4Address | None:
    """Return the candidate that ``address`` embeds by RFC 6052 §2.2 under any prefix, None if there is none."""
    for candidate in candidates:
        if any(embed(address, candidate, length) == address for length in RFC6052_LENGTHS):
            return candidate
    return None


def embed(address: IPv6Address, inner: IPv4Address, length: int) -> IPv6Address:
    """Return ``inner`` embedded after the first ``length`` bits of ``address``; bits 64 to 71 and the suffix are 0."""
    octets = bytearray(address.packed[: length // 8])
    for octet in inner.packed:
        if len(octets) == 8:
            octets.append(0)
        octets.append(octet)
    octets += bytes(16 - len(octets))
    if length == 96:
        octets[8] = 0
    return IPv6Address(bytes(octets))
