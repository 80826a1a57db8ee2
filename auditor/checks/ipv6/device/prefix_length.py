"""Check prefix lengths: /64 on user networks, /127 between routers, /128 on loopbacks.

A length is taken from the device, and never guessed (trap D1).
"""

from collections.abc import Iterator

from auditor.facts import not_judged
from auditor.facts.device import advertisements, answers, remedies
from auditor.facts.device.addresses import stands_inside
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.interfaces import LOOPBACK, declared, kind_of
from auditor.facts.device.unfinished import OF_ITS_OWN
from auditor.framework.check import VantageKind, check, fail, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import Clearance, Kind, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.wire.snmp import oids
from probes.wire.snmp.addresses import InterfaceAddress

_NETWORK, _HOST = 64, 128
_GOOD = {"loopback": frozenset({128}), "lan": frozenset({_NETWORK}), "wan": frozenset({64, 126, 127})}
"""Lengths by role; for an interface of unknown role, all that are right for some role but loopback."""
_EXCUSING = (*OF_ITS_OWN, oids.IF_ALIAS, oids.IP_ADDRESS_ENTRY)
_TRUE = 1


@check(
    version=8,
    title="Prefix lengths follow good practice",
    problem="IPv6 prefix length is not suitable for a user network",
    problems={"ODD": "IPv6 prefix has an unusual length"},
    why="Hosts configure themselves only in a /64; longer links than needed invite exhaustion of the neighbour table.",
    fix="Renumber: /64 on networks of users, /127 (or /64) between routers, /128 on loopbacks.",
    references=("RFC 4291 §2.5.1", "RFC 6164", "RFC 9099 §2.1.2"),
    needs=answers.SNMP,
    kinds=frozenset({Kind.ROUTER, Kind.SWITCH, Kind.FIREWALL}),
    vantage=frozenset({VantageKind.SNMP}),
    clearance=Clearance.PASSIVE,
    vendor_fixes=remedies.of("prefix-length"),
    excused_by={"ODD": frozenset({"snmp"})},
    messages={
        **answers.CODES,
        **answers.NOT_SHOWN,
        **answers.UNPLACED,
        "GOOD": passed("All IPv6 prefixes of {name} have recommended lengths ({count:n})."),
        "ODD": warn("{name} has {addresses/an IPv6 prefix/IPv6 prefixes} of unusual length: {addresses:list}."),
        "NOT_64": fail(
            "Networks of users at {name} have {addresses/a prefix that does/prefixes that do} not work there:"
            " {addresses:list}."
        ),
        **not_judged.ONLY_LINK_LOCAL,
    },
)
def prefix_length(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = answers.device(subject, evidence, ctx)
    yield _judge(subject, found) if isinstance(found, SeenDevice) else found


def _judge(subject: Subject, device: SeenDevice) -> Verdict:
    own = [interface for interface in device.v6 if _counts(interface) and not _stands_in(device, interface)]
    roles = {interface.index: interface.role for interface in declared(subject, device)}
    broken = [interface for interface in own if roles.get(interface.if_index) == "lan" and _breaks(device, interface)]
    odd = [
        interface
        for interface in own
        if interface.prefix_length is not None and not _is_good(device, interface, roles.get(interface.if_index))
    ]
    if (broken or odd) and device.broke_off(*_EXCUSING):
        # The data that make a length right may be lost.
        broken, odd = (_certain(device, interfaces) for interfaces in (broken, odd))
        if not (broken or odd):
            return device.not_read()
    unplaced = [*broken, *odd]
    broken, odd = device.placed(broken), device.placed(odd)
    if unplaced and not (broken or odd):
        return device.says_unplaced(unplaced)
    if broken:
        return device.says("NOT_64", addresses=_texts(device, broken))
    if odd:
        return device.says("ODD", addresses=_texts(device, odd))
    if not device.all_addresses_read():
        return device.not_read()
    if not device.v6 or any(interface.prefix_length is None for interface in own):
        return device.says("NOT_SHOWN")
    return device.says("GOOD", count=len(own)) if own else device.says("ONLY_LINK_LOCAL")


def _certain(device: SeenDevice, interfaces: list[InterfaceAddress]) -> list[InterfaceAddress]:
    return [interface for interface in interfaces if not device.lost_of([interface.if_index], *_EXCUSING)]


def _counts(interface: InterfaceAddress) -> bool:
    address = interface.address
    return interface.kind in (None, "unicast") and not address.is_link_local and not address.is_loopback


def _stands_in(device: SeenDevice, interface: InterfaceAddress) -> bool:
    """True if it is a host address beside the device's own, or one of DHCPv6.
    DHCPv6 gives addresses without a prefix (RFC 5942 §4)."""
    by_dhcp = interface.prefix_length == _HOST and interface.origin == "dhcp"
    return by_dhcp or stands_inside(interface, device.v6)


def _breaks(device: SeenDevice, interface: InterfaceAddress) -> bool:
    """True if a prefix is wrong: one shorter than /64 covers several networks, a longer one prevents SLAAC.
    Where the router tells hosts to ask DHCPv6 for their addresses, a longer one works (RFC 4861 §4.2, the flag M)."""
    if interface.prefix_length is None or interface.prefix_length == _NETWORK:
        return False
    told = advertisements.shown(device, interface.if_index)
    return interface.prefix_length < _NETWORK or (told.get("send") == _TRUE and told.get("managed") != _TRUE)


def _is_good(device: SeenDevice, interface: InterfaceAddress, role: str | None) -> bool:
    """True if a host address on an undeclared interface is the device's own.
    Not all vendors call such an interface a loopback (an empty bridge of MikroTik, a dummy interface of VyOS)."""
    if role is None and (interface.prefix_length == _HOST or kind_of(device, interface.if_index) == LOOPBACK):
        role = "loopback"
    return interface.prefix_length in _GOOD.get(role or "wan", frozenset())


def _texts(device: SeenDevice, found: list[InterfaceAddress]) -> tuple[str, ...]:
    return tuple(
        f"{written(interface.address)}/{interface.prefix_length} ({device.interface(interface.if_index)})"
        for interface in found
    )
