"""Finds the address of the client behind reverse proxies.

Only proxies that the operator named are trusted. All clients behind an unnamed proxy share its address, so all of them
wait when one guesses passwords.
"""

from collections.abc import Sequence
from ipaddress import ip_address

from auditor.framework.address_owners import IPNetwork
from inventory.model import IPAddress


def client(peer: str, forwarded: Sequence[str], proxies: Sequence[IPNetwork]) -> str:
    """Return the last address on the way that is not one of ``proxies``, as text; empty if it is not known.

    ``forwarded`` are the values of X-Forwarded-For: each proxy appends the address that asked it to the earlier ones,
    and anybody may have written the part before those of our own proxies.
    """
    for text in reversed([*(hop for line in forwarded for hop in line.split(",")), peer]):
        address = _address(text.strip())
        if address is None:
            return ""
        if not any(address.version == proxy.version and address in proxy for proxy in proxies):
            return str(address)
    return ""


def _address(text: str) -> IPAddress | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
