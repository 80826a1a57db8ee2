"""Makes golden cases at the limits of device checks: the first row that counts, and the last that does not."""

from collections.abc import Iterator
from functools import partial

from probes.observations.snmp import SnmpGet, SnmpWalk
from probes.wire.snmp import oids
from probes.wire.snmp.tree import Oid
from tests.golden.case import Case
from tests.golden.cases_device import CONTROLS
from tests.golden.cases_device_addresses import routed
from tests.golden.cases_device_routing import PEER, peers
from tests.golden.lab_snmp import (
    ADDRESSES,
    CORE,
    INTERFACES,
    LOOPBACK,
    NO_LEGACY,
    SYSTEM,
    UPLINK,
    V6,
    address_table,
    index_of,
    polled,
    router,
    scalars,
    states_again,
    walk,
)

OURS = ("fe80::1", UPLINK, 5, 1)
ENTERPRISES: Oid = (1, 3, 6, 1, 4, 1)


def capability() -> Iterator[Case]:
    case = partial(Case, check="ipv6.device.capability", controls=CONTROLS)
    off: tuple[SnmpGet | SnmpWalk, ...] = (address_table(OURS), NO_LEGACY)
    unknown = scalars({oids.SYS_DESCR: "Router OS 1.0", oids.SYS_OBJECT_ID: (*ENTERPRISES, 99999, 1)})
    yield case(
        code="NOT_DECLARED",
        variant="unusable",
        about="Its only address is inaccessible, which proves nothing.",
        subject=router(),
        evidence=(polled(unknown, address_table((V6, UPLINK, 2, 4), OURS), NO_LEGACY),),
        expect=(("NOT_DECLARED", None),),
    )
    yield case(
        code="BEFORE_RULE",
        variant="second-date",
        about="The first date cannot be read, the second can.",
        subject=router(tags=("ipv6-capable=no", "bought=2013", "bought=2013-08-31")),
        evidence=(polled(unknown, *off),),
        expect=(("BEFORE_RULE", None),),
    )
    junos = "Juniper Networks, Inc. mx240, kernel JUNOS 21.4R3"
    for code, variant, object_id, about in (
        ("CLAIMED", "bare-maker", (*ENTERPRISES, 2636), "Its object identifier names the maker and no model."),
        ("NOT_DECLARED", "no-maker", ENTERPRISES, "Its object identifier ends before the maker's number."),
        ("NOT_DECLARED", "no-object-id", None, "It has no object identifier."),
    ):
        named: dict[Oid, str | Oid] = {oids.SYS_DESCR: junos}
        named |= {} if object_id is None else {oids.SYS_OBJECT_ID: object_id}
        yield case(
            code=code,
            variant=variant,
            about=about,
            subject=router(),
            evidence=(polled(scalars(named), *off),),
            expect=((code, None),),
        )


def address_state() -> Iterator[Case]:
    case = partial(Case, check="ipv6.device.address-state", controls=CONTROLS, subject=router())
    yield case(
        code="UNPLACED",
        variant="one-of-two",
        about="Of two interfaces one has a name: only what stands on the other may be inside the machine.",
        evidence=(
            polled(
                SYSTEM,
                walk(oids.IF_DESCR, {oids.IF_DESCR: {(CORE,): "ge-0/0/3"}}),
                *INTERFACES[1:],
                address_table(("2001:db8:c2::1", CORE), (V6, UPLINK, 5, 1), OURS),
            ),
        ),
        expect=(("UNPLACED", None),),
    )
    yield case(
        code="IN_ORDER",
        variant="loopback-alone",
        about="All that it shows is the address of its loopback, with a state.",
        evidence=(polled(SYSTEM, *INTERFACES, address_table(("::1", LOOPBACK)), NO_LEGACY),),
        expect=(("IN_ORDER", None),),
    )
    duplicate = address_table((V6, UPLINK, 2, 7), OURS)
    yield case(
        code="DUPLICATE_ONCE",
        variant="gone-later",
        about="Called a duplicate once; the second look does not show it.",
        evidence=(polled(SYSTEM, *INTERFACES, duplicate, states_again(("fe80::1", 1))),),
        expect=(("DUPLICATE_ONCE", None),),
    )


def default_route() -> Iterator[Case]:
    many = range(2, 9)
    up = (
        walk(oids.IF_DESCR, {oids.IF_DESCR: {(n,): f"ge-0/0/{n}" for n in many}}),
        walk(oids.IF_TYPE, {oids.IF_TYPE: {(n,): 6 for n in many}}),
        walk(oids.IF_OPER, {oids.IF_OPER: {(n,): 1 for n in many}}),
    )
    yield Case(
        check="ipv6.device.default-route",
        controls=CONTROLS,
        subject=router(),
        code="NOT_SEEN",
        variant="many",
        trap="D10",
        about="Six interfaces are up that no table shows: the first five are named.",
        evidence=(polled(SYSTEM, *up, address_table((V6, UPLINK)), NO_LEGACY, *routed()),),
        expect=(("NOT_SEEN", None),),
    )
    yield from _default_route_beside_bgp()


def _default_route_beside_bgp() -> Iterator[Case]:
    """Yield cases of a router without ::/0 that runs BGP: with the whole table of the Internet it needs none."""
    base = (SYSTEM, *INTERFACES, ADDRESSES, NO_LEGACY, *routed())
    case = partial(Case, check="ipv6.device.default-route", controls=CONTROLS, subject=router())
    draft = (1, *index_of(V6), *index_of(PEER))
    own = walk(oids.BGP4V2_PEER_STATE, {oids.BGP4V2_PEER_STATE: {draft: 6}})
    for code, variant, about, tables in (
        ("MAY_HAVE_ALL", "", "A session of which 200,000 prefixes were accepted.", peers((PEER, 6), accepted=200_000)),
        ("MAY_HAVE_ALL", "uncounted", "No table tells how many prefixes were accepted.", (own,)),
        ("MAY_HAVE_ALL", "hidden", "BGP runs, and no table shows peers over IPv6.", (scalars({oids.BGP_LOCAL_AS: 1}),)),
        ("ABSENT", "few-prefixes", "A session of which twelve prefixes were accepted.", peers((PEER, 6), accepted=12)),
        ("ABSENT", "session-down", "The session is down, and nothing was learned.", peers((PEER, 3), accepted=0)),
        ("ABSENT", "no-bgp", "No BGP runs on the device.", (scalars({oids.BGP_LOCAL_AS: 0}),)),
    ):
        yield case(code=code, variant=variant, about=about, evidence=(polled(*base, *tables),), expect=((code, None),))


def cases() -> Iterator[Case]:
    yield from capability()
    yield from address_state()
    yield from default_route()
