"""Reads a hosts file: an address and its names in each line."""

from ipaddress import ip_address

from inventory.listed.model import ListedThings
from inventory.model import Kind


def read_hosts(text: str) -> ListedThings:
    """Return the machines in a hosts file, each by the first name of its line; local addresses are left out."""
    things = ListedThings("hosts")
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        try:
            address = ip_address(words[0].partition("%")[0]) if len(words) > 1 else None
        except ValueError:
            continue
        if address and not (address.is_loopback or address.is_link_local or address.is_multicast):
            things.add(words[1].rstrip("."), Kind.HOST, address)
    return things
