"""Reads traffic counters, each with the time at which it began to count (RFC 4293, RFC 2863).

One value of a counter means nothing (RFC 2578 §7.1.6), only the growth between two readings. Each request includes
sysUpTime, from which the age of the counters is computed.
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
"""The metrics with 32-bit counters only."""
METRICS = (IP_OCTETS, IF_OCTETS, RECEIVED, HEADER_ERRORS, NO_ROUTES, FRAGMENT_FAILURES)
_HC_RECEIVED = 4
_HC_IN, _HC_OUT, _DISCONTINUITY = oids.STATS_IN_OCTETS, oids.STATS_OUT_OCTETS, oids.STATS_DISCONTINUITY
_ERRORS = {HEADER_ERRORS: 7, NO_ROUTES: 8, FRAGMENT_FAILURES: 28}
_FAMILIES = {oids.STATS_IPV4: 4, oids.STATS_IPV6: 6}
"""The IP version by the value of ipVersion."""
_ICMP_OUT = 4
_LONGEST = 2**32
"""The modulus of TimeTicks, which wrap after 497 days: a counter then seems restarted, which costs only one reading."""
_ICMP_ERRORS = (1, 2, 3)  # unreachable, too big, time exceeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Holds one counter at one time. ``interface`` 0: the whole device; ``family`` 0: all IP versions.

    ``age``: hundredths of a second since it began to count, by the device's clock.
    """

    metric: str
    family: int
    interface: int
    value: int
    age: int


def of_device() -> tuple[Oid, ...]:
    """Return the objects of one request about the whole device."""
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
    """Return the objects of one request about an interface."""
    entry = oids.IP_IF_STATS_ENTRY
    return (
        oids.SYS_UP_TIME,
        *((*entry, column, version, index) for version in _FAMILIES for column in (_HC_IN, _HC_OUT, _DISCONTINUITY)),
        *((*column, index) for column in (oids.IF_HC_IN_OCTETS, oids.IF_HC_OUT_OCTETS, oids.IF_DISCONTINUITY)),
        *((*oids.JUNIPER_IPV6_IF_ENTRY, column, index) for column in (1, 2)),
    )


def counted(tree: Tree) -> Iterator[Counted]:
    """Yield the counters in the answer to one such request; none without sysUpTime."""
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
    """Yield the sum of the columns if the device has all of them."""
    values = [value for column in columns if (value := tree.integer(column)) is not None and value >= 0]
    if len(values) == len(columns):
        yield Counted(metric=metric, family=family, interface=interface, value=sum(values), age=age)


def _age(tree: Tree, now: int, discontinuity: Oid) -> int:
    """Return the age of a counter: time since start or its last discontinuity; one in the future counts as now."""
    return min(max(0, now - max(0, tree.integer(discontinuity) or 0)), _LONGEST)
