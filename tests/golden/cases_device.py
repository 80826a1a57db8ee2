"""Makes golden cases of ``ipv6.device.*``."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from inventory.model import Kind, Network
from probes.framework.evidence import Evidence, Failure, FailureKind, Observation
from probes.observations.snmp import SnmpAttempt
from probes.wire.snmp import oids
from probes.wire.snmp.tree import Oid
from tests.golden import lab
from tests.golden.case import ALL_CONTROLS, Case
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
    Value,
    address_table,
    legacy_table,
    polled,
    router,
    scalars,
    silent,
    states_again,
    unopened,
    walk,
)

CONTROLS = (*ALL_CONTROLS, "udp/161")
WAN = ("wan=ge-0/0/2", "lan=ge-0/0/3")
REJECTED = SnmpAttempt("core", "3", True, Failure(kind=FailureKind.PROTOCOL))


def unread(check: str, broken: Evidence) -> Iterator[Case]:
    """Yield the cases of every check of devices for a device that it could not read."""
    case = partial(Case, check=check, controls=CONTROLS)
    yield case(
        code="NOT_MANAGED",
        about="The row names services, and SNMP is not among them.",
        subject=lab.router(MANAGED, services=lab.services(("ssh", 22))),
        evidence=(),
        expect=(("NOT_MANAGED", None),),
    )
    yield case(
        code="NO_CREDENTIALS",
        about="Neither the row nor the command line names a profile; nothing was sent.",
        subject=router(),
        evidence=(unopened(failure=FailureKind.NO_PERMISSION, detail="no SNMP profile"),),
        expect=(("NO_CREDENTIALS", None),),
    )
    yield case(
        code="REJECTED",
        about="The device reports that it does not know the user or that the digest is wrong.",
        subject=router(),
        evidence=(unopened(REJECTED, failure=FailureKind.PROTOCOL),),
        expect=(("REJECTED", None),),
    )
    yield case(
        code="SILENT",
        trap="D2",
        about="No answer, though SNMP answers from elsewhere: a wrong community, an access list and a dead agent look"
        " the same, so nobody is accused.",
        subject=router(),
        evidence=(silent(),),
        expect=(("SILENT", None),),
    )
    yield Case(
        check=check,
        code="NOT_READ",
        variant="without-control",
        trap="T5",
        about="No answer, and SNMP never worked from here: our own egress may block UDP port 161.",
        subject=router(),
        evidence=(silent(),),
        expect=(("NOT_READ", None),),
    )
    yield case(
        code="NOT_READ",
        about="The reading was cut short by us.",
        subject=router(tags=WAN),
        evidence=(broken,),
        expect=(("NOT_READ", None),),
    )


CUT = polled(SYSTEM, *INTERFACES, address_table(stopped="failure"), walk(oids.LEGACY_ADDR_ENTRY, stopped="seconds"))


def identity() -> Iterator[Case]:
    check = "ipv6.device.identity"
    case = partial(Case, check=check, controls=CONTROLS)
    yield from unread(check, polled(scalars({})))
    yield case(
        code="MATCHES",
        about="Maker and model of the inventory stand in what the device says.",
        subject=router(),
        evidence=(polled(SYSTEM),),
        expect=(("MATCHES", None),),
    )
    id_only = scalars({oids.SYS_OBJECT_ID: (1, 3, 6, 1, 4, 1, 9, 1, 2068)})
    chassis: Table = {
        oids.ENT_CLASS: {(1,): 3},
        oids.ENT_MAKER: {(1,): "Cisco"},
        oids.ENT_MODEL: {(1,): "ISR4331/K9"},
        oids.ENT_SOFTWARE: {(1,): "17.9.4"},
    }
    yield case(
        code="MATCHES",
        variant="chassis",
        about="The model stands in ENTITY-MIB alone.",
        subject=router(device="Cisco ISR4331"),
        evidence=(polled(id_only, walk(oids.ENT_CLASS, chassis)),),
        expect=(("MATCHES", None),),
    )
    yield case(
        code="DIFFERS",
        about="Another device stands there than the inventory says.",
        subject=router(device="Cisco ISR 4331"),
        evidence=(polled(SYSTEM, walk(oids.ENT_CLASS)),),
        expect=(("DIFFERS", None),),
    )
    strange = scalars({oids.SYS_DESCR: "Linux 2.6.20", oids.SYS_OBJECT_ID: (1, 3, 6, 1, 4, 1, 99999, 1)})
    yield case(
        code="UNKNOWN",
        about="A maker nobody knows, and a description that does not fit the inventory.",
        subject=router(),
        evidence=(polled(strange, walk(oids.ENT_CLASS)),),
        expect=(("UNKNOWN", None),),
    )
    for told, variant in ((id_only, "model-not-read"), (strange, "maker-not-read")):
        yield case(
            code="NOT_READ",
            variant=variant,
            about="The model may stand in ENTITY-MIB, which was cut short: that is no other device.",
            subject=router(device="Cisco ISR4331"),
            evidence=(polled(told, walk(oids.ENT_CLASS, stopped="failure")),),
            expect=(("NOT_READ", None),),
        )
    yield case(
        code="UNDECLARED",
        about="The inventory does not say which device it should be.",
        subject=router(device=""),
        evidence=(polled(SYSTEM),),
        expect=(("UNDECLARED", None),),
    )


def mib_coverage() -> Iterator[Case]:
    check = "ipv6.device.mib-coverage"
    empty = (address_table(), walk(oids.IPV6_INTERFACE_ENTRY), walk(oids.IP_NET_TO_PHYSICAL_ENTRY))
    case = partial(Case, check=check, controls=CONTROLS, subject=router())
    yield from unread(check, CUT)
    yield case(
        code="SHOWN",
        about="ipAddressTable has IPv6 rows.",
        evidence=(polled(SYSTEM, ADDRESSES),),
        expect=(("SHOWN", None),),
    )
    yield case(
        code="OLD_TABLES",
        trap="D2",
        about="ipAddressTable is empty; IPV6-MIB has the addresses.",
        evidence=(polled(SYSTEM, *empty, legacy_table((V6, UPLINK))),),
        expect=(("OLD_TABLES", None),),
    )
    yield case(
        code="HIDDEN",
        about="The device answers at an IPv6 address of which it says nothing.",
        subject=router(MANAGED, V6),
        evidence=(polled(SYSTEM, *empty, NO_LEGACY), lab.echo(V6, 5)),
        expect=(("HIDDEN", None),),
    )
    for cut, variant in ((oids.IPV6_INTERFACE_ENTRY, "interfaces"), (oids.LEGACY_ADDR_ENTRY, "old-table")):
        tables = [snmp_walk for snmp_walk in (*empty, NO_LEGACY) if snmp_walk.root != oids.dotted(cut)]
        yield case(
            code="NOT_READ",
            variant=variant,
            about="It answers over IPv6, and one of the tables that may show it was cut short.",
            subject=router(MANAGED, V6),
            evidence=(polled(SYSTEM, *tables, walk(cut, stopped="failure")), lab.echo(V6, 5)),
            expect=(("NOT_READ", None),),
        )
    yield case(
        code="NOT_SHOWN",
        trap="D2",
        about="No table at all, and nothing shows that the device has IPv6: empty is not 'none'.",
        evidence=(polled(SYSTEM, *empty, NO_LEGACY),),
        expect=(("NOT_SHOWN", None),),
    )


def if_enabled() -> Iterator[Case]:
    check = "ipv6.device.if-enabled"
    case = partial(Case, check=check, controls=CONTROLS, subject=router(tags=WAN))
    yield from unread(check, CUT)
    entry = oids.IPV6_INTERFACE_ENTRY
    column = oids.IPV6_INTERFACE_ENABLE

    def table(states: dict[int, int]) -> Observation:
        return walk(entry, {column: {(n,): state for n, state in states.items()}})

    some = address_table(("fe80::9", LOOPBACK, 5, 1))
    in_sight = address_table(("fe80::9", LOOPBACK, 5, 1), ("198.51.100.1", UPLINK))
    yield case(
        code="ENABLED",
        about="Both declared interfaces have IPv6 addresses.",
        evidence=(polled(SYSTEM, *INTERFACES, ADDRESSES),),
        expect=(("ENABLED", None),),
    )
    yield case(
        code="OTHER_OFF",
        about="ipv6InterfaceEnableStatus of the LAN is down.",
        evidence=(polled(SYSTEM, *INTERFACES, some, table({UPLINK: 1, CORE: 2})),),
        expect=(("OTHER_OFF", None),),
    )
    yield case(
        code="UPLINK_OFF",
        about="The table has a row for each interface with IPv6, and none for the uplink, which has an IPv4 address in"
        " the same table.",
        evidence=(polled(SYSTEM, *INTERFACES, in_sight, table({LOOPBACK: 1, CORE: 1})),),
        expect=(("UPLINK_OFF", None),),
    )
    yield case(
        code="NOT_SEEN",
        trap="D10",
        about="No table of the main instance has a row of the uplink: it may stand in a virtual network.",
        evidence=(polled(SYSTEM, *INTERFACES, some, table({LOOPBACK: 1, CORE: 1})),),
        expect=(("NOT_SEEN", None),),
    )
    other = replace(address_table(("fe80::a", LOOPBACK, 5, 1)), context="mang-rieng")
    yield case(
        code="NOT_SEEN",
        variant="switch-port",
        about="A port of a switch, without addresses of its own: IPv6 stands on its VLAN, which nothing ties to it. The"
        " virtual networks are known.",
        evidence=(polled(SYSTEM, *INTERFACES, some, table({LOOPBACK: 1, CORE: 1}), other),),
        expect=(("NOT_SEEN", None),),
    )
    unit = 7
    names: dict[Oid, Value] = {(1,): "lo0", (2,): "ge-0/0/2", (3,): "ge-0/0/3", (unit,): "ge-0/0/2.0"}
    above = address_table((V6, unit), ("198.51.100.1", UPLINK), ("fe80::2", CORE, 5, 1))
    on_port = table({LOOPBACK: 1, CORE: 1, unit: 1})
    yield case(
        code="ENABLED",
        variant="unit",
        trap="D11",
        about="The inventory names the port, IPv6 stands on its unit (Junos), told by the name.",
        evidence=(polled(SYSTEM, walk(oids.IF_DESCR, {oids.IF_DESCR: names}), above, on_port),),
        expect=(("ENABLED", None),),
    )
    names[unit,] = "pppoe-out1"
    stack = walk(oids.IF_STACK_STATUS, {oids.IF_STACK_STATUS: {(0, unit): 1, (unit, UPLINK): 1, (UPLINK, 0): 1}})
    yield case(
        code="ENABLED",
        variant="stacked",
        trap="D11",
        about="IPv6 stands on the PPPoE interface that lies upon the port, by ifStackTable.",
        evidence=(polled(SYSTEM, walk(oids.IF_DESCR, {oids.IF_DESCR: names}), stack, above, on_port),),
        expect=(("ENABLED", None),),
    )
    ppp = walk(oids.IF_TYPE, {oids.IF_TYPE: {(UPLINK,): 6, (CORE,): 6, (unit,): 23}})
    yield case(
        code="NOT_SHOWN",
        variant="upon-nothing-known",
        about="IPv6 stands on a PPPoE interface, and the device does not show upon which port that lies.",
        evidence=(polled(SYSTEM, walk(oids.IF_DESCR, {oids.IF_DESCR: names}), ppp, above, on_port),),
        expect=(("NOT_SHOWN", None),),
    )
    yield case(
        code="UPLINK_OFF",
        variant="other-layer",
        about="An interface of another name, upon nothing known, is not the uplink's.",
        evidence=(polled(SYSTEM, walk(oids.IF_DESCR, {oids.IF_DESCR: names}), above, on_port),),
        expect=(("UPLINK_OFF", None),),
    )
    legacy = walk(oids.LEGACY_IF_ADMIN, {oids.LEGACY_IF_ADMIN: {(CORE,): 1, (UPLINK,): 2}})
    yield case(
        code="UPLINK_OFF",
        variant="ipv6-mib",
        about="Only IPV6-MIB has the state.",
        evidence=(polled(SYSTEM, *INTERFACES, some, legacy),),
        expect=(("UPLINK_OFF", None),),
    )
    yield case(
        code="NOT_DECLARED",
        about="The row has no tags wan=, lan= or loopback=.",
        subject=router(),
        evidence=(polled(SYSTEM, *INTERFACES, ADDRESSES),),
        expect=(("NOT_DECLARED", None),),
    )
    yield case(
        code="NO_SUCH_INTERFACE",
        about="The inventory names an interface that the device does not have.",
        subject=router(tags=("wan=ge-9/9/9",)),
        evidence=(polled(SYSTEM, *INTERFACES, ADDRESSES),),
        expect=(("NO_SUCH_INTERFACE", None),),
    )
    described = walk(oids.IF_ALIAS, {oids.IF_ALIAS: {(UPLINK,): "TSLCD", (CORE,): "TSLCD"}})
    yield case(
        code="NO_SUCH_INTERFACE",
        variant="two-of-one-description",
        about="The uplink and a spare port have the same description; the spare one speaks no IPv6.",
        subject=router(tags=("wan=TSLCD",)),
        evidence=(
            polled(
                SYSTEM,
                *INTERFACES,
                described,
                address_table(("fe80::9", UPLINK, 5, 1), ("198.51.100.1", CORE)),
                table({LOOPBACK: 1, UPLINK: 1}),
            ),
        ),
        expect=(("NO_SUCH_INTERFACE", None),),
    )
    yield case(
        code="NOT_SHOWN",
        trap="D2",
        about="No table of interfaces, and no address on the declared ones.",
        evidence=(polled(SYSTEM, *INTERFACES, some),),
        expect=(("NOT_SHOWN", None),),
    )


def forwarding() -> Iterator[Case]:
    check = "ipv6.device.forwarding"
    case = partial(Case, check=check, controls=CONTROLS, subject=router())
    yield from (case for case in unread(check, CUT) if (case.code, case.variant) != ("NOT_READ", ""))
    off, on = scalars({oids.IPV6_FORWARDING: 2}), scalars({oids.IPV6_FORWARDING: 1})
    yield case(
        code="AS_ITS_ROLE", about="A router that forwards.", evidence=(polled(on),), expect=(("AS_ITS_ROLE", None),)
    )
    yield case(
        code="AS_ITS_ROLE",
        variant="ipv6-mib",
        about="Only ipv6Forwarding of IPV6-MIB is there.",
        evidence=(polled(scalars({oids.LEGACY_FORWARDING: 1})),),
        expect=(("AS_ITS_ROLE", None),),
    )
    yield case(
        code="NOT_FORWARDING",
        about="A router that does not forward.",
        evidence=(polled(off),),
        expect=(("NOT_FORWARDING", None),),
    )
    yield case(
        code="FORWARDS",
        about="An access switch that forwards between its networks.",
        subject=router(kind=Kind.ACCESS_SWITCH),
        evidence=(polled(on, *INTERFACES, ADDRESSES),),
        expect=(("FORWARDS", None),),
    )
    one = address_table((V6, UPLINK, 2, 1), ("fe80::1", UPLINK, 5, 1))
    none = walk(oids.IP_ADDRESS_ENTRY)
    two = address_table((V6, UPLINK, 2, 1), ("2001:db8:c1:7::1", CORE, 2, 1))
    nameless = (walk(oids.IF_DESCR, {oids.IF_DESCR: {(UPLINK,): "ge-0/0/2"}}), *INTERFACES[1:])
    unplugged = (*INTERFACES[:2], walk(oids.IF_OPER, {oids.IF_OPER: {(UPLINK,): 1, (CORE,): 2}}))
    for code, variant, about, tables in (
        ("ONE_NETWORK", "", "An access switch that has IPv6 for its management alone.", (*INTERFACES, one)),
        ("ONE_NETWORK", "other-down", "Its second network with IPv6 is down.", (*unplugged, two, NO_LEGACY)),
        ("NETWORKS_HIDDEN", "", "An access switch without an address in its tables.", (*INTERFACES, none, NO_LEGACY)),
        ("NETWORKS_HIDDEN", "one-shown", "It shows nothing of its other interface.", (*nameless, two, NO_LEGACY)),
    ):
        yield case(
            code=code,
            variant=variant,
            about=about,
            subject=router(kind=Kind.ACCESS_SWITCH),
            evidence=(polled(on, *tables),),
            expect=((code, None),),
        )
    column = oids.IPV6_INTERFACE_FORWARDING
    table = walk(oids.IPV6_INTERFACE_ENTRY, {column: {(UPLINK,): 1, (CORE,): 2}})
    yield case(
        code="MIXED",
        about="The whole forwards, one interface does not.",
        evidence=(polled(on, *INTERFACES, table),),
        expect=(("MIXED", None),),
    )
    yield case(
        code="NOT_SHOWN",
        trap="D2",
        about="No object about forwarding.",
        evidence=(polled(scalars({oids.SYS_DESCR: "NX-OS"})),),
        expect=(("NOT_SHOWN", None),),
    )


def global_address() -> Iterator[Case]:
    check = "ipv6.device.global-address"
    case = partial(Case, check=check, controls=CONTROLS, subject=router())
    yield from unread(check, CUT)
    link_local = address_table(("fe80::1", UPLINK, 5, 1))
    yield case(
        code="USABLE",
        about="A global address on an interface that is up.",
        evidence=(polled(SYSTEM, *INTERFACES, ADDRESSES),),
        expect=(("USABLE", None),),
    )
    yield case(
        code="USABLE",
        variant="unique-local",
        about="A unique local address counts; a pointer without a prefix costs nothing.",
        trap="D1",
        evidence=(polled(SYSTEM, *INTERFACES, address_table(("fd00:c1::1", UPLINK), pointers=False), NO_LEGACY),),
        expect=(("USABLE", None),),
    )
    yield case(
        code="ONLY_LOOPBACK",
        about="The only IPv6 addresses are on the loopback; no link has any.",
        evidence=(polled(SYSTEM, *INTERFACES, address_table((V6, LOOPBACK), ("fe80::1", LOOPBACK, 5, 1))),),
        expect=(("ONLY_LOOPBACK", None),),
    )
    yield case(
        code="LOOPBACK",
        about="A router with link-local addresses alone on its links, as RFC 7404 describes it (Linux, Net-SNMP).",
        evidence=(polled(SYSTEM, *INTERFACES, address_table((V6, LOOPBACK), ("fe80::1", UPLINK, 5, 1))),),
        expect=(("LOOPBACK", None),),
    )
    yield case(
        code="ONLY_LOOPBACK",
        variant="link-down",
        about="The only link with a link-local address is not in use.",
        evidence=(polled(SYSTEM, *INTERFACES, address_table((V6, LOOPBACK), ("fe80::1", UPLINK, 5, 6))),),
        expect=(("ONLY_LOOPBACK", None),),
    )
    loopback = address_table((V6, LOOPBACK), ("fe80::1", UPLINK, 5, 1), stopped="failure")
    yield case(
        code="NOT_READ",
        variant="loopback-and-rest-unread",
        about="The only global address that was read is on the loopback; the table broke off.",
        evidence=(polled(SYSTEM, *INTERFACES, loopback),),
        expect=(("NOT_READ", None),),
    )
    yield case(
        code="NOT_UP",
        about="The interface with the global address is down.",
        evidence=(
            polled(SYSTEM, *INTERFACES[:2], walk(oids.IF_OPER, {oids.IF_OPER: {(1,): 1, (2,): 2, (3,): 1}}), ADDRESSES),
        ),
        expect=(("NOT_UP", None),),
    )
    lower = walk(oids.IF_OPER, {oids.IF_OPER: {(1,): 1, (2,): 7, (3,): 1}})
    yield case(
        code="NOT_UP",
        variant="lower-layer",
        about="It is a unit of a port that has no cable.",
        evidence=(polled(SYSTEM, *INTERFACES[:2], lower, ADDRESSES),),
        expect=(("NOT_UP", None),),
    )
    yield case(
        code="ONLY_LINK_LOCAL",
        about="All IPv6 addresses are link-local.",
        evidence=(polled(SYSTEM, *INTERFACES, link_local),),
        expect=(("ONLY_LINK_LOCAL", None),),
    )
    yield case(
        code="NOT_READ",
        variant="rest-of-the-addresses",
        about="The table broke off behind a link-local address: a wider one may stand in the rest.",
        evidence=(polled(SYSTEM, *INTERFACES, address_table(("fe80::1", UPLINK, 5, 1), stopped="failure")),),
        expect=(("NOT_READ", None),),
    )
    yield case(
        code="NOT_SHOWN",
        trap="D2",
        about="No table has an IPv6 row; that is not 'no address'.",
        evidence=(polled(SYSTEM, *INTERFACES, address_table(), NO_LEGACY),),
        expect=(("NOT_SHOWN", None),),
    )


def address_state() -> Iterator[Case]:
    check = "ipv6.device.address-state"
    case = partial(Case, check=check, controls=CONTROLS, subject=router())
    yield from unread(check, CUT)
    ours = ("fe80::1", UPLINK, 5, 1)
    duplicate = address_table((V6, UPLINK, 2, 7), ours)
    yield case(
        code="IN_ORDER",
        about="Static addresses in use; link-local ones are made by the device, as they should be.",
        evidence=(polled(SYSTEM, ADDRESSES),),
        expect=(("IN_ORDER", None),),
    )
    yield case(
        code="DUPLICATE",
        about="Called a duplicate twice.",
        evidence=(polled(SYSTEM, *INTERFACES, duplicate, states_again((V6, 7), ("fe80::1", 1))),),
        expect=(("DUPLICATE", None),),
    )
    yield case(
        code="DUPLICATE_ONCE",
        about="Called a duplicate once, and preferred some seconds later.",
        evidence=(polled(SYSTEM, duplicate, states_again((V6, 1), ("fe80::1", 1))),),
        expect=(("DUPLICATE_ONCE", None),),
    )
    yield case(
        code="DUPLICATE_ONCE",
        variant="another-later",
        about="Another address than the first one is called a duplicate later.",
        evidence=(polled(SYSTEM, duplicate, states_again((V6, 1), ("fe80::1", 7))),),
        expect=(("DUPLICATE_ONCE", None),),
    )
    yield case(
        code="NOT_READ",
        variant="rest-of-the-addresses",
        about="What was read is in order; the table broke off.",
        evidence=(polled(SYSTEM, address_table((V6, UPLINK), ours, stopped="failure")),),
        expect=(("NOT_READ", None),),
    )
    yield case(
        code="TEMPORARY",
        about="An address with an origin of chance (RFC 8981) on a router.",
        evidence=(polled(SYSTEM, *INTERFACES, address_table((V6, UPLINK, 6, 1), ours)),),
        expect=(("TEMPORARY", None),),
    )
    yield case(
        code="NOT_STATIC",
        about="The router took its address from somebody else's router advertisement.",
        evidence=(polled(SYSTEM, *INTERFACES, address_table((V6, UPLINK, 5, 1), ours)),),
        expect=(("NOT_STATIC", None),),
    )
    wan, lan = router(tags=("wan=ge-0/0/2",)), router(tags=("wan=ge-0/0/2", "lan=ge-0/0/3"))
    yield case(
        code="ADVERTISED",
        about="An access line: the provider's router advertises the address of the uplink (radvd, Linux, Net-SNMP).",
        subject=wan,
        evidence=(polled(SYSTEM, *INTERFACES, address_table((V6, UPLINK, 5, 1), ours)),),
        expect=(("ADVERTISED", None),),
    )
    yield case(
        code="ADVERTISED",
        variant="renumbered",
        about="The provider gave the line another prefix; the address of the former one is being given up.",
        subject=wan,
        evidence=(
            polled(SYSTEM, *INTERFACES, address_table((V6, UPLINK, 5, 2), ("2001:db8:c1:9::1", UPLINK, 5, 1), ours)),
        ),
        expect=(("ADVERTISED", None),),
    )
    yield case(
        code="NOT_STATIC",
        variant="lan",
        about="Somebody else advertises on the network of users, and the router believes it.",
        subject=lan,
        evidence=(polled(SYSTEM, *INTERFACES, address_table((V6, CORE, 5, 1), ours)),),
        expect=(("NOT_STATIC", None),),
    )
    yield case(
        code="NOT_STATIC",
        variant="tslcd",
        about="In TSLCD addresses are planned, that of the uplink too.",
        subject=replace(wan, network=Network.TSLCD),
        evidence=(polled(SYSTEM, *INTERFACES, address_table((V6, UPLINK, 5, 1), ours)),),
        expect=(("NOT_STATIC", None),),
    )
    yield case(
        code="ASSIGNED",
        about="The provider, or a reservation, gives the router its address by DHCPv6.",
        evidence=(polled(SYSTEM, address_table((V6, UPLINK, 4, 1), ours)),),
        expect=(("ASSIGNED", None),),
    )
    yield case(
        code="NOT_PREFERRED",
        about="A deprecated address.",
        evidence=(polled(SYSTEM, *INTERFACES, address_table((V6, UPLINK, 2, 2), ours)),),
        expect=(("NOT_PREFERRED", None),),
    )
    yield case(
        code="NOT_SHOWN",
        trap="D2",
        about="No table has an IPv6 row.",
        evidence=(polled(SYSTEM, address_table(), NO_LEGACY),),
        expect=(("NOT_SHOWN", None),),
    )


def cases() -> Iterator[Case]:
    for group in (identity, mib_coverage, if_enabled, forwarding, global_address, address_state):
        yield from group()
