"""Tells by their range which IPv4 and IPv6 addresses the Internet has no route to (RFC 6890)."""

from ipaddress import ip_network

from inventory.model import IPAddress

PRIVATE = tuple(
    map(
        ip_network,
        (
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
            "169.254.0.0/16",
            "127.0.0.0/8",
            "fc00::/7",
            "fe80::/10",
            "::1/128",
        ),
    )
)
_DOCUMENTATION = tuple(
    map(ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"))
)


def is_public(address: IPAddress, *, documentation_is_global: bool) -> bool:
    """True if an address can be on the public Internet.

    Laboratories use documentation prefixes as if they were public.
    """
    if any(address in network for network in PRIVATE):
        return False
    return documentation_is_global or not any(address in network for network in _DOCUMENTATION)
