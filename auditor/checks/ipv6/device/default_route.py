"""``ipv6.device.default-route``: a device knows a way to everywhere over IPv6, and the next hop is there.

Judged from targeted answers: a route table is never read whole (trap D5), and is often switched off.
"""

from collections.abc import Iterator

from auditor.check import Place, check, says
from auditor.context import Context
from auditor.facts import devices, remedies
from auditor.facts.devices import Device
from auditor.findings import Outcome, Verdict
from inventory.model import Clearance, Kind, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.wire.snmp import oids
from probes.wire.snmp.neighbours import neighbours
from probes.wire.snmp.routes import DefaultRoute, default_routes, shows_routes

_NOT_FORWARDING = 2
_HEARD = frozenset({"reachable", "delay", "probe"})
"""States of a next hop that was heard of within the last minute (RFC 4861 §7.3.2)."""


@check(
    version=1,
    title="Device has a working IPv6 default/aggregate route",
    why="Without a way to everywhere what is behind the device reaches its own network alone over IPv6.",
    fix="Configure the default route (::/0), and make sure that its next hop answers.",
    references=("RFC 4292", "RFC 4861 §7.3.2"),
    needs=devices.SNMP,
    kinds=frozenset({Kind.ROUTER, Kind.SWITCH, Kind.FIREWALL}),
    vantage=frozenset({Place.SNMP}),
    presence=True,
    clearance=Clearance.PASSIVE,
    vendor_fixes=remedies.of("default-route"),
    messages={
        **devices.CODES,
        **devices.NOT_SHOWN,
        "WORKS": says(Outcome.PASS, "{name} has an IPv6 default route by {next_hop}, and it works."),
        "NOT_HEARD": says(
            Outcome.WARN,
            "{name} has an IPv6 default route by {next_hop}, but has not heard of that next hop for some time.",
            fix="Look whether the next hop answers neighbour solicitations, and whether the link carries traffic.",
        ),
        "ABSENT": says(Outcome.FAIL, "{name} shows IPv6 routes, but none to ::/0 that is in use."),
        "NOT_NEEDED": says(
            Outcome.NOT_APPLICABLE, "The owner declared that {name} needs no default route (tag no-default-route)."
        ),
        "NOT_ROUTING": says(Outcome.NOT_APPLICABLE, "{name} is a switch that does not forward IPv6."),
        "ONLY_LINK_LOCAL": says(Outcome.NOT_APPLICABLE, "{name} has no IPv6 address beyond the link-local ones."),
    },
)
def default_route(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = devices.device(subject, evidence, ctx)
    yield _judge(subject, found) if isinstance(found, Device) else found


def _judge(subject: Subject, device: Device) -> Verdict:
    if subject.has_tag("no-default-route"):
        return device.says("NOT_NEEDED")
    usable = [route for route in default_routes(device.tree) if route.active is not False]
    heard = next((route for route in usable if _is_heard(device, route)), None)
    if heard is not None:
        return device.says("WORKS", next_hop=_text(device, heard))
    if usable:
        return device.says("NOT_HEARD", next_hop=_text(device, usable[0]))
    if subject.kind is Kind.SWITCH and device.tree.integer(oids.IPV6_FORWARDING) == _NOT_FORWARDING:
        return device.says("NOT_ROUTING")
    if not shows_routes(device.tree):
        return device.says("NOT_SHOWN")
    if not _asked(device):
        return device.not_read()
    if any(not one.address.is_link_local and not one.address.is_loopback for one in device.v6):
        return device.says("ABSENT")
    return device.says("ONLY_LINK_LOCAL") if device.all_addresses_read() else device.not_read()


def _is_heard(device: Device, route: DefaultRoute) -> bool:
    """Its next hop was heard of lately; or the device answered over IPv6, which takes a route back to us."""
    if any(session.address.version == 6 and not session.address.is_link_local for session in device.sessions):
        return True
    return any(
        one.state in _HEARD and one.address == route.next_hop and route.if_index in (None, one.if_index)
        for one in neighbours(device.tree)
    )


def _asked(device: Device) -> bool:
    """Whether the questions about ::/0 were answered to their end."""
    inet = (oids.default_route(entry, 7) for entry in (oids.INET_CIDR_ROUTE_ENTRY, oids.CISCO_ROUTE_ENTRY))
    return any(device.complete(root) for root in (*inet, (*oids.LEGACY_ROUTE_ENTRY, 4, *([0] * 16), 0)))


def _text(device: Device, route: DefaultRoute) -> str:
    interface = device.interface(route.if_index)
    return interface if route.next_hop is None else f"{written(route.next_hop)} ({interface})"
