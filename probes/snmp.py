"""Probe ``snmp``: what a device says of itself over SNMP: system, interfaces, addresses, IPv6 state, neighbours.

Declared objects only, column by column; a route table is never walked (CHECKS trap D5): the default route is one
targeted question. Tables that replace others are asked where the ones before them have no IPv6 row.
"""

from collections.abc import Sequence

from inventory.model import Clearance
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net, SnmpDevice
from probes.observations.snmp import SnmpGet, SnmpSession, SnmpWalk
from probes.wire.snmp import oids
from probes.wire.snmp.addresses import addresses
from probes.wire.snmp.neighbours import neighbours
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.tree import Oid, Tree

SCALARS = (
    oids.SYS_DESCR,
    oids.SYS_OBJECT_ID,
    oids.SYS_UP_TIME,
    oids.SYS_NAME,
    oids.SYS_SERVICES,
    oids.IP_FORWARDING,
    oids.IPV6_FORWARDING,
    oids.LEGACY_FORWARDING,
    oids.CISCO_FORWARDING,
    oids.OSPFV3_ADMIN,
)
TABLES = (
    oids.IF_DESCR,
    oids.IF_TYPE,
    oids.IF_MTU,
    oids.IF_ADMIN,
    oids.IF_OPER,
    oids.IF_NAME,
    oids.IF_ALIAS,
    oids.IF_HIGH_SPEED,
    oids.IF_CONNECTOR,
    oids.VLAN_NAME,
    oids.IP_ADDRESS_ENTRY,
    oids.IP_ADDR_ENTRY,
    oids.IPV6_INTERFACE_ENTRY,
    oids.IP_NET_TO_PHYSICAL_ENTRY,
    oids.IP_DEFAULT_ROUTER_ENTRY,
    oids.IPV6_ROUTER_ADVERT_ENTRY,
    oids.IP_ADDRESS_PREFIX_ENTRY,
    oids.IP_SYSTEM_STATS_ENTRY,
    oids.ENT_CLASS,
    oids.OSPFV3_NBR_STATE,
    oids.OSPF_NBR_STATE,
    oids.ISIS_ADJ_STATE,
    oids.BGP4V2_PEER_STATE,
    oids.TUNNEL_METHOD,
    oids.LLDP_REM_ENTRY,
    oids.LLDP_REM_MAN_ADDR,
    oids.CISCO_URPF_CHECK,
)
INSTEAD = (oids.CISCO_ADDRESS_ENTRY, oids.LEGACY_ADDR_ENTRY, oids.TPLINK_ADDR_ENTRY, oids.HUAWEI_GLOBAL_ADDR)
"""Where IPv6 addresses may stand when ipAddressTable has none."""
CHASSIS = (oids.ENT_FIRMWARE, oids.ENT_SOFTWARE, oids.ENT_SERIAL, oids.ENT_MAKER, oids.ENT_MODEL)
PEERS = (
    oids.CISCO_PEER3_STATE,
    oids.CISCO_PEER2_STATE,
    oids.JUNIPER_PEER_STATE,
    oids.HUAWEI_PEER_STATE,
    oids.ARISTA_PEER_STATE,
)
_ROUTES = 16
_ENTITY_CHASSIS = 3


@endpoint_probe(
    version=2,
    title="Device over SNMP",
    records=(SnmpSession, SnmpGet, SnmpWalk),
    services=frozenset({"snmp"}),
    deadline=600.0,
    clearance=Clearance.PASSIVE,
)
async def snmp(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Open with the device's profiles, then read."""
    name = task.device or task.key
    async with net.snmp(rec, task.endpoint, task.credentials, device=name) as device:
        if device is not None:
            await _Reading(device, rec).all()


class _Reading:
    """One device being read; ``tree`` is what it gave so far."""

    def __init__(self, device: SnmpDevice, rec: Recorder) -> None:
        self._device = device
        self._rec = rec

    async def all(self) -> None:
        await self._device.get(self._rec, [dotted(oid) for oid in SCALARS])
        tree = Tree([row for root in TABLES for row in (await self._walk(root)).rows])
        await self._addresses(tree)
        if any(one.status == "duplicate" for one in addresses(tree)):
            await self._walk((*oids.IP_ADDRESS_ENTRY, 7))  # once more: a duplicate that lasts
        await self._routes()
        if not any(one.address.version == 6 for one in neighbours(tree)):
            await self._first((oids.CISCO_NEIGHBOUR_ENTRY, oids.LEGACY_NEIGHBOUR_ENTRY))
        chassis = [index for index, kind in tree.integers(oids.ENT_CLASS).items() if kind == _ENTITY_CHASSIS]
        for index in chassis[:4]:
            await self._device.get(self._rec, [dotted((*column, *index)) for column in CHASSIS])
        if not tree.has_below(oids.BGP4V2_PEER_STATE):
            await self._first(PEERS)
        if not tree.has_below(oids.OSPFV3_NBR_STATE):
            await self._walk(oids.HUAWEI_OSPFV3_NBR)
        if not tree.has_below(oids.IPV6_INTERFACE_ENTRY):
            for root in (oids.LEGACY_IF_ADMIN, oids.LEGACY_IF_OPER, oids.HUAWEI_IF_ENABLE):
                await self._walk(root)

    async def _addresses(self, tree: Tree) -> None:
        """The tables in place of ipAddressTable where it has no IPv6 row, and prefix lengths where it has none."""
        v6 = [one for one in addresses(tree) if one.address.version == 6]
        if not v6:
            await self._first(INSTEAD)
        elif any(one.prefix_length is None for one in v6):
            await self._walk(oids.LEGACY_ADDR_ENTRY)

    async def _routes(self) -> None:
        """Those to ::/0, from the first table that shows any IPv6 route."""
        inet, cisco, legacy = oids.FIRST_ROUTES
        if (await self._walk(inet, rows=1)).rows:
            roots: Sequence[Oid] = [oids.default_route(oids.INET_CIDR_ROUTE_ENTRY, column) for column in (7, 17)]
        elif (await self._walk(cisco, rows=1)).rows:
            roots = [oids.default_route(oids.CISCO_ROUTE_ENTRY, column) for column in (7, 17)]
        elif (await self._walk(legacy, rows=1)).rows:
            roots = [(*oids.LEGACY_ROUTE_ENTRY, column, *([0] * 16), 0) for column in (4, 5, 14)]
        else:
            return
        for root in roots:
            await self._walk(root, rows=_ROUTES)

    async def _first(self, roots: Sequence[Oid]) -> None:
        """Walk until one has rows."""
        for root in roots:
            if (await self._walk(root)).rows:
                if root in (oids.CISCO_PEER3_STATE, oids.CISCO_PEER2_STATE):
                    await self._walk(oids.CISCO_PEER2_ACCEPTED)
                return

    async def _walk(self, root: Oid, rows: int = 5_000) -> SnmpWalk:
        return await self._device.walk(self._rec, dotted(root), rows=rows)
