"""Says which objects of a device a check goes by where its message names none of their values.

That a route is missing, or that a switch is off, stands in no value: a reader looks at the object or the table itself.
"""

from collections.abc import Mapping

from probes.framework.evidence import Observation
from probes.observations.snmp import SnmpAccess, SnmpGet, SnmpWalk
from probes.wire.snmp import oids
from probes.wire.snmp.oids import dotted

_OBJECTS: Mapping[str, tuple[tuple[int, ...], ...]] = {
    "ipv6.device.address-state": (oids.IP_ADDRESS_ENTRY,),
    "ipv6.device.bgp-v6": (
        *(oids.BGP4V2_PEER_STATE, oids.CISCO_PEER2_STATE, oids.CISCO_PEER3_STATE, oids.JUNIPER_PEER_STATE),
        *(oids.HUAWEI_PEER_STATE, oids.ARISTA_PEER_STATE, oids.DELL_PEER_STATE, oids.H3C_PEER_STATE),
        oids.NOKIA_PEER_STATE,
    ),
    "ipv6.device.capability": (oids.SYS_DESCR, oids.SYS_OBJECT_ID),
    "ipv6.device.default-route": (oids.INET_CIDR_ROUTE_ENTRY, oids.CISCO_ROUTE_ENTRY),
    "ipv6.device.forwarding": (oids.IPV6_FORWARDING, oids.LEGACY_FORWARDING, oids.CISCO_FORWARDING),
    "ipv6.device.global-address": (oids.IP_ADDRESS_ENTRY, oids.CISCO_ADDRESS_ENTRY, oids.LEGACY_ADDR_ENTRY),
    "ipv6.device.igp-v6": (oids.OSPFV3_NBR_ENTRY, oids.ISIS_ADJ_STATE),
    "ipv6.device.plan-conformance": (oids.IP_ADDRESS_ENTRY,),
    "ipv6.device.ra-guard": (oids.CISCO_SB_RA_GUARD_VLANS, oids.HP_RA_GUARD_BLOCKED),
    "ipv6.device.tunnels": (oids.TUNNEL_METHOD, oids.IF_TYPE),
    "security.ipv6.addr-predictability": (oids.IP_NET_TO_PHYSICAL_ENTRY, oids.IP_ADDRESS_ENTRY),
    "security.ipv6.unintended": (oids.IP_ADDRESS_ENTRY, oids.CISCO_ADDRESS_ENTRY, oids.LEGACY_ADDR_ENTRY),
    "tslcd.device.min-spec": (oids.IF_TYPE,),
}


def deciding_objects(check: str, step: Observation) -> list[int]:
    """Return the numbers of a step's lines that tell of the objects of a check: its first for a table that was walked,
    and those with their values for objects that were asked by name."""
    wanted = tuple(map(dotted, _OBJECTS.get(check, ())))
    if isinstance(step, SnmpAccess) and check == "security.snmp.write-access":
        return [number for number, group in enumerate(step.groups or (), 1) if group.writes]
    if isinstance(step, SnmpWalk):
        return [0] if any(_is_within(step.root, each) or _is_within(each, step.root) for each in wanted) else []
    rows = step.rows if isinstance(step, SnmpGet) else ()
    return [number for number, row in enumerate(rows, 1) if any(_is_within(row.oid, each) for each in wanted)]


def _is_within(oid: str, root: str) -> bool:
    return f"{oid}.".startswith(f"{root}.")
