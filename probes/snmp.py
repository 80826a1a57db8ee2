"""Reads a device over SNMP: system, interfaces, addresses, IPv6 state, neighbours.

Declared objects only, column by column; a route table is never walked (CHECKS trap D5): the default route is one
targeted question. Tables that replace others are asked where the ones before them have no IPv6 row.

A device that falls silent in between is left as soon as it also leaves the shortest question unanswered, and one with
tables that have no end is asked for little more: neither may hold a worker for as long as all its tables would take.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from inventory.model import Clearance
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import DeviceTarget, EndpointTask
from probes.net.api import Net, SnmpDevice
from probes.observations.snmp import SnmpGet, SnmpSession, SnmpWalk
from probes.wire.snmp import oids, optics, totals
from probes.wire.snmp.addresses import addresses
from probes.wire.snmp.neighbours import neighbours
from probes.wire.snmp.oids import dotted, enterprise
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
    oids.HOST_UP_TIME,
    oids.BGP_LOCAL_AS,
    oids.OSPFV3_ADMIN,
    oids.LLDP_LOC_CHASSIS,
    oids.LLDP_V2_LOC_CHASSIS,
    oids.UPS_BATTERY_STATUS,
    oids.UPS_SECONDS_ON_BATTERY,
    oids.UPS_MINUTES_LEFT,
    oids.UPS_OUTPUT_SOURCE,
    oids.UPS_ALARMS,
)
NAMES = (oids.IF_DESCR, oids.IF_NAME, oids.IF_ALIAS)
TABLES = (
    oids.IF_TYPE,
    oids.IF_MTU,
    oids.IF_ADMIN,
    oids.IF_OPER,
    oids.IF_HIGH_SPEED,
    oids.IF_CONNECTOR,
    oids.IF_STACK_STATUS,
    oids.VLAN_NAME,
    oids.IP_ADDRESS_ENTRY,
    oids.IP_ADDR_ENTRY,
    oids.IPV6_INTERFACE_ENTRY,
    oids.IP_NET_TO_PHYSICAL_ENTRY,
    oids.IP_DEFAULT_ROUTER_ENTRY,
    oids.IPV6_ROUTER_ADVERT_ENTRY,
    oids.IP_ADDRESS_PREFIX_ENTRY,
    oids.ENT_CLASS,
    oids.VRRP_STATUS,
    oids.OSPFV3_NBR_STATE,
    oids.OSPF_NBR_STATE,
    oids.ISIS_ADJ_STATE,
    oids.BGP4V2_PEER_STATE,
    oids.TUNNEL_METHOD,
    oids.LLDP_REM_ENTRY,
    oids.LLDP_REM_MAN_ADDR,
    oids.CISCO_URPF_CHECK,
)
MAKERS_OWN: Mapping[int, Sequence[Oid]] = {
    9: (oids.CDP_CACHE_ENTRY, oids.CISCO_SB_RA_GUARD_VLANS, oids.HSRP_STATE),
    11: (oids.HP_RA_GUARD_BLOCKED,),
}
"""Tables that only devices of one maker have, by the enterprise number of sysObjectID."""
INSTEAD: Mapping[int, Oid] = {9: oids.CISCO_ADDRESS_ENTRY, 2011: oids.HUAWEI_GLOBAL_ADDR, 11863: oids.TPLINK_ADDR_ENTRY}
"""Tables that hold the IPv6 addresses of a maker's devices where those are in no standard table."""
CHASSIS = (oids.ENT_FIRMWARE, oids.ENT_SOFTWARE, oids.ENT_SERIAL, oids.ENT_MAKER, oids.ENT_MODEL)
PEERS: Mapping[int, Sequence[Oid]] = {
    674: (oids.DELL_PEER_STATE,),
    2011: (oids.HUAWEI_PEER_STATE,),
    2636: (oids.JUNIPER_PEER_STATE,),
    6527: (oids.NOKIA_PEER_STATE,),
    25506: (oids.H3C_PEER_STATE,),
    30065: (oids.ARISTA_PEER_STATE,),
}
_ANY_PEERS = (oids.CISCO_PEER3_STATE, oids.CISCO_PEER2_STATE, oids.H3C_PEER_STATE)
"""Tables of other makers: Cisco's own, and those of H3C devices that are sold under other names (HP, 3Com)."""
_LONG, _SHORT = 5_000, 100
"""Rows of a table, and of the further tables of a device that has shown ``_ENDLESS`` without an end."""
_ENDLESS = 3
_BOUNDS = frozenset({"rows", "bytes", "seconds"})
_ROUTES = 16
_BGP_ROUTES = 64
"""Routes of a session that are read, enough to see that it brings some; a whole table is never read."""
_UPLINKS = 4
_ENTITY_CHASSIS = 3
_CISCO, _HUAWEI = 9, 2011
_ENABLED = 1
_SENSORS = 1_000
_MEASURED, _AT_ONCE = 96, 24
"""Ports with optics that are read, and objects in one question."""


@endpoint_probe(
    version=6,
    title="Device over SNMP",
    records=(SnmpSession, SnmpGet, SnmpWalk),
    services=frozenset({"snmp"}),
    deadline=600.0,
    clearance=Clearance.PASSIVE,
)
async def snmp(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Open with the device's profiles, then read."""
    async with net.snmp(rec, task.endpoint, task.credentials, device=task.device_name) as device:
        if device is not None:
            with suppress(_SilentError):
                await _Reading(device, rec, task.device).all()


class _SilentError(Exception):
    """Raised when the device does not answer any more; its answers so far are recorded."""


class _Reading:
    """Reads the objects of one device."""

    def __init__(self, device: SnmpDevice, rec: Recorder, declared: DeviceTarget | None) -> None:
        self._device = device
        self._rec = rec
        self._wan = frozenset(name.casefold() for name in declared.uplinks) if declared else frozenset[str]()
        self._networks = (*oids.EVERYWHERE, *(declared.aggregates if declared else ()))
        self._endless = 0
        self._maker = 0

    async def all(self) -> None:
        scalars = Tree((await self._get(SCALARS)).rows)
        self._maker = enterprise(scalars.oid(oids.SYS_OBJECT_ID))
        await self._get(totals.of_device())
        names = Tree([row for root in NAMES for row in (await self._walk(root)).rows])
        uplinks = self._uplinks(names)
        for index in uplinks:
            await self._get(totals.of_interface(index))
        await self._tables(scalars)
        await self._get(totals.of_device())  # again, as late as possible
        for index in uplinks:
            await self._get(totals.of_interface(index))
        for context in self._device.contexts:
            await self._within(context)

    async def _within(self, context: str) -> None:
        """Read the tables of a virtual network, until it falls silent, as a context that does not exist may do."""
        for root in oids.IN_CONTEXTS:
            walked = await self._device.walk(self._rec, dotted(root), context=context)
            if walked.failure is not None and walked.failure.kind is FailureKind.TIMEOUT:
                return

    def _uplinks(self, tree: Tree) -> list[int]:
        """Return the interfaces of those names."""
        named = (pair for column in NAMES for pair in tree.texts(column).items())
        return sorted({index[0] for index, name in named if len(index) == 1 and name.casefold() in self._wan})[
            :_UPLINKS
        ]

    async def _tables(self, scalars: Tree) -> None:
        tree = Tree([row for root in TABLES for row in (await self._walk(root)).rows])
        await self._addresses(tree)
        if any(entry.status == "duplicate" for entry in addresses(tree)):
            await self._walk((*oids.IP_ADDRESS_ENTRY, 7))  # once more, to see whether a duplicate lasts
        await self._routes()
        if not any(neighbour.address.version == 6 for neighbour in neighbours(tree)):
            await self._first((oids.CISCO_NEIGHBOUR_ENTRY, oids.LEGACY_NEIGHBOUR_ENTRY))
        chassis = [index for index, kind in tree.integers(oids.ENT_CLASS).items() if kind == _ENTITY_CHASSIS]
        for index in chassis[:4]:
            await self._get([(*column, *index) for column in CHASSIS])
        if tree.has_below(oids.BGP4V2_PEER_STATE):
            await self._walk(oids.BGP4V2_ROUTE_BEST, rows=_BGP_ROUTES)
        else:
            await self._first(PEERS.get(self._maker, _ANY_PEERS))
        if not tree.has_below(oids.OSPFV3_NBR_STATE):
            await self._other_adjacencies(scalars)
        if not tree.has_below(oids.IPV6_INTERFACE_ENTRY):
            for root in (oids.LEGACY_IF_ADMIN, oids.LEGACY_IF_OPER):
                await self._walk(root)
            if self._maker == _HUAWEI:
                await self._walk(oids.HUAWEI_IF_ENABLE)
        await self._of_makers(scalars, tree)
        await self._optics(tree)

    async def _other_adjacencies(self, scalars: Tree) -> None:
        """Read other tables of OSPFv3 neighbours where none shows a state.

        These are the maker's own table, and the standard one, which shows whether a view hides only the column of
        states.
        """
        if self._maker == _HUAWEI:
            await self._walk(oids.HUAWEI_OSPFV3_NBR)
        if scalars.integer(oids.OSPFV3_ADMIN) == _ENABLED:
            await self._walk(oids.OSPFV3_NBR_ENTRY)

    async def _optics(self, tree: Tree) -> None:
        """Read the optical power that ports receive: from the maker's table, or from sensors with such a unit."""
        columns = optics.asked_of(self._maker)
        own = Tree([row for column in columns for row in (await self._walk(column, rows=_SENSORS)).rows])
        if self._maker == _HUAWEI:
            await self._each(own.indexes(oids.HUAWEI_RX_POWER), (oids.ENT_NAME,))
        if columns or not tree.has_below(oids.ENT_CLASS):
            return
        entry = oids.CISCO_SENSOR_ENTRY if self._maker == _CISCO else oids.ENTITY_SENSOR_ENTRY
        types = Tree((await self._walk((*entry, 1), rows=_SENSORS)).rows).integers((*entry, 1))
        wanted = [index for index, kind in types.items() if kind in optics.OPTICAL]
        await self._each(wanted, (*((*entry, number) for number in (2, 3, 4, 5)), oids.ENT_DESCR, oids.ENT_NAME))

    async def _each(self, indexes: Sequence[Oid], columns: Sequence[Oid]) -> None:
        """Read some columns at some of their indexes, several in one question."""
        objects = [(*column, *index) for index in indexes[:_MEASURED] for column in columns]
        for at in range(0, len(objects), _AT_ONCE):
            await self._get(objects[at : at + _AT_ONCE])

    async def _of_makers(self, scalars: Tree, tree: Tree) -> None:
        """Read the newer table of neighbours where only that exists, and the tables that only one maker has."""
        if not tree.has_below(oids.LLDP_REM_ENTRY) and scalars.has_below(oids.LLDP_V2_LOC_CHASSIS):
            for root in (oids.LLDP_V2_REM_ENTRY, oids.LLDP_V2_REM_MAN_ADDR):
                await self._walk(root)
        for root in MAKERS_OWN.get(self._maker, ()):
            await self._walk(root)

    async def _addresses(self, tree: Tree) -> None:
        """Read the tables in place of ipAddressTable where it has no IPv6 row, and prefix lengths where it has none."""
        v6 = [entry for entry in addresses(tree) if entry.address.version == 6]
        if not v6:
            own = INSTEAD.get(self._maker)
            await self._first((oids.LEGACY_ADDR_ENTRY, *([own] if own else ())))
        elif any(entry.prefix_length is None for entry in v6):
            await self._walk(oids.LEGACY_ADDR_ENTRY)

    async def _routes(self) -> None:
        """Read the default and the declared aggregates' routes from the first table that shows any IPv6 route."""
        inet, cisco, legacy = oids.FIRST_ROUTES
        for first, entry in ((inet, oids.INET_CIDR_ROUTE_ENTRY), (cisco, oids.CISCO_ROUTE_ENTRY)):
            if (await self._walk(first, rows=1)).rows:
                for network in self._networks:
                    await self._route([oids.route(entry, column, network) for column in (7, 8, 17)])
                return
        if (await self._walk(legacy, rows=1)).rows:
            for network in self._networks:
                await self._route([oids.legacy_route(column, network) for column in (4, 5, 6, 14)])

    async def _route(self, columns: Sequence[Oid]) -> None:
        """Read the interfaces of the routes to one network, and their other columns where there are any."""
        if (await self._walk(columns[0], rows=_ROUTES)).rows:
            for column in columns[1:]:
                await self._walk(column, rows=_ROUTES)

    async def _first(self, roots: Sequence[Oid]) -> None:
        """Walk the tables in turn until one has rows."""
        for root in roots:
            if (await self._walk(root)).rows:
                if root in (oids.CISCO_PEER3_STATE, oids.CISCO_PEER2_STATE):
                    await self._walk(oids.CISCO_PEER2_ACCEPTED)
                return

    async def _get(self, objects: Sequence[Oid]) -> SnmpGet:
        got = await self._device.get(self._rec, [dotted(oid) for oid in objects])
        await self._heard(got.failure)
        return got

    async def _walk(self, root: Oid, rows: int = _LONG) -> SnmpWalk:
        limit = rows if self._endless < _ENDLESS else min(rows, _SHORT)
        walked = await self._device.walk(self._rec, dotted(root), rows=limit)
        self._endless += limit == _LONG and walked.stopped in _BOUNDS
        await self._heard(walked.failure)
        return walked

    async def _heard(self, failure: Failure | None) -> None:
        """Ask for sysUpTime after a silence; raise _SilentError if the device, not only a table, is silent."""
        if failure is not None and failure.kind is FailureKind.TIMEOUT:
            again = await self._device.get(self._rec, [dotted(oids.SYS_UP_TIME)])
            if again.failure is not None and again.failure.kind is FailureKind.TIMEOUT:
                raise _SilentError
