"""Reads the sampled counters of an interface (IF-MIB, IP-MIB), and lists the objects to request.

Only the 64-bit counters of octets and packets are used: at 114 Mbit/s 32 bits wrap within five minutes.
"""

from collections.abc import Mapping

from probes.wire.snmp import oids
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.tree import Oid, Tree

_IF = (1, 3, 6, 1, 2, 1, 2, 2, 1)
_IFX = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)

IN_OCTETS, OUT_OCTETS = "in-octets", "out-octets"
IN_V6_OCTETS, OUT_V6_OCTETS = "in-v6-octets", "out-v6-octets"
IN_ERRORS, OUT_ERRORS, IN_DISCARDS, OUT_DISCARDS = "in-errors", "out-errors", "in-discards", "out-discards"
IN_PACKETS = ("in-unicast", "in-multicast", "in-broadcast")
OUT_PACKETS = ("out-unicast", "out-multicast", "out-broadcast")
STATUS, LAST_CHANGE, HIGH_SPEED, DISCONTINUITY = "status", "last-change", "high-speed", "discontinuity"

WIDE = frozenset({IN_OCTETS, OUT_OCTETS, IN_V6_OCTETS, OUT_V6_OCTETS, *IN_PACKETS, *OUT_PACKETS})
"""The series that are Counter64; all other counters are Counter32."""
NARROW = frozenset({IN_ERRORS, OUT_ERRORS, IN_DISCARDS, OUT_DISCARDS})

_COLUMNS: Mapping[str, Oid] = {
    IN_OCTETS: oids.IF_HC_IN_OCTETS,
    OUT_OCTETS: oids.IF_HC_OUT_OCTETS,
    **{name: (*_IFX, 7 + number) for number, name in enumerate(IN_PACKETS)},
    **{name: (*_IFX, 11 + number) for number, name in enumerate(OUT_PACKETS)},
    IN_DISCARDS: (*_IF, 13),
    IN_ERRORS: (*_IF, 14),
    OUT_DISCARDS: (*_IF, 19),
    OUT_ERRORS: (*_IF, 20),
    STATUS: oids.IF_OPER,
    LAST_CHANGE: (*_IF, 9),
    HIGH_SPEED: oids.IF_HIGH_SPEED,
    DISCONTINUITY: oids.IF_DISCONTINUITY,
    IN_V6_OCTETS: (*oids.IP_IF_STATS_ENTRY, oids.STATS_IN_OCTETS, oids.STATS_IPV6),
    OUT_V6_OCTETS: (*oids.IP_IF_STATS_ENTRY, oids.STATS_OUT_OCTETS, oids.STATS_IPV6),
}
_DEVICE: Mapping[str, Oid] = {
    IN_V6_OCTETS: (*oids.IP_SYSTEM_STATS_ENTRY, oids.STATS_IN_OCTETS, oids.STATS_IPV6),
    OUT_V6_OCTETS: (*oids.IP_SYSTEM_STATS_ENTRY, oids.STATS_OUT_OCTETS, oids.STATS_IPV6),
    DISCONTINUITY: (*oids.IP_SYSTEM_STATS_ENTRY, oids.STATS_DISCONTINUITY, oids.STATS_IPV6),
}
UP_TIME = oids.SYS_UP_TIME
HOST_UP_TIME = oids.HOST_UP_TIME
"""hrSystemUptime.0 (1.3.6.1.2.1.25.1.1.0, RFC 2790): uptime of the machine; sysUpTime is that of the agent."""
ENGINE_BOOTS: Oid = (1, 3, 6, 1, 6, 3, 10, 2, 1, 2, 0)
"""snmpEngineBoots.0 (RFC 3411): grows with each restart, but not when sysUpTime wraps."""


def wanted(indexes: Mapping[str, int]) -> tuple[str, ...]:
    """Return the OIDs to request: those of the whole device, then those of each interface."""
    of_device = (UP_TIME, HOST_UP_TIME, ENGINE_BOOTS, *_DEVICE.values())
    of_interfaces = ((*column, index) for index in indexes.values() for column in _COLUMNS.values())
    return tuple(dotted(oid) for oid in (*of_device, *of_interfaces))


def given(tree: Tree, index: int | None) -> dict[str, int]:
    """Return the values that a device gave for an interface, None: for the whole device; missing ones are left out."""
    columns = _DEVICE if index is None else {name: (*column, index) for name, column in _COLUMNS.items()}
    found = {name: tree.integer(oid) for name, oid in columns.items()}
    return {name: value for name, value in found.items() if value is not None and value >= 0}
