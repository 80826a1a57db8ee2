"""Makes golden cases from rows of many makers' devices, so that one maker's habit is not reported as a defect."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address

from auditor.framework.context import Sites
from auditor.framework.estate import Estate, LinkMtu, SharedAddress
from inventory.model import DeclaredFacts, Kind, Network
from probes.framework.evidence import Observation
from probes.observations.snmp import SnmpGet, SnmpGroup, SnmpUser, SnmpWalk
from probes.wire.snmp import oids
from probes.wire.snmp.tree import Oid
from tests.golden.case import Case
from tests.golden.cases_device import CONTROLS, WAN
from tests.golden.cases_device_addresses import neighbour_table, prefixes
from tests.golden.cases_device_links import HERE, lldp
from tests.golden.cases_device_routing import PEER, adverts, igp_neighbours, peers
from tests.golden.cases_snmp import DES, MD5, OWN, REFUSES, USM, access, session
from tests.golden.cases_snmp import polled as secured
from tests.golden.lab import NOW
from tests.golden.lab_snmp import (
    ADDRESSES,
    CORE,
    INTERFACES,
    LOOPBACK,
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
from tests.golden.lab_tslcd import ROW, inside, point

EM1, INNER = 5, 6
PLAN = ("2001:db8:c0::/44",)
JUNOS = scalars(
    {oids.SYS_DESCR: "Juniper vMX, JUNOS 22.4", oids.SYS_OBJECT_ID: (1, 3, 6, 1, 4, 1, 2636, 1, 1, 1, 2, 108)}
)
JUNOS_NAMES = walk(oids.IF_DESCR, {oids.IF_DESCR: {(2,): "ge-0/0/0.0", (EM1,): "em1.0", (INNER,): "lo0.16385"}})
NOT_ITS_OWN = ("::", "ff02::1", "ff02::1:ff00:7", "::ffff:169.254.9.1", "::192.0.2.1", "fec0::a:0:0:4")
"""Addresses that agents list, and no device is reached by."""


def linux(**named: int) -> SnmpWalk:
    """Return names of interfaces and their indexes."""
    return walk(oids.IF_DESCR, {oids.IF_DESCR: {(index,): name for name, index in named.items()}})


def none_of_its_own() -> Iterator[Case]:
    """Yield the cases of four checks on a device that lists only such addresses, then also its own."""
    case = partial(Case, controls=CONTROLS, address_plan=PLAN, trap="D9")
    strange = address_table(*((text, UPLINK) for text in NOT_ITS_OWN))
    both = address_table((V6, UPLINK), *((text, UPLINK) for text in NOT_ITS_OWN))
    strangers = scalars({oids.SYS_DESCR: "Router OS 1.0", oids.SYS_OBJECT_ID: (1, 3, 6, 1, 4, 1, 99999, 1)})
    alone = "Addresses that are none: unspecified, groups, IPv4 in IPv6, site-local."
    for check, code, subject in (
        ("ipv6.device.plan-conformance", "NOT_SHOWN", router()),
        ("ipv6.device.prefix-length", "NOT_SHOWN", router()),
        ("ipv6.device.capability", "NOT_DECLARED", router()),
        ("security.ipv6.unintended", "NOT_SHOWN", router(tags=("ipv4-only",))),
    ):
        shown = (polled(strangers, *INTERFACES, strange, NO_LEGACY),)
        yield case(
            check=check,
            code=code,
            variant="none-of-its-own",
            about=alone,
            subject=subject,
            evidence=shown,
            expect=((code, None),),
        )
    yield case(
        check="ipv6.device.plan-conformance",
        code="IN_PLAN",
        variant="beside-others",
        about="The only address of its own is of the plan.",
        subject=router(),
        evidence=(polled(SYSTEM, *INTERFACES, both, NO_LEGACY),),
        expect=(("IN_PLAN", None),),
    )
    yield case(
        check="ipv6.device.plan-conformance",
        code="IN_PLAN",
        variant="junos-inside",
        about="Junos numbers the inside of the machine by itself; here with an address that would be global elsewhere.",
        subject=router(),
        evidence=(polled(JUNOS, JUNOS_NAMES, address_table((V6, UPLINK), ("2001:db8:ee::4", EM1)), NO_LEGACY),),
        expect=(("IN_PLAN", None),),
    )
    yield case(
        check="ipv6.device.plan-conformance",
        code="BEYOND",
        variant="em1-of-linux",
        about="On Linux em1 is an Ethernet port like any other.",
        subject=router(),
        evidence=(polled(SYSTEM, linux(em0=UPLINK, em1=EM1), address_table((V6, UPLINK), ("2001:db8:ee::4", EM1))),),
        expect=(("BEYOND", None),),
    )
    inner = address_table(("10.64.3.9", UPLINK), ("10.64.0.16", INNER), ("128.0.0.1", INNER))
    yield inside(
        check="tslcd.ip.plan",
        code="IN_PLAN",
        variant="junos-inside",
        trap="D9",
        about="Addresses of Junos' own, in the plan and beyond it, that every device of the maker has.",
        subject=point(),
        evidence=(ROW, polled(JUNOS, JUNOS_NAMES, inner)),
        sites=Sites(shared={ip_address("10.64.0.16"): ("xa-a", "xa-b")}),
        expect=(("IN_PLAN", None),),
    )


INSIDES = (
    ("asa", (9, 1, 2404), "nlp_int_tap", "fd00:0:0:1::1", "169.254.1.1"),
    ("sophos", (2604, 5), "tun0", "2001:db8::1:0", "10.81.234.5"),
    ("junos-jsrv", (2636, 1, 1, 1, 2, 108), "jsrv.1", "fd00:0:0:127::1", "128.0.0.127"),
    ("docker", (25049, 1, 130), "docker0", "fd00:d0c::1", "172.17.0.1"),
)
"""Maker, its sysObjectID, an interface inside its machines, and the addresses that each of these has there."""


def insides() -> Iterator[Case]:
    for variant, made_by, name, v6, v4 in INSIDES:
        system = scalars({oids.SYS_DESCR: variant, oids.SYS_OBJECT_ID: (1, 3, 6, 1, 4, 1, *made_by)})
        names = walk(oids.IF_NAME, {oids.IF_NAME: {(UPLINK,): "Port1", (INNER,): name}})
        case = partial(
            Case,
            controls=CONTROLS,
            address_plan=("2001:db8:c0::/44", "fd00::/16"),
            trap="D9",
            variant=variant,
            about=f"{name} has the same addresses on every such machine.",
        )
        alone = polled(system, *INTERFACES, names, address_table((v6, INNER), ("fe80::1", INNER)), NO_LEGACY)
        for check, code, subject in (
            ("ipv6.device.global-address", "NOT_SHOWN", router()),
            ("ipv6.device.capability", "CLAIMED" if made_by[0] == 2636 else "NOT_DECLARED", router()),
            ("security.ipv6.unintended", "NOT_SHOWN", router(tags=("ipv4-only",))),
        ):
            yield case(check=check, code=code, subject=subject, evidence=(alone,), expect=((code, None),))
        both = polled(system, names, address_table(("10.64.3.9", UPLINK), (v4, INNER)))
        yield inside(
            check="tslcd.ip.plan",
            code="IN_PLAN",
            variant=variant,
            trap="D9",
            about=f"{name} has the same addresses on every such machine: they are no duplicates.",
            subject=point(),
            evidence=(ROW, both),
            address_plan=("0.0.0.0/0",),
            sites=Sites(shared={ip_address(v4): ("xa-a", "xa-b")}),
            expect=(("IN_PLAN", None),),
        )


def groups() -> Iterator[Case]:
    """Yield cases of the anycast address of all routers of a subnet, which some agents list as their own."""
    case = partial(Case, check="ipv6.device.plan-conformance", controls=CONTROLS, subject=router())
    rows = (("2001:db8:c1:7::", CORE), ("2001:db8:c1:7::2", CORE))
    for variant, pointers in (("length", True), ("no-length", False)):
        table = address_table(*rows, pointers=pointers)
        yield case(
            code="IN_PLAN",
            variant=f"subnet-anycast-{variant}",
            about="Beside the router's own address.",
            address_plan=("2001:db8:c1:7::2/128",),
            evidence=(polled(SYSTEM, *INTERFACES, table, NO_LEGACY),),
            expect=(("IN_PLAN", None),),
        )
    pair = prefixes(("2001:db8:c1:7::", CORE, 127))
    yield case(
        code="BEYOND",
        variant="first-of-two",
        about="On a link of two routers it is one of theirs (RFC 6164).",
        address_plan=("2001:db8:c1:8::/64",),
        evidence=(polled(SYSTEM, *INTERFACES, pair, NO_LEGACY),),
        expect=(("BEYOND", None),),
    )


def unassigned() -> Iterator[Case]:
    """Yield cases of an address in unassigned space; its place in the plan is a separate question."""
    envelope = polled(SYSTEM, *INTERFACES, address_table(("2004:598:1::265", UPLINK), ("fe80::1", UPLINK)), NO_LEGACY)
    yield Case(
        check="ipv6.device.global-address",
        code="USABLE",
        variant="of-nobody",
        controls=CONTROLS,
        about="It is no link-local address.",
        subject=router(),
        evidence=(envelope,),
        expect=(("USABLE", None),),
    )


def unusable() -> Iterator[Case]:
    envelope = polled(SYSTEM, *INTERFACES, address_table(("2002:c633:6401::1", UPLINK), ("fe80::1", UPLINK)), NO_LEGACY)
    yield Case(
        check="ipv6.device.global-address",
        code="NONE_USABLE",
        about="6to4 alone.",
        controls=CONTROLS,
        subject=router(),
        evidence=(envelope,),
        expect=(("NONE_USABLE", None),),
    )


def relayed() -> Iterator[Case]:
    """Yield cases of a tunnel without a method in any table, as RouterOS shows its 6to4."""
    types = walk(oids.IF_TYPE, {oids.IF_TYPE: {(1,): 24, (2,): 131, (3,): 6}})
    tunnel = polled(
        SYSTEM, types, *INTERFACES, address_table(("2002:c633:6401::1", UPLINK)), NO_LEGACY, walk(oids.TUNNEL_METHOD)
    )
    for code, tags in (("AUTOMATIC", ()), ("DECLARED", ("tunnel=ge-0/0/2",))):
        yield Case(
            check="ipv6.device.tunnels",
            code=code,
            variant="by-its-address",
            controls=CONTROLS,
            about="Only 6to4 has addresses of 2002::/16.",
            subject=router(tags=tags),
            evidence=(tunnel,),
            expect=((code, None),),
        )


def split() -> Iterator[Case]:
    """Yield OmniSwitch cases: the VLAN's IPv4 interface, which its owner names, has no row among IPv6 interfaces."""
    system = scalars({oids.SYS_DESCR: "OS6860E", oids.SYS_OBJECT_ID: (1, 3, 6, 1, 4, 1, 6486, 801, 1, 1, 2, 1, 11)})
    enabled = walk(oids.IPV6_INTERFACE_ENTRY, {oids.IPV6_INTERFACE_ENABLE: {(INNER,): 1}})
    envelope = polled(system, *INTERFACES, enabled, address_table((V6, INNER), ("10.64.3.9", UPLINK)), NO_LEGACY)
    yield Case(
        check="ipv6.device.if-enabled",
        code="NOT_SHOWN",
        variant="split-by-family",
        trap="D11",
        about="Which interface of IPv6 is of the same VLAN no table tells.",
        controls=CONTROLS,
        subject=router(tags=("wan=ge-0/0/2",)),
        evidence=(envelope,),
        expect=(("NOT_SHOWN", None),),
    )


def tagged() -> Iterator[Case]:
    """Yield cases of a port with an IPv4 LAN and a VLAN with IPv6 on it: that of the provider, or of other users."""
    names = walk(oids.IF_DESCR, {oids.IF_DESCR: {(CORE,): "Port1", (INNER,): "Port1.90"}})
    arp = neighbour_table(*((f"10.99.40.{n}", CORE, 1) for n in range(2, 9)), ("2001:db8:c1::2", INNER, 1))
    envelope = polled(SYSTEM, names, *INTERFACES, address_table((V6, INNER)), NO_LEGACY, arp)
    lan = router(tags=("lan=Port1",))
    yield Case(
        check="ipv6.device.neighbours",
        code="NO_LAN",
        variant="vlan-above",
        controls=CONTROLS,
        subject=lan,
        about="The port itself has no IPv6: that is not for this check to say.",
        evidence=(envelope,),
        expect=(("NO_LAN", None),),
    )


def together() -> Iterator[Case]:
    """Yield the cases in which another device shows the same address."""
    state = partial(
        Case,
        check="ipv6.device.address-state",
        controls=CONTROLS,
        subject=router(),
        evidence=(polled(SYSTEM, *INTERFACES, ADDRESSES, NO_LEGACY),),
    )
    mine = router().id
    for code, certain in (("SHARED", True), ("MAYBE_SHARED", False)):
        shared = SharedAddress(address=ip_address(V6), others=("rt-b",), is_certain=certain)
        yield state(
            code=code,
            about="Another router has the address too.",
            estate=Estate(shared={mine: (shared,)}),
            expect=((code, None),),
        )
    temporary = address_table((V6, UPLINK), ("2001:db8:c1:7::9", UPLINK, 6, 1))
    unsure = SharedAddress(address=ip_address(V6), others=("rt-b",), is_certain=False)
    yield state(
        code="TEMPORARY",
        variant="maybe-shared",
        about="What is certain goes before what is not.",
        evidence=(polled(SYSTEM, *INTERFACES, temporary, NO_LEGACY),),
        estate=Estate(shared={mine: (unsure,)}),
        expect=(("TEMPORARY", None),),
    )
    link = LinkMtu(
        interface="ge-0/0/2", mtu=1_500, other="rt-b", theirs=9_000, network="2001:db8:c1:fe::/127", is_certain=True
    )
    for code, about, one in (
        ("MTU_DIFFERS", "The two ends of a link differ.", link),
        ("MTU_MAY_DIFFER", "The larger one may be the size of frames.", replace(link, is_certain=False)),
    ):
        yield Case(
            check="ipv6.device.errors",
            code=code,
            about=about,
            controls=CONTROLS,
            subject=router(),
            evidence=(polled(SYSTEM, *INTERFACES),),
            estate=Estate(mtus={mine: (one,)}),
            expect=(("NOT_READ", None), (code, "ge-0/0/2")),
        )


def supplies() -> Iterator[Case]:
    """Yield cases of a UPS that the terminal device watches, or is."""
    up: dict[Oid, Value] = {oids.SYS_UP_TIME: 40 * 86_400 * 100}
    discharging: dict[Oid, Value] = {oids.UPS_BATTERY_STATUS: 2, oids.UPS_OUTPUT_SOURCE: 5}
    stands: tuple[tuple[str, dict[Oid, Value]], ...] = (
        ("UPS_READY", {oids.UPS_BATTERY_STATUS: 2, oids.UPS_OUTPUT_SOURCE: 3, oids.UPS_ALARMS: 0}),
        ("UPS_LOW", {oids.UPS_BATTERY_STATUS: 3, oids.UPS_OUTPUT_SOURCE: 5, oids.UPS_ALARMS: 2}),
        ("UPS_ON_BATTERY", {**discharging, oids.UPS_SECONDS_ON_BATTERY: 600, oids.UPS_MINUTES_LEFT: 42}),
        ("UPS_ON_BATTERY_NO_ESTIMATE", {oids.UPS_BATTERY_STATUS: 2, oids.UPS_SECONDS_ON_BATTERY: 90}),
        ("UPS_ALARM", {oids.UPS_BATTERY_STATUS: 2, oids.UPS_OUTPUT_SOURCE: 3, oids.UPS_ALARMS: 1}),
    )
    for code, said in stands:
        yield inside(
            check="tslcd.device.power",
            code=code,
            about="UPS-MIB.",
            subject=point(),
            evidence=(ROW, polled(SYSTEM, scalars({**up, **said}))),
            expect=(("UP_A_MONTH", None), (code, "UPS")),
        )
    unsure: tuple[tuple[str, dict[Oid, Value], str], ...] = (
        ("ups-test", {oids.UPS_SECONDS_ON_BATTERY: 12}, "On its battery for seconds: as likely its own weekly test."),
        ("ups-since-unknown", {}, "It does not say for how long: that may be seconds."),
    )
    for variant, since, about in unsure:
        yield inside(
            check="tslcd.device.power",
            code="UP_A_MONTH",
            variant=variant,
            about=about,
            subject=point(),
            evidence=(ROW, polled(SYSTEM, scalars({**up, **discharging, **since}))),
            expect=(("UP_A_MONTH", None),),
        )
    unknown = scalars({**up, oids.UPS_BATTERY_STATUS: 1})
    yield inside(
        check="tslcd.device.power",
        code="UP_A_MONTH",
        variant="ups-unknown",
        about="It does not say.",
        subject=point(),
        evidence=(ROW, polled(SYSTEM, unknown)),
        expect=(("UP_A_MONTH", None),),
    )


def fibres() -> Iterator[Case]:
    """Yield cases of the light that a Juniper's ports receive, in hundredths of dBm; no loopback row, one port down."""
    states = walk(oids.IF_OPER, {oids.IF_OPER: {(1,): 1, (2,): 1, (3,): 2}})
    least = walk(oids.JUNIPER_RX_LEAST, {oids.JUNIPER_RX_LEAST: {(UPLINK,): -1_500, (CORE,): -1_500}})
    for code, power in (("LIGHT", -720), ("LIGHT_LOW", -2_210)):
        power_of = walk(oids.JUNIPER_RX_POWER, {oids.JUNIPER_RX_POWER: {(UPLINK,): power, (CORE,): -4_000}})
        yield inside(
            check="tslcd.channel.errors",
            code=code,
            about="jnxDomCurrentTable.",
            subject=point(),
            evidence=(ROW, polled(JUNOS, states, *INTERFACES, power_of, least)),
            expect=(("TOO_FEW", None), (code, "light")),
        )


def roles() -> Iterator[Case]:
    case = partial(Case, check="ipv6.device.forwarding", controls=CONTROLS)
    off, on = scalars({oids.IPV6_FORWARDING: 2}), scalars({oids.IPV6_FORWARDING: 1})
    yield case(
        code="TRANSPARENT",
        trap="D17",
        about="A firewall in transparent mode.",
        subject=router(kind=Kind.FIREWALL, tags=("transparent",)),
        evidence=(polled(off),),
        expect=(("TRANSPARENT", None),),
    )
    for code, variant, tags, state in (
        ("AS_ITS_ROLE", "switch-off", (), off),
        ("AS_ITS_ROLE", "switch-on", (), on),
        ("AS_ITS_ROLE", "l2", ("device-class=L2",), off),
        ("AS_ITS_ROLE", "l3", ("device-class=2", "device-class=l3"), on),
        ("FORWARDS", "l2", ("device-class=l2",), on),
        ("NOT_FORWARDING", "l3", ("device-class=l3",), off),
    ):
        yield case(
            code=code,
            variant=variant,
            about="A switch has a role only where its class is declared.",
            subject=router(kind=Kind.SWITCH, tags=tags),
            evidence=(polled(state, *INTERFACES, ADDRESSES),),
            expect=((code, None),),
        )


def makers() -> Iterator[Case]:
    case = partial(Case, check="ipv6.device.identity", controls=CONTROLS)
    strange = scalars({oids.SYS_DESCR: "USP (R) Software, V210", oids.SYS_OBJECT_ID: (1, 3, 6, 1, 4, 1, 99999, 1)})
    yield case(
        code="UNDECLARED",
        variant="maker-not-known",
        trap="D12",
        about="The inventory names no device; that our list lacks the maker is nobody's fault.",
        subject=router(device=""),
        evidence=(polled(strange, walk(oids.ENT_CLASS)),),
        expect=(("UNDECLARED", None),),
    )
    for code, variant, declared, number, described, model, about in (
        ("MATCHES", "fortigate", "FortiGate 60F", 12356, "Firewall Test150", "FGT_60F", "Its software writes FGT_60F."),
        ("MATCHES", "in-words", "Bộ định tuyến Cisco ISR 4331", 9, "Cisco IOS", "ISR4331/K9", "The kind, in words."),
        ("MATCHES", "catalyst", "Switch Cisco 2960", 9, "Cisco IOS", "WS-C2960-24TT-L", "As people call it."),
        (
            "NOT_COMPARED",
            "",
            "Huawei NE40E",
            2011,
            "Huawei Versatile Routing Platform Software",
            "",
            "No model at all.",
        ),
        ("NOT_COMPARED", "edgeos", "EdgeRouter 8", 41112, "EdgeOS v1.8.0.4853089", "", "Software alone."),
        ("NOT_COMPARED", "agent", "DrayTek 2925", 8072, "Linux xa-hoa-phu 4.14", "", "Net-SNMP made the agent alone."),
        ("DIFFERS", "model", "Cisco 2911", 9, "Cisco IOS", "ISR4331/K9", "Replaced by another model."),
        ("DIFFERS", "maker", "Cisco 2911", 14988, "RouterOS RB3011UiAS", "", "Replaced by one of another maker."),
        ("DIFFERS", "routeros", "MikroTik RB3011", 14988, "RouterOS RB4011iGS+", "", "RouterOS tells the model so."),
    ):
        said = scalars({oids.SYS_DESCR: described, oids.SYS_OBJECT_ID: (1, 3, 6, 1, 4, 1, number, 1)})
        parts: Table = {oids.ENT_CLASS: {(1,): 3}, oids.ENT_MODEL: {(1,): model}} if model else {}
        yield case(
            code=code,
            variant=variant,
            about=about,
            subject=router(device=declared),
            evidence=(polled(said, walk(oids.ENT_CLASS, parts)),),
            expect=((code, None),),
        )


def lans() -> Iterator[Case]:
    case = partial(Case, controls=CONTROLS)
    lan = router(tags=WAN)
    whole = partial(case, check="ipv6.device.prefix-length", subject=lan)
    vrrp = prefixes(("2001:db8:c1:7::2", CORE, 64), ("2001:db8:c1:7::1", CORE, 128))
    advertises = walk(oids.IPV6_ROUTER_ADVERT_ENTRY, {(*oids.IPV6_ROUTER_ADVERT_ENTRY, 2): {(CORE,): 1}})
    yield whole(
        code="GOOD",
        variant="vrrp",
        trap="D17",
        about="The address that VRRP adds is a /128 inside the LAN's /64.",
        evidence=(polled(SYSTEM, *INTERFACES, vrrp, advertises, NO_LEGACY),),
        expect=(("GOOD", None),),
    )
    lonely = prefixes(("2001:db8:c1:7::2", CORE, 64), ("2001:db8:c1:9::1", CORE, 128))
    yield whole(
        code="NOT_64",
        variant="host-alone",
        about="A /128 inside no other prefix of the LAN is no address that another stands beside.",
        evidence=(polled(SYSTEM, *INTERFACES, lonely, advertises, NO_LEGACY),),
        expect=(("NOT_64", None),),
    )
    announced = partial(case, check="ipv6.device.ra-config", subject=lan)
    yield announced(
        code="SANE",
        variant="lifetime",
        trap="D17",
        about="A lifetime of 65,535 s (RFC 8319).",
        evidence=(polled(SYSTEM, *INTERFACES, adverts(CORE, lifetime=65_535)),),
        expect=(("SANE", None),),
    )
    yield announced(
        code="BACKUP",
        variant="declared",
        trap="D17",
        about="The backup of a pair keeps silent, as its owner declared.",
        subject=router(tags=(*WAN, "vrrp-backup")),
        evidence=(polled(SYSTEM, *INTERFACES, adverts(CORE, send=2)),),
        expect=(("BACKUP", None),),
    )
    virtual: tuple[tuple[str, str, dict[Oid, Value]], ...] = (
        ("BACKUP", "", {(CORE, 7, 1): 3, (CORE, 7, 2): 2}),
        ("MISSING", "vrrp-master", {(CORE, 7, 2): 3}),
        ("MISSING", "vrrp-master-of-one", {(CORE, 7, 2): 2, (CORE, 8, 2): 3}),
        ("MISSING", "vrrp-elsewhere", {(UPLINK, 7, 2): 2, (CORE, 7, 1): 2}),
    )
    for code, variant, states in virtual:
        vrrpv3 = walk(oids.VRRP_STATUS, {oids.VRRP_STATUS: states})
        yield announced(
            code=code,
            variant=variant,
            trap="D17",
            about="What the virtual router of IPv6 on the LAN says of itself (VRRPv3-MIB).",
            evidence=(polled(SYSTEM, *INTERFACES, adverts(CORE, send=2), vrrpv3),),
            expect=((code, None),),
        )

    hsrp: tuple[tuple[str, str, dict[Oid, Value]], ...] = (
        ("BACKUP", "hsrp", {(CORE, 7): 5}),
        ("BACKUP", "hsrp-active-elsewhere", {(CORE, 7): 5, (UPLINK, 7): 6}),
        ("MISSING", "hsrp-active", {(CORE, 7): 6, (CORE, 8): 5}),
        ("MISSING", "hsrp-elsewhere", {(UPLINK, 7): 5, (CORE, 9): 1}),
    )
    for code, variant, states in hsrp:
        groups = walk(oids.HSRP_STATE, {oids.HSRP_STATE: states})
        yield announced(
            code=code,
            variant=variant,
            trap="D17",
            about="What HSRP says of the LAN (CISCO-HSRP-MIB).",
            evidence=(polled(SYSTEM, *INTERFACES, adverts(CORE, send=2), groups),),
            expect=((code, None),),
        )


def at_night() -> Iterator[Case]:
    arp = [(f"198.51.100.{number}", CORE, 1) for number in range(20, 26)]
    table = neighbour_table(("fe80::9", UPLINK, 1), ("2001:db8:c1:7::20", CORE, 7), *arp)
    night = polled(SYSTEM, *INTERFACES, ADDRESSES, table)
    yield Case(
        check="ipv6.device.neighbours",
        code="AFTER_HOURS",
        about="At night entries of ARP are still there, those of IPv6 have aged.",
        controls=CONTROLS,
        subject=router(tags=WAN),
        evidence=(replace(night, started=NOW.replace(hour=16)),),
        expect=(("AFTER_HOURS", None),),
    )
    yield Case(
        check="ipv6.device.neighbours",
        code="NOBODY",
        variant="any-hour",
        about="At night, where the policy says that the hour does not matter.",
        controls=CONTROLS,
        subject=router(tags=WAN),
        policy='[thresholds."ipv6.device.neighbours"]\nat_work = 0\n',
        evidence=(replace(night, started=NOW.replace(hour=16)),),
        expect=(("NOBODY", None),),
    )


def bought() -> Iterator[Case]:
    old = router(tags=("ipv6-capable=no",), device="old")
    moved = replace(old, declared=replace(old.declared, activated=NOW.date()))
    yield Case(
        check="ipv6.device.capability",
        code="NOT_DATED",
        variant="moved",
        trap="D18",
        about="Put to use at a merged commune now; when it was bought nobody wrote.",
        controls=CONTROLS,
        subject=moved,
        evidence=(polled(scalars({oids.SYS_DESCR: "Router OS 1.0"}), address_table(), NO_LEGACY),),
        expect=(("NOT_DATED", None),),
    )


def terminals() -> Iterator[Case]:
    for name, bits, what in (
        ("SIP-T46S", b"\x24\x00", "a telephone with a computer behind it"),
        ("U6-Lite", b"\x30\x00", "an access point"),
        ("xa-pc", b"\x21\x00", "a computer with a bridge of virtual machines"),
    ):
        yield Case(
            check="ipv6.device.lldp-topology",
            code="UNKNOWN",
            variant=name.lower(),
            trap="D16",
            about=f"It bridges, and says that it is {what}.",
            controls=CONTROLS,
            networks=frozenset({Network.INTERNET, Network.TSLCD}),
            subject=replace(router(), network=Network.TSLCD),
            evidence=(polled(SYSTEM, HERE, *lldp((name, bits))),),
            expect=(("UNKNOWN", None),),
        )
    yield Case(
        check="ipv6.device.lldp-topology",
        code="UNKNOWN_ROUTER",
        variant="access-point-that-routes",
        about="An access point that says that it is a router too.",
        controls=CONTROLS,
        networks=frozenset({Network.INTERNET, Network.TSLCD}),
        subject=replace(router(), network=Network.TSLCD),
        evidence=(polled(SYSTEM, HERE, *lldp(("hAP-ac", b"\x38\x00"))),),
        expect=(("UNKNOWN_ROUTER", None),),
    )


def protocols() -> Iterator[Case]:
    case = partial(Case, controls=CONTROLS)
    off, on = scalars({oids.OSPFV3_ADMIN: 2}), scalars({oids.OSPFV3_ADMIN: 1})
    igp = partial(case, check="ipv6.device.igp-v6")
    yield igp(
        code="NOT_SHOWN",
        variant="no-table",
        trap="D20",
        about="Nothing declared, no neighbour, and no table that could show one.",
        subject=router(),
        evidence=(polled(SYSTEM, *igp_neighbours()),),
        expect=(("NOT_SHOWN", None),),
    )
    yield igp(
        code="STATIC",
        variant="undeclared",
        about="Nothing declared, no neighbour of either family, and the device says that OSPFv3 is off.",
        subject=router(),
        evidence=(polled(off, *igp_neighbours()),),
        expect=(("STATIC", None),),
    )
    yield igp(
        code="NOT_SEEN",
        trap="D6",
        about="OSPFv3 is on, and its adjacencies may stand in the virtual network of the uplink.",
        subject=router(tags=(*WAN, "igp=ospfv3")),
        evidence=(polled(on, *INTERFACES, address_table((V6, CORE)), *igp_neighbours()),),
        expect=(("NOT_SEEN", None),),
    )
    bgp = partial(case, check="ipv6.device.bgp-v6", subject=router())
    yield bgp(
        code="NOT_SHOWN",
        variant="no-table",
        trap="D20",
        about="None declared, and no table that could show a session over IPv6.",
        evidence=(polled(SYSTEM, *peers()),),
        expect=(("NOT_SHOWN", None),),
    )
    yield bgp(
        code="NO_BGP",
        variant="declared",
        about="The owner says that there is none.",
        subject=router(tags=("bgp=none",)),
        evidence=(polled(SYSTEM, *peers()),),
        expect=(("NO_BGP", None),),
    )
    yield bgp(
        code="NO_BGP",
        variant="ipv4-peers",
        about="A table of peers of both families, with one over IPv4.",
        evidence=(polled(SYSTEM, *peers(("192.0.2.1", 6))),),
        expect=(("NO_BGP", None),),
    )
    for maker, column, index in (
        ("nokia", oids.NOKIA_PEER_STATE, (1, 2, 16, *ip_address(PEER).packed)),
        ("dell", oids.DELL_PEER_STATE, (1, 2, 16, *ip_address(PEER).packed)),
        ("h3c", oids.H3C_PEER_STATE, (*ip_address(PEER).packed,)),
    ):
        yield bgp(
            code="NOT_ESTABLISHED",
            variant=maker,
            trap="D20",
            about="A declared session that is active, in the maker's own table.",
            subject=router(tags=(f"bgp={PEER}",)),
            evidence=(polled(SYSTEM, *peers()[:-1], walk(column, {column: {index: 3}})),),
            expect=(("NOT_ESTABLISHED", None),),
        )


def spare() -> Iterator[Case]:
    states = walk(oids.IF_OPER, {oids.IF_OPER: {(1,): 1, (2,): 2, (3,): 1}})
    spared = address_table((V6, UPLINK, 2, 6), ("2001:db8:c1:7::1", CORE), ("fe80::2", LOOPBACK, 5, 1))
    yield Case(
        check="ipv6.device.address-state",
        code="IN_ORDER",
        variant="spare",
        about="Addresses of a spare uplink that is down are tentative by the book.",
        controls=CONTROLS,
        subject=router(),
        evidence=(polled(SYSTEM, *INTERFACES[:2], states, spared, NO_LEGACY),),
        expect=(("IN_ORDER", None),),
    )
    given = prefixes(("2001:db8:c1:7::2", CORE, 64), ("2001:db8:c1:7::1", CORE, 128), ("2001:db8:c1:8::1", UPLINK, 128))
    for code, variant, address, about in (
        ("IN_ORDER", "virtual", "2001:db8:c1:7::1", "keepalived adds the address of a virtual router as deprecated."),
        ("NOT_PREFERRED", "host", "2001:db8:c1:8::1", "In no prefix of its interface it is nobody's that stands in."),
    ):
        states = walk((*oids.IP_ADDRESS_ENTRY, 7), {(*oids.IP_ADDRESS_ENTRY, 7): {index_of(address): 2}})
        yield Case(
            check="ipv6.device.address-state",
            code=code,
            variant=variant,
            trap="D17",
            about=about,
            controls=CONTROLS,
            subject=router(),
            evidence=(polled(SYSTEM, *INTERFACES, replace(given, rows=(*given.rows, *states.rows)), NO_LEGACY),),
            expect=((code, None),),
        )
    lower = walk(oids.IF_OPER, {oids.IF_OPER: {(1,): 1, (2,): 7, (3,): 1}})
    yield Case(
        check="ipv6.device.address-state",
        code="IN_ORDER",
        variant="lower-layer",
        about="The same on a unit whose port has no cable.",
        controls=CONTROLS,
        subject=router(),
        evidence=(polled(SYSTEM, *INTERFACES[:2], lower, spared, NO_LEGACY),),
        expect=(("IN_ORDER", None),),
    )


def built(*ports: tuple[int, int, str]) -> tuple[Observation, ...]:
    """Return interfaces: ifType, ifConnectorPresent and name; numbered from 1."""
    every = list(enumerate(ports, 1))
    columns: list[tuple[Oid, dict[Oid, Value]]] = [
        (oids.IF_TYPE, {(index,): kind for index, (kind, _, _) in every}),
        (oids.IF_CONNECTOR, {(index,): connector for index, (_, connector, _) in every}),
        (oids.IF_DESCR, {(index,): name for index, (_, _, name) in every}),
    ]
    return tuple(walk(column, {column: rows}) for column, rows in columns)


def ports() -> Iterator[Case]:
    vlans = walk(oids.VLAN_NAME, {oids.VLAN_NAME: {(10,): "can-bo"}})
    rest = (vlans, address_table((V6, UPLINK)), NO_LEGACY)
    none = [(6, 2, f"ge{number}") for number in range(12)]
    gigabit = [(117, 1, f"Slot0/{number}") for number in range(24)]
    ont = [*((6, 1, f"lan{number}") for number in range(4)), (250, 1, "pon0")]
    edge = [*((6, 1, f"eth{number}") for number in range(4)), *((6, 1, f"eth0.{vlan}") for vlan in range(5))]
    inner = [(6, 1, "npi0"), (6, 1, "gretap0"), (6, 1, "vlan10"), (24, 1, "lo0")]
    for code, variant, about, triples in (
        ("NOT_SHOWN", "all-false", "Twelve ports, of none of which the device says that it has a connector.", none),
        ("MEETS", "gigabit-type", "Ports of ifType gigabitEthernet.", gigabit),
        ("MEETS", "ont", "Four ports and the fibre of an ONT.", ont),
        ("FEW_SHOWN", "vlans", "Four ports; VLANs and inner interfaces with a connector are none.", [*edge, *inner]),
    ):
        yield inside(
            check="tslcd.device.min-spec",
            code=code,
            variant=variant,
            trap="D13",
            about=about,
            subject=point(tags=("spec=BB-12/2025",)),
            evidence=(ROW, polled(SYSTEM, *built(*triples), *rest)),
            expect=((code, None),),
        )


def rates() -> Iterator[Case]:
    def uplink(kind: int, speed: int, *more: Observation, system: SnmpGet = SYSTEM) -> tuple[Observation, ...]:
        """Return one interface with its speed, and the other observations."""
        values = ((oids.IF_DESCR, "pppoe-out1"), (oids.IF_TYPE, kind), (oids.IF_OPER, 1), (oids.IF_HIGH_SPEED, speed))
        return (system, *(walk(column, {column: {(11,): value}}) for column, value in values), *more)

    registered = DeclaredFacts(channel="CQ-03", bandwidth_mbps=100, device="SL-1000")
    case = partial(inside, check="tslcd.channel.capacity", subject=point(tags=("wan=pppoe-out1",), declared=registered))
    for variant, kind, about in (
        ("ppp", 23, "PPPoE says 10 Mbit/s whatever the line carries."),
        ("cellular", 142, "A cellular interface says 1."),
        ("tunnel", 131, "A tunnel."),
    ):
        yield case(
            code="NOT_SHOWN",
            variant=variant,
            trap="D14",
            about=about,
            evidence=(ROW, polled(*uplink(kind, 10))),
            expect=(("NOT_SHOWN", None),),
        )
    unknown = scalars({oids.SYS_OBJECT_ID: (1, 3, 6, 1, 4, 1, 8072, 3, 2, 10)})
    yield case(
        code="NOT_SHOWN",
        variant="net-snmp",
        trap="D14",
        about="10 is what Net-SNMP says where it does not know the speed of an Ethernet link.",
        evidence=(ROW, polled(*uplink(6, 10, system=unknown))),
        expect=(("NOT_SHOWN", None),),
    )
    below = (
        walk(oids.IF_STACK_STATUS, {oids.IF_STACK_STATUS: {(11, 1): 1}}),
        walk(oids.IF_TYPE, {oids.IF_TYPE: {(1,): 6}}),
        walk(oids.IF_HIGH_SPEED, {oids.IF_HIGH_SPEED: {(1,): 1_000}}),
    )
    yield case(
        code="ENOUGH",
        variant="below",
        about="The port below the PPPoE interface has a line rate.",
        evidence=(ROW, polled(*uplink(23, 10, *below))),
        expect=(("ENOUGH", None),),
    )


def ilmi() -> Iterator[Case]:
    case = partial(Case, controls=CONTROLS, subject=router())
    own, system = "1.3.6.1.4.1.353", "1.3.6.1.2.1.1"
    groups = tuple(SnmpGroup(model, 1, 1, (own,), (system, own), 4, 1) for model in (1, 2))
    yield case(
        check="security.snmp.write-access",
        code="NONE",
        variant="ilmi",
        trap="D15",
        about="The permanent groups that Cisco's IOS brings along for ATM lines.",
        evidence=(secured(access(USM, *groups)),),
        expect=(("NONE", None),),
    )
    yield case(
        check="security.snmp.v1v2-off",
        code="NOT_CONFIGURED",
        variant="ilmi",
        trap="D15",
        about="The same, and no community was tried.",
        evidence=(secured(access(USM, *groups)),),
        expect=(("NOT_CONFIGURED", None),),
    )
    volatile = SnmpGroup(2, 1, 1, (own,), (own,), 3, 1)
    for variant, group in (("not-permanent", volatile), ("system-alone", SnmpGroup(2, 1, 1, (), (system,), 4, 1))):
        yield case(
            check="security.snmp.write-access",
            code="WRITABLE",
            variant=variant,
            about="A group that somebody made.",
            evidence=(secured(access(USM, group)),),
            expect=(("WRITABLE", None),),
        )
    yield case(
        check="security.snmp.write-access",
        code="NONE",
        variant="not-active",
        about="A row that is not active gives no rights.",
        evidence=(secured(access(USM, SnmpGroup(2, 1, 1, ("1",), ("1",), 3, 2))),),
        expect=(("NONE", None),),
    )


def unused() -> Iterator[Case]:
    strong = replace(session(), auth="sha256", priv="aes128")
    yield Case(
        check="security.snmp.v3",
        code="STRONG",
        variant="user-not-active",
        about="A user with MD5 and DES whose row is not active cannot be used.",
        controls=CONTROLS,
        subject=router(),
        evidence=(secured(strong, access(USM, users=(OWN, SnmpUser("nguoicu", MD5, DES, 2))), *REFUSES),),
        expect=(("STRONG", None),),
    )


def cases() -> Iterator[Case]:
    for group in (
        none_of_its_own,
        insides,
        groups,
        unassigned,
        unusable,
        relayed,
        split,
        tagged,
        together,
        supplies,
        fibres,
        roles,
        makers,
        lans,
        at_night,
        bought,
        terminals,
        protocols,
        spare,
        ports,
        rates,
        ilmi,
        unused,
    ):
        yield from group()
