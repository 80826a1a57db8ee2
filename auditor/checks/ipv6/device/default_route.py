"""Check that a device has a route to everywhere over IPv6, and the next hop is there.

The route is that to ::/0, to 2000::/3 or shorter, or to the prefix that its owner declared (tag ``aggregate=PREFIX``).

Judged from targeted answers: a route table is never read whole (trap D5), and is often switched off.
"""

from collections.abc import Iterator
from ipaddress import IPv6Network

from auditor.facts import not_judged
from auditor.facts.device import answers, next_hops, remedies
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.bgp_routes import may_have_the_whole_table
from auditor.facts.device.interfaces import LOOPBACK, is_down, kind_of, out_of_sight, uplinks
from auditor.framework.check import VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Clearance, Kind, Network, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.wire.snmp import oids
from probes.wire.snmp.routes import DeviceRoute, routes_to, shows_routes
from probes.wire.snmp.routing import PEER_TABLES

_NOT_FORWARDING = 2
_SENDS, _ADVERTISING = 2, 1  # the column ipv6RouterAdvertSendAdverts
_OF_ROUTERS = (oids.OSPFV3_NBR_STATE, oids.HUAWEI_OSPFV3_NBR)


@check(
    version=13,
    title="Device has a working IPv6 default/aggregate route",
    problem="Device has no IPv6 route out of its network",
    problems={"NOT_HEARD": "Next hop of the IPv6 default route does not answer"},
    why="Without a default route, what is behind the device reaches only its own network over IPv6.",
    fix="Configure the default route (::/0), and make sure that its next hop answers; where another route is meant to"
    " lead out, declare it in the column tags: aggregate=PREFIX.",
    references=("RFC 4292", "RFC 4861 §7.3.2"),
    needs=answers.SNMP,
    kinds=frozenset({Kind.ROUTER, Kind.SWITCH, Kind.FIREWALL}),
    vantage=frozenset({VantageKind.SNMP}),
    presence=True,
    clearance=Clearance.PASSIVE,
    vendor_fixes=remedies.of("default-route"),
    excused_by={"NOT_HEARD": frozenset({"snmp"}), "ABSENT": frozenset({"snmp"})},
    messages={
        **answers.CODES,
        **answers.NOT_SHOWN,
        **answers.NOT_SEEN,
        "WORKS": passed("{name} has an IPv6 route to {network} by {next_hop}, and it works."),
        "NOT_HEARD": warn(
            "{name} has an IPv6 route to {network} by {next_hop}, but has not heard of that next hop for some time.",
            fix="Look whether the next hop answers neighbour solicitations, and whether the link carries traffic.",
        ),
        "QUIET": inconclusive(
            "{name} has an IPv6 route to {network} by {next_hop}. Its neighbour table has that next hop as stale, as on"
            " every link that was quiet for half a minute, so whether it answers is not known.",
            fix="Read the device again while packets pass over that route, or trace the way out from the device"
            " itself.",
            reason=Reason.SMPL,
        ),
        "NOT_LISTED": inconclusive(
            "{name} has an IPv6 route to {network} by {next_hop}. Its neighbour table does not have that next hop: one"
            " that was not used for minutes is dropped from it, and many devices do not list those that they asked for"
            " in vain. Whether it answers is not known.",
            fix="Read the device again while packets pass over that route, or trace the way out from the device"
            " itself.",
            reason=Reason.SMPL,
        ),
        "NO_NEIGHBOUR": inconclusive(
            "{name} has an IPv6 route to {network} by {next_hop}, a router that is on none of its links; whether the"
            " way there works its neighbour table cannot say.",
            fix="Trace the way out from the device itself.",
            reason=Reason.OBJ,
        ),
        "NOT_TOLD": inconclusive(
            "{name} has an IPv6 route to {network} by {next_hop}. No table shows when it last heard of an IPv6"
            " neighbour, so whether that next hop answers is not known.",
            fix="Trace the way out from the device itself.",
            reason=Reason.OBJ,
        ),
        "ABSENT": fail("{name} shows IPv6 routes, but none to {networks:list} that is in use and leads out."),
        "NOT_DECLARED": inconclusive(
            "{name} shows IPv6 routes, but none to ::/0; in a closed network that may be meant so, and no other is"
            " declared.",
            fix="Declare the route that leads out in the column tags (aggregate=PREFIX), or that none is needed"
            " (no-default-route).",
            reason=Reason.INV,
        ),
        "MAY_HAVE_ALL": inconclusive(
            "{name} shows IPv6 routes, but none to ::/0. It runs BGP, and a router that learns the whole table of the"
            " Internet needs no default route; whether it does is not known.",
            fix="If the router has the whole table, declare that it needs no default route (tag no-default-route);"
            " otherwise configure one.",
            reason=Reason.INV,
        ),
        "NOT_NEEDED": not_applicable("The owner declared that {name} needs no default route (tag no-default-route)."),
        "NOT_ROUTING": not_applicable("{name} is a switch that does not forward IPv6."),
        **not_judged.ONLY_LINK_LOCAL,
    },
)
def default_route(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = answers.device(subject, evidence, ctx)
    yield _judge(subject, found) if isinstance(found, SeenDevice) else found


def _judge(subject: Subject, device: SeenDevice) -> Verdict:
    if subject.has_tag("no-default-route"):
        return device.says("NOT_NEEDED")
    networks = (*oids.EVERYWHERE, *subject.aggregates)
    ways = [route for route in routes_to(device.tree, networks) if _leads_out(device, route)]
    heard = next((route for route in ways if next_hops.is_heard(device, route)), None)
    if heard is not None:
        return device.says("WORKS", network=str(heard.network), next_hop=_text(device, heard))
    interfaces = [route.if_index for route in ways]
    if ways and (device.broke_off(*oids.NEIGHBOUR_TABLES) or device.lost_of(interfaces, oids.IF_TYPE, oids.IF_OPER)):
        return device.not_read()  # the next hop may be in the lost data
    if ways:
        near = [route for route in ways if not next_hops.is_beyond(device, route)]
        if near and all(_may_lead_elsewhere(device, route) for route in near):
            return device.not_read()
        way, code = _unheard(device, near) if near else (ways[0], "NO_NEIGHBOUR")
        return device.says(code, network=str(way.network), next_hop=_text(device, way))
    return _without(subject, device, networks)


def _unheard(device: SeenDevice, near: list[DeviceRoute]) -> tuple[DeviceRoute, str]:
    """Return the route whose next hop decides, and the verdict.
    One that is stale or missing was not used of late (RFC 4861 §5.3): only one that was asked for in vain is silent."""
    quiet = [route for route in near if next_hops.is_stale(device, route) and not is_down(device, route.if_index)]
    if quiet:
        return quiet[0], "QUIET"
    untold = [route for route in near if not next_hops.would_be_heard(device, route)]
    if untold:
        return untold[0], "NOT_TOLD"
    missing = [
        route for route in near if not next_hops.is_listed(device, route) and not is_down(device, route.if_index)
    ]
    return (missing[0], "NOT_LISTED") if missing else (near[0], "NOT_HEARD")


def _without(subject: Subject, device: SeenDevice, networks: tuple[IPv6Network, ...]) -> Verdict:
    """Return the verdict for a device that showed no such route: whether one is missing."""
    if subject.kind is Kind.SWITCH and device.tree.integer(oids.IPV6_FORWARDING) == _NOT_FORWARDING:
        return device.says("NOT_ROUTING")
    forwards = device.tree.integer(oids.IPV6_FORWARDING)
    untold = subject.kind is Kind.SWITCH and forwards is None and not _is_seen_to_route(device)
    if not shows_routes(device.tree) or (untold and not device.broke_off(oids.IPV6_FORWARDING)):
        return device.says("NOT_SHOWN")
    if not _asked(device, networks):
        return device.not_read()
    if not any(not interface.address.is_link_local and not interface.address.is_loopback for interface in device.v6):
        return device.says("ONLY_LINK_LOCAL") if device.all_addresses_read() else device.not_read()
    if subject.network is Network.TSLCD and not subject.aggregates:
        return device.says("NOT_DECLARED")
    elsewhere = out_of_sight(device, uplinks(subject, device))
    if elsewhere:
        return device.says("NOT_SEEN", interfaces=tuple(map(device.interface, elsewhere[:5])))
    excusing = (oids.IPV6_FORWARDING,) if subject.kind is Kind.SWITCH else ()
    if device.broke_off(oids.IF_OPER, oids.IF_DESCR, oids.BGP_LOCAL_AS, *PEER_TABLES, *excusing):
        return device.not_read()
    if may_have_the_whole_table(device):
        return device.says("MAY_HAVE_ALL")
    wanted = (*oids.EVERYWHERE[:2], *subject.aggregates)
    return device.says("ABSENT", networks=tuple(map(str, dict.fromkeys(wanted))))


def _is_seen_to_route(device: SeenDevice) -> bool:
    """True if a switch that does not report forwarding is seen to forward IPv6.
    It advertises itself as a router (RFC 4861 §6.2.2), or has neighbours of a routing protocol."""
    advertised = device.tree.integers((*oids.IPV6_ROUTER_ADVERT_ENTRY, _SENDS))
    return _ADVERTISING in advertised.values() or any(device.tree.has_below(oid) for oid in _OF_ROUTERS)


def _leads_out(device: SeenDevice, route: DeviceRoute) -> bool:
    """True if a route leads out, and not into the device itself: Linux shows ``unreachable default dev lo`` so."""
    into = route.next_hop is None and kind_of(device, route.if_index) == LOOPBACK
    return route.leads_out and not into


def _may_lead_elsewhere(device: SeenDevice, route: DeviceRoute) -> bool:
    """True if lost data may show that the next hop of a route is no neighbour, or is at the far end of a line."""
    if route.if_index is None and device.broke_off(*oids.interfaces_of_routes([route.network])):
        return True
    return route.next_hop is not None and not route.next_hop.is_link_local and device.lost_addresses()


def _asked(device: SeenDevice, networks: tuple[IPv6Network, ...]) -> bool:
    """True if the questions about each of the networks were answered to their end, by one of the tables."""
    return all(any(device.complete(root) for root in oids.interfaces_of_routes([network])) for network in networks)


def _text(device: SeenDevice, route: DeviceRoute) -> str:
    interface = device.interface(route.if_index)
    return interface if route.next_hop is None else f"{written(route.next_hop)} ({interface})"
