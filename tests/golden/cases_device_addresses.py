"""Makes golden cases of the checks of a device's prefixes, plan, default route, neighbours and management over IPv6."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from ipaddress import IPv6Network, ip_address, ip_network

from inventory.model import Kind, Network, Subject
from probes.framework.evidence import Evidence, FailureKind
from probes.observations.snmp import FROM_ELSEWHERE, SnmpAttempt, SnmpDiscovery, SnmpWalk
from probes.wire.snmp import oids
from probes.wire.snmp.tree import Oid
from tests.golden import lab
from tests.golden.case import Case
from tests.golden.cases_device import CONTROLS, CUT, REJECTED, WAN, unread
from tests.golden.lab_snmp import (
    ADDRESSES,
    CORE,
    INTERFACES,
    LOOPBACK,
    MANAGED,
    NO_LEGACY,
    SYSTEM,
    UPLINK,
    V6,
    Table,
    address_table,
    index_of,
    polled,
    router,
    scalars,
    unopened,
    walk,
)

LINK_LOCAL = ("fe80::1", UPLINK, 5, 1)
ONLY_LINK_LOCAL = address_table(LINK_LOCAL)
LAN6 = "2001:db8:c1:7::1"
HOP = "fe80::9"


def prefixes(*rows: tuple[str, int, int]) -> SnmpWalk:
    """Return ipAddressTable with prefix lengths: (address, interface, length)."""
    entry = oids.IP_ADDRESS_ENTRY
    columns: dict[Oid, dict[Oid, int | str | Oid]] = {(*entry, n): {} for n in (3, 5)}
    for address, interface, length in rows:
        network = str(ip_network((address, length), strict=False).network_address)
        columns[*entry, 3][index_of(address)] = interface
        columns[*entry, 5][index_of(address)] = (
            *oids.IP_ADDRESS_PREFIX_ENTRY,
            5,
            interface,
            *index_of(network),
            length,
        )
    return walk(entry, columns)


def prefix_length() -> Iterator[Case]:
    check = "ipv6.device.prefix-length"
    case = partial(Case, check=check, controls=CONTROLS, subject=router(tags=WAN))
    yield from unread(check, CUT)
    yield case(
        code="GOOD",
        about="/127 on the uplink, /64 on the LAN, /128 on the loopback.",
        evidence=(
            polled(SYSTEM, *INTERFACES, prefixes((V6, UPLINK, 127), (LAN6, CORE, 64), ("2001:db8::5", LOOPBACK, 128))),
        ),
        expect=(("GOOD", None),),
    )
    yield case(
        code="GOOD",
        variant="loopback-by-another-name",
        about="A router's own address on an empty bridge (MikroTik) or a dummy interface (VyOS): no loopback by type.",
        subject=router(tags=("wan=ge-0/0/2",)),
        evidence=(polled(SYSTEM, *INTERFACES, prefixes((V6, UPLINK, 127), ("2001:db8::5", CORE, 128))),),
        expect=(("GOOD", None),),
    )
    leased = prefixes((V6, UPLINK, 128), (LAN6, CORE, 64))
    origins = walk(oids.IP_ADDRESS_ENTRY, {(*oids.IP_ADDRESS_ENTRY, 6): {index_of(V6): 4, index_of(LAN6): 2}})
    yield case(
        code="GOOD",
        variant="dhcpv6",
        about="The provider gives the uplink its address by DHCPv6, which names no prefix: a host address.",
        evidence=(polled(SYSTEM, *INTERFACES, leased, origins),),
        expect=(("GOOD", None),),
    )
    yield case(
        code="ODD",
        variant="host-address",
        about="The same address, configured by hand.",
        evidence=(polled(SYSTEM, *INTERFACES, leased),),
        expect=(("ODD", None),),
    )
    yield case(
        code="ODD",
        about="/112 on the uplink.",
        evidence=(polled(SYSTEM, *INTERFACES, prefixes((V6, UPLINK, 112), (LAN6, CORE, 64))),),
        expect=(("ODD", None),),
    )
    yield case(
        code="ODD",
        variant="lan-without-advertisements",
        about="/120 on a LAN where no host is told to configure itself: unusual, but it works.",
        evidence=(polled(SYSTEM, *INTERFACES, prefixes((LAN6, CORE, 120))),),
        expect=(("ODD", None),),
    )
    column = (*oids.IPV6_ROUTER_ADVERT_ENTRY, 2)
    advertises = walk(oids.IPV6_ROUTER_ADVERT_ENTRY, {column: {(CORE,): 1}})
    yield case(
        code="NOT_64",
        about="/80 on a LAN with router advertisements: hosts cannot configure themselves.",
        evidence=(polled(SYSTEM, *INTERFACES, prefixes((LAN6, CORE, 80)), advertises),),
        expect=(("NOT_64", None),),
    )
    managed = walk(oids.IPV6_ROUTER_ADVERT_ENTRY, {column: {(CORE,): 1}, (*column[:-1], 5): {(CORE,): 1}})
    yield case(
        code="ODD",
        variant="lan-with-dhcpv6",
        about="/112 on a LAN whose hosts are told to ask DHCPv6: unusual, but it works.",
        evidence=(polled(SYSTEM, *INTERFACES, prefixes((LAN6, CORE, 112)), managed),),
        expect=(("ODD", None),),
    )
    yield case(
        code="NOT_64",
        variant="shorter",
        about="A /48 on one LAN.",
        evidence=(polled(SYSTEM, *INTERFACES, prefixes((LAN6, CORE, 48))),),
        expect=(("NOT_64", None),),
    )
    yield case(
        code="NOT_SHOWN",
        trap="D1",
        about="The pointer is zeroDotZero and IPV6-MIB is not there: no length is invented.",
        evidence=(polled(SYSTEM, *INTERFACES, address_table((V6, UPLINK), pointers=False), NO_LEGACY),),
        expect=(("NOT_SHOWN", None),),
    )
    yield case(
        code="ONLY_LINK_LOCAL",
        about="Only link-local addresses, whose length is always the same.",
        evidence=(polled(SYSTEM, *INTERFACES, ONLY_LINK_LOCAL),),
        expect=(("ONLY_LINK_LOCAL", None),),
    )


def plan_conformance() -> Iterator[Case]:
    check = "ipv6.device.plan-conformance"
    plan = ("2001:db8:c0::/44",)
    case = partial(Case, check=check, controls=CONTROLS, subject=router(), address_plan=plan)
    own = router(tags=("prefix=2001:db8:c1::/64",))
    yield from (replace(case, address_plan=plan) for case in unread(check, CUT))
    yield case(code="IN_PLAN", about="Of the plan.", evidence=(polled(SYSTEM, ADDRESSES),), expect=(("IN_PLAN", None),))
    yield case(
        code="IN_PLAN",
        variant="own",
        about="Of the agency's own prefix.",
        subject=own,
        evidence=(polled(SYSTEM, ADDRESSES),),
        expect=(("IN_PLAN", None),),
    )
    yield case(
        code="OF_OTHERS",
        about="Of the plan, but not of the agency's own prefix.",
        subject=own,
        evidence=(polled(SYSTEM, *INTERFACES, address_table((LAN6, CORE), LINK_LOCAL)),),
        expect=(("OF_OTHERS", None),),
    )
    strange = address_table(("2001:db8:ee::1", UPLINK), LINK_LOCAL)
    yield case(
        code="BEYOND",
        about="Of no approved block.",
        evidence=(polled(SYSTEM, *INTERFACES, strange),),
        expect=(("BEYOND", None),),
    )
    yield case(
        code="UPLINK_BEYOND",
        about="An access line: the provider numbers the uplink out of its own block.",
        subject=router(tags=("wan=ge-0/0/2",)),
        evidence=(polled(SYSTEM, *INTERFACES, strange),),
        expect=(("UPLINK_BEYOND", None),),
    )
    yield case(
        code="BEYOND",
        variant="planned-uplink",
        about="The uplink has an address of the plan, so that the owner numbers it, and one beside it of no block.",
        subject=router(tags=("wan=ge-0/0/2",)),
        evidence=(polled(SYSTEM, *INTERFACES, address_table((V6, UPLINK), ("2001:db8:ee::1", UPLINK), LINK_LOCAL)),),
        expect=(("BEYOND", None),),
    )
    yield case(
        code="BEYOND",
        variant="lan-too",
        about="Beside the provider's address on the uplink one of no approved block is on the network of users.",
        subject=router(tags=("wan=ge-0/0/2",)),
        evidence=(
            polled(
                SYSTEM,
                *INTERFACES,
                address_table(("2001:db8:ee::1", UPLINK, 5, 1), ("2001:db8:ef::1", CORE), LINK_LOCAL),
            ),
        ),
        expect=(("BEYOND", None),),
    )
    yield case(
        code="NO_PLAN",
        about="Nobody wrote a plan.",
        address_plan=(),
        evidence=(polled(SYSTEM, strange),),
        expect=(("NO_PLAN", None),),
    )
    yield case(
        code="PLAN_UNKNOWN",
        about="Beyond the agency's own prefix; whether it is of the plan cannot be told without one.",
        subject=own,
        address_plan=(),
        evidence=(polled(SYSTEM, *INTERFACES, strange),),
        expect=(("PLAN_UNKNOWN", None),),
    )
    yield case(
        code="ONLY_LINK_LOCAL",
        about="Link-local addresses are of no plan.",
        evidence=(polled(SYSTEM, ONLY_LINK_LOCAL),),
        expect=(("ONLY_LINK_LOCAL", None),),
    )
    yield case(
        code="NOT_SHOWN",
        trap="D2",
        about="No table has an IPv6 row.",
        evidence=(polled(SYSTEM, address_table(), NO_LEGACY),),
        expect=(("NOT_SHOWN", None),),
    )


def routed(
    *statuses: int,
    to: str = "::/0",
    hop: str = HOP,
    interface: int = UPLINK,
    kind: int = 4,
    asked: tuple[str, ...] = (),
) -> tuple[SnmpWalk, ...]:
    """Return a table of IPv6 routes; with a status, also a route of this kind to a network through ``hop``."""
    entry = oids.INET_CIDR_ROUTE_ENTRY
    index = (2, 0, 0, *index_of(hop))
    steps = [walk(oids.FIRST_ROUTES[0], {oids.FIRST_ROUTES[0]: {(16, *([0] * 16), 64): UPLINK}}, stopped="rows")]
    for network in (*oids.EVERYWHERE, *map(IPv6Network, asked)):
        columns = [oids.route(entry, column, network) for column in (7, 8, 17)]
        if str(network) == to and statuses:
            told = zip(columns, (interface, kind, statuses[-1]), strict=True)
            steps += [walk(column, {column: {index: value}}) for column, value in told]
        else:
            steps.append(walk(columns[0]))
    return tuple(steps)


def neighbour_table(*rows: tuple[str, int, int]) -> SnmpWalk:
    """Return ipNetToPhysicalTable: (address, interface, state)."""
    entry = oids.IP_NET_TO_PHYSICAL_ENTRY
    columns: dict[Oid, dict[Oid, int | str | Oid]] = {(*entry, n): {} for n in (4, 6, 7)}
    for address, interface, state in rows:
        index = (interface, *index_of(address))
        for number, value in ((4, "abcdef"), (6, 3), (7, state)):
            columns[*entry, number][index] = value
    return walk(entry, columns)


def _next_hops(case: Callable[..., Case]) -> Iterator[Case]:
    """Yield cases of incomplete tables: their evidence about the next hop and about a missing route."""
    base = (SYSTEM, *INTERFACES, ADDRESSES)
    types = walk(oids.IF_TYPE, {oids.IF_TYPE: {(1,): 24, (2,): 23, (3,): 6}})
    without_state = neighbour_table(("fe80::7", CORE, 1))
    hop = (UPLINK, *index_of(HOP))
    entry = oids.IP_NET_TO_PHYSICAL_ENTRY
    listed = walk(entry, {(*entry, 4): {hop: "abcdef"}, (*entry, 6): {hop: 3}})
    yield case(
        code="WORKS",
        variant="ppp-without-states",
        about="A line with one other end that is up; the neighbour table has that end, and no state of anybody.",
        evidence=(polled(SYSTEM, types, *INTERFACES, ADDRESSES, *routed(1), listed),),
        expect=(("WORKS", None),),
    )
    other = (CORE, *index_of("fe80::7"))
    one_state = walk(
        entry, {(*entry, 4): {hop: "abcdef", other: "abcdef"}, (*entry, 6): {hop: 3, other: 3}, (*entry, 7): {other: 1}}
    )
    yield case(
        code="NOT_TOLD",
        variant="state-of-another",
        trap="D2",
        about="The table has the next hop without a state, and a state of another neighbour alone.",
        evidence=(polled(*base, *routed(1), one_state),),
        expect=(("NOT_TOLD", None),),
    )
    far = routed(1, hop="2001:db8:ff::1")
    addresses = oids.IP_ADDRESS_ENTRY
    known = prefixes((V6, UPLINK, 127), (LAN6, CORE, 64))
    for code, variant, address, about in (
        ("NO_NEIGHBOUR", "ibgp-link-local", "fe80::1", "No prefix is shown of a link-local address: it is none's."),
        ("NOT_LISTED", "prefix-hidden", "2001:db8:ff::2", "No prefix is shown of one address: that link may hold it."),
    ):
        more: Table = {(*addresses, 3): {index_of(address): CORE}, (*addresses, 5): {index_of(address): (0, 0)}}
        yield case(
            code=code,
            variant=variant,
            about=about,
            evidence=(polled(SYSTEM, *INTERFACES, known, walk(addresses, more), *far, without_state),),
            expect=((code, None),),
        )
    first = walk(oids.FIRST_ROUTES[0], {oids.FIRST_ROUTES[0]: {(16, *([0] * 16), 64): UPLINK}}, stopped="rows")
    networks = oids.EVERYWHERE
    for variant, columns in (
        ("of-cisco", [oids.route(oids.CISCO_ROUTE_ENTRY, 7, network) for network in networks]),
        ("of-ipv6-mib", [oids.legacy_route(4, network) for network in networks]),
    ):
        yield case(
            code="ABSENT",
            variant=f"table-{variant}",
            about="One of the route tables was asked to the end, and has no way out; the other ones broke off.",
            evidence=(polled(*base, first, *map(walk, columns)),),
            expect=(("ABSENT", None),),
        )


def default_route() -> Iterator[Case]:
    check = "ipv6.device.default-route"
    case = partial(Case, check=check, controls=CONTROLS, subject=router())
    yield from (case for case in unread(check, CUT) if (case.code, case.variant) != ("NOT_READ", ""))
    base = (SYSTEM, *INTERFACES, ADDRESSES)
    yield case(
        code="WORKS",
        about="A default route whose next hop was heard of.",
        evidence=(polled(*base, *routed(1), neighbour_table((HOP, UPLINK, 1))),),
        expect=(("WORKS", None),),
    )
    yield case(
        code="WORKS",
        variant="global-unicast",
        trap="D10",
        about="The way out is 2000::/3, as is usual on MikroTik: all global unicast addresses.",
        evidence=(polled(*base, *routed(1, to="2000::/3"), neighbour_table((HOP, UPLINK, 1))),),
        expect=(("WORKS", None),),
    )
    tslcd = "fd75::/32"
    closed = replace(router(tags=(f"aggregate={tslcd}",)), network=Network.TSLCD)
    inside = partial(case, networks=frozenset({Network.TSLCD}))
    yield inside(
        code="WORKS",
        variant="aggregate",
        about="A closed network: the route that its owner declared is there.",
        subject=closed,
        evidence=(polled(*base, *routed(1, to=tslcd, asked=(tslcd,)), neighbour_table((HOP, UPLINK, 1))),),
        expect=(("WORKS", None),),
    )
    yield inside(
        code="ABSENT",
        variant="aggregate",
        about="A closed network: neither the declared route nor one to everywhere is there.",
        subject=closed,
        evidence=(polled(*base, *routed(asked=(tslcd,))),),
        expect=(("ABSENT", None),),
    )
    yield inside(
        code="NOT_DECLARED",
        trap="D10",
        about="A closed network has specific routes by design, and nothing is declared.",
        subject=replace(router(), network=Network.TSLCD),
        evidence=(polled(*base, *routed()),),
        expect=(("NOT_DECLARED", None),),
    )
    types = walk(oids.IF_TYPE, {oids.IF_TYPE: {(1,): 24, (2,): 23, (3,): 6}})
    yield case(
        code="WORKS",
        variant="ppp",
        about="A route into a line with one other end (PPPoE), which is up: no neighbour is looked for there.",
        evidence=(polled(SYSTEM, types, *INTERFACES, ADDRESSES, *routed(1, hop="::")),),
        expect=(("WORKS", None),),
    )
    other = walk(oids.IF_TYPE, {oids.IF_TYPE: {(UPLINK,): 1, (CORE,): 6}})
    seen = neighbour_table(("fe80::7", CORE, 1))
    yield case(
        code="WORKS",
        variant="wireguard",
        about="A route into an interface of no type of its own (WireGuard, TUN), which is up: nobody is a next hop.",
        evidence=(polled(SYSTEM, other, *INTERFACES, ADDRESSES, *routed(1, hop="::"), seen),),
        expect=(("WORKS", None),),
    )
    yield case(
        code="NOT_LISTED",
        variant="other-next-hop",
        about="The same interface with a next hop on it, of which nothing was heard.",
        evidence=(polled(SYSTEM, other, *INTERFACES, ADDRESSES, *routed(1), seen),),
        expect=(("NOT_LISTED", None),),
    )
    yield case(
        code="WORKS",
        variant="ppp-next-hop",
        about="The same, learned from a router advertisement: it names the other end, which no neighbour table has.",
        evidence=(polled(SYSTEM, types, *INTERFACES, ADDRESSES, *routed(1), neighbour_table(("fe80::7", CORE, 1))),),
        expect=(("WORKS", None),),
    )
    yield case(
        code="NOT_HEARD",
        variant="line",
        about="A tunnel that is up, and the neighbour table has its other end as one that does not answer.",
        evidence=(polled(SYSTEM, types, *INTERFACES, ADDRESSES, *routed(1), neighbour_table((HOP, UPLINK, 7))),),
        expect=(("NOT_HEARD", None),),
    )
    known = prefixes((V6, UPLINK, 127), (LAN6, CORE, 64))
    for variant, about, hop in (
        ("mpls", "6PE: the next hop is another router's IPv4 address, across MPLS.", "::ffff:192.0.2.1"),
        ("ibgp", "Learned by BGP from a router whose loopback is on no link of this one.", "2001:db8:ff::1"),
    ):
        yield case(
            code="NO_NEIGHBOUR",
            variant=variant,
            about=about,
            evidence=(polled(SYSTEM, *INTERFACES, known, *routed(1, hop=hop), neighbour_table((HOP, UPLINK, 1))),),
            expect=(("NO_NEIGHBOUR", None),),
        )
    yield from _next_hops(case)
    yield case(
        code="NOT_LISTED",
        about="The next hop is the other address of the uplink's /127, and the table has others alone.",
        evidence=(
            polled(SYSTEM, *INTERFACES, known, *routed(1, hop="2001:db8:c1::"), neighbour_table(("fe80::7", CORE, 1))),
        ),
        expect=(("NOT_LISTED", None),),
    )
    yield case(
        code="QUIET",
        variant="answered",
        about="The state of the next hop is stale. That the device answered us over IPv6 proves a route to us alone.",
        subject=router(MANAGED, V6),
        evidence=(polled(*base, *routed(1), neighbour_table((HOP, UPLINK, 2))), polled(SYSTEM, address=V6)),
        expect=(("QUIET", None),),
    )
    for variant, about, steps in (
        ("reject", "Linux shows unreachable default dev lo.", routed(1, hop="::", interface=LOOPBACK, kind=2)),
        ("into-itself", "The same of an agent without types of routes.", routed(1, hop="::", interface=LOOPBACK)),
        ("blackhole", "What is sent to the next hop is thrown away.", routed(1, kind=5)),
        ("placeholder", "A row without interface and next hop is a placeholder.", routed(1, hop="::", interface=0)),
    ):
        yield case(
            code="ABSENT",
            variant=variant,
            trap="D10",
            about=about,
            evidence=(polled(*base, *steps, neighbour_table((HOP, UPLINK, 1))),),
            expect=(("ABSENT", None),),
        )
    yield case(
        code="NOT_SEEN",
        trap="D10",
        about="An interface is up that the main instance has no row of: the way out may stand in its virtual network.",
        evidence=(polled(SYSTEM, *INTERFACES, address_table((V6, UPLINK)), NO_LEGACY, *routed()),),
        expect=(("NOT_SEEN", None),),
    )
    yield case(
        code="ABSENT",
        variant="uplink",
        about="The same, but the declared uplink is in sight.",
        subject=router(tags=WAN[:1]),
        evidence=(polled(SYSTEM, *INTERFACES, address_table((V6, UPLINK)), NO_LEGACY, *routed()),),
        expect=(("ABSENT", None),),
    )
    yield case(
        code="NOT_TOLD",
        trap="D2",
        about="RouterOS lists no neighbour over IPv6 at all: that the next hop is not among them says nothing of it.",
        evidence=(polled(*base, *routed(1), neighbour_table(("192.0.2.7", UPLINK, 1))),),
        expect=(("NOT_TOLD", None),),
    )
    down = walk(oids.IF_OPER, {oids.IF_OPER: {(1,): 1, (2,): 2, (3,): 1}})
    yield case(
        code="NOT_HEARD",
        variant="down",
        about="The same, but its interface is down: nobody is heard there.",
        evidence=(polled(SYSTEM, *INTERFACES[:2], down, ADDRESSES, *routed(1), neighbour_table()),),
        expect=(("NOT_HEARD", None),),
    )
    yield case(
        code="QUIET",
        about="The next hop is stale, as after half a minute without packets.",
        evidence=(polled(*base, *routed(1), neighbour_table((HOP, UPLINK, 2))),),
        expect=(("QUIET", None),),
    )
    yield case(
        code="NOT_HEARD",
        about="The next hop was asked for, and does not answer.",
        evidence=(polled(*base, *routed(1), neighbour_table((HOP, UPLINK, 7))),),
        expect=(("NOT_HEARD", None),),
    )
    yield case(
        code="NOT_HEARD",
        variant="stale-and-down",
        about="The next hop is stale, and its interface is down.",
        evidence=(polled(SYSTEM, *INTERFACES[:2], down, ADDRESSES, *routed(1), neighbour_table((HOP, UPLINK, 2))),),
        expect=(("NOT_HEARD", None),),
    )
    yield case(
        code="ABSENT",
        trap="D5",
        about="The table shows IPv6 routes, and the targeted question about ::/0 finds none.",
        evidence=(polled(*base, *routed()),),
        expect=(("ABSENT", None),),
    )
    lost = replace(walk(oids.IP_ADDRESS_ENTRY, stopped="failure"), context="mang-rieng")
    yield case(
        code="NOT_READ",
        variant="context",
        about="The virtual network that the profile names said nothing: the route may stand there.",
        evidence=(polled(*base, *routed(), lost),),
        expect=(("NOT_READ", None),),
    )
    yield case(
        code="ABSENT",
        variant="not-active",
        about="The only route to ::/0 is not in use.",
        evidence=(polled(*base, *routed(2)),),
        expect=(("ABSENT", None),),
    )
    yield case(
        code="NOT_SHOWN",
        trap="D5",
        about="No route table at all: it is often switched off, and that is no missing route.",
        evidence=(polled(*base, walk(oids.FIRST_ROUTES[0])),),
        expect=(("NOT_SHOWN", None),),
    )
    first, *_ = routed()
    yield case(
        code="NOT_READ",
        about="There are routes; the question about ::/0 was cut short.",
        evidence=(polled(*base, first, walk(oids.default_route(oids.INET_CIDR_ROUTE_ENTRY, 7), stopped="failure")),),
        expect=(("NOT_READ", None),),
    )
    yield case(
        code="NOT_NEEDED",
        about="A core router with an IGP alone, as its owner declared.",
        subject=router(tags=("no-default-route",)),
        evidence=(polled(*base, *routed()),),
        expect=(("NOT_NEEDED", None),),
    )
    yield case(
        code="NOT_ROUTING",
        about="A switch that does not forward.",
        subject=router(kind=Kind.SWITCH),
        evidence=(polled(scalars({oids.IPV6_FORWARDING: 2}), ADDRESSES, *routed()),),
        expect=(("NOT_ROUTING", None),),
    )
    advertises = (*oids.IPV6_ROUTER_ADVERT_ENTRY, 2)
    for variant, sent, told in (
        ("advertises", "It advertises itself as a router.", walk(advertises, {advertises: {(CORE,): 1}})),
        (
            *("ospf", "It has a neighbour of OSPFv3."),
            walk(oids.OSPFV3_NBR_STATE, {oids.OSPFV3_NBR_STATE: {(CORE, 0, 7): 8}}),
        ),
    ):
        yield case(
            code="ABSENT",
            variant=f"switch-{variant}",
            about=f"A switch of which a view hides whether it forwards, with no route out. {sent}",
            subject=router(kind=Kind.SWITCH),
            evidence=(polled(ADDRESSES, *INTERFACES, *routed(), told),),
            expect=(("ABSENT", None),),
        )
    yield case(
        code="ONLY_LINK_LOCAL",
        about="Without an address there is nothing to route; global-address says so.",
        evidence=(polled(SYSTEM, ONLY_LINK_LOCAL, *routed()),),
        expect=(("ONLY_LINK_LOCAL", None),),
    )


def neighbours() -> Iterator[Case]:
    check = "ipv6.device.neighbours"
    case = partial(Case, check=check, controls=CONTROLS, subject=router(tags=WAN))
    broken = polled(SYSTEM, *INTERFACES, walk(oids.IP_NET_TO_PHYSICAL_ENTRY, stopped="failure"))
    yield from unread(check, broken)
    base = (SYSTEM, *INTERFACES, ADDRESSES)
    arp = [(f"198.51.100.{number}", CORE, 1) for number in range(20, 26)]
    hop = (HOP, UPLINK, 1)
    yield case(
        code="PRESENT",
        about="A host on the LAN has a global address.",
        evidence=(polled(*base, neighbour_table(hop, ("2001:db8:c1:7::20", CORE, 2), *arp)),),
        expect=(("PRESENT", None),),
    )
    yield case(
        code="ONLY_LINK_LOCAL",
        about="Hosts with link-local addresses alone.",
        evidence=(polled(*base, neighbour_table(hop, ("fe80::20", CORE, 1), *arp)),),
        expect=(("ONLY_LINK_LOCAL", None),),
    )
    yield case(
        code="UNUSED",
        about="A VRRP backup (keepalived, Net-SNMP): hosts asked it for advertisements, and use the active router.",
        evidence=(polled(*base, neighbour_table(hop, *((f"fe80::{number}", CORE, 2) for number in range(20, 25)))),),
        expect=(("UNUSED", None),),
    )
    yield case(
        code="FEW",
        variant="another-router",
        about="The link-local address is that of the other router of a pair (VRRP); its hosts are at home.",
        evidence=(polled(*base, neighbour_table(hop, ("fe80::20", CORE, 1), *arp[:2])),),
        expect=(("FEW", None),),
    )
    yield case(
        code="NOBODY",
        about="Six hosts speak IPv4, nobody IPv6; the uplink shows that the table has IPv6 neighbours.",
        evidence=(polled(*base, neighbour_table(hop, ("2001:db8:c1:7::20", CORE, 7), *arp)),),
        expect=(("NOBODY", None),),
    )
    yield case(
        code="FEW",
        about="Two hosts are too few.",
        evidence=(polled(*base, neighbour_table(hop, *arp[:2])),),
        expect=(("FEW", None),),
    )
    yield case(
        code="NO_LAN",
        about="Nobody is on the LAN.",
        evidence=(polled(*base, neighbour_table(hop)),),
        expect=(("NO_LAN", None),),
    )
    yield case(
        code="NOT_DECLARED",
        about="The row has no tag lan=.",
        subject=router(tags=("wan=ge-0/0/2",)),
        evidence=(polled(*base, neighbour_table(hop, *arp)),),
        expect=(("NOT_DECLARED", None),),
    )
    yield case(
        code="NOT_SHOWN",
        trap="D2",
        about="The table has IPv4 rows alone, on every interface: perhaps the agent shows no others.",
        evidence=(polled(*base, neighbour_table(*arp)),),
        expect=(("NOT_SHOWN", None),),
    )


def _managed(*services: str) -> Subject:
    ports = {"snmp": 161, "ssh": 22}
    return replace(router(MANAGED, V6), services=lab.services(*((name, ports[name]) for name in services)))


def mgmt_v6() -> Iterator[Case]:
    check = "ipv6.device.mgmt-v6"
    both = _managed("snmp", "ssh")
    case = partial(Case, check=check, controls=(*CONTROLS, "tcp/22"), subject=both)
    yield from (case for case in unread(check, CUT) if (case.code, case.variant) != ("NOT_READ", ""))
    v4 = polled(SYSTEM)
    deaf = unopened(
        SnmpAttempt("core", "3", False, lab.why(FailureKind.TIMEOUT)), failure=FailureKind.TIMEOUT, address=V6
    )
    yield case(
        code="ALL",
        about="SNMP and SSH answer over IPv6.",
        evidence=(v4, polled(SYSTEM, address=V6), lab.tcp(V6, 22)),
        expect=(("ALL", None),),
    )
    yield case(
        code="SOME",
        trap="D7",
        about="SSH answers over IPv6; SNMP answers over IPv4 alone, with the same credentials.",
        evidence=(v4, deaf, lab.tcp(V6, 22)),
        expect=(("SOME", None),),
    )
    yield case(
        code="NONE",
        trap="D7",
        about="Neither answers over IPv6.",
        evidence=(v4, deaf, lab.tcp(V6, 22, FailureKind.REFUSED)),
        expect=(("NONE", None),),
    )
    shut = [lab.tcp(address, 22, FailureKind.TIMEOUT) for address in (MANAGED, V6)]
    yield case(
        code="ALL",
        variant="access-list",
        about="An access list lets only the administrators in by SSH, over IPv4 and IPv6 alike (nftables on Linux).",
        evidence=(v4, polled(SYSTEM, address=V6), *shut),
        expect=(("ALL", None),),
    )
    yield case(
        code="SOME",
        variant="ssh-over-ipv4",
        about="SSH answers over IPv4 alone.",
        evidence=(v4, polled(SYSTEM, address=V6), lab.tcp(MANAGED, 22), shut[1]),
        expect=(("SOME", None),),
    )
    yield case(
        code="NONE",
        variant="access-list",
        about="SNMP answers over IPv4 alone; SSH lets us in over neither family.",
        evidence=(v4, deaf, *shut),
        expect=(("NONE", None),),
    )
    rejected: Evidence = unopened(REJECTED, failure=FailureKind.PROTOCOL, address=V6)
    yield case(
        code="NOT_READ",
        about="Over IPv6 the device rejects the credentials that it takes over IPv4.",
        evidence=(v4, rejected, lab.tcp(V6, 22)),
        expect=(("NOT_READ", None),),
    )
    for variant, kind, detail in (
        ("error", FailureKind.PROTOCOL, "error status 5"),
        ("from-elsewhere", FailureKind.TIMEOUT, FROM_ELSEWHERE),
    ):
        said = unopened(SnmpAttempt("core", "2c"), failure=kind, detail=detail, address=V6)
        yield case(
            code="NOT_READ",
            variant=variant,
            about="Its agent speaks over IPv6, if not as ours wants it; other managers may be content.",
            evidence=(v4, said, lab.tcp(V6, 22)),
            expect=(("NOT_READ", None),),
        )
    found = SnmpDiscovery(address=ip_address(V6), port=161, engine_id=bytes.fromhex("80001f8801"))
    yield case(
        code="NOT_READ",
        variant="answers-strangers",
        about="Over IPv6 its agent answered a question without credentials: it is there, whatever became of ours.",
        subject=_managed("snmp"),
        evidence=(v4, deaf, lab.evidence("snmp_exposure", found, task=f"{V6}#161", endpoint=lab.at(V6, 161))),
        expect=(("NOT_READ", None),),
    )
    for variant, subject, evidence in (
        ("lossy-line", _managed("snmp"), (deaf,)),
        ("lossy-line-ssh", both, (polled(SYSTEM, address=V6), lab.tcp(V6, 22, FailureKind.TIMEOUT))),
    ):
        yield case(
            code="NOT_READ",
            variant=variant,
            about="The line loses echo requests too: ours may have been lost by chance.",
            subject=subject,
            evidence=(v4, *evidence, lab.echo(V6, 6, 10)),
            expect=(("NOT_READ", None),),
        )
    yield case(
        code="NONE",
        variant="whole-line",
        about="No echo request was lost.",
        subject=_managed("snmp"),
        evidence=(v4, deaf, lab.echo(V6, 10, 10)),
        expect=(("NONE", None),),
    )
    yield case(
        code="ONLY_V4",
        about="Managed over IPv4 alone, as its owner declared.",
        subject=replace(both, tags=("mgmt-v4-only",)),
        evidence=(v4, deaf),
        expect=(("ONLY_V4", None),),
    )
    yield case(
        code="NOT_DECLARED",
        about="The row has no IPv6 address.",
        subject=router(),
        evidence=(v4,),
        expect=(("NOT_DECLARED", None),),
    )


def cases() -> Iterator[Case]:
    for group in (prefix_length, plan_conformance, default_route, neighbours, mgmt_v6):
        yield from group()
