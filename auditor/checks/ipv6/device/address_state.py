"""Check that infrastructure addresses are configured, in use and unique.

The device itself configures link-local addresses, as it should; of them only a duplicate counts. No address is judged
on an interface that is down: there addresses are tentative by the standard. On an access line the provider's router
advertises the address.
"""

from collections.abc import Iterator, Sequence

from auditor.facts.device import answers, remedies
from auditor.facts.device.addresses import stands_inside
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.interfaces import is_down, tells
from auditor.facts.device.unfinished import OF_ITS_OWN
from auditor.facts.device.uplink_addresses import ADVERTISED, of_provider
from auditor.framework.check import VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.estate import SharedAddress
from auditor.framework.findings import Reason, Verdict
from inventory.model import Clearance, Kind, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.wire.snmp import oids
from probes.wire.snmp.addresses import STATUSES, InterfaceAddress, addresses
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.tree import Tree

_STATUS = (*oids.IP_ADDRESS_ENTRY, 7)
_EXCUSING = (*OF_ITS_OWN, oids.IF_OPER)
_UNSETTLED = frozenset({"deprecated", "invalid", "inaccessible", "tentative"})
_DEFECTS = frozenset({"DUPLICATE", "SHARED", "TEMPORARY", "NOT_STATIC", "NOT_PREFERRED"})


@check(
    version=11,
    title="No duplicate, tentative or temporary addresses on infrastructure",
    problem="Device has an IPv6 address in a state it should not have",
    problems={
        "DUPLICATE": "Device's IPv6 address is also in use elsewhere",
        "SHARED": "Same IPv6 address is used by devices at several sites",
        "TEMPORARY": "Device uses a randomly generated IPv6 address",
        "NOT_STATIC": "Device has an IPv6 address that was not configured by hand",
        "NOT_PREFERRED": "Device has a deprecated or tentative IPv6 address",
    },
    why="An address that somebody else has too, or that changes by itself, makes a router vanish without a fault that"
    " anybody sees.",
    fix="Resolve the duplicate; give infrastructure static addresses.",
    references=("RFC 4862 §5.4", "RFC 9099 §2.1.4, §2.1.5"),
    needs=answers.SNMP,
    kinds=frozenset({Kind.ROUTER, Kind.SWITCH, Kind.FIREWALL}),
    vantage=frozenset({VantageKind.SNMP}),
    clearance=Clearance.PASSIVE,
    others=frozenset({"others"}),
    vendor_fixes=remedies.of("address-state"),
    excused_by={"NOT_STATIC": frozenset({"snmp"}), "NOT_PREFERRED": frozenset({"snmp"})},
    messages={
        **answers.CODES,
        **answers.NOT_SHOWN,
        **answers.UNPLACED,
        "IN_ORDER": passed("All IPv6 addresses of {name} are configured and in use ({count:n})."),
        "ASSIGNED": passed(
            "All IPv6 addresses of {name} are in use ({count:n}); DHCPv6 gave it {addresses:list}. A reservation keeps"
            " {addresses/that one/those} the same."
        ),
        "ADVERTISED": passed(
            "All IPv6 addresses of {name} are in use ({count:n}); {addresses:list} on its uplink"
            " {addresses/comes/come} from the router of the provider."
        ),
        "DUPLICATE": fail("{name} has {addresses/an address/addresses} that somebody else has too: {addresses:list}."),
        "DUPLICATE_ONCE": inconclusive(
            "{name} called {addresses:list} a duplicate, but not any more when asked again.",
            fix="Look in the device's log for the address that was met twice.",
            reason=Reason.SMPL,
        ),
        "SHARED": fail(
            "{name} has {addresses/an address/addresses} that {others:list} at another site {others/has/have} too:"
            " {addresses:list}."
        ),
        "MAYBE_SHARED": inconclusive(
            "{name} has {addresses/an address/addresses} that {others:list} {others/has/have} too: {addresses:list}."
            " The inventory does not say whether they stand in for each other.",
            fix="Give both the same site in the inventory if they are a pair; mark anycast by the tag anycast;"
            " otherwise renumber one of them.",
            reason=Reason.AMB,
        ),
        "TEMPORARY": fail("{name} has {addresses/an address/addresses} made by chance: {addresses:list}."),
        "NOT_STATIC": warn(
            "{name} has {addresses/an address/addresses} that nobody configured on it: {addresses:list}."
        ),
        "NOT_PREFERRED": warn(
            "{name} has {addresses/an address that is/addresses that are} being given up or not in use yet:"
            " {addresses:list}."
        ),
    },
)
def address_state(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = answers.device(subject, evidence, ctx)
    if isinstance(found, SeenDevice):
        theirs = of_provider(subject, found, ctx, [one for one in found.v6 if one.origin in ADVERTISED])
        yield _judge(found, ctx.estate.shared.get(subject.id, ()), theirs)
    else:
        yield found


def _judge(device: SeenDevice, shared: Sequence[SharedAddress], theirs: Sequence[InterfaceAddress]) -> Verdict:
    """Return the verdict; ``theirs`` are addresses that the provider's router advertised."""
    alone = _alone(
        device, device.v6, [shared_address for shared_address in shared if shared_address.is_certain], theirs
    )
    if alone.code in _DEFECTS and device.broke_off(*_EXCUSING):
        # Other addresses may be inside the machine, or on an interface that is down.
        certain = [interface for interface in device.v6 if not device.lost_of([interface.if_index], *_EXCUSING)]
        alone = _alone(device, certain, (), theirs)
        return alone if alone.code in _DEFECTS else device.not_read()
    if alone.code in _DEFECTS - {"SHARED"}:
        certain = [interface for interface in device.placed(device.v6) if tells(device, interface.if_index)]
        among = _alone(device, certain, (), theirs)
        rest = [interface for interface in device.v6 if interface not in certain]
        return among if among.code in _DEFECTS else device.says_unplaced(rest)
    if shared and alone.code in ("IN_ORDER", "ASSIGNED", "ADVERTISED", "NOT_SHOWN"):
        return _says_shared(device, "MAYBE_SHARED", shared)
    return alone


def _says_shared(device: SeenDevice, code: str, shared: Sequence[SharedAddress]) -> Verdict:
    others = tuple(sorted({name for shared_address in shared for name in shared_address.others}))
    return device.says(
        code, addresses=tuple(written(shared_address.address) for shared_address in shared), others=others
    )


def _alone(
    device: SeenDevice,
    among: Sequence[InterfaceAddress],
    shared: Sequence[SharedAddress],
    theirs: Sequence[InterfaceAddress],
) -> Verdict:
    """Return the defect that is certain, else the state that the device itself reports."""
    every = [
        interface
        for interface in among
        if not interface.address.is_loopback and not is_down(device, interface.if_index)
    ]
    own = [interface for interface in every if not interface.address.is_link_local]
    twice = [interface for interface in every if interface.status == "duplicate"]
    lasting = [interface for interface in twice if _still_duplicate(device, interface)]
    if lasting:
        return device.says("DUPLICATE", addresses=_texts(lasting))
    if shared:
        return _says_shared(device, "SHARED", shared)
    temporary = [interface for interface in own if interface.origin == "random"]
    if temporary:
        return device.says("TEMPORARY", addresses=_texts(temporary))
    if twice:
        return device.says("DUPLICATE_ONCE", addresses=_texts(twice))
    if not any(interface.status for interface in every or device.v6):
        return device.says("NOT_SHOWN") if device.all_addresses_read() else device.not_read()
    unsettled = [
        interface
        for interface in own
        if interface.status in _UNSETTLED
        and not (interface.status == "deprecated" and (interface in theirs or stands_inside(interface, device.v6)))
    ]
    if unsettled:
        return device.says("NOT_PREFERRED", addresses=_texts(unsettled))
    return _by_origin(device, every, theirs)


def _by_origin(device: SeenDevice, every: Sequence[InterfaceAddress], theirs: Sequence[InterfaceAddress]) -> Verdict:
    """Return the verdict for addresses in use, by who configured them."""
    own = [interface for interface in every if not interface.address.is_link_local]
    advertised = [interface for interface in own if interface.origin in ADVERTISED]
    dynamic = [interface for interface in advertised if interface not in theirs]
    if dynamic:
        return device.says("NOT_STATIC", addresses=_texts(dynamic))
    if not device.all_addresses_read():
        return device.not_read()
    if advertised:
        return device.says("ADVERTISED", count=len(every), addresses=_texts(advertised))
    assigned = [interface for interface in own if interface.origin == "dhcp"]
    if assigned:  # by a reservation, or by the provider: both are planned
        return device.says("ASSIGNED", count=len(every), addresses=_texts(assigned))
    return device.says("IN_ORDER", count=len(every))


def _still_duplicate(device: SeenDevice, interface: InterfaceAddress) -> bool:
    """True if the second question about the states, asked at the end, shows the duplicate too."""
    again = [walk for walk in device.walks if walk.root == dotted(_STATUS)]
    later = [row for walk in again for row in addresses(Tree(walk.rows)) if row.address == interface.address]
    return any(row.status == STATUSES[7] for row in later)


def _texts(found: list[InterfaceAddress]) -> tuple[str, ...]:
    return tuple(written(interface.address) for interface in found)
