"""Check that routers send router advertisements on user LANs, except where ruled out.

The owner declares the LANs: tags ``lan=NAME`` (of users), ``no-ra=NAME``, and the configuration of hosts in a LAN:
``dhcpv6=NAME`` (managed addresses) or ``slaac=NAME``. A LAN without a row in the table is not one without RA.
"""

from collections.abc import Iterator, Set

from auditor.facts import not_judged
from auditor.facts.device import advertisements, answers, remedies
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.estate import networks_at
from auditor.facts.device.interfaces import DeclaredInterface, declared, excused, may_be_called
from auditor.framework.check import VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.wire.snmp import oids

_TRUE, _FALSE, _CISCO = 1, 2, 9
_WAITING = frozenset({3, 4, 5})
"""cHsrpGrpStandbyState of a router while another one is active: listen, speak, standby."""
_BACKUP, _IPV6 = 2, 2  # vrrpv3OperationsStatus, InetAddressType


@check(
    version=12,
    title="Router advertisements on user LANs are sane",
    problem="Router does not advertise IPv6 to the user network",
    problems={
        "ODD": "Router advertisements have unusual or unplanned values",
        "UNWANTED": "Router advertises IPv6 where it must not",
    },
    why="Without router advertisements the computers of a LAN have no way out over IPv6; where none should be, they"
    " give one to machines that must not have it.",
    fix="Switch router advertisements on for LANs of users and off elsewhere; leave MTU and hop limit at their"
    " defaults.",
    references=("RFC 4861 §6.2", "RFC 8319", "RFC 8106", "RFC 8504 §14.2", "RFC 9099 §2.3.2"),
    needs=answers.SNMP,
    kinds=frozenset({Kind.ROUTER, Kind.SWITCH, Kind.FIREWALL}),
    vantage=frozenset({VantageKind.SNMP}),
    presence=True,
    clearance=Clearance.PASSIVE,
    vendor_fixes=remedies.of("ra-config"),
    excused_by={"MISSING": frozenset({"snmp"})},
    messages={
        **answers.CODES,
        **answers.NOT_SHOWN,
        "SANE": passed("The router advertisements of {name} are as its LANs need them: {interfaces:list}."),
        "ODD": warn("Router advertisements of {name} have unusual or unplanned values on {interfaces:list}."),
        "MISSING": fail("{name} sends no router advertisements to the LANs of users {interfaces:list}."),
        "UNWANTED": fail(
            "{name} sends router advertisements on {interfaces:list}, where the inventory rules them out."
        ),
        "BACKUP": not_applicable(
            "{name} stands by for another router on {interfaces:list} (VRRP or HSRP) and keeps silent meanwhile."
        ),
        "STANDBY_HIDDEN": inconclusive(
            "{name} sends no router advertisements to {interfaces:list}; whether it stands by for another router there"
            " (HSRP) is not known: its SNMP view shows nothing of Cisco's own objects.",
            fix="Let the device's SNMP view show ciscoHsrpMIB, or give the tag vrrp-backup to a router that stands by.",
            reason=Reason.OBJ,
        ),
        "STANDBY_UNTOLD": inconclusive(
            "{name} sends no router advertisements to {interfaces:list}, where another router does; whether it stands"
            " by for that one is not known: it shows nothing of VRRP.",
            fix="Let the device's SNMP view show VRRPV3-MIB (1.3.6.1.2.1.207), or give the tag vrrp-backup to a router"
            " that stands by.",
            reason=Reason.OBJ,
        ),
        "NO_LAN": not_applicable("The inventory declares no LAN of users on {name}."),
        **not_judged.NO_SUCH_INTERFACE,
    },
)
def ra_config(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = answers.device(subject, evidence, ctx)
    yield _judge(subject, found, ctx) if isinstance(found, SeenDevice) else found


def _judge(subject: Subject, device: SeenDevice, ctx: Context) -> Verdict:
    quiet = declared(subject, device, ("no-ra",))
    ruled_out = excused(subject, device, ("no-ra",))
    named = {interface.name.casefold() for interface in quiet}
    lans = [interface for interface in declared(subject, device, ("lan",)) if not _in(interface, ruled_out, named)]
    if not lans and not quiet:
        return device.says("NO_LAN")
    rows = {lan: advertisements.shown(device, lan.index) for lan in (*quiet, *lans)}
    unwanted = [interface for interface in quiet if rows[interface].get("send") == _TRUE]
    if unwanted:
        return device.says("UNWANTED", interfaces=_names(unwanted))
    managed = excused(subject, device, ("dhcpv6",))
    silent = [lan for lan in lans if rows[lan].get("send") == _FALSE and lan.index not in managed]
    standing_by = [interface for interface in silent if _stands_by(subject, device, interface)]
    missing = [interface for interface in silent if interface not in standing_by]
    if missing:
        return _missing(subject, device, missing, ctx)
    slaac = excused(subject, device, ("slaac",))
    least = {lan: int(not _leads_elsewhere(subject, device, lan, ctx)) for lan in lans}
    sending = [lan for lan in lans if rows[lan].get("send") == _TRUE]
    odd = [lan for lan in sending if advertisements.is_odd(device, lan, rows[lan], (managed, slaac), least[lan])]
    certain = [
        lan
        for lan in odd
        if not _may_lead_elsewhere(device, lan) or advertisements.is_odd(device, lan, rows[lan], (managed, slaac), 0)
    ]
    if odd:
        return device.says("ODD", interfaces=_names(certain)) if certain else device.not_read()
    if standing_by:
        return device.says("BACKUP", interfaces=_names(standing_by))
    unnamed = [row for row in rows if row.index is None]
    if unnamed:
        return device.says("NO_SUCH_INTERFACE", interfaces=_names(unnamed))
    if any(row.get("send") is None for row in rows.values()):
        complete = device.complete(oids.IPV6_ROUTER_ADVERT_ENTRY)
        return device.says("NOT_SHOWN") if complete else device.not_read()
    if any(advertisements.COLUMNS.keys() - rows[lan].keys() for lan in lans if rows[lan]["send"] == _TRUE):
        return device.says("NOT_SHOWN")  # announced, with unknown settings
    return device.says("SANE", interfaces=_names(list(rows)))


def _missing(subject: Subject, device: SeenDevice, missing: list[DeclaredInterface], ctx: Context) -> Verdict:
    """Return the verdict on networks without announcements; only unread data may excuse them."""
    certain = [
        lan
        for lan in missing
        if not device.lost_of([lan.index], oids.VRRP_STATUS, oids.HSRP_STATE)
        and not may_be_called(subject, device, ("no-ra", "dhcpv6"), lan.index)
    ]
    active = [lan for lan in certain if _standing(device, lan)]
    if active:
        return device.says("MISSING", interfaces=_names(active))
    if certain and _hides_hsrp(device):
        return device.says("STANDBY_HIDDEN", interfaces=_names(certain))
    if certain and (device.broke_off(oids.SYS_OBJECT_ID) or (not _shows_pairs(device) and device.lost_addresses())):
        return device.not_read()  # whether it shows all states of a pair, or another router is there, may be lost
    alone = [lan for lan in certain if not _is_advertised_by_another(device, lan, ctx)]
    if certain and not alone:
        return device.says("STANDBY_UNTOLD", interfaces=_names(certain))
    return device.says("MISSING", interfaces=_names(alone)) if alone else device.not_read()


def _stands_by(subject: Subject, device: SeenDevice, interface: DeclaredInterface) -> bool:
    """True if this is the backup of a pair of routers, by the state of each virtual router on the interface.
    Where it shows none, the declaration counts. A router that has taken over is no backup any more."""
    standing = _standing(device, interface)
    return all(standing) if standing else subject.has_tag("vrrp-backup")


def _standing(device: SeenDevice, interface: DeclaredInterface) -> list[bool]:
    """Return, for each virtual router that is shown on an interface, whether another router is the active one."""
    states = [
        state == _BACKUP
        for index, state in device.tree.integers(oids.VRRP_STATUS).items()
        if len(index) == 3 and index[0] == interface.index and index[2] == _IPV6
    ]
    if states:
        return states
    groups = device.tree.integers(oids.HSRP_STATE)
    return [state in _WAITING for index, state in groups.items() if len(index) == 2 and index[0] == interface.index]


def _hides_hsrp(device: SeenDevice) -> bool:
    """True if a Cisco device shows none of its vendor's own objects, as in a view of only mib-2."""
    cisco = (*oids.ENTERPRISES, _CISCO)
    object_id = device.tree.oid(oids.SYS_OBJECT_ID) or ()
    return object_id[: len(cisco)] == cisco and not device.tree.has_below(cisco)


def _is_advertised_by_another(device: SeenDevice, interface: DeclaredInterface, ctx: Context) -> bool:
    """True if another device that was read advertises into the network, and this one shows no virtual router.
    Many agents have no table of virtual routers, and a view may hide it."""
    return not _shows_pairs(device) and _is_advertised(device, interface, ctx)


def _shows_pairs(device: SeenDevice) -> bool:
    """True if the device shows any virtual router."""
    return device.tree.has_below(oids.VRRP_STATUS) or device.tree.has_below(oids.HSRP_STATE)


def _is_advertised(device: SeenDevice, interface: DeclaredInterface, ctx: Context) -> bool:
    index = interface.index
    return index is not None and not ctx.estate.advertised.isdisjoint(networks_at(device.tree, index))


def _leads_elsewhere(subject: Subject, device: SeenDevice, interface: DeclaredInterface, ctx: Context) -> bool:
    """True if hosts there have another default router, so that this one may have lifetime 0 (RFC 4861 §4.2).
    Its own advertisements are then none of a default router."""
    return _stands_by(subject, device, interface) or _is_advertised(device, interface, ctx)


def _may_lead_elsewhere(device: SeenDevice, interface: DeclaredInterface) -> bool:
    """True if lost data may show that hosts there have another default router."""
    return device.lost_of([interface.index], oids.VRRP_STATUS, oids.HSRP_STATE) or device.lost_addresses()


def _in(interface: DeclaredInterface, indexes: Set[int], names: Set[str]) -> bool:
    return interface.index in indexes or interface.name.casefold() in names


def _names(interfaces: list[DeclaredInterface]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(interface.name for interface in interfaces))
