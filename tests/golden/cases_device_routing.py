"""Makes golden cases of ``ipv6.device.*`` about tunnels, router advertisements and routing protocols."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import IPv6Network

from auditor.framework.estate import Estate
from probes.framework.evidence import Failure, FailureKind, Observation
from probes.observations.snmp import SnmpWalk
from probes.wire.snmp import oids
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.tree import Oid
from tests.golden.case import Case
from tests.golden.cases_device import CONTROLS, CUT, WAN, unread
from tests.golden.lab_snmp import (
    ADDRESSES,
    CORE,
    INTERFACES,
    NO_LEGACY,
    SYSTEM,
    UPLINK,
    V6,
    Table,
    Value,
    address_table,
    index_of,
    polled,
    router,
    scalars,
    walk,
)

TUNNEL, VPN = 4, 5
PEER, OTHER = "2001:db8:ff::1", "2001:db8:ff::2"
TABLES = (
    walk(oids.IF_DESCR, {oids.IF_DESCR: {(2,): "ge-0/0/2", (TUNNEL,): "tun0", (VPN,): "vpn0"}}),
    walk(oids.IF_OPER, {oids.IF_OPER: {(2,): 1, (TUNNEL,): 1, (VPN,): 1}}),
)
TYPES: dict[Oid, Value] = {(2,): 6, (TUNNEL,): 131}


def _methods(*rows: tuple[int, int]) -> Observation:
    return walk(oids.TUNNEL_METHOD, {oids.TUNNEL_METHOD: {(index,): method for index, method in rows}})


def _called(alias: bytes) -> tuple[Observation, Observation]:
    """Return ifName and ifAlias of the tunnel."""
    said: tuple[tuple[Oid, Value], ...] = ((oids.IF_NAME, "tun0"), (oids.IF_ALIAS, alias))
    first, second = (walk(column, {column: {(TUNNEL,): text}}) for column, text in said)
    return first, second


def tunnels() -> Iterator[Case]:
    check = "ipv6.device.tunnels"
    case = partial(Case, check=check, controls=CONTROLS, subject=router())
    yield from unread(check, CUT)
    types = walk(oids.IF_TYPE, {oids.IF_TYPE: TYPES})
    yield case(
        code="NONE",
        about="No interface of the type tunnel.",
        evidence=(polled(SYSTEM, *INTERFACES, ADDRESSES, _methods()),),
        expect=(("NONE", None),),
    )
    yield case(
        code="NONE",
        variant="vpn-without-ipv6",
        about="A firewall's VPN is of the type tunnel; no table tells a method and it has no IPv6 address.",
        evidence=(
            polled(SYSTEM, *TABLES, walk(oids.IF_TYPE, {oids.IF_TYPE: {(2,): 6, (VPN,): 131}}), ADDRESSES, _methods()),
        ),
        expect=(("NONE", None),),
    )
    yield case(
        code="NONE",
        variant="down",
        about="A 6to4 interface that is down carries nothing.",
        evidence=(
            polled(
                SYSTEM, types, walk(oids.IF_OPER, {oids.IF_OPER: {(TUNNEL,): 2}}), ADDRESSES, _methods((TUNNEL, 11))
            ),
        ),
        expect=(("NONE", None),),
    )
    yield case(
        code="DECLARED",
        about="The tunnel stands in the column tags.",
        subject=router(tags=("tunnel=tun0",)),
        evidence=(polled(SYSTEM, *TABLES, types, ADDRESSES, _methods((TUNNEL, 3))),),
        expect=(("DECLARED", None),),
    )
    six = address_table((V6, UPLINK), ("2001:db8:c1:9::1", TUNNEL))
    local = address_table((V6, UPLINK), ("fe80::9", TUNNEL, 5, 1))
    switched_on = walk(oids.IPV6_INTERFACE_ENTRY, {oids.IPV6_INTERFACE_ENABLE: {(UPLINK,): 1, (TUNNEL,): 1}})
    enabled = walk(oids.IPV6_INTERFACE_ENTRY, {oids.IPV6_INTERFACE_ENABLE: {(UPLINK,): 1}})
    for method, name in ((2, "ip-in-ip"), (3, "gre")):
        yield case(
            code="NONE",
            variant=f"{name}-of-ipv4",
            about="A tunnel between offices that IPv6 is not switched on at.",
            evidence=(polled(SYSTEM, *TABLES, types, ADDRESSES, NO_LEGACY, enabled, _methods((TUNNEL, method))),),
            expect=(("NONE", None),),
        )
        yield case(
            code="MAYBE_IPV6",
            variant=name,
            about="A tunnel that nobody declared; no table tells whether IPv6 is on there.",
            evidence=(polled(SYSTEM, *TABLES, types, ADDRESSES, NO_LEGACY, _methods((TUNNEL, method))),),
            expect=(("MAYBE_IPV6", None),),
        )
    for methods, name in ((_methods((TUNNEL, 3)), "gre-with-link-local"), (_methods(), "ds-lite")):
        yield case(
            code="MAYBE_IPV6",
            variant=name,
            about="A tunnel of IPv4 with the link-local address that Linux gives to every tunnel, and no other one.",
            evidence=(polled(SYSTEM, *TABLES, types, local, NO_LEGACY, methods),),
            expect=(("MAYBE_IPV6", None),),
        )
    yield case(
        code="UNDECLARED",
        variant="switched-on",
        about="GRE with a link-local address alone, and a table that says that IPv6 is switched on at it.",
        evidence=(polled(SYSTEM, *TABLES, types, local, switched_on, _methods((TUNNEL, 3))),),
        expect=(("UNDECLARED", None),),
    )
    yield case(
        code="UNDECLARED",
        about="GRE that nobody declared.",
        evidence=(polled(SYSTEM, *TABLES, types, six, _methods((TUNNEL, 3))),),
        expect=(("UNDECLARED", None),),
    )
    yield case(
        code="AUTOMATIC",
        about="6to4, up and undeclared.",
        evidence=(polled(SYSTEM, *TABLES, types, ADDRESSES, _methods((TUNNEL, 11))),),
        expect=(("AUTOMATIC", None),),
    )
    yield case(
        code="UNDECLARED",
        variant="all-its-names",
        about="Every name that it has is shown, and none of them is the declared one.",
        subject=router(tags=("tunnel=Đường hầm",)),
        evidence=(polled(SYSTEM, *TABLES, *_called(b"sang BMT"), types, six, _methods((TUNNEL, 3))),),
        expect=(("UNDECLARED", None),),
    )
    for variant, names, about in (
        ("alias-hidden", (), "It may have the declared name, which its owner wrote as a description."),
        ("old-letters", _called("Đường hầm".encode("cp1258", "replace")), "The name is in letters from before UTF-8."),
        ("vni", _called(b"\xd1\xf6\xf4\xf8ng ha\xe0m"), "So it is in VNI's."),
    ):
        for method in (3, 11):
            yield case(
                code="NOT_TOLD",
                variant=f"{variant}-{method}",
                about=about,
                subject=router(tags=("tunnel=Đường hầm",)),
                evidence=(polled(SYSTEM, *TABLES, *names, types, ADDRESSES, _methods((TUNNEL, method))),),
                expect=(("NOT_TOLD", None),),
            )
    yield case(
        code="NOT_SHOWN",
        trap="D2",
        about="Neither types of interfaces nor methods of tunnels.",
        evidence=(polled(SYSTEM, walk(oids.IF_TYPE), ADDRESSES, _methods()),),
        expect=(("NOT_SHOWN", None),),
    )


def adverts(
    interface: int, *, send: int = 1, managed: int = 2, lifetime: int = 1_800, hops: int = 64, mtu: int = 0
) -> Observation:
    entry = oids.IPV6_ROUTER_ADVERT_ENTRY
    columns = {2: send, 5: managed, 6: 2, 7: mtu, 10: hops, 11: lifetime}
    return walk(entry, {(*entry, column): {(interface,): value} for column, value in columns.items()})


def ra_config() -> Iterator[Case]:
    check = "ipv6.device.ra-config"
    case = partial(Case, check=check, controls=CONTROLS, subject=router(tags=WAN))
    yield from unread(check, CUT)
    yield case(
        code="SANE",
        about="Announced on the LAN, with the defaults.",
        evidence=(polled(SYSTEM, *INTERFACES, adverts(CORE)),),
        expect=(("SANE", None),),
    )
    yield case(
        code="SANE",
        variant="dhcpv6-only",
        about="No announcements on a LAN that is planned without.",
        subject=router(tags=(*WAN, "dhcpv6=ge-0/0/3")),
        evidence=(polled(SYSTEM, *INTERFACES, adverts(CORE, send=2)),),
        expect=(("SANE", None),),
    )
    yield case(
        code="ODD",
        about="The LAN is planned for SLAAC; the announcements say DHCPv6.",
        subject=router(tags=(*WAN, "slaac=ge-0/0/3")),
        evidence=(polled(SYSTEM, *INTERFACES, adverts(CORE, managed=1)),),
        expect=(("ODD", None),),
    )
    for variant, tags, managed in (
        ("dhcpv6", ("dhcpv6=ge-0/0/3",), 1),
        ("slaac", ("slaac=ge-0/0/3",), 2),
        ("managed-without-a-plan", (), 1),
    ):
        yield case(
            code="SANE",
            variant=variant,
            about="The announcements say what the LAN is planned for, or nothing is planned.",
            subject=router(tags=(*WAN, *tags)),
            evidence=(polled(SYSTEM, *INTERFACES, adverts(CORE, managed=managed)),),
            expect=(("SANE", None),),
        )
    yield case(
        code="ODD",
        variant="dhcpv6",
        about="The LAN is planned for DHCPv6; the announcements do not send hosts there.",
        subject=router(tags=(*WAN, "dhcpv6=ge-0/0/3")),
        evidence=(polled(SYSTEM, *INTERFACES, adverts(CORE, managed=2)),),
        expect=(("ODD", None),),
    )
    for code, variant, hops in (("ODD", "hops", 63), ("SANE", "no-hops", 0)):
        yield case(
            code=code,
            variant=variant,
            about="A hop limit below 64 keeps hosts from far servers; 0 leaves it to the host.",
            evidence=(polled(SYSTEM, *INTERFACES, adverts(CORE, hops=hops)),),
            expect=((code, None),),
        )
    yield case(
        code="SANE",
        variant="ruled-out-lan",
        about="A LAN on which announcements are ruled out keeps silent.",
        subject=router(tags=(*WAN, "no-ra=ge-0/0/3")),
        evidence=(polled(SYSTEM, *INTERFACES, adverts(CORE, send=2)),),
        expect=(("SANE", None),),
    )
    described = walk(oids.IF_ALIAS, {oids.IF_ALIAS: {(UPLINK,): "TSLCD", (CORE,): "Phòng máy"}})
    yield case(
        code="SANE",
        variant="ruled-out-by-another-name",
        about="Announcements are ruled out on the LAN by what its owner describes the port as.",
        subject=router(tags=(*WAN, "no-ra=Phòng máy")),
        evidence=(polled(SYSTEM, *INTERFACES, described, adverts(CORE, send=2)),),
        expect=(("SANE", None),),
    )
    send_only: Table = {(*oids.IPV6_ROUTER_ADVERT_ENTRY, 2): {(CORE,): 1}}
    yield case(
        code="NOT_SHOWN",
        variant="columns",
        trap="D2",
        about="Announced on the LAN; the device does not show how.",
        evidence=(polled(SYSTEM, *INTERFACES, walk(oids.IPV6_ROUTER_ADVERT_ENTRY, send_only)),),
        expect=(("NOT_SHOWN", None),),
    )
    link = walk(oids.IF_MTU, {oids.IF_MTU: {(UPLINK,): 1_514, (CORE,): 1_514}})
    for code, variant, mtu, about in (
        ("SANE", "pppoe", 1_492, "Hosts are told what fits the line behind the router."),
        ("SANE", "as-large-as-the-link", 1_514, "Hosts are told what the link carries."),
        ("SANE", "smallest", 1_280, "What every IPv6 link carries."),
        ("SANE", "with-its-header", 1_500, "The device counts the header of Ethernet in ifMtu."),
        ("ODD", "too-large", 9_000, "More than the link carries."),
        ("ODD", "too-small", 1_000, "Less than IPv6 needs."),
    ):
        seen = (polled(SYSTEM, *INTERFACES, link, adverts(CORE, mtu=mtu)),)
        yield case(code=code, variant=variant, about=about, evidence=seen, expect=((code, None),))
    yield case(
        code="ODD",
        variant="lifetime",
        about="Announced with a lifetime of nothing: no host takes it for its way out.",
        evidence=(polled(SYSTEM, *INTERFACES, adverts(CORE, lifetime=0)),),
        expect=(("ODD", None),),
    )
    beside = address_table(("2001:db8:c1:7::2", CORE))
    standby = walk(oids.VRRP_STATUS, {oids.VRRP_STATUS: {(CORE, 7, 2): 2}})
    for code, variant, network, more, about in (
        (
            "SANE",
            "no-default-router",
            7,
            (),
            "Another router is the way out of the LAN; this one says that it is none.",
        ),
        ("ODD", "lifetime-others-elsewhere", 8, (), "Another router is a way out, of another network."),
        ("SANE", "no-default-router-standby", 8, (standby,), "The backup of a pair says that it is not the way out."),
    ):
        yield case(
            code=code,
            variant=variant,
            about=about,
            estate=Estate(advertised=frozenset({IPv6Network(f"2001:db8:c1:{network}::/64")})),
            evidence=(polled(SYSTEM, *INTERFACES, beside, *more, adverts(CORE, lifetime=0)),),
            expect=((code, None),),
        )
    yield case(
        code="ODD",
        variant="no-default-router-with-an-mtu",
        about="Another router is the way out; this one tells hosts an MTU that is too small for IPv6.",
        estate=Estate(advertised=frozenset({IPv6Network("2001:db8:c1:7::/64")})),
        evidence=(polled(SYSTEM, *INTERFACES, beside, adverts(CORE, lifetime=0, mtu=1_000)),),
        expect=(("ODD", None),),
    )
    for code, seconds in (("SANE", 1), ("SANE", 65_535), ("ODD", 65_536)):
        yield case(
            code=code,
            variant=f"lifetime-{seconds}",
            about="The shortest and the longest lifetime that can be told, and one beyond.",
            evidence=(polled(SYSTEM, *INTERFACES, adverts(CORE, lifetime=seconds)),),
            expect=((code, None),),
        )
    yield case(
        code="ODD",
        variant="hop-limit-1",
        about="With a hop limit of 1 hosts reach their own LAN alone.",
        evidence=(polled(SYSTEM, *INTERFACES, adverts(CORE, hops=1)),),
        expect=(("ODD", None),),
    )
    two = router(tags=("lan=ge-0/0/2", "lan=ge-0/0/3"))
    yield case(
        code="NOT_SHOWN",
        variant="one-of-two-lans",
        about="The device shows what it does on one of its LANs, and nothing of the other.",
        subject=two,
        evidence=(polled(SYSTEM, *INTERFACES, adverts(CORE)),),
        expect=(("NOT_SHOWN", None),),
    )
    table = oids.IPV6_ROUTER_ADVERT_ENTRY
    silent: Table = {
        (*table, 2): {(CORE,): 1, (UPLINK,): 2},
        **{(*table, column): {(CORE,): value} for column, value in {5: 2, 6: 2, 7: 0, 10: 64, 11: 1_800}.items()},
    }
    yield case(
        code="SANE",
        variant="silent-without-columns",
        about="Of a LAN that is planned without announcements no more is shown than that there are none.",
        subject=router(tags=(*two.tags, "dhcpv6=ge-0/0/2")),
        evidence=(polled(SYSTEM, *INTERFACES, walk(table, silent)),),
        expect=(("SANE", None),),
    )
    yield case(
        code="MISSING",
        about="Switched off on a LAN of users.",
        evidence=(polled(SYSTEM, *INTERFACES, adverts(CORE, send=2)),),
        expect=(("MISSING", None),),
    )
    lan = address_table(("2001:db8:c1:7::2", CORE))
    master = walk(oids.VRRP_STATUS, {oids.VRRP_STATUS: {(CORE + 1, 7, 2): 2}})
    for code, variant, network, more, about in (
        ("STANDBY_UNTOLD", "", 7, (), "Another router sends them there: this one may stand by, by VRRP."),
        ("MISSING", "vrrp-shown", 7, (master,), "It stands by on another LAN: here VRRP would show too."),
        ("MISSING", "others-elsewhere", 8, (), "Another router sends them, in another network."),
    ):
        yield case(
            code=code,
            variant=variant,
            about=about,
            estate=Estate(advertised=frozenset({IPv6Network(f"2001:db8:c1:{network}::/64")})),
            evidence=(polled(SYSTEM, *INTERFACES, lan, *more, adverts(CORE, send=2)),),
            expect=((code, None),),
        )
    cisco = scalars({oids.SYS_OBJECT_ID: (1, 3, 6, 1, 4, 1, 9, 1, 2068)})
    neighbour = walk(oids.CDP_CACHE_ENTRY, {(*oids.CDP_CACHE_ENTRY, 6): {(CORE, 1): "sw-tang-2"}})
    for code, variant, own, about in (
        ("STANDBY_HIDDEN", "", (), "A view of mib-2 alone hides whether it stands by by HSRP."),
        ("MISSING", "cisco", (neighbour,), "Its maker's objects are shown, and no HSRP among them."),
    ):
        seen = (polled(cisco, *INTERFACES, *own, adverts(CORE, send=2)),)
        yield case(code=code, variant=variant, about=about, evidence=seen, expect=((code, None),))
    taken = walk(oids.VRRP_STATUS, {oids.VRRP_STATUS: {(CORE, 7, 2): 3}})
    over_ipv4 = walk(oids.VRRP_STATUS, {oids.VRRP_STATUS: {(CORE, 7, 1): 3}})
    for code, variant, tags, seen_rows, about in (
        (
            "MISSING",
            "backup-that-took-over",
            ("vrrp-backup",),
            (SYSTEM, taken),
            "The declared backup is the active router now.",
        ),
        (
            "BACKUP",
            "active-over-ipv4",
            ("vrrp-backup",),
            (SYSTEM, over_ipv4),
            "The declared backup is active for IPv4 alone.",
        ),
        (
            "MISSING",
            "cisco-active",
            (),
            (cisco, taken),
            "A view that hides HSRP shows that it is the active router by VRRP.",
        ),
    ):
        yield case(
            code=code,
            variant=variant,
            about=about,
            subject=router(tags=(*WAN, *tags)),
            evidence=(polled(*seen_rows, *INTERFACES, adverts(CORE, send=2)),),
            expect=((code, None),),
        )
    for tag in ("no-ra", "dhcpv6"):
        yield case(
            code="NOT_READ",
            variant=f"{tag}-by-a-hidden-name",
            about="The interface may be the declared one, whose description the device's view hides.",
            subject=router(tags=(*WAN, f"{tag}=Mạng phòng máy")),
            evidence=(polled(SYSTEM, *INTERFACES, adverts(CORE, send=2)),),
            expect=(("NOT_READ", None),),
        )
    yield case(
        code="UNWANTED",
        about="Announced where the inventory rules it out.",
        subject=router(tags=("no-ra=ge-0/0/2",)),
        evidence=(polled(SYSTEM, *INTERFACES, adverts(UPLINK)),),
        expect=(("UNWANTED", None),),
    )
    yield case(
        code="NO_LAN",
        about="No LAN of users is declared.",
        subject=router(),
        evidence=(polled(SYSTEM, *INTERFACES, adverts(CORE)),),
        expect=(("NO_LAN", None),),
    )
    yield case(
        code="NO_SUCH_INTERFACE",
        about="The inventory names an interface that the device does not have.",
        subject=router(tags=("lan=ge-9/9/9",)),
        evidence=(polled(SYSTEM, *INTERFACES, adverts(CORE)),),
        expect=(("NO_SUCH_INTERFACE", None),),
    )
    yield case(
        code="NOT_SHOWN",
        trap="D2",
        about="The table is there for few devices; an empty one is not 'no announcements'.",
        evidence=(polled(SYSTEM, *INTERFACES, walk(oids.IPV6_ROUTER_ADVERT_ENTRY)),),
        expect=(("NOT_SHOWN", None),),
    )


def igp_neighbours(*states: int, v4: tuple[int, ...] = (), isis: tuple[int, ...] = ()) -> tuple[Observation, ...]:
    v6: dict[Oid, Value] = {(UPLINK, 0, number): state for number, state in enumerate(states, 1)}
    old: dict[Oid, Value] = {(192, 0, 2, number, 0): state for number, state in enumerate(v4, 1)}
    links: dict[Oid, Value] = {(1, number, 1): state for number, state in enumerate(isis, 1)}
    return (
        walk(oids.OSPFV3_NBR_STATE, {oids.OSPFV3_NBR_STATE: v6}),
        walk(oids.OSPF_NBR_STATE, {oids.OSPF_NBR_STATE: old}),
        walk(oids.ISIS_ADJ_STATE, {oids.ISIS_ADJ_STATE: links}),
    )


def igp_v6() -> Iterator[Case]:
    check = "ipv6.device.igp-v6"
    case = partial(Case, check=check, controls=CONTROLS, subject=router(tags=("igp=ospfv3",)))
    on, off = scalars({oids.OSPFV3_ADMIN: 1}), scalars({oids.OSPFV3_ADMIN: 2})
    yield from unread(check, CUT)
    yield case(
        code="ADJACENT",
        about="As many as over IPv4; two-way is how two routers stay of which none is designated.",
        evidence=(polled(on, *igp_neighbours(8, 4, v4=(8, 4))),),
        expect=(("ADJACENT", None),),
    )
    yield case(
        code="ADJACENT",
        variant="isis",
        about="IS-IS has its adjacency.",
        subject=router(tags=("igp=isis",)),
        evidence=(polled(SYSTEM, *igp_neighbours(isis=(3,))),),
        expect=(("ADJACENT", None),),
    )
    for variant, tags in (("isis-customers", ("igp=isis",)), ("isis-undeclared", ())):
        yield case(
            code="ADJACENT",
            variant=variant,
            about="The core runs IS-IS. By OSPF it hears of its sites over IPv4, which have no part in that.",
            subject=router(tags=tags),
            evidence=(polled(SYSTEM, *igp_neighbours(v4=(8, 8, 8), isis=(3, 3))),),
            expect=(("ADJACENT", None),),
        )
    yield case(
        code="FEWER",
        about="One neighbour less than over IPv4.",
        evidence=(polled(on, *igp_neighbours(8, v4=(8, 8))),),
        expect=(("FEWER", None),),
    )
    yield case(
        code="FEWER",
        variant="declared-number",
        about="One neighbour less than declared.",
        subject=router(tags=("igp=ospfv3", "igp-neighbours=2")),
        evidence=(polled(on, *igp_neighbours(8)),),
        expect=(("FEWER", None),),
    )
    yield case(
        code="NONE_UP",
        about="Declared, and its only neighbour stays in the exchange (another MTU).",
        evidence=(polled(on, *igp_neighbours(5)),),
        expect=(("NONE_UP", None),),
    )
    entry = oids.OSPFV3_NBR_ENTRY
    rows: dict[Oid, Value] = {(UPLINK, 0, number): 1 for number in (1, 2)}
    for variant, rest, code in (
        ("", walk(entry, {(*entry, 4): rows}), "STATES_HIDDEN"),
        ("empty", walk(entry), "NONE_UP"),
    ):
        yield case(
            code=code,
            variant=variant,
            about="The column of states is empty; whether there are neighbours shows in the others of its table.",
            evidence=(polled(on, *igp_neighbours(v4=(8, 8)), rest),),
            expect=((code, None),),
        )
    yield case(
        code="STATIC",
        about="Declared to have static routes.",
        subject=router(tags=("igp=static",)),
        evidence=(polled(SYSTEM, *igp_neighbours()),),
        expect=(("STATIC", None),),
    )
    yield case(
        code="NOT_SHOWN",
        trap="D6",
        about="The process that can be seen is off; the one of a virtual network may run.",
        evidence=(polled(off, *igp_neighbours()),),
        expect=(("NOT_SHOWN", None),),
    )


def peers(*rows: tuple[str, int], accepted: int | None = None) -> tuple[Observation, ...]:
    """Return cbgpPeer2Table, after the empty tables before it."""
    states = {index_of(address): state for address, state in rows}
    counts: dict[Oid, int] = {} if accepted is None else {(*index_of(row[0]), 2, 1): accepted for row in rows}
    return (
        walk(oids.BGP4V2_PEER_STATE),
        walk(oids.CISCO_PEER3_STATE),
        walk(oids.CISCO_PEER2_STATE, {oids.CISCO_PEER2_STATE: states}),
        walk(oids.CISCO_PEER2_ACCEPTED, {oids.CISCO_PEER2_ACCEPTED: counts}),
    )


def bgp_v6() -> Iterator[Case]:
    check = "ipv6.device.bgp-v6"
    case = partial(Case, check=check, controls=CONTROLS, subject=router(tags=(f"bgp={PEER}",)))
    yield from unread(check, CUT)
    yield case(
        code="ESTABLISHED",
        about="Established, with twelve prefixes.",
        evidence=(polled(SYSTEM, *peers((PEER, 6), accepted=12)),),
        expect=(("ESTABLISHED", None),),
    )
    own = peers((PEER, 6), accepted=12)
    inside = [replace(step, context="mang-rieng") for step in own if isinstance(step, SnmpWalk)]
    yield case(
        code="ESTABLISHED",
        variant="context",
        trap="D6",
        about="The peer stands in a virtual network that the profile names.",
        evidence=(polled(SYSTEM, *peers((OTHER, 6), accepted=3), *inside),),
        expect=(("ESTABLISHED", None),),
    )
    yield case(
        code="NO_PREFIXES",
        about="Established, without any prefix.",
        evidence=(polled(SYSTEM, *peers((PEER, 6), accepted=0)),),
        expect=(("NO_PREFIXES", None),),
    )
    yield case(
        code="NOT_ESTABLISHED",
        about="The declared session is active, which is to say that nobody answers.",
        evidence=(polled(SYSTEM, *peers((PEER, 3), accepted=0)),),
        expect=(("NOT_ESTABLISHED", None),),
    )
    draft = (1, *index_of(V6), *index_of(PEER))
    yield case(
        code="NOT_COUNTED",
        about="The draft's table has no prefixes.",
        evidence=(
            polled(SYSTEM, walk(oids.BGP4V2_PEER_STATE, {oids.BGP4V2_PEER_STATE: {draft: 6}}), address_table((V6, 2))),
        ),
        expect=(("NOT_COUNTED", None),),
    )
    yield case(
        code="NOT_SEEN",
        trap="D6",
        about="Another peer is shown; the declared one may stand in a virtual network.",
        evidence=(polled(SYSTEM, *peers((OTHER, 6), accepted=12)),),
        expect=(("NOT_SEEN", None),),
    )
    cut_short = tuple(
        replace(step, stopped="failure", failure=Failure(kind=FailureKind.TIMEOUT))
        if isinstance(step, SnmpWalk) and step.root == dotted(oids.CISCO_PEER2_STATE)
        else step
        for step in peers((OTHER, 6), accepted=12)
    )
    yield case(
        code="NOT_READ",
        variant="table-of-peers",
        about="The table broke off: the declared peer may stand in the rest.",
        evidence=(polled(SYSTEM, *cut_short),),
        expect=(("NOT_READ", None),),
    )
    counted = {(*index_of(PEER), 2, 1): 12}
    yield case(
        code="NOT_COUNTED",
        variant="one-of-two",
        about="Two declared sessions are established; the prefixes of one are counted.",
        subject=router(tags=(f"bgp={PEER}", f"bgp={OTHER}")),
        evidence=(
            polled(
                SYSTEM,
                *peers((PEER, 6), (OTHER, 6))[:-1],
                walk(oids.CISCO_PEER2_ACCEPTED, {oids.CISCO_PEER2_ACCEPTED: counted}),
            ),
        ),
        expect=(("NOT_COUNTED", None),),
    )
    yield case(
        code="NOT_SHOWN",
        trap="D6",
        about="No table has an IPv6 peer; BGP4-MIB could not have one.",
        evidence=(polled(SYSTEM, *peers()),),
        expect=(("NOT_SHOWN", None),),
    )
    yield case(
        code="NOT_DECLARED",
        about="Sessions that nobody declared are nobody's promise.",
        subject=router(),
        evidence=(polled(SYSTEM, *peers((PEER, 3), accepted=0)),),
        expect=(("NOT_DECLARED", None),),
    )
    yield case(
        code="NO_BGP",
        about="No session, none declared, and no BGP on the device.",
        subject=router(),
        evidence=(polled(SYSTEM, scalars({oids.BGP_LOCAL_AS: 0}), *peers()),),
        expect=(("NO_BGP", None),),
    )


def cases() -> Iterator[Case]:
    for group in (tunnels, ra_config, igp_v6, bgp_v6):
        yield from group()
