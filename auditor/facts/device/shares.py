"""Which counters tell the share of IPv6 in what a device carries, and that share."""

from collections.abc import Iterator, Sequence

from auditor.facts.device.readings import Counter, Growth
from inventory.model import Subject
from probes.wire.snmp.totals import IF_OCTETS, IP_OCTETS


def pairs(subject: Subject) -> Iterator[tuple[tuple[Counter, ...], tuple[Counter, ...]]]:
    """Counters of IPv6 and what else to compare them with, the best first: on the uplinks, then of the whole device.

    Where an uplink has no counter of IPv4 alone, the one of all its octets stands for both (``share_of``).
    """
    names = subject.tag_values("wan")
    uplinks = tuple(Counter(IP_OCTETS, 6, name) for name in names)
    if uplinks:
        yield uplinks, tuple(Counter(IP_OCTETS, 4, name) for name in names)
    yield (Counter(IP_OCTETS, 6),), (Counter(IP_OCTETS, 4),)
    if uplinks:
        yield uplinks, tuple(Counter(IF_OCTETS, 0, name) for name in names)


def share_of(grown: Growth, v6: Sequence[Counter], others: Sequence[Counter]) -> float:
    mine, rest = parts(grown, v6, others)
    return round(mine / (mine + rest), 6) if mine + rest else 0.0


def parts(grown: Growth, v6: Sequence[Counter], others: Sequence[Counter]) -> tuple[int, int]:
    """Octets of IPv6, and all the others: what a province's share is made of."""
    mine, theirs = amount(grown, v6), amount(grown, others)
    return mine, max(theirs - mine, 0) if others[0].metric == IF_OCTETS else theirs


def amount(grown: Growth, of: Sequence[Counter]) -> int:
    return sum(grown.amounts[one] for one in of)
