"""Makes golden cases of ``ipv6.device.*`` about neighbours at the end of links, first-hop security and capability."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from ipaddress import ip_address

from auditor.framework.estate import Estate
from inventory.model import Kind, Network, Subject
from probes.framework.evidence import Observation
from probes.observations.snmp import SnmpGet, SnmpWalk, Varbind
from probes.wire.snmp import oids
from probes.wire.snmp.tree import Oid
from tests.golden.case import Case
from tests.golden.cases_device import CONTROLS, CUT, unread
from tests.golden.lab_snmp import (
    ADDRESSES,
    INTERFACES,
    NO_LEGACY,
    SYSTEM,
    UPLINK,
    V6,
    Value,
    address_table,
    bind,
    polled,
    router,
    scalars,
    walk,
)

ROUTER_BIT, BRIDGE_BIT, STATION = b"\x08", b"\x20", b"\x01"
PEER_V6 = "2001:db8:c1:ff::1"
HERE = scalars({oids.LLDP_LOC_CHASSIS: "lo0"})


def raw(oid: Oid, data: bytes) -> Varbind:
    """Return an octet string that is not text."""
    return replace(bind(oid, ""), value=data.hex())


def lldp(*rows: tuple[str | bytes, bytes], address: str | None = None) -> tuple[SnmpWalk, SnmpWalk]:
    """Return lldpRemTable: (name, capabilities enabled); the first has a management address if one is given."""
    entry = oids.LLDP_REM_ENTRY
    table = walk(entry, {(*entry, 9): {(100, 2, number): name for number, (name, _) in enumerate(rows, 1)}})
    bits = tuple(raw((*entry, 12, 100, 2, number), data) for number, (_, data) in enumerate(rows, 1))
    managed: dict[Oid, Value] = {}
    if address is not None:
        packed = ip_address(address).packed
        managed[100, 2, 1, 1 if len(packed) == 4 else 2, len(packed), *packed] = 2
    return (replace(table, rows=(*table.rows, *bits)), walk(oids.LLDP_REM_MAN_ADDR, {oids.LLDP_REM_MAN_ADDR: managed}))


def cdp(name: str, capabilities: int) -> SnmpWalk:
    entry = oids.CDP_CACHE_ENTRY
    table = walk(entry, {(*entry, 6): {(UPLINK, 1): name}, (*entry, 7): {(UPLINK, 1): "Gi0/1"}})
    return replace(table, rows=(*table.rows, raw((*entry, 9, UPLINK, 1), capabilities.to_bytes(4))))


def _told_twice() -> tuple[SnmpWalk, ...]:
    """Return a neighbour of one name and port that LLDP shows without an address, and CDP with one."""
    entry = oids.CDP_CACHE_ENTRY
    name, address = lldp(("localhost", ROUTER_BIT))
    port = walk(oids.LLDP_REM_ENTRY, {(*oids.LLDP_REM_ENTRY, 8): {(100, 2, 1): "Gi0/1"}})
    table = walk(entry, {(*entry, 6): {(2, 1): "localhost"}, (*entry, 7): {(2, 1): "Gi0/1"}})
    rows = (*table.rows, raw((*entry, 9, 2, 1), (1).to_bytes(4)), raw((*entry, 20, 2, 1), ip_address(PEER_V6).packed))
    return replace(name, rows=(*name.rows, *port.rows)), address, replace(table, rows=rows)


def lldp_topology() -> Iterator[Case]:
    check = "ipv6.device.lldp-topology"
    inside = replace(router(), network=Network.TSLCD)
    both = frozenset({Network.INTERNET, Network.TSLCD})
    case = partial(Case, check=check, controls=CONTROLS, subject=router(), networks=both)
    yield from unread(check, CUT)
    yield case(
        code="KNOWN",
        about="Its name stands in the inventory, without the domain that LLDP puts behind it.",
        known=("rt-core",),
        evidence=(polled(SYSTEM, HERE, *lldp(("RT-Core.daklak.gov.vn", ROUTER_BIT))),),
        expect=(("KNOWN", None),),
    )
    yield case(
        code="KNOWN",
        variant="by-address",
        about="Its management address is one of the inventory, its name is not.",
        known=(PEER_V6,),
        evidence=(polled(SYSTEM, HERE, *lldp(("localhost", ROUTER_BIT), address=PEER_V6)),),
        expect=(("KNOWN", None),),
    )
    yield case(
        code="KNOWN",
        variant="declared",
        about="A router of the operator, declared beside the device.",
        subject=replace(inside, tags=("neighbour=PE-BMT-01",)),
        evidence=(polled(SYSTEM, HERE, *lldp(("pe-bmt-01", ROUTER_BIT))),),
        expect=(("KNOWN", None),),
    )
    called, managed = lldp(("XA-HP-SW01", BRIDGE_BIT))
    kind = walk(oids.LLDP_REM_ENTRY, {(*oids.LLDP_REM_ENTRY, 4): {(100, 2, 1): 4}})
    chassis = raw((*oids.LLDP_REM_ENTRY, 5, 100, 2, 1), bytes.fromhex("001122334455"))
    by_chassis = (replace(called, rows=(*kind.rows, chassis, *called.rows)), managed)
    for variant, pair, estate in (
        ("chassis", by_chassis, Estate(chassis=frozenset({"00:11:22:33:44:55"}))),
        (
            "own-address",
            lldp(("XA-HP-SW01", BRIDGE_BIT), address=PEER_V6),
            Estate(addresses=frozenset({ip_address(PEER_V6)})),
        ),
    ):
        yield case(
            code="KNOWN",
            variant=variant,
            about="It calls itself otherwise than the inventory does, and was read itself: that is what it showed.",
            subject=inside,
            known=("Bộ chuyển mạch xã Hòa Phú",),
            estate=estate,
            evidence=(polled(SYSTEM, HERE, *pair),),
            expect=(("KNOWN", None),),
        )
    yield case(
        code="UNKNOWN",
        about="A telephone that nobody knows, at TSLCD equipment.",
        subject=inside,
        evidence=(polled(SYSTEM, HERE, *lldp(("SEP001122334455", STATION))),),
        expect=(("UNKNOWN", None),),
    )
    yield case(
        code="UNKNOWN",
        variant="not-tslcd",
        about="A router that nobody knows, but not at TSLCD equipment.",
        evidence=(polled(SYSTEM, HERE, *lldp(("MikroTik", ROUTER_BIT))),),
        expect=(("UNKNOWN", None),),
    )
    stranger = lldp(("localhost", ROUTER_BIT))
    for code, variant, about, shown in (
        ("ADDRESSES_HIDDEN", "", "A view shows the table of neighbours and nothing else of LLDP.", stranger),
        ("UNKNOWN_ROUTER", "no-address", "All of LLDP is shown; the neighbour gives no address.", (HERE, *stranger)),
        (
            *("UNKNOWN_ROUTER", "other-address", "The addresses of neighbours are shown, and its own is unknown."),
            lldp(("localhost", ROUTER_BIT), address=PEER_V6),
        ),
    ):
        seen = (polled(SYSTEM, *shown),)
        yield case(code=code, variant=variant, about=about, subject=inside, evidence=seen, expect=((code, None),))
    yield case(
        code="KNOWN",
        variant="address-by-cdp",
        about="LLDP gives its name alone, CDP its address.",
        subject=inside,
        known=(PEER_V6,),
        evidence=(polled(SYSTEM, HERE, *_told_twice()),),
        expect=(("KNOWN", None),),
    )
    yield case(
        code="UNKNOWN_ROUTER",
        about="A router and a switch that nobody knows, beside one that is known, at TSLCD equipment.",
        subject=inside,
        known=("rt-core",),
        evidence=(
            polled(SYSTEM, HERE, *lldp(("rt-core", ROUTER_BIT), ("MikroTik", ROUTER_BIT), ("sw-x", BRIDGE_BIT))),
        ),
        expect=(("UNKNOWN_ROUTER", None),),
    )
    yield case(
        code="UNKNOWN_ROUTER",
        variant="cdp",
        about="The same told by CDP, with the serial number behind the name.",
        subject=inside,
        known=("rt-core",),
        evidence=(polled(SYSTEM, *INTERFACES, *lldp(), cdp("SW-TANG2(FOC1234X5YZ)", 0x28)),),
        expect=(("UNKNOWN_ROUTER", None),),
    )
    old = b"TR\xd4\xd6\xc0NG THPT"  # VNI
    for code, variant, rows in (
        ("NAMES_UNREADABLE", "", ((old, ROUTER_BIT),)),
        ("UNKNOWN_ROUTER", "beside-old-letters", ((old, ROUTER_BIT), ("MikroTik", ROUTER_BIT))),
    ):
        yield case(
            code=code,
            variant=variant,
            about="A name in letters from before UTF-8 may be one of the inventory.",
            subject=inside,
            known=("rt-core",),
            evidence=(polled(SYSTEM, HERE, *lldp(*rows)),),
            expect=((code, None),),
        )
    table, managed = lldp(("localhost", ROUTER_BIT))
    entry = oids.LLDP_REM_ENTRY
    nameless = walk(entry, {(*entry, 5): {(100, 2, 1): "abcdef"}}, stopped="seconds")
    for pair, about, variant in (
        ((table, walk(oids.LLDP_REM_MAN_ADDR, stopped="failure")), "Their addresses were not read.", "addresses"),
        ((nameless, managed), "The table was cut short before the names: a chassis is nobody's name.", "names"),
    ):
        yield case(
            code="NOT_READ",
            variant=variant,
            about=about,
            subject=inside,
            known=(PEER_V6, "rt-core"),
            evidence=(polled(SYSTEM, HERE, *pair),),
            expect=(("NOT_READ", None),),
        )
    yield case(
        code="NOBODY",
        about="LLDP runs, and nobody says anything.",
        evidence=(polled(SYSTEM, HERE, *lldp()),),
        expect=(("NOBODY", None),),
    )
    yield case(
        code="NOT_SHOWN",
        trap="D2",
        about="No LLDP in the agent at all: who stands there cannot be told.",
        evidence=(polled(SYSTEM, *lldp()),),
        expect=(("NOT_SHOWN", None),),
    )


def switch(*tags: str) -> Subject:
    return router(kind=Kind.ACCESS_SWITCH, device="HP 2530-24G", tags=tags)


def guarded(*ports: int) -> tuple[Observation, ...]:
    """Return hpicfRAGuardPortTable of ports 1 to 4; ``ports`` block router advertisements; port 4 is down."""
    every = range(1, 5)
    return (
        walk(oids.IF_DESCR, {oids.IF_DESCR: {(port,): str(port) for port in every}}),
        walk(oids.IF_TYPE, {oids.IF_TYPE: {(port,): 6 for port in every}}),
        walk(oids.IF_OPER, {oids.IF_OPER: {(port,): 2 if port == 4 else 1 for port in every}}),
        walk(
            oids.HP_RA_GUARD_BLOCKED, {oids.HP_RA_GUARD_BLOCKED: {(port,): 1 if port in ports else 2 for port in every}}
        ),
    )


def small_business(*vlans: bytes) -> SnmpWalk:
    root = oids.CISCO_SB_RA_GUARD_VLANS
    rows = tuple(raw((*root, column, 1), data) for column, data in enumerate(vlans, 2))
    return replace(walk(root), rows=rows)


def ra_guard() -> Iterator[Case]:
    check = "ipv6.device.ra-guard"
    case = partial(Case, check=check, controls=CONTROLS, subject=switch("uplink=1"))
    cut = polled(SYSTEM, walk(oids.IF_TYPE, stopped="seconds"))
    for one in unread(check, cut):
        kind = Kind.ACCESS_SWITCH
        yield replace(one, subject=replace(one.subject, kind=kind, kinds=frozenset({kind})))
    bare = walk(oids.IF_TYPE, {oids.IF_TYPE: {(1,): 6}})
    yield case(
        code="ON",
        about="On for every port in use but the one that leads to the router.",
        evidence=(polled(SYSTEM, *guarded(2, 3)),),
        expect=(("ON", None),),
    )
    yield case(
        code="SOME",
        about="A port for users was forgotten.",
        evidence=(polled(SYSTEM, *guarded(2)),),
        expect=(("SOME", None),),
    )
    yield case(code="OFF", about="Off everywhere.", evidence=(polled(SYSTEM, *guarded()),), expect=(("OFF", None),))
    yield case(
        code="OFF",
        variant="against-declaration",
        about="Declared to be on; the device shows otherwise.",
        subject=switch("uplink=1", "ra-guard=on"),
        evidence=(polled(SYSTEM, *guarded()),),
        expect=(("OFF", None),),
    )
    yield case(
        code="OFF",
        variant="no-vlan",
        about="A small-business switch without a single VLAN that is guarded.",
        evidence=(polled(SYSTEM, bare, small_business(bytes(128), bytes(128))),),
        expect=(("OFF", None),),
    )
    yield case(
        code="VLANS_UNKNOWN",
        about="Some VLANs are guarded.",
        evidence=(polled(SYSTEM, bare, small_business(b"\x40" + bytes(127), bytes(128))),),
        expect=(("VLANS_UNKNOWN", None),),
    )
    yield case(
        code="UPLINKS_UNKNOWN",
        about="One port is open, and nobody declared which leads to the router: it may be that one.",
        subject=switch(),
        evidence=(polled(SYSTEM, *guarded(2, 3)),),
        expect=(("UPLINKS_UNKNOWN", None),),
    )
    yield case(
        code="UPLINKS_UNKNOWN",
        variant="one-not-found",
        about="Of two declared uplinks the device shows one; the other may be the open port.",
        subject=switch("uplink=1", "uplink=Lên tầng 2"),
        evidence=(polled(SYSTEM, *guarded(2)),),
        expect=(("UPLINKS_UNKNOWN", None),),
    )
    for code, word in (("DECLARED_ON", "on"), ("DECLARED_SOME", "some"), ("DECLARED_OFF", "off")):
        yield case(
            code=code,
            about="Declared in the column tags; no object shows it.",
            subject=switch(f"ra-guard={word}"),
            evidence=(polled(SYSTEM, bare),),
            expect=((code, None),),
        )
    yield case(
        code="NOT_DECLARED",
        trap="D2",
        about="No object and no declaration.",
        subject=switch(),
        evidence=(polled(SYSTEM, bare),),
        expect=(("NOT_DECLARED", None),),
    )
    yield case(
        code="NO_ACCESS_PORTS",
        about="A switch between switches.",
        subject=switch("no-access-ports"),
        evidence=(polled(SYSTEM, bare),),
        expect=(("NO_ACCESS_PORTS", None),),
    )


def capability() -> Iterator[Case]:
    case = partial(Case, check="ipv6.device.capability", controls=CONTROLS)
    off: tuple[SnmpGet | SnmpWalk, ...] = (SYSTEM, address_table(("fe80::1", UPLINK, 5, 1)), NO_LEGACY)

    def bought(day: date | None, *tags: str) -> Subject:
        return router(tags=tags if day is None else (*tags, f"bought={day.isoformat()}"))

    yield case(
        code="PROVEN",
        about="It has an IPv6 address in use.",
        subject=router(tags=("ipv6-capable=no",)),
        evidence=(polled(SYSTEM, ADDRESSES),),
        expect=(("PROVEN", None),),
    )
    yield case(
        code="PROVEN",
        variant="tables-hidden",
        about="Its SNMP view hides its addresses, and its agent answers over IPv6.",
        subject=router(),
        evidence=(polled(SYSTEM, address=V6),),
        expect=(("PROVEN", None),),
    )
    yield case(
        code="ON_FILE",
        about="A document is named.",
        subject=router(tags=("ipv6-evidence=USGv6-4711",)),
        evidence=(polled(*off),),
        expect=(("ON_FILE", None),),
    )
    yield case(
        code="CLAIMED",
        about="Huawei's VRP, without IPv6 here and without a document.",
        subject=router(),
        evidence=(polled(*off),),
        expect=(("CLAIMED", None),),
    )
    yield case(
        code="NOT_READ",
        about="The same, and the table of addresses that would prove it broke off.",
        subject=router(),
        evidence=(polled(off[0], address_table(stopped="failure")),),
        expect=(("NOT_READ", None),),
    )
    strange = scalars({oids.SYS_DESCR: "Router OS 1.0", oids.SYS_OBJECT_ID: (1, 3, 6, 1, 4, 1, 99999, 1)})
    yield case(
        code="DECLARED",
        about="The inventory says that it can.",
        subject=router(tags=("ipv6-capable=yes",)),
        evidence=(polled(strange, *off[1:]),),
        expect=(("DECLARED", None),),
    )
    yield case(
        code="CANNOT",
        about="Bought the day the rule took effect.",
        subject=bought(date(2013, 9, 1), "ipv6-capable=no"),
        evidence=(polled(strange, *off[1:]),),
        expect=(("CANNOT", None),),
    )
    yield case(
        code="BEFORE_RULE",
        about="Bought the day before.",
        subject=bought(date(2013, 8, 31), "ipv6-capable=no"),
        evidence=(polled(strange, *off[1:]),),
        expect=(("BEFORE_RULE", None),),
    )
    yield case(
        code="NOT_DATED",
        about="Nobody knows when it was bought.",
        subject=bought(None, "ipv6-capable=no"),
        evidence=(polled(strange, *off[1:]),),
        expect=(("NOT_DATED", None),),
    )
    yield case(
        code="NOT_DECLARED",
        trap="D2",
        about="Software nobody here knows, no IPv6 in its tables, no declaration.",
        subject=router(),
        evidence=(polled(strange, *off[1:]),),
        expect=(("NOT_DECLARED", None),),
    )
    yield case(
        code="NOT_FACING",
        about="A switch of a laboratory.",
        subject=router(tags=("not-facing",)),
        evidence=(polled(strange),),
        expect=(("NOT_FACING", None),),
    )


def cases() -> Iterator[Case]:
    for group in (lldp_topology, ra_guard, capability):
        yield from group()
