"""Check that the neighbours on a device's links are in the inventory.

A neighbour is known by name or by management address, or as a device that was read itself, by its chassis or an address
that it shows. The data that a neighbour sends about itself may be wrong: ask before assuming a fault. Routers of the
operator may be connected there legitimately: the tag ``neighbour=NAME`` declares them.
"""

from collections.abc import Iterator

from auditor.facts.device import answers, remedies
from auditor.facts.device.answers import SeenDevice
from auditor.framework.check import VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from auditor.framework.inventory_index import short_name
from inventory.model import DEVICE_KINDS, Clearance, Network, Subject
from probes.framework.evidence import EvidenceSet
from probes.wire.snmp import oids
from probes.wire.snmp.links import LinkNeighbour, link_neighbours
from probes.wire.snmp.tree import UNREADABLE

_TABLES = (
    (oids.LLDP_REM_ENTRY, oids.LLDP_REM_MAN_ADDR),
    (oids.LLDP_V2_REM_ENTRY, oids.LLDP_V2_REM_MAN_ADDR),
    (oids.CDP_CACHE_ENTRY,),
)
_MIBS = {
    "lldpRemTable": (oids.LLDP_LOC_CHASSIS, oids.LLDP_REM_MAN_ADDR),
    "lldpV2RemTable": (oids.LLDP_V2_LOC_CHASSIS, oids.LLDP_V2_REM_MAN_ADDR),
}
"""Other objects of the same MIB that a device shows unless a view hides them, by the source of a neighbour."""


@check(
    version=8,
    title="Neighbours match the inventory",
    problem="Device has a neighbour missing from the inventory",
    problems={"UNKNOWN_ROUTER": "Unknown router or switch is attached to TSLCD equipment"},
    why="A device that nobody knows of is maintained by nobody, and a router among them can lead everything past the"
    " firewall.",
    fix="Find out what the device is; enter it in the inventory or remove it. One that belongs to the operator is named"
    " in the column tags: neighbour=NAME.",
    references=("IEEE 802.1AB", "CIS Controls 1"),
    needs=answers.SNMP,
    kinds=DEVICE_KINDS,
    vantage=frozenset({VantageKind.SNMP}),
    clearance=Clearance.PASSIVE,
    vendor_fixes=remedies.of("lldp-topology"),
    excused_by={"UNKNOWN_ROUTER": frozenset({"snmp"}), "UNKNOWN": frozenset({"snmp"})},
    messages={
        **answers.CODES,
        **answers.NOT_SHOWN,
        "KNOWN": passed("All neighbours of {name} are known: {neighbours:list}."),
        "UNKNOWN": warn(
            "{name} has {neighbours/a neighbour/neighbours} that the inventory does not know: {neighbours:list}."
        ),
        "UNKNOWN_ROUTER": fail(
            "{neighbours/A router or switch/Routers or switches} that the inventory does not know {neighbours/is/are}"
            " attached to the TSLCD equipment {name}: {neighbours:list}."
        ),
        "NAMES_UNREADABLE": inconclusive(
            "{name} has {neighbours/a neighbour/neighbours} whose {neighbours/name is/names are} not written in UTF-8"
            " and could not be read, so that whether the inventory knows {neighbours/it/them} cannot be told:"
            " {neighbours:list}.",
            fix="Name the device at the other end in letters without accents, as the inventory has it, or enter the"
            " management address that it tells over LLDP in the inventory.",
            reason=Reason.AMB,
        ),
        "ADDRESSES_HIDDEN": inconclusive(
            "{name} has {neighbours/a neighbour/neighbours} that the inventory does not know by name:"
            " {neighbours:list}. The SNMP view of the device shows nothing of LLDP but the table of neighbours, so that"
            " whether it knows {neighbours/its address/their addresses} cannot be told.",
            fix="Let the device's SNMP view show all of LLDP-MIB (1.0.8802.1.1.2), or enter the neighbour under the"
            " name that it gives.",
            reason=Reason.OBJ,
        ),
        "NOBODY": not_applicable("Nobody tells {name} over LLDP or CDP who stands at its links."),
    },
)
def lldp_topology(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = answers.device(subject, evidence, ctx)
    yield _judge(subject, found, ctx) if isinstance(found, SeenDevice) else found


def _judge(subject: Subject, device: SeenDevice, ctx: Context) -> Verdict:
    every = link_neighbours(device.tree)
    expected = {short_name(name) for name in subject.tag_values("neighbour")}
    strange = [neighbour for neighbour in every if not _is_known(neighbour, expected, ctx)]
    if not _read(device):
        return device.not_read()  # an unread name or address is not an unknown one
    without = [neighbour for neighbour in strange if _is_without_addresses(device, neighbour)]
    readable = [one for one in strange if not _is_unreadable(one) and one not in without]
    carriers = [one for one in readable if one.router or (one.bridge and not one.terminal)]
    if carriers and subject.network is Network.TSLCD:
        return device.says("UNKNOWN_ROUTER", neighbours=_names(device, carriers))
    if readable:
        return device.says("UNKNOWN", neighbours=_names(device, readable))
    if without:
        return device.says("ADDRESSES_HIDDEN", neighbours=_names(device, without))
    if strange:
        return device.says("NAMES_UNREADABLE", neighbours=_names(device, strange))
    if every:
        return device.says("KNOWN", neighbours=_names(device, list(every)))
    speaks = any(device.tree.has_below(oid) for oid in (oids.LLDP_LOC_CHASSIS, oids.LLDP_V2_LOC_CHASSIS))
    return device.says("NOBODY" if speaks else "NOT_SHOWN")


def _is_known(neighbour: LinkNeighbour, expected: set[str], ctx: Context) -> bool:
    names = {short_name(text) for text in (neighbour.name, neighbour.chassis) if text}
    known = ctx.inventory.labels | expected | ctx.estate.chassis
    return bool(names & known) or any(
        address in ctx.inventory.addresses or address in ctx.estate.addresses for address in neighbour.addresses
    )


def _is_unreadable(neighbour: LinkNeighbour) -> bool:
    """True if it gives a name in an encoding older than UTF-8, which may still be one in the inventory."""
    return UNREADABLE in (neighbour.name or "")


def _is_without_addresses(device: SeenDevice, neighbour: LinkNeighbour) -> bool:
    """True if it gives no address, and a view may hide addresses.

    That may be so if the device shows neither its own addresses nor any neighbour's.
    """
    mib = _MIBS.get(neighbour.source)
    return not neighbour.addresses and mib is not None and not any(device.tree.has_below(oid) for oid in mib)


def _read(device: SeenDevice) -> bool:
    """True if every table of neighbours that was requested was read to its end, with their management addresses."""
    walked = [roots for roots in _TABLES if any(walk.root == oids.dotted(roots[0]) for walk in device.walks)]
    return bool(walked) and all(device.complete(root) for roots in walked for root in roots)


def _names(device: SeenDevice, which: list[LinkNeighbour]) -> tuple[str, ...]:
    """Return ``name (interface)``; an LLDP port number is no interface of ours, and is left out."""
    named = (
        (neighbour.label, device.interface(neighbour.port) if neighbour.port_is_index else "") for neighbour in which
    )
    return tuple(dict.fromkeys(f"{label} ({port})" if port else label for label, port in named))
