"""Check that an access switch drops router advertisements from user ports.

There is no standard object for it (CHECKS §3.3). HP's table shows it by port, Cisco's small-business switches by VLAN;
for others the owner declares it: tags ``ra-guard=on``, ``ra-guard=some`` or ``ra-guard=off``. Ports that lead to
routers must stay open and are declared as ``wan=NAME`` or ``uplink=NAME``; ``no-access-ports`` declares that there are
no others.
"""

from collections.abc import Iterator
from enum import Enum

from auditor.facts.device import answers, remedies
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.interfaces import excused, is_up, kind_of
from auditor.facts.device.unfinished import NAMES
from auditor.framework.check import VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.wire.snmp import oids
from probes.wire.snmp.interface_names import called

_ETHERNET, _TRUE = 6, 1
_VLANS = (2, 3, 4, 5)
"""Columns with one bit for each VLAN."""


class _Guard(Enum):
    ON = "ON"
    SOME = "SOME"
    OFF = "OFF"
    UPLINKS_UNKNOWN = "UPLINKS_UNKNOWN"
    VLANS_UNKNOWN = "VLANS_UNKNOWN"


_UPLINKS = ("wan", "uplink")
_DECLARED = {"on": "DECLARED_ON", "some": "DECLARED_SOME", "off": "DECLARED_OFF"}


@check(
    version=6,
    title="First-hop security for IPv6 is on",
    problem="RA-Guard is off",
    problems={
        "SOME": "RA-Guard is off on some access ports",
        "DECLARED_SOME": "RA-Guard is declared for some access ports only",
        "DECLARED_OFF": "RA-Guard is declared to be off",
    },
    why="Any machine on a network of users can announce itself as its router, by mistake or on purpose, and all others"
    " will send it what they have to say.",
    fix="Switch RA-Guard and DHCPv6-Guard on for all access ports or VLANs; leave out the ports that lead to routers.",
    references=("RFC 6105", "RFC 7113", "RFC 7610", "RFC 9099 §2.3.2"),
    needs=answers.SNMP,
    kinds=frozenset({Kind.ACCESS_SWITCH}),
    vantage=frozenset({VantageKind.SNMP, VantageKind.INV}),
    clearance=Clearance.PASSIVE,
    vendor_fixes=remedies.of("ra-guard"),
    excused_by={"SOME": frozenset({"snmp"})},
    messages={
        **answers.CODES,
        "ON": passed("RA-Guard is on for all access ports of {name}."),
        "SOME": warn("RA-Guard is off on {interfaces/an access port/access ports} of {name}: {interfaces:list}."),
        "OFF": fail("RA-Guard is off on {name}, which has it."),
        "DECLARED_ON": passed("The inventory declares that RA-Guard is on for all access ports of {name}."),
        "DECLARED_SOME": warn("The inventory declares that RA-Guard is on for some access ports of {name} only."),
        "DECLARED_OFF": fail("The inventory declares that RA-Guard is off on {name}."),
        "UPLINKS_UNKNOWN": inconclusive(
            "RA-Guard of {name} is on for some ports; which of the others lead to routers is not known.",
            fix="Declare the ports that lead to routers in the column tags, by the device's own names: uplink=NAME.",
            reason=Reason.INV,
        ),
        "VLANS_UNKNOWN": inconclusive(
            "RA-Guard of {name} is on for some VLANs; whether these are all VLANs of users no SNMP object shows.",
            fix="Look at the configuration of the device, and declare what is so in the column tags: ra-guard=on or"
            " ra-guard=some.",
            reason=Reason.INV,
        ),
        "NOT_DECLARED": inconclusive(
            "{name} has no SNMP object that shows RA-Guard, and the inventory does not declare it.",
            fix="Look at the configuration of the device, and declare what is so in the column tags: ra-guard=on,"
            " ra-guard=some or ra-guard=off.",
            reason=Reason.OBJ,
        ),
        "NO_ACCESS_PORTS": not_applicable("The inventory says that {name} has no ports for users."),
    },
)
def ra_guard(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    name = subject.host or subject.name
    if subject.has_tag("no-access-ports"):
        yield Verdict(code="NO_ACCESS_PORTS", args={"name": name})
        return
    found = answers.device(subject, evidence, ctx)
    shown = _shown(subject, found) if isinstance(found, SeenDevice) else None
    if shown is not None:
        yield shown
        return
    text = next((_DECLARED[value] for value in subject.tag_values("ra-guard") if value in _DECLARED), None)
    if text is not None:
        yield Verdict(code=text, args={"name": name}, evidence=found.evidence)
    elif not isinstance(found, SeenDevice):
        yield found
    else:
        yield found.says("NOT_DECLARED") if _read(found) else found.not_read()


def _shown(subject: Subject, device: SeenDevice) -> Verdict | None:
    """Return the verdict on the device's own data, or None if it shows none; it takes precedence over a declaration."""
    state, ports = _by_port(subject, device) or _by_vlan(device) or (None, [])
    if state is None:
        return None
    if state is _Guard.SOME and device.broke_off(oids.IF_ALIAS, *NAMES):
        ports = [port for port in ports if not device.lost_of([port], oids.IF_ALIAS, *NAMES)]
        if not ports:  # one of the other ports may lead to a router
            return device.not_read()
    if state is _Guard.SOME:
        return device.says(state.value, interfaces=tuple(device.interface(port) for port in ports))
    return device.says(state.value)


def _by_port(subject: Subject, device: SeenDevice) -> tuple[_Guard, list[int]] | None:
    blocked = {
        index[0]: value for index, value in device.tree.integers(oids.HP_RA_GUARD_BLOCKED).items() if len(index) == 1
    }
    if not blocked or not device.complete(oids.HP_RA_GUARD_BLOCKED):
        return None
    open_ = excused(subject, device, _UPLINKS)
    ports = [p for p in sorted(blocked) if kind_of(device, p) == _ETHERNET and is_up(device, p) and p not in open_]
    bare = [port for port in ports if blocked[port] != _TRUE]
    if not any(value == _TRUE for value in blocked.values()):
        return _Guard.OFF, []
    if not bare:
        return (_Guard.ON, []) if ports else None
    uplinks = [called(device.tree, name) for role in _UPLINKS for name in subject.tag_values(role)]
    is_known = bool(uplinks) and (all(uplinks) or device.broke_off(oids.IF_ALIAS, *NAMES))
    return (_Guard.SOME, bare) if is_known else (_Guard.UPLINKS_UNKNOWN, [])


def _by_vlan(device: SeenDevice) -> tuple[_Guard, list[int]] | None:
    """Return the state by VLAN; the VLANs of users are unknown, so only "none at all" is conclusive."""
    root = oids.CISCO_SB_RA_GUARD_VLANS
    maps = [data for column in _VLANS for data in device.tree.octets((*root, column)).values()]
    if not maps or not device.complete(root):
        return None
    return (_Guard.VLANS_UNKNOWN if any(any(data) for data in maps) else _Guard.OFF), []


def _read(device: SeenDevice) -> bool:
    """True if the tables that were requested were read to their end; those of other vendors are not requested."""
    roots = [oids.HP_RA_GUARD_BLOCKED, oids.CISCO_SB_RA_GUARD_VLANS]
    walked = [root for root in roots if any(walk.root == oids.dotted(root) for walk in device.walks)]
    return device.complete(oids.IF_TYPE) and all(device.complete(root) for root in walked)
