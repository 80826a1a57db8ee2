"""Lists all addresses of this machine, so that no target can lead us to ourselves.

Read from the kernel's own tables of both families: every interface, temporary addresses and bridges among them.
"""

import re
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from inventory.model import IPAddress

PROC = Path("/proc/self/net")
_NODE = re.compile(r"\|-- ([0-9.]+)\s*$")


def own_addresses(proc: Path = PROC) -> frozenset[IPAddress]:
    """Return the addresses of all interfaces of this network namespace; none where the system does not tell."""
    return frozenset((*_six(text_of(proc / "if_inet6")), *_four(text_of(proc / "fib_trie"))))


def text_of(path: Path) -> str:
    """Return the text of a table of the kernel; empty if the file cannot be read."""
    try:
        return path.read_text("ascii", errors="replace")
    except OSError:
        return ""


def _six(text: str) -> list[IPv6Address]:
    """Return the IPv6 addresses; each line begins with one, as 32 digits without colons."""
    words = (line.split()[0] for line in text.splitlines() if line.strip())
    return [IPv6Address(int(word, 16)) for word in words if len(word) == 32]


def _four(text: str) -> list[IPv4Address]:
    """Return our IPv4 addresses: the nodes of the route tries that are followed by ``/32 host LOCAL``."""
    found: dict[IPv4Address, None] = {}
    node: IPv4Address | None = None
    for line in text.splitlines():
        named = _NODE.search(line)
        if named is not None:
            node = IPv4Address(named[1])
        elif node is not None and line.split()[:3] == ["/32", "host", "LOCAL"]:
            found.setdefault(node)
    return list(found)
