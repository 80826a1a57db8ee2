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
    """Those of all interfaces of this network namespace; none where the system does not say."""
    return frozenset((*_six(text_of(proc / "if_inet6")), *_four(text_of(proc / "fib_trie"))))


def text_of(path: Path) -> str:
    """Return what a table of the kernel says; nothing where it is not there."""
    try:
        return path.read_text("ascii", errors="replace")
    except OSError:
        return ""


def _six(text: str) -> list[IPv6Address]:
    """One line for each address, which is its first word: 32 digits without colons."""
    words = (line.split()[0] for line in text.splitlines() if line.strip())
    return [IPv6Address(int(word, 16)) for word in words if len(word) == 32]


def _four(text: str) -> list[IPv4Address]:
    """In the tries of routes a node is followed by what is known of it; our addresses are local and whole."""
    found: dict[IPv4Address, None] = {}
    node: IPv4Address | None = None
    for line in text.splitlines():
        named = _NODE.search(line)
        if named is not None:
            node = IPv4Address(named[1])
        elif node is not None and line.split()[:3] == ["/32", "host", "LOCAL"]:
            found.setdefault(node)
    return list(found)
