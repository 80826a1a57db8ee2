"""Reads how many connections this machine's packet filter keeps track of, and how many it may.

Where it may track no more, it drops the first packet of a new connection before that leaves, or forgets another one
that is not established yet, whose answer it then drops.
"""

from dataclasses import dataclass
from pathlib import Path

_SETTINGS = Path("/proc/sys/net/netfilter")
_NEARLY = 0.99
"""The share at which it is full: connections end all the time, and others take their places."""


@dataclass(frozen=True, slots=True)
class TrackedConnections:
    """``room`` 0: as many as there are."""

    room: int
    count: int

    @property
    def is_full(self) -> bool:
        return self.room > 0 and self.count >= _NEARLY * self.room


def tracked_connections(settings: Path = _SETTINGS) -> TrackedConnections | None:
    """Return those of this network namespace; None where nothing keeps track of them."""
    try:
        room, count = (int((settings / f"nf_conntrack_{name}").read_text("ascii")) for name in ("max", "count"))
    except (OSError, ValueError):
        return None
    return TrackedConnections(room, count)
