"""Check that networks whose hosts use IPv4 have hosts that use IPv6 too.

A table without any IPv6 row does not show that no host is there (trap D2): some agents show only IPv4 neighbours.
Neither do the link-local addresses of one or two neighbours: another router has one, and a quiet host shows no other.
On the backup of a pair of routers (VRRP) all hosts have no other: they ask every router for advertisements, and send
all else, over IPv4 too, through the active one.
"""

from collections.abc import Iterator
from enum import Enum

from auditor.facts.device import answers, remedies
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.interfaces import Enabled, declared, is_down, v6_state
from auditor.framework.check import VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from auditor.framework.message_format import VIETNAM
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.wire.snmp import oids
from probes.wire.snmp.neighbours import Neighbour, neighbours

_ID = "ipv6.device.neighbours"
_SATURDAY = 5
_WORK = (*range(8, 12), *range(13, 17))


class _Lan(Enum):
    NOBODY = "NOBODY"
    ONLY_LINK_LOCAL = "ONLY_LINK_LOCAL"
    FEW = "FEW"
    UNUSED = "UNUSED"
    PRESENT = "PRESENT"


@check(
    version=5,
    title="IPv6 neighbours are present",
    problem="Hosts on the network do not use IPv6",
    problems={"ONLY_LINK_LOCAL": "Neighbours have only link-local IPv6 addresses"},
    why="A network of users on which no host speaks IPv6 has IPv6 on paper only.",
    fix="Check router advertisements and DHCPv6 on the network, and that its hosts have IPv6 switched on.",
    references=("RFC 4293", "RFC 9898"),
    needs=answers.SNMP,
    kinds=frozenset({Kind.ROUTER, Kind.SWITCH, Kind.FIREWALL}),
    vantage=frozenset({VantageKind.SNMP}),
    presence=True,
    clearance=Clearance.PASSIVE,
    vendor_fixes=remedies.of("neighbours"),
    messages={
        **answers.CODES,
        **answers.NOT_SHOWN,
        "PRESENT": passed("{name} has IPv6 neighbours on {interfaces:list}."),
        "ONLY_LINK_LOCAL": warn("The IPv6 neighbours of {name} on {interfaces:list} have link-local addresses only."),
        "NOBODY": fail("On {interfaces:list} of {name} hosts speak IPv4, but none of them speaks IPv6."),
        "FEW": inconclusive(
            "On {interfaces:list} of {name} too few hosts were seen to say whether they speak IPv6.", reason=Reason.SMPL
        ),
        "UNUSED": inconclusive(
            "The IPv6 neighbours of {name} on {interfaces:list} have link-local addresses only, but too few hosts there"
            " speak IPv4 with it: perhaps they use another router, for which this one stands by.",
            fix="Read the router that the hosts use; on the backup of a pair, hosts show no more than that.",
            reason=Reason.SMPL,
        ),
        "AFTER_HOURS": inconclusive(
            "On {interfaces:list} of {name} no neighbours with global IPv6 addresses were seen, but outside working"
            " hours: those of IPv6 are forgotten in minutes, those of IPv4 in hours.",
            fix="Read the device on a working day between 8 and 17 o'clock.",
            reason=Reason.SMPL,
        ),
        "NO_LAN": not_applicable("No declared network of users at {name} is up, has IPv6 and has hosts on it."),
        "NOT_DECLARED": inconclusive(
            "The inventory does not say which interfaces of {name} lead to users.",
            fix="Declare them in the column tags: lan=NAME.",
            reason=Reason.INV,
        ),
    },
)
def neighbours_present(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = answers.device(subject, evidence, ctx)
    yield _judge(subject, found, ctx) if isinstance(found, SeenDevice) else found


def _judge(subject: Subject, device: SeenDevice, ctx: Context) -> Verdict:
    wanted = declared(subject, device, ("lan",))
    if not wanted:
        return device.says("NOT_DECLARED")
    here = [neighbour for neighbour in neighbours(device.tree) if neighbour.is_there]
    if not any(neighbour.address.version == 6 for neighbour in here):
        return device.says("NOT_SHOWN") if _read(device) else device.not_read()
    least = ctx.policy.threshold(_ID, "min_hosts")
    found: dict[_Lan, list[str]] = {}
    for lan in wanted:
        if lan.index is not None and not is_down(device, lan.index):
            state = _state(device, lan.index, here, least)
            if state is not None:
                found.setdefault(state, []).append(lan.name)
    state = next((lan for lan in _Lan if lan in found), None)
    if state is None:
        return device.says("NO_LAN") if _read(device) else device.not_read()
    if state in (_Lan.NOBODY, _Lan.FEW, _Lan.UNUSED, _Lan.ONLY_LINK_LOCAL) and not _read(device):
        return device.not_read()
    idle = state in (_Lan.NOBODY, _Lan.ONLY_LINK_LOCAL) and not _at_work(device, ctx)
    return device.says("AFTER_HOURS" if idle else state.value, interfaces=tuple(found[state]))


def _at_work(device: SeenDevice, ctx: Context) -> bool:
    """True if the device was read in working hours.
    Entries of hosts that left age in minutes over IPv6, and in hours over IPv4."""
    if not ctx.policy.threshold(_ID, "at_work"):
        return True
    here = device.read_at.astimezone(VIETNAM)
    off = any(days_off.covers(here.date()) for days_off in ctx.reference.holidays)
    return here.weekday() < _SATURDAY and here.hour in _WORK and not off


def _state(device: SeenDevice, index: int, here: list[Neighbour], least: float) -> _Lan | None:
    """Return the state of a network; None if no host is there, or if IPv6 is off, which another check reports."""
    on_it = [neighbour for neighbour in here if neighbour.if_index == index]
    v6 = [neighbour for neighbour in on_it if neighbour.address.version == 6]
    if any(not neighbour.address.is_link_local for neighbour in v6):
        return _Lan.PRESENT
    if not on_it or not (v6 or v6_state(device, index) is Enabled.YES):
        return None
    hosts4, hosts6 = (len({one.address for one in on_it if one.address.version == family}) for family in (4, 6))
    if hosts4 < least:
        return _Lan.FEW if hosts6 < least else _Lan.UNUSED
    return _Lan.ONLY_LINK_LOCAL if v6 else _Lan.NOBODY


def _read(device: SeenDevice) -> bool:
    """True if the table that has IPv6 neighbours was read to its end."""
    tables = {
        "ipNetToPhysicalTable": oids.IP_NET_TO_PHYSICAL_ENTRY,
        "cInetNetToMediaTable": oids.CISCO_NEIGHBOUR_ENTRY,
        "ipv6NetToMediaTable": oids.LEGACY_NEIGHBOUR_ENTRY,
    }
    sources = {neighbour.source for neighbour in neighbours(device.tree)} or {"ipNetToPhysicalTable"}
    return all(device.complete(tables[source]) for source in sources)
