"""Reads counters of traffic, each with the time at which it began to count (RFC 4293, RFC 2863).

A counter says nothing by itself (RFC 2578 §7.1.6): only what it grew by between two readings does. Each question has
sysUpTime in it, so that the age of what it counts stands beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from probes.wire.snmp import oids
from probes.wire.snmp.tree import Oid, Tree

IP_OCTETS, IF_OCTETS = "ip-octets", "if-octets"
RECEIVED, HEADER_ERRORS, NO_ROUTES, FRAGMENT_FAILURES = (
    "ip-received",
    "ip-header-errors",
    "ip-no-routes",
    "ip-fragment-failures",
)
NARROW = frozenset({HEADER_ERRORS, NO_ROUTES, FRAGMENT_FAILURES})
"""Metrics that only have 32 bits."""
METRICS = (IP_OCTETS, IF_OCTETS, RECEIVED, HEADER_ERRORS, NO_ROUTES, FRAGMENT_FAILURES)
_HC_RECEIVED = 4
_HC_IN, _HC_OUT, _DISCONTINUITY = oids.STATS_IN_OCTETS, oids.STATS_OUT_OCTETS, oids.STATS_DISCONTINUITY
_ERRORS = {HEADER_ERRORS: 7, NO_ROUTES: 8, FRAGMENT_FAILURES: 28}
_FAMILIES = {oids.STATS_IPV4: 4, oids.STATS_IPV6: 6}
"""ipVersion and the address family."""
_ICMP_OUT = 4
_LONGEST = 2**32
"""TimeTicks wrap after 497 days: a counter seems to have begun anew then, which costs one reading and no finding."""
_ICMP_ERRORS = (1, 2, 3)  # unreachable, too big, time exceeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One counter at one time. ``interface`` 0: of the whole device; ``family`` 0: of all families.

    ``age`` is for how many hundredths of a second it has been counting, by the device's own clock.
    """

    metric: str
    family: int
    interface: int
    value: int
    age: int


def of_device() -> tuple[Oid, ...]:
    """What one question about the whole device asks for."""
    both = (_HC_IN, _HC_OUT, _DISCONTINUITY)
    v6 = (_HC_RECEIVED, *_ERRORS.values())
    entry = oids.IP_SYSTEM_STATS_ENTRY
    return (
        oids.SYS_UP_TIME,
        *((*entry, column, version) for version in _FAMILIES for column in both),
        *((*entry, column, 2) for column in v6),
        *((*oids.ICMP_MSG_STATS_ENTRY, _ICMP_OUT, 2, kind) for kind in _ICMP_ERRORS),
    )


def of_interface(index: int) -> tuple[Oid, ...]:
    """What one question about an interface asks for."""
    entry = oids.IP_IF_STATS_ENTRY
    return (
        oids.SYS_UP_TIME,
        *((*entry, column, version, index) for version in _FAMILIES for column in (_HC_IN, _HC_OUT, _DISCONTINUITY)),
        *((*column, index) for column in (oids.IF_HC_IN_OCTETS, oids.IF_HC_OUT_OCTETS, oids.IF_DISCONTINUITY)),
        *((*oids.JUNIPER_IPV6_IF_ENTRY, column, index) for column in (1, 2)),
    )


def counted(tree: Tree) -> Iterator[Counted]:
    """Yield the counters in the answer to one such question; none without sysUpTime."""
    now = tree.integer(oids.SYS_UP_TIME)
    if now is None:
        return
    entry = oids.IP_SYSTEM_STATS_ENTRY
    for version, family in _FAMILIES.items():
        age = _age(tree, now, (*entry, _DISCONTINUITY, version))
        yield from _one(tree, IP_OCTETS, family, 0, age, [(*entry, column, version) for column in (_HC_IN, _HC_OUT)])
    age = _age(tree, now, (*entry, _DISCONTINUITY, 2))
    yield from _one(tree, RECEIVED, 6, 0, age, [(*entry, _HC_RECEIVED, 2)])
    for metric, column in _ERRORS.items():
        yield from _one(tree, metric, 6, 0, age, [(*entry, column, 2)])
    for (index,) in sorted(index for index in tree.indexes(oids.IF_HC_IN_OCTETS) if len(index) == 1):
        yield from _of_interface(tree, now, index)


def _of_interface(tree: Tree, now: int, index: int) -> Iterator[Counted]:
    entry, own = oids.IP_IF_STATS_ENTRY, _age(tree, now, (*oids.IF_DISCONTINUITY, index))
    families = set()
    for version, family in _FAMILIES.items():
        age = min(own, _age(tree, now, (*entry, _DISCONTINUITY, version, index)))
        columns = [(*entry, column, version, index) for column in (_HC_IN, _HC_OUT)]
        counters = tuple(_one(tree, IP_OCTETS, family, index, age, columns))
        families |= {counter.family for counter in counters}
        yield from counters
    if 6 not in families:
        juniper = [(*oids.JUNIPER_IPV6_IF_ENTRY, column, index) for column in (1, 2)]
        yield from _one(tree, IP_OCTETS, 6, index, own, juniper)
    whole = [(*column, index) for column in (oids.IF_HC_IN_OCTETS, oids.IF_HC_OUT_OCTETS)]
    yield from _one(tree, IF_OCTETS, 0, index, own, whole)


def _one(tree: Tree, metric: str, family: int, interface: int, age: int, columns: Sequence[Oid]) -> Iterator[Counted]:
    """Yield the sum of columns, where the device has every one of them."""
    values = [value for column in columns if (value := tree.integer(column)) is not None and value >= 0]
    if len(values) == len(columns):
        yield Counted(metric=metric, family=family, interface=interface, value=sum(values), age=age)


def _age(tree: Tree, now: int, discontinuity: Oid) -> int:
    """Since start, or since the last time that the device says it began anew. One "after now" is as good as now."""
    return min(max(0, now - max(0, tree.integer(discontinuity) or 0)), _LONGEST)
