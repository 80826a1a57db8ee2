"""Check that routers forward IPv6 and access switches do not.

A switch has a role only where its class is declared (tag ``device-class=l2`` or ``=l3``). The object that says whether
a device forwards shows what it could do: many access switches cannot switch that off (Comware 7), and forward nothing
as long as only one of their interfaces, that of their management, has IPv6.
"""

from collections.abc import Iterator

from auditor.facts.device import answers, description, remedies
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.interfaces import LOOPBACK, is_down, kind_of
from auditor.framework.check import VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import DEVICE_KINDS, Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.wire.snmp import oids

_FORWARDING, _NOT = 1, 2


@check(
    version=3,
    title="IPv6 forwarding matches the device's role",
    problem="Device does not forward IPv6",
    problems={
        "FORWARDS": "Device forwards IPv6 although it should not",
        "MIXED": "Device reports contradictory IPv6 forwarding states",
    },
    why="A router that does not forward IPv6 leaves its networks without it; one that forwards where it should not"
    " opens a way that nobody watches.",
    fix="Switch IPv6 forwarding on (ipv6 unicast-routing), or off on a device that is not a router.",
    references=("RFC 4293", "RFC 8504 §14"),
    needs=answers.SNMP,
    kinds=DEVICE_KINDS,
    vantage=frozenset({VantageKind.SNMP}),
    presence=True,
    clearance=Clearance.PASSIVE,
    vendor_fixes=remedies.of("forwarding"),
    messages={
        **answers.CODES,
        **answers.NOT_SHOWN,
        "AS_ITS_ROLE": passed("{name} forwards IPv6 as its role asks."),
        "NOT_FORWARDING": fail("{name} does not forward IPv6 between its networks."),
        "FORWARDS": fail("{name} forwards IPv6, although its role is not to."),
        "ONE_NETWORK": passed(
            "{name} could forward IPv6, but has it on {interface} alone: there is nothing to forward between."
        ),
        "NETWORKS_HIDDEN": inconclusive(
            "{name} could forward IPv6, although its role is not to; it does not show which of its networks have IPv6.",
            fix="Switch IPv6 forwarding off if the device can, or let its SNMP view show the whole ipAddressTable.",
            reason=Reason.OBJ,
        ),
        "TRANSPARENT": not_applicable(
            "{name} is a firewall in transparent mode (tag transparent): it forwards no packets between networks."
        ),
        "MIXED": warn("{name} says one thing about IPv6 forwarding as a whole and another about {interfaces:list}."),
    },
)
def forwarding(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = answers.device(subject, evidence, ctx)
    yield _judge(subject, found) if isinstance(found, SeenDevice) else found


def _judge(subject: Subject, device: SeenDevice) -> Verdict:
    if subject.kind is Kind.FIREWALL and subject.has_tag("transparent"):
        return device.says("TRANSPARENT")
    whole = description.forwarding(device.tree)
    each = device.tree.integers(oids.IPV6_INTERFACE_FORWARDING)
    if whole is None:
        return device.says("NOT_SHOWN")
    state = _FORWARDING if whole else _NOT
    wanted = _role(subject)
    if wanted is not None and state != wanted:
        return device.says("NOT_FORWARDING") if wanted == _FORWARDING else _could_forward(device)
    others = [index for index, value in sorted(each.items()) if value in (_FORWARDING, _NOT) and value != state]
    if others:
        return device.says("MIXED", interfaces=tuple(device.interface(index[0]) for index in others if index))
    return device.says("AS_ITS_ROLE")


def _could_forward(device: SeenDevice) -> Verdict:
    """Return the verdict for a device that should not forward, and whose forwarding is on."""
    up = [
        interface
        for interface in device.v6
        if not interface.address.is_loopback
        and not is_down(device, interface.if_index)
        and kind_of(device, interface.if_index) != LOOPBACK
    ]
    placed = device.placed(up)
    networks = {interface.if_index for interface in placed}
    if len([index for index in networks if not device.lost_of([index], oids.IF_OPER, oids.IF_TYPE)]) > 1:
        return device.says("FORWARDS")
    if len(networks) > 1 or not device.all_addresses_read():
        return device.not_read()
    if not placed or len(placed) < len(up):
        return device.says("NETWORKS_HIDDEN")
    return device.says("ONE_NETWORK", interface=device.interface(networks.pop()))


def _role(subject: Subject) -> int | None:
    """Return the forwarding that the device should have; None for a switch without a declared class."""
    if subject.kind is Kind.ACCESS_SWITCH:
        return _NOT
    if subject.kind is not Kind.SWITCH:
        return _FORWARDING
    classes = {text.casefold() for text in subject.tag_values("device-class")}
    return _FORWARDING if "l3" in classes else _NOT if "l2" in classes else None
