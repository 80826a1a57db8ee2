"""Gives the kernel's neighbour tables room for several rehearsals at once.

All network namespaces of a machine share one table for IPv4 and one for IPv6, of 1,024 neighbours unless somebody
raised that; a rehearsal has hundreds. In a full table no neighbour is found: whole networks fall silent.
"""

from contextlib import suppress
from pathlib import Path

NEIGHBOURS = 32_768
SETTINGS = Path("/proc/sys/net")
_LIMITS = tuple(f"{family}/neigh/default/gc_thresh{number}" for family in ("ipv4", "ipv6") for number in (3, 2, 1))
"""The hard limit before those that are below it."""


def give_room(settings: Path = SETTINGS) -> None:
    """Raise the limits that are lower, where this process may: only root outside of containers can."""
    for limit in _LIMITS:
        with suppress(OSError, ValueError):
            if int((settings / limit).read_text("ascii")) < NEIGHBOURS:
                (settings / limit).write_text(f"{NEIGHBOURS}\n", "ascii")
