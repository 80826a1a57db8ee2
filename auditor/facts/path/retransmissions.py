"""Counts how often a server sent again what a narrow link lost, of a connection that tries Packet Too Big."""

from probes.observations.path import PmtudFlow

_APART = 0.1
"""Seconds between retransmissions at least; systems wait for twice as long, and longer each time (RFC 6298 §2, §5)."""


def repeated(step: PmtudFlow) -> int:
    """Return how often the packet that was lost first came again in its old size, each time after a while.

    What is heard at one moment had waited in our own machine, and its sender was told of none of it yet.
    """
    large = [segment for segment in step.segments if segment.size > step.mtu]
    times = [segment.t for segment in large if segment.seq == large[0].seq]
    count, last = 0, times[0] if times else 0.0
    for heard in times:
        if heard - last >= _APART:
            count, last = count + 1, heard
    return count
