"""Counts how often a server retransmitted packets that a narrow link lost, in a test of Packet Too Big."""

from probes.observations.path import PmtudFlow

_APART = 0.1
"""Smallest interval between retransmissions in seconds; systems wait at least twice as long (RFC 6298 §2, §5)."""


def repeated(step: PmtudFlow) -> int:
    """Return how often the first lost packet came again in its old size, each time after an interval.

    Packets heard at one moment were queued in our own machine, before their sender was told of any loss.
    """
    large = [segment for segment in step.segments if segment.size > step.mtu]
    times = [segment.t for segment in large if segment.seq == large[0].seq]
    count, last = 0, times[0] if times else 0.0
    for heard in times:
        if heard - last >= _APART:
            count, last = count + 1, heard
    return count
