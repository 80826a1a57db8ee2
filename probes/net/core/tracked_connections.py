"""Reads the number of connections that this machine's packet filter tracks, and its maximum.

Where it may track no more, it drops the first packet of a new connection before that leaves, or forgets another one
that is not established yet, the answer to which it then drops.
"""

from dataclasses import dataclass
from pathlib import Path

_SETTINGS = Path("/proc/sys/net/netfilter")
_NEARLY = 0.99
"""The share of the maximum that counts as full: connections end all the time, and others take their places."""


@dataclass(frozen=True, slots=True)
class TrackedConnections:
    """Holds the number of tracked connections and the maximum. ``room`` 0: there is no limit."""

    room: int
    count: int

    @property
    def is_full(self) -> bool:
        return self.room > 0 and self.count >= _NEARLY * self.room


def tracked_connections(settings: Path = _SETTINGS) -> TrackedConnections | None:
    """Return the tracked connections of this network namespace; None if they are not tracked."""
    try:
        room, count = (int((settings / f"nf_conntrack_{name}").read_text("ascii")) for name in ("max", "count"))
    except (OSError, ValueError):
        return None
    return TrackedConnections(room, count)
