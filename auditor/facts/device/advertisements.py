"""Reads a device's router advertisements on one interface, and judges whether hosts can use them."""

from collections.abc import Mapping, Set

from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.interfaces import DeclaredInterface
from probes.wire.snmp import oids

COLUMNS: Mapping[str, int] = {"send": 2, "managed": 5, "mtu": 7, "hops": 10, "lifetime": 11}
"""Columns of ipv6RouterAdvertTable."""
_TRUE, _FALSE = 1, 2
_MTU_MIN = 1_280
_LIFETIME_MAX, _HOPS_MIN = 65_535, 64
"""Limits of RFC 8319 §4 (lifetime in seconds) and IANA's default hop limit."""


def shown(device: SeenDevice, index: int | None) -> Mapping[str, int]:
    """Return the columns of ipv6RouterAdvertTable that an interface has; ``index`` is its ifIndex."""
    if index is None:
        return {}
    columns = {
        word: device.tree.integers((*oids.IPV6_ROUTER_ADVERT_ENTRY, number)).get((index,))
        for word, number in COLUMNS.items()
    }
    return {word: value for word, value in columns.items() if value is not None}


def is_odd(
    device: SeenDevice,
    interface: DeclaredInterface,
    told: Mapping[str, int],
    planned: tuple[Set[int], Set[int]],
    least: int,
) -> bool:
    """True if the advertised values are unusual or not as planned.

    ``planned``: the ifIndexes with DHCPv6, and with SLAAC; ``least``: the smallest acceptable lifetime in seconds.
    """
    mtu = device.tree.integers(oids.IF_MTU).get((interface.index or 0,))
    lifetime, hops = told.get("lifetime"), told.get("hops")
    return (
        (lifetime is not None and not least <= lifetime <= _LIFETIME_MAX)
        or (hops is not None and 0 < hops < _HOPS_MIN)
        or not _is_sane(told.get("mtu", 0), mtu)
        or any(interface.index in planned[way] and told.get("managed") == no for way, no in enumerate((_FALSE, _TRUE)))
    )


def _is_sane(told: int, mtu: int | None) -> bool:
    """True if hosts can use the advertised MTU.

    An MTU below the link's makes packets fit a narrower path to the Internet (PPPoE, tunnels). Some makers include the
    link header in ifMtu.
    """
    return not told or (told >= _MTU_MIN and (mtu is None or told <= mtu))
