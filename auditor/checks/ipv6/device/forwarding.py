"""Check that routers forward IPv6 and access switches do not.

A switch has a role only where its class is declared (tag ``device-class=l2`` or ``=l3``).
"""

from collections.abc import Iterator

from auditor.facts.device import answers, description, remedies
from auditor.facts.device.answers import SeenDevice
from auditor.framework.check import VantageKind, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import DEVICE_KINDS, Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.wire.snmp import oids

_FORWARDING, _NOT = 1, 2


@check(
    version=2,
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
        return device.says("NOT_FORWARDING" if wanted == _FORWARDING else "FORWARDS")
    others = [index for index, value in sorted(each.items()) if value in (_FORWARDING, _NOT) and value != state]
    if others:
        return device.says("MIXED", interfaces=tuple(device.interface(index[0]) for index in others if index))
    return device.says("AS_ITS_ROLE")


def _role(subject: Subject) -> int | None:
    """Return the forwarding that the device should have; None for a switch without a declared class."""
    if subject.kind is Kind.ACCESS_SWITCH:
        return _NOT
    if subject.kind is not Kind.SWITCH:
        return _FORWARDING
    classes = {text.casefold() for text in subject.tag_values("device-class")}
    return _FORWARDING if "l3" in classes else _NOT if "l2" in classes else None
