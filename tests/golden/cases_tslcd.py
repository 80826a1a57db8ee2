"""Golden cases of ``tslcd.*`` beside those of the sites: channels, devices, addresses, the path, isolation, systems."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Any

from auditor.framework.context import AgencyPrefix, Sites
from inventory.model import DeclaredFacts, Kind, Network, Subject
from probes.framework.evidence import Evidence, Failure, FailureKind
from probes.observations import series as names
from probes.observations.dns import LookupStatus
from probes.observations.feed import FeedSite, MonthlyFeed, SiteMonth
from probes.observations.isolation import AnchorReach, ManagementReach
from probes.observations.series import SeriesWindow
from probes.observations.snmp import SnmpWalk
from probes.observations.traces import HopProbe, PathTrace
from probes.wire.snmp import oids
from probes.wire.snmp.tree import Oid
from tests.golden import lab
from tests.golden.case import Case
from tests.golden.cases_ports import swept
from tests.golden.lab_snmp import (
    CORE,
    INTERFACES,
    NO_LEGACY,
    SYSTEM,
    UPLINK,
    address_table,
    index_of,
    named,
    polled,
    scalars,
    walk,
)
from tests.golden.lab_tslcd import (
    CONTROLS,
    HUB4,
    HUB6,
    REGISTERED,
    ROW,
    XA4,
    XA6,
    day,
    echoes,
    inside,
    on,
    point,
    sampled,
    series,
    unmanaged,
)

WAN = ("wan=ge-0/0/2",)
TWO_WANS = ("wan=ge-0/0/2", "wan=ge-0/0/3")
TWO = DeclaredFacts(channel="CQ-01; CQ-02", security_level=4)
BROKEN = polled(scalars({}))


def load(*peaks: float, weekly: float | None = None, count: int = 288, mbps: float = 100) -> Evidence:
    """Return a week of both directions; each peak is a day's 95th percentile as a share of the bandwidth."""
    days = [day([0.0] * (count - count // 10) + [peak * mbps * 1e6] * (count // 10), n) for n, peak in enumerate(peaks)]
    top = max(peaks, default=0.0) if weekly is None else weekly
    whole = day([top * mbps * 1e6] * max(count * len(peaks), 1) if peaks else [])
    steps = [
        sampled(names.CHANNEL_LOAD, metric, whole, periods=days, interface="ge-0/0/2")
        for metric in (names.IN_RATE, names.OUT_RATE)
    ]
    return series(names.CHANNEL_LOAD, *steps)


def month(*peaks: float, interface: str = "ge-0/0/2", today: float | None = 0.1, mbps: float = 100) -> Evidence:
    """Return Vietnamese days of both directions, and ten samples of the day of the run."""
    days = [day([0.0] * 260 + [peak * mbps * 1e6] * 28, n) for n, peak in enumerate(peaks)]
    weeks = [day([0.0] * 1_820 + [min(peaks[n : n + 7]) * mbps * 1e6] * 196, n) for n in range(len(peaks) - 6)]
    if today is not None:
        days.append(day([today * mbps * 1e6] * 10, len(peaks)))
    steps = [
        sampled(names.CHANNEL_LOAD, metric, day([1.0]), periods=days, interface=interface, days=35, weeks=weeks)
        for metric in (names.IN_RATE, names.OUT_RATE)
    ]
    return series(names.CHANNEL_LOAD, *steps)


def utilisation() -> Iterator[Case]:
    case = partial(inside, check="tslcd.channel.utilisation", subject=point(tags=WAN, declared=REGISTERED))

    def seen(code: str, about: str, found: Evidence, variant: str = "", trap: str = "", **more: Subject) -> Case:
        return case(
            code=code, variant=variant, trap=trap, about=about, evidence=(ROW, found), expect=((code, None),), **more
        )

    yield seen("ROOM_LEFT", "Half full.", load(*[0.5] * 7))
    yield seen("NEARLY_FULL", "One day at 85 %.", load(*[0.5] * 6, 0.85, weekly=0.6))
    yield seen("FULL_WEEK", "Reading B alone: the week above 90 %, one day below.", load(*[0.95] * 6, 0.7, weekly=0.94))
    yield seen("FULL", "Reading A: seven days above 90 %.", load(*[0.95] * 7))
    hours = tuple(day([0.95 * 1e8] * 96, number, vantage=192) for number in range(7))
    office = [replace(step, periods=hours) for step in load(*[0.95] * 7).steps if isinstance(step, SeriesWindow)]
    yield seen(
        "TOO_FEW",
        "The vantage was sick but for eight office hours of each day.",
        series(names.CHANNEL_LOAD, *office),
        "sick-vantage",
    )
    busy = [*[0.1] * 5, *[0.95] * 7, *[0.1] * 12]
    yield seen("FULL", "Seven days in a row two weeks ago.", month(*busy), "weeks-ago")
    busy[8] = 0.05
    week = [step for step in month(*[0.95] * 7, today=None).steps if isinstance(step, SeriesWindow)]
    torn = [replace(step, periods=(*step.periods, day([0.0] * 9, 7), day([0.0] * 9, 8))) for step in week]
    then = series(names.CHANNEL_LOAD, *torn)
    yield seen("FULL", "Seven days in a row, and hardly a sample of the day after.", then, "then-a-gap")
    between = month(*busy)
    yield seen("NEARLY_FULL", "One of them was free: three days in a row, and three.", between, "day-between", "C8")
    yield seen("ROOM_LEFT", "The day of the run is not over.", month(*[0.1] * 7), "month")
    yield seen("TOO_FEW", "Six days, and the one of the run.", month(*[0.1] * 6), "month")
    for variant, name, share, about in (
        ("unit", "GigabitEthernet0/0/1.100", 0.0, "A sub-interface on which the router counts nothing."),
        ("vlan", "Vlanif100", 0.0001, "A VLAN on which the switch counts what its processor sees."),
    ):
        steps = [
            step for step in month(*[share] * 7, interface=name, today=share).steps if isinstance(step, SeriesWindow)
        ]
        found = series(names.CHANNEL_LOAD, *(replace(step, whole=day([share * 1e8])) for step in steps))
        yield seen("NOT_COUNTED", about, found, variant, subject=point(tags=(f"wan={name}",), declared=REGISTERED))
    still = [step for step in month(*[0.0] * 7, interface="TSLCD", today=0.0).steps if isinstance(step, SeriesWindow)]
    called = point(tags=("wan=TSLCD",), declared=REGISTERED)
    for variant, name, code in (
        ("alias", "GigabitEthernet0/0/1.100", "NOT_COUNTED"),
        ("alias-port", "GigabitEthernet0/0/1", "NOT_COUNTED"),
    ):
        yield case(
            code=code,
            variant=variant,
            about=f"The row names {name} by its description, and no traffic was counted there.",
            evidence=(ROW, series(names.CHANNEL_LOAD, *(replace(s, whole=day([0.0])) for s in still)), named(name)),
            expect=((code, None),),
            subject=called,
        )
    busy_vlan = month(*[0.5] * 7, interface="Vlanif100")
    vlan = point(tags=("wan=Vlanif100",), declared=REGISTERED)
    yield seen("ROOM_LEFT", "A VLAN whose traffic is counted.", busy_vlan, "vlan", subject=vlan)
    lines = point(tags=("wan=ge0", "wan=ge1"), declared=REGISTERED)
    shares = {"ge0": 0.485, "ge1": 0.505, "ge0 + ge1": 0.99}
    loads = [month(*[share] * 7, interface=name) for name, share in shares.items()]
    added = [step for one in loads for step in one.steps if isinstance(step, SeriesWindow)]
    apart = [step for step in added if "+" not in step.interface]
    for code, steps, about in (
        ("FULL", added, "Two lines of 50 that are registered as 100: both are full."),
        ("TOO_FEW", apart, "Two lines whose loads were not added say nothing of both."),
    ):
        yield seen(code, about, series(names.CHANNEL_LOAD, *steps), "two-lines", subject=lines)
    nested = point(tags=("wan=Po1", "wan=ge0"), declared=REGISTERED)
    for code, share, variant, about in (
        ("COUNTED_TWICE", 0.49, "", "A bundle and its only port, both named: half full, and added 98 %."),
        ("FULL", 0.95, "bundle-and-port", "The same, and each of them alone is full."),
        ("ROOM_LEFT", 0.3, "bundle-and-port", "The same, and even what was counted twice is little."),
    ):
        counts = {"Po1": share, "ge0": share, "Po1 + ge0": 2 * share}
        loads = [month(*[peak] * 7, interface=name) for name, peak in counts.items()]
        steps = [step for one in loads for step in one.steps if isinstance(step, SeriesWindow)]
        yield seen(code, about, series(names.CHANNEL_LOAD, *steps), variant, subject=nested)
    yield seen("TOO_FEW", "Three days.", load(*[0.95] * 3))
    yield seen("TOO_FEW", "Days of which half is missing.", load(*[0.95] * 7, count=144), "gaps")
    both, full = (
        [one for one in load(*peaks).steps if isinstance(one, SeriesWindow)] for peaks in ([0.1] * 7, [0.95] * 6)
    )
    half = series(names.CHANNEL_LOAD, both[0], full[1])
    yield seen("TOO_FEW", "The way in is empty; of the way out six days, all full.", half, "one-direction")
    lan = [replace(one, interface="ge-0/0/3") for one in load(*[5.0] * 7).steps if isinstance(one, SeriesWindow)]
    mixed = series(names.CHANNEL_LOAD, *both, *lan)
    yield seen("ROOM_LEFT", "The LAN carries more than the channel has; it is not the channel.", mixed, "lan")
    unnamed = point(declared=REGISTERED)
    yield seen("NO_WAN", "Nobody says which of the two ports leads to TSLCD.", mixed, subject=unnamed)
    yield seen("NO_BANDWIDTH", "Nothing to compare with.", load(*[0.95] * 7), subject=point(tags=WAN))
    young = replace(REGISTERED, activated=on("2026-02-26"))
    yield seen("TOO_YOUNG", "Four days old.", load(*[0.95] * 4), subject=point(tags=WAN, declared=young))


def errors() -> Iterator[Case]:
    case = partial(inside, check="tslcd.channel.errors", subject=point(tags=WAN))

    def seen(
        code: str,
        about: str,
        bad: float,
        dropped: float,
        changes: int,
        variant: str = "",
        count: int = 288,
        packets: float = 1e5,
        unwanted: float = 0.0,
    ) -> Case:
        values = {
            names.IN_PACKETS: packets,
            names.OUT_PACKETS: packets,
            names.IN_ERRORS: bad,
            names.OUT_ERRORS: 0.0,
            names.IN_DISCARDS: unwanted,
            names.OUT_DISCARDS: dropped,
        }
        steps = [
            sampled(names.CHANNEL_ERRORS, metric, day([value] * count), interface="ge-0/0/2", days=1)
            for metric, value in values.items()
        ]
        ups = day([1.0] * changes + [0.0] * max(count - changes, 0))
        steps.append(sampled(names.CHANNEL_ERRORS, names.CHANGES, ups, interface="ge-0/0/2", days=1))
        found = series(names.CHANNEL_ERRORS, *steps)
        return case(code=code, variant=variant, about=about, evidence=(found,), expect=((code, None),))

    yield seen("CLEAN", "Down and up once.", 0, 10, 2)
    yield seen("SOME", "Ten in a million.", 2, 10, 0)
    yield seen("SOME", "Four flaps.", 0, 0, 8, "flaps")
    yield seen("MANY", "One in a thousand.", 200, 0, 0)
    yield seen("MANY", "5 % discarded.", 0, 10_000, 0, "discards")
    yield seen("IN_DISCARDS", "BPDU of the neighbour.", 0, 0, 0, unwanted=4_000)
    yield seen("FEW_ERRORS", "288 of 9,216 packets: keep-alive alone.", 1, 0, 0, packets=16)
    yield seen("SOME", "Few packets, and a flap is a flap.", 1, 0, 8, "quiet-flaps", packets=16)
    yield seen("TOO_FEW", "An hour.", 0, 0, 0, count=12)
    whole = seen("SOME", "", 0, 0, 8).evidence[0].steps
    carried = [one for one in whole if isinstance(one, SeriesWindow)]
    for code, steps, about, variant in (
        ("TOO_FEW", carried[:2], "Packets were counted, errors were not: that is not none.", "packets-alone"),
        ("NO_WAN", [*carried, replace(carried[-1], interface="ge-0/0/3")], "Two ports, and no row says which.", ""),
    ):
        yield case(
            code=code,
            variant=variant,
            about=about,
            subject=point(tags=WAN if code == "TOO_FEW" else ()),
            evidence=(series(names.CHANNEL_ERRORS, *steps),),
            expect=((code, None),),
        )
    yield case(
        code="TOO_FEW",
        variant="none",
        about="Never sampled.",
        evidence=(series(names.CHANNEL_ERRORS, sampled(names.CHANNEL_ERRORS, names.IN_PACKETS, day([]))),),
        expect=(("TOO_FEW", None),),
    )


def _speeds(**megabits: int) -> SnmpWalk:
    return walk(oids.IF_HIGH_SPEED, {oids.IF_HIGH_SPEED: {(int(index[1:]),): mbps for index, mbps in megabits.items()}})


def capacity() -> Iterator[Case]:
    subject = point(tags=WAN, declared=REGISTERED)
    case = partial(inside, check="tslcd.channel.capacity", subject=subject)
    yield from unmanaged("tslcd.channel.capacity", BROKEN, subject)
    fast, slow = polled(SYSTEM, *INTERFACES, _speeds(i2=1000)), polled(SYSTEM, *INTERFACES, _speeds(i2=10, i3=1000))
    yield case(code="ENOUGH", about="A gigabit.", evidence=(ROW, fast), expect=(("ENOUGH", None),))
    yield case(code="TOO_SLOW", about="Ten on the WAN.", evidence=(ROW, slow), expect=(("TOO_SLOW", None),))
    yield case(
        code="NO_WAN",
        about="Which port it is was not declared.",
        subject=point(declared=REGISTERED),
        evidence=(ROW, fast),
        expect=(("NO_WAN", None),),
    )
    yield case(
        code="NO_BANDWIDTH",
        about="Nothing to compare with.",
        subject=point(tags=WAN),
        evidence=(ROW, fast),
        expect=(("NO_BANDWIDTH", None),),
    )
    unknown = polled(SYSTEM, *INTERFACES, _speeds(i2=0))
    yield case(
        code="NOT_SHOWN",
        about="0 is what a port says that does not know.",
        evidence=(ROW, unknown),
        expect=(("NOT_SHOWN", None),),
    )
    yield from _two_uplinks(case)
    states = walk(oids.IF_OPER, {oids.IF_OPER: {(1,): 1, (2,): 2, (3,): 1}})
    yield case(
        code="NOT_SHOWN",
        variant="down",
        about="A port that is down: agents call that 10 Mbit/s.",
        evidence=(ROW, polled(SYSTEM, *INTERFACES[:2], states, _speeds(i2=10))),
        expect=(("NOT_SHOWN", None),),
    )
    absent = walk(oids.IF_OPER, {oids.IF_OPER: {(1,): 1, (2,): 6, (3,): 1}})
    for variant, about, tables in (
        ("absent", "Nor does one without its module tell.", (*INTERFACES[:2], absent, _speeds(i2=10))),
        ("configured", "No Ethernet has 40 Mbit/s: that is set (bandwidth 40000).", (*INTERFACES, _speeds(i2=40))),
        ("all-ones", "Of one that does not know its speed.", (*INTERFACES, _speeds(i2=2**32 - 1))),
    ):
        seen = polled(SYSTEM, *tables)
        yield case(code="NOT_SHOWN", variant=variant, about=about, evidence=(ROW, seen), expect=(("NOT_SHOWN", None),))
    yield case(
        code="ENOUGH",
        variant="configured",
        about="What is set is at least what is registered.",
        evidence=(ROW, polled(SYSTEM, *INTERFACES, _speeds(i2=150))),
        expect=(("ENOUGH", None),),
    )


def _two_uplinks(case: "partial[Case]") -> Iterator[Case]:
    """Yield cases of 150 Mbit/s registered for two ports of 100 together."""
    both = point(tags=("wan=ge-0/0/2", "wan=ge-0/0/3"), declared=replace(REGISTERED, bandwidth_mbps=150))
    slow = _speeds(i2=100, i3=100)
    types = walk(oids.IF_TYPE, {oids.IF_TYPE: {(1,): 24, (2,): 6, (3,): 6, (9,): 161}})
    stack = walk(oids.IF_STACK_STATUS, {oids.IF_STACK_STATUS: {(9, 2): 1, (9, 3): 1}})
    one_down = walk(oids.IF_OPER, {oids.IF_OPER: {(1,): 1, (2,): 1, (3,): 2}})
    bundled = (INTERFACES[0], types, INTERFACES[2], stack)
    for code, variant, about, tables in (
        ("ENOUGH", "two-uplinks", "Two ports of 100 carry the 150 of both.", (*INTERFACES, slow)),
        ("TOO_SLOW", "two-uplinks", "A port of 100 and one of 10 do not.", (*INTERFACES, _speeds(i2=100, i3=10))),
        (
            "NOT_SHOWN",
            "one-down",
            "The other port is down: how fast it is nobody says.",
            (*INTERFACES[:2], one_down, slow),
        ),
        ("ENOUGH", "bundle", "Both are in a bundle of 200.", (*bundled, _speeds(i2=100, i3=100, i9=200))),
        ("TOO_SLOW", "bundle", "A bundle counts once.", (*bundled, _speeds(i2=10, i3=10, i9=100))),
    ):
        seen = polled(SYSTEM, *tables)
        yield case(code=code, variant=variant, about=about, subject=both, evidence=(ROW, seen), expect=((code, None),))
    one = replace(both, tags=("wan=ge-0/0/2",))
    seen = polled(SYSTEM, *bundled, _speeds(i2=100, i3=100, i9=200))
    about = "One port of a bundle is named."
    yield case(
        code="ENOUGH", variant="of-a-bundle", about=about, subject=one, evidence=(ROW, seen), expect=(("ENOUGH", None),)
    )


def neighbour_table(*rows: tuple[str, int]) -> SnmpWalk:
    entry = oids.IP_NET_TO_PHYSICAL_ENTRY
    columns: dict[Oid, dict[Oid, int | str | Oid]] = {(*entry, n): {} for n in (4, 6, 7)}
    for address, interface in rows:
        index = (interface, *index_of(address))
        columns[*entry, 4][index] = "\x02"
        columns[*entry, 6][index] = 3
        columns[*entry, 7][index] = 1
    return walk(entry, columns)


def _redundancy(check: str, subject: Subject, few: DeclaredFacts) -> Iterator[Case]:
    case = partial(inside, check=check, subject=subject)
    apart = polled(SYSTEM, *INTERFACES, neighbour_table(("10.64.9.1", UPLINK), ("10.64.8.1", CORE)))
    together = polled(SYSTEM, *INTERFACES, neighbour_table(("10.64.9.1", UPLINK), ("10.64.9.1", CORE)))
    states = walk(oids.IF_OPER, {oids.IF_OPER: {(1,): 1, (2,): 1, (3,): 2}})
    down = polled(SYSTEM, *INTERFACES[:2], states)
    yield case(code="TWO", about="Up, apart, declared.", evidence=(ROW, apart), expect=(("TWO", None),))
    yield case(code="ONE_UP", about="The second port is down.", evidence=(ROW, down), expect=(("ONE_UP", None),))
    yield case(
        code="ONE",
        about="One on record.",
        subject=replace(subject, declared=few),
        evidence=(ROW, apart),
        expect=(("ONE", None),),
    )
    yield case(
        code="DECLARED_ONLY",
        about="Not managed over SNMP: nothing shows the second.",
        subject=replace(subject, services=()),
        evidence=(ROW,),
        expect=(("DECLARED_ONLY", None),),
    )
    yield case(
        code="DECLARED_ONLY",
        variant="same-neighbour",
        about="Both ports lead to the same neighbour.",
        evidence=(ROW, together),
        expect=(("DECLARED_ONLY", None),),
    )
    unread = polled(SYSTEM, *INTERFACES[:2], walk(oids.IF_OPER, stopped="failure"))
    one_named = tuple(tag for tag in subject.tags if tag != "wan=ge-0/0/3")
    for variant, tags, found, about in (
        ("states-not-read", subject.tags, unread, "Which ports are up was not read."),
        ("one-port-named", one_named, down, "The row names one port of two; the other may be up."),
        ("no-such-port", (*one_named, "wan=ge-9"), down, "The row names a port that the device has not got."),
    ):
        yield case(
            code="DECLARED_ONLY",
            variant=variant,
            about=about,
            subject=replace(subject, tags=tags),
            evidence=(ROW, found),
            expect=(("DECLARED_ONLY", None),),
        )
    no_routes = tuple(tag for tag in subject.tags if not tag.startswith("route="))
    yield case(
        code="ROUTES_UNKNOWN",
        about="That they run in two directions no probe can show.",
        subject=replace(subject, tags=no_routes),
        evidence=(ROW, apart),
        expect=(("ROUTES_UNKNOWN", None),),
    )
    yield case(
        code="NO_CHANNELS",
        about="An empty cell.",
        subject=replace(subject, declared=replace(few, channel="")),
        evidence=(ROW, apart),
        expect=(("NO_CHANNELS", None),),
    )


def channel_redundancy() -> Iterator[Case]:
    check = "tslcd.channel.redundancy"
    subject = point(tags=(*TWO_WANS, "route=bac", "route=nam"), declared=TWO)
    yield from _redundancy(check, subject, replace(TWO, channel="CQ-01"))
    yield inside(
        check=check,
        code="NOT_NEEDED",
        about="Level 3.",
        subject=replace(subject, declared=replace(TWO, security_level=3)),
        evidence=(ROW,),
        expect=(("NOT_NEEDED", None),),
    )


def dc_redundancy() -> Iterator[Case]:
    check = "tslcd.dc.redundancy"
    tags = (*TWO_WANS, "route=bac", "route=nam", "medium=fibre")
    subject = point(kind=Kind.DATACENTRE, tags=tags, declared=TWO)
    yield from _redundancy(check, subject, replace(TWO, channel="CQ-01"))
    radio = (*TWO_WANS, "route=bac", "route=nam", "medium=fibre", "medium=radio")
    yield inside(
        check=check,
        code="ONE",
        variant="radio",
        about="The second is no fibre.",
        subject=replace(subject, tags=radio),
        evidence=(ROW,),
        expect=(("ONE", None),),
    )
    yield inside(
        check=check,
        code="MEDIUM_UNKNOWN",
        about="What they are made of was not declared.",
        subject=replace(subject, tags=TWO_WANS),
        evidence=(ROW,),
        expect=(("MEDIUM_UNKNOWN", None),),
    )


def _ports(count: int, connectors: int = 1) -> tuple[SnmpWalk, ...]:
    every = range(1, count + 1)
    types: dict[Oid, int | str | Oid] = {(n,): 6 for n in every}
    types[99,] = 24
    return (
        walk(oids.IF_TYPE, {oids.IF_TYPE: types}),
        walk(oids.IF_CONNECTOR, {oids.IF_CONNECTOR: {(n,): connectors for n in every}}),
    )


def _parts(ports: int) -> SnmpWalk:
    """Return the list of parts (ENTITY-MIB): a chassis and its ports."""
    classes: dict[Oid, int | str | Oid] = {(100 + number,): 10 for number in range(ports)}
    return walk(oids.ENT_CLASS, {oids.ENT_CLASS: {(1,): 3, **classes}})


VLANS = walk(oids.VLAN_NAME, {oids.VLAN_NAME: {(10,): "can-bo"}})
V6_SHOWN = address_table((XA6, UPLINK))


def min_spec() -> Iterator[Case]:
    check, whole = "tslcd.device.min-spec", point(tags=("spec=BB-12/2025",))
    case = partial(inside, check=check, subject=whole)
    yield from unmanaged(check, BROKEN, point())
    good = polled(SYSTEM, *_ports(5), VLANS, V6_SHOWN)
    yield case(code="MEETS", about="Everything, and a record.", evidence=(ROW, good), expect=(("MEETS", None),))
    yield case(
        code="SOFT", about="No acceptance record.", subject=point(), evidence=(ROW, good), expect=(("SOFT", None),)
    )
    yield case(
        code="SOFT",
        variant="not-shown",
        about="No VLAN table and no IPv6 address is no proof that it can do neither.",
        evidence=(ROW, polled(SYSTEM, *_ports(5), walk(oids.VLAN_NAME), address_table(), NO_LEGACY)),
        expect=(("SOFT", None),),
    )
    ports: dict[Oid, int | str | Oid] = {(n,): f"port{n}" for n in range(1, 6)}
    for variant, kind, name, about in (
        ("vlan-interface", 135, "to DC A", "FortiGate, RouterOS and VRP show VLANs as interfaces of this type alone."),
        ("vlan-name", 53, "Vlanif10", "Of others the name says so."),
    ):
        types = walk(oids.IF_TYPE, {oids.IF_TYPE: {**{(n,): 6 for n in range(1, 6)}, (99,): kind}})
        called = walk(oids.IF_DESCR, {oids.IF_DESCR: {**ports, (99,): name}})
        seen = polled(SYSTEM, types, _ports(5)[1], called, walk(oids.VLAN_NAME), V6_SHOWN)
        yield case(code="MEETS", variant=variant, about=about, evidence=(ROW, seen), expect=(("MEETS", None),))
    for cut, variant in ((walk(oids.VLAN_NAME, stopped="failure"), "vlan"), (VLANS, "addresses")):
        yield case(
            code="NOT_READ",
            variant=variant,
            about="A table that was cut short by us is not one that the device has not got.",
            evidence=(ROW, polled(SYSTEM, *_ports(5), cut, address_table(stopped="failure"))),
            expect=(("NOT_READ", None),),
        )
    yield case(
        code="FEW_PORTS",
        about="Four, and four in the list of parts.",
        evidence=(ROW, polled(SYSTEM, *_ports(4), _parts(4), VLANS, V6_SHOWN)),
        expect=(("FEW_PORTS", None),),
    )
    yield case(
        code="FEW_PORTS",
        variant="class-1",
        about="Five, where class I needs twelve.",
        subject=point(tags=("device-class=l3", "device-class=1")),
        evidence=(ROW, polled(SYSTEM, *_ports(5), _parts(5), VLANS, V6_SHOWN)),
        expect=(("FEW_PORTS", None),),
    )
    yield case(
        code="NO_IPV6",
        about="Declared.",
        subject=point(tags=("no-ipv6",)),
        evidence=(ROW, good),
        expect=(("NO_IPV6", None),),
    )
    plain = replace(good, steps=(replace(good.steps[0], version="2c"), *good.steps[1:]))  # type: ignore[call-arg]
    yield case(
        code="PLAINTEXT",
        about="Telnet, no SSH, SNMP version 2c.",
        evidence=(ROW, plain, lab.tcp(XA4, 23), lab.tcp(XA4, 22, lab.REFUSED)),
        expect=(("PLAINTEXT", None),),
    )
    for variant, about, others in (
        ("web", "SSH is off, but its web pages are encrypted.", (lab.tcp(XA4, 22, lab.REFUSED), lab.tcp(XA4, 443))),
        ("filtered", "SSH may be open to its own management station.", (lab.tcp(XA4, 22, lab.TIMEOUT),)),
    ):
        yield case(
            code="SOFT",
            variant=variant,
            about=about,
            evidence=(ROW, plain, lab.tcp(XA4, 23), *others),
            expect=(("SOFT", None),),
        )
    yield case(
        code="NOT_SHOWN",
        about="No ifConnectorPresent.",
        evidence=(ROW, polled(SYSTEM, *INTERFACES, walk(oids.IF_CONNECTOR))),
        expect=(("NOT_SHOWN", None),),
    )


def power() -> Iterator[Case]:
    check = "tslcd.device.power"
    case = partial(inside, check=check, subject=point())

    def sampled_restarts(metric: str, restarts: int, count: int) -> SeriesWindow:
        whole = day([1.0] * restarts + [0.0] * (count - restarts))
        return sampled(names.DEVICE_RESTARTS, metric, whole, days=31)

    def month(restarts: int, count: int) -> Evidence:
        return series(names.DEVICE_RESTARTS, sampled_restarts(names.MACHINE_RESTARTS, restarts, count))

    def up(days: int) -> Evidence:
        return polled(scalars({oids.SYS_UP_TIME: days * 8_640_000}))

    agent = sampled_restarts(names.RESTARTS, 6, 8_928)
    yield case(
        code="AGENT_OFTEN",
        trap="D19",
        about="Six by the agent's own clock; the device has none of the machine.",
        evidence=(up(2), series(names.DEVICE_RESTARTS, agent)),
        expect=(("AGENT_OFTEN", None),),
    )
    yield case(
        code="STEADY",
        variant="agent",
        trap="D19",
        about="The agent restarted six times, the machine never did.",
        evidence=(up(2), series(names.DEVICE_RESTARTS, agent, sampled_restarts(names.MACHINE_RESTARTS, 0, 8_928))),
        expect=(("STEADY", None),),
    )
    yield case(
        code="UP_A_MONTH",
        variant="agent",
        trap="D19",
        about="The agent is of today, the machine has been up for 40 days.",
        evidence=(polled(scalars({oids.SYS_UP_TIME: 100, oids.HOST_UP_TIME: 40 * 8_640_000})), month(0, 0)),
        expect=(("UP_A_MONTH", None),),
    )

    yield from (one for one in unmanaged(check, BROKEN, point()) if one.code != "NOT_READ" or one.variant)
    for code, restarts in (("STEADY", 1), ("SOMETIMES", 3), ("OFTEN", 6)):
        found = (up(2), month(restarts, 8_928))
        yield case(code=code, about=f"{restarts} in the month.", evidence=found, expect=((code, None),))
    yield case(
        code="SOMETIMES",
        variant="few-samples",
        about="Few samples may have missed restarts; they have not invented any.",
        evidence=(up(2), month(2, 500)),
        expect=(("SOMETIMES", None),),
    )
    tried_out = replace(
        sampled_restarts(names.MACHINE_RESTARTS, 6, 8_928),
        periods=tuple(day([float(n < -25), *[0.0] * 287], n) for n in range(-31, 0)),
    )
    yield case(
        code="TOO_FEW",
        variant="installed",
        trap="C1",
        about="Six restarts while it was being installed, none since it is in operation.",
        subject=point(declared=DeclaredFacts(activated=on("2026-02-05"))),
        evidence=(up(2), series(names.DEVICE_RESTARTS, tried_out)),
        expect=(("TOO_FEW", None),),
    )
    yield case(code="UP_A_MONTH", about="40 days.", evidence=(up(40), month(0, 0)), expect=(("UP_A_MONTH", None),))
    yield case(code="TOO_FEW", about="Two days.", evidence=(up(2), month(0, 100)), expect=(("TOO_FEW", None),))


def plan() -> Iterator[Case]:
    check = "tslcd.ip.plan"
    case = partial(inside, check=check, subject=point(services=()))
    shown = polled(SYSTEM, *INTERFACES, address_table(("10.64.3.9", CORE), ("fe80::1", CORE, 5, 1)))
    yield case(code="IN_PLAN", about="Both families.", evidence=(ROW,), expect=(("IN_PLAN", None),))
    yield case(
        code="IN_PLAN",
        variant="factory",
        about="What devices come with from the factory many have, and nobody is accused of a duplicate.",
        subject=point(),
        evidence=(ROW, polled(SYSTEM, *INTERFACES, address_table(("10.64.3.9", CORE)))),
        sites=Sites(shared={ip_address("192.168.1.1"): ("xa-a", "xa-b")}),
        expect=(("IN_PLAN", None),),
    )
    yield case(
        code="BEYOND",
        about="One of no block.",
        subject=point(XA4, "10.99.0.1", services=()),
        evidence=(ROW,),
        expect=(("BEYOND", None),),
    )
    blocks = (
        AgencyPrefix(network=ip_network("10.64.0.0/16"), agency="XA-A"),
        AgencyPrefix(network=ip_network("10.64.3.0/24"), agency="XA-B"),
    )
    yield case(
        code="OF_OTHERS",
        about="The narrowest block is another commune's.",
        evidence=(ROW,),
        sites=Sites(blocks=blocks),
        expect=(("OF_OTHERS", None),),
    )
    yield case(
        code="DUPLICATE",
        about="Another site's device shows the same address.",
        subject=point(),
        evidence=(ROW, shown),
        sites=Sites(shared={ip_address("10.64.3.9"): ("xa-a", "xa-b")}),
        expect=(("DUPLICATE", None),),
    )
    yield case(
        code="OVERLAP",
        about="Another site's office network holds this one's; the other's prefix is not told.",
        evidence=(ROW,),
        sites=Sites(
            overlapping=dict.fromkeys(map(ip_network, ("10.64.0.0/16", "10.64.3.0/24")), ("xa-a", "xa-b")),
            used={ip_network("10.64.0.0/16"): ("xa-b",), ip_network("10.64.3.0/24"): ("xa-a",)},
        ),
        expect=(("OVERLAP", None),),
    )
    yield case(code="NO_PLAN", about="No plan.", evidence=(ROW,), prefixes=(), expect=(("NO_PLAN", None),))
    yield case(
        code="NO_ADDRESS",
        about="A row without addresses.",
        subject=replace(point(services=()), addresses=()),
        evidence=(ROW,),
        expect=(("NO_ADDRESS", None),),
    )


def dual_stack() -> Iterator[Case]:
    case = partial(inside, check="tslcd.ip.dual-stack", subject=point())
    v4 = echoes(XA4, 0)
    yield case(
        code="BOTH", about="Echo and SSH.", evidence=(v4, echoes(XA6, 0), lab.tcp(XA6, 22)), expect=(("BOTH", None),)
    )
    yield case(code="DEVICE_ONLY", about="Echo.", evidence=(v4, echoes(XA6, 0)), expect=(("DEVICE_ONLY", None),))
    yield case(
        code="NO_V6_ADDRESS",
        about="No address.",
        trap="C6",
        subject=point(XA4),
        evidence=(ROW, v4),
        expect=(("NO_V6_ADDRESS", None),),
    )
    early = point(declared=DeclaredFacts(activated=on("2026-04-11")))
    yield case(
        code="NOT_ACTIVATED",
        about="Not in operation before April.",
        trap="C1",
        subject=early,
        gated=True,
        evidence=(v4, echoes(XA6, 50)),
        expect=(("NOT_ACTIVATED", None),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="no-echo",
        about="By policy it answers no echo, and over IPv6 nothing else was asked: that silence says nothing.",
        subject=point(tags=("no-echo",)),
        evidence=(lab.tcp(XA4, 22), echoes(XA6, 50)),
        expect=(("NOT_DECIDED", None),),
    )
    yield case(code="SILENT_V6", about="Silent.", evidence=(v4, echoes(XA6, 50)), expect=(("SILENT_V6", None),))
    yield case(
        code="NO_ANSWER",
        about="Down altogether: reach's finding.",
        evidence=(echoes(XA4, 50), echoes(XA6, 50)),
        expect=(("NO_ANSWER", None),),
    )
    yield case(
        code="NOT_DECIDED",
        trap="T5",
        about="Cut short by us.",
        evidence=(v4, lab.echo(XA6, 0, failure=FailureKind.CUT_SHORT)),
        expect=(("NOT_DECIDED", None),),
    )
    yield case(
        code="NO_ADDRESS",
        about="A row without addresses.",
        subject=replace(point(), addresses=()),
        evidence=(ROW, echoes(XA4, 0)),
        expect=(("NO_ADDRESS", None),),
    )
    yield case(
        code="U_V6",
        variant="own-ipv6",
        trap="T1",
        about="Our own IPv6 is down.",
        evidence=(v4, echoes(XA6, 50)),
        families=frozenset({4}),
        expect=(("U_V6", None),),
        gated=True,
    )


def traced(
    address: str, *hops: str | None, reached: bool = True, failure: FailureKind | None = None, source: str | None = None
) -> Evidence:
    seen = [
        HopProbe(
            hop=n, source=None if hop is None else ip_address(hop), answer=None if hop is None else "time-exceeded"
        )
        for n, hop in enumerate(hops, 1)
    ]
    if reached:
        seen.append(HopProbe(hop=len(hops) + 1, source=ip_address(address), answer="reached"))
    step = PathTrace(
        address=ip_address(address),
        protocol="icmp",
        port=0,
        source=None if source is None else ip_address(source),
        probes=tuple(seen),
        failure=lab.why(failure),
    )
    return lab.evidence("site_path", step, task=address, endpoint=lab.at(address, None, None))


def via_tslcd() -> Iterator[Case]:
    case = partial(inside, check="tslcd.path.via-tslcd", subject=point(XA4))

    def seen(code: str, about: str, found: Evidence, variant: str = "", **more: tuple[str, ...]) -> Case:
        return case(code=code, variant=variant, about=about, evidence=(found,), expect=((code, XA4),), **more)

    yield seen("INSIDE", "Two hops.", traced(XA4, HUB4, "10.64.0.9"))
    yield seen("INSIDE", "One hidden hop of three.", traced(XA4, HUB4, None, "10.64.0.9"), "hidden")
    yield seen("UNKNOWN_HOP", "A private hop of no declared prefix.", traced(XA4, HUB4, "172.16.9.1"))
    yield seen("MOSTLY_SILENT", "Two of three.", traced(XA4, HUB4, None, None))
    twice = "Two of three, on a line that loses a packet of three: the point itself may have left both unanswered."
    lossy = seen("NOT_TRACED", twice, traced(XA4, HUB4, None, None), "lossy-line")
    yield replace(lossy, evidence=(*lossy.evidence, echoes(XA4, 17)))
    whole = seen("MOSTLY_SILENT", "Two of three, on a line that loses nothing.", lossy.evidence[0], "whole-line")
    yield replace(whole, evidence=(*whole.evidence, echoes(XA4, 0)))
    limited = seen("LIMITED", "Routers answered half of this run's packets.", traced(XA4, HUB4, None, None))
    yield replace(limited, routers=(500, 250))
    ours, gateway = "192.168.7.20", "192.168.7.1"
    yield seen("INSIDE", "The router of our own network.", traced(XA4, gateway, HUB4, source=ours), "own-router")
    yield seen(
        "UNKNOWN_HOP", "A private hop behind it.", traced(XA4, gateway, "192.168.7.9", source=ours), "behind-ours"
    )
    beside = traced(XA4, "192.168.9.1", HUB4, source=ours)
    yield seen("UNKNOWN_HOP", "A router that is not of our network.", beside, "first-hop")
    outside = traced(XA4, "203.0.113.1", HUB4, source="203.0.113.20")
    yield seen("OUTSIDE", "Our own router is one of the Internet.", outside, "own-router")
    local = seen("INSIDE", "A router that answers from its link.", traced(XA6, "fe80::1", HUB6), "own-router")
    yield replace(local, subject=point(XA6), expect=(("INSIDE", XA6),), variant="link-local")
    mapped, core = traced(XA6, HUB6, "::ffff:10.64.255.1", "fd64:0:3::ffff"), "203.0.113.9"
    yield replace(seen("INSIDE", "P routers of TSLCD.", mapped, "6pe"), subject=point(XA6), expect=(("INSIDE", XA6),))
    mapped = traced(XA6, HUB6, "::ffff:10.255.0.9", "fd64:0:3::ffff")
    private = seen("UNKNOWN_HOP", "P routers of the operator, numbered privately.", mapped, "6pe")
    yield replace(private, subject=point(XA6), expect=(("UNKNOWN_HOP", XA6),))
    mapped = traced(XA6, HUB6, f"::ffff:{core}")
    public = seen("CORE_HOP", "P routers of the operator, numbered publicly.", mapped, "6pe")
    yield replace(public, subject=point(XA6), expect=(("CORE_HOP", XA6),))
    yield seen("CORE_HOP", "A public hop between two of TSLCD.", traced(XA4, HUB4, core, "10.64.3.254"))
    yield seen("OUTSIDE", "Beside one in the core.", traced(XA4, "203.0.113.7", HUB4, core, HUB4), "first-hop")
    yield seen("OUTSIDE", "A public hop.", traced(XA4, HUB4, "203.0.113.9"))
    yield seen("OUTSIDE", "A public hop, then nothing.", traced(XA4, HUB4, "203.0.113.9", None, reached=False), "lost")
    yield seen("NO_PREFIXES", "Nothing declared.", traced(XA4, HUB4), prefixes=())
    yield seen("NOT_TRACED", "No privilege.", traced(XA4, reached=False, failure=FailureKind.NO_PERMISSION))
    yield seen("NOT_TRACED", "Nobody answered.", traced(XA4, None, None, reached=False), "silent")
    yield case(
        code="INSIDE",
        variant="both",
        about="Each family its own way.",
        subject=point(),
        evidence=(traced(XA4, HUB4), traced(XA6, HUB6, "2001:db8:f::1")),
        expect=(("INSIDE", XA4), ("OUTSIDE", XA6)),
    )
    yield case(
        code="NO_ADDRESS",
        about="A row without addresses.",
        subject=replace(point(), addresses=()),
        evidence=(ROW, traced(XA4, HUB4)),
        expect=(("NO_ADDRESS", None),),
    )
    yield from via_tslcd_to_systems()


def via_tslcd_to_systems() -> Iterator[Case]:
    """Yield cases from a commune to its systems: inside names, resolved by inside resolvers or by others."""
    portal = replace(lab.site(services=lab.services(("http", 80))), network=Network.TSLCD)
    case = partial(inside, check="tslcd.path.via-tslcd", subject=portal)

    def named(v4: tuple[str, ...], via: str = "resolver") -> Evidence:
        looks = (lab.look(lab.WEB, "A", "host", *v4, via=via), lab.look(lab.WEB, "AAAA", "host", via=via))
        return lab.evidence("dns", *looks, task=lab.WEB)

    both = named((XA4,))
    yield case(
        code="INSIDE",
        variant="system",
        about="A shared system, two hops away.",
        evidence=(both, traced(XA4, HUB4, "10.64.0.9")),
        expect=(("INSIDE", XA4),),
    )
    yield case(
        code="OUTSIDE",
        variant="system",
        about="The commune's own way leaks.",
        evidence=(both, traced(XA4, "203.0.113.9", HUB4)),
        expect=(("OUTSIDE", XA4),),
    )
    outside = named(("203.0.113.80",))
    yield case(
        code="PUBLIC_ADDRESS",
        about="The DNS inside says what it says outside.",
        evidence=(outside,),
        expect=(("PUBLIC_ADDRESS", "203.0.113.80"),),
    )
    yield case(
        code="BY_DESIGN",
        about="So it was meant.",
        subject=replace(portal, tags=("outside-by-design",)),
        evidence=(outside,),
        expect=(("BY_DESIGN", None),),
    )
    yield case(
        code="NOT_ASKED_INSIDE",
        about="What the Internet says of the name tells nothing of inside.",
        evidence=(named(("203.0.113.80",), "iterative"),),
        expect=(("NOT_ASKED_INSIDE", None),),
    )
    yield case(code="NO_NAME", about="No address of either family.", evidence=(named(()),), expect=(("NO_NAME", None),))
    lost = [lab.unanswered(rtype, "host", lab.WEB) for rtype in ("A", "AAAA")]
    # An address of no use beyond its own link is none to go to; whether there is one at all is told both ways.
    contradicting = [lab.look(lab.WEB, "AAAA", "host", *records, via="resolver") for records in ((), ("fe80::1%2",))]
    cut = [lab.unanswered(rtype, "host", lab.WEB, FailureKind.CUT_SHORT) for rtype in ("A", "AAAA")]
    for code, about, looks in (
        ("NO_DNS_ANSWER", "The resolver inside is silent.", lost),
        ("DNS_CONTRADICTS", "Two answers, and none to go to.", [*contradicting, lab.look(lab.WEB, "A", "host")]),
        ("DNS_NOT_ASKED", "Cut short by us.", cut),
    ):
        found = lab.evidence("dns", *looks, task=lab.WEB)
        yield case(code=code, about=about, evidence=(found,), expect=((code, None),))


ANCHORS = ("198.51.100.1", "198.51.100.2", "198.51.100.3", "2001:db8:f::1", "2001:db8:f::2", "2001:db8:f::3")


def anchored(
    answers: Sequence[str] = (),
    *,
    anchors: Sequence[str] = ANCHORS,
    failure: FailureKind = lab.TIMEOUT,
    accepts_all: Sequence[str] = (),
) -> Evidence:
    """Return the result of each anchor over both transports.

    Those in ``answers`` answer over TCP 443, those in ``accepts_all`` over any port.
    """
    steps = [
        AnchorReach(
            address=ip_address(anchor),
            transport=transport,
            accepts_all=anchor in accepts_all and transport == "tcp/443",
            failure=None if anchor in answers and transport == "tcp/443" else Failure(kind=failure),
        )
        for anchor in anchors
        for transport in ("icmp", "tcp/443")
    ]
    return lab.evidence("internet_anchors", *steps, task=HUB4)


def vpn() -> Iterator[Case]:
    hub = point(HUB4, HUB6, kind=Kind.DATACENTRE)
    case = partial(inside, check="tslcd.isolation.vpn", subject=hub)

    def seen(code: str, about: str, found: Evidence, variant: str = "", **more: Any) -> Case:
        return case(code=code, variant=variant, about=about, evidence=(found,), expect=((code, None),), **more)

    yield seen("ISOLATED", "Six anchors, none answers.", anchored())
    yield seen("ISOLATED", "A router says so.", anchored(failure=FailureKind.UNREACHABLE), "unreachable")
    yield seen("LEAKS", "One answers.", anchored(ANCHORS[:1]))
    yield seen("LEAKS", "Over IPv6, which the firewall forgot.", anchored(ANCHORS[3:4]), "ipv6")
    satellite = anchored(ANCHORS, accepts_all=ANCHORS)
    yield seen("IN_BETWEEN", "An accelerator accepts every connection.", satellite)
    one = anchored(ANCHORS[:4], accepts_all=ANCHORS[:3])
    yield seen("LEAKS", "An accelerator for IPv4, and a leak over IPv6.", one, "in-between")
    gateway = point(HUB4, HUB6, kind=Kind.DATACENTRE, tags=("internet-gateway=4", "internet-gateway=6"))
    yield seen("VIA_GATEWAY", "Declared, both.", anchored(ANCHORS), subject=gateway)
    yield seen("GATEWAY_ONE_FAMILY", "Declared, IPv4 alone.", anchored(ANCHORS[:3]), subject=gateway)
    yield seen("FEW_ANCHORS", "Three of IPv4, one of IPv6.", anchored(anchors=ANCHORS[:4]))
    everywhere = frozenset({Network.TSLCD, Network.INTERNET})
    yield seen("NOT_INSIDE", "On the Internet as well.", anchored(ANCHORS), networks=everywhere)
    yield seen("NOT_DECIDED", "TCP 443 never worked from here.", anchored(), trap="T5", controls=("icmp",))
    yield seen("NOT_DECIDED", "Refused, by whom nobody knows.", anchored(failure=lab.REFUSED), "refused")


def of_other_agencies() -> Iterator[Case]:
    """Yield cases of ``[vantage].foreign_management``, with a VPN that the Internet does not reach into."""
    hub = point(HUB4, HUB6, kind=Kind.DATACENTRE)
    case = partial(inside, check="tslcd.isolation.vpn", subject=hub)

    def managed(
        four: FailureKind | None, six: FailureKind | None = lab.TIMEOUT, *, accepts_all: bool = False
    ) -> Evidence:
        steps = [
            ManagementReach(
                address=ip_address(text),
                port=22,
                accepts_all=accepts_all and kind is None,
                failure=None if kind is None else Failure(kind=kind),
            )
            for text, kind in (("10.64.210.1", four), ("fd64:0:210::1", six))
        ]
        return lab.evidence("foreign_management", *steps, task=HUB4)

    def seen(code: str, about: str, found: Evidence, variant: str = "", **more: Any) -> Case:
        expect = (("ISOLATED", None), (code, "management"))
        return case(code=code, variant=variant, about=about, evidence=(anchored(), found), expect=expect, **more)

    no_ssh = tuple(one for one in CONTROLS if one != "tcp/22")
    yield seen("AGENCIES_APART", "Silence, over a port that others answered at.", managed(lab.TIMEOUT))
    yield seen(
        "AGENCIES_APART", "A refusal is no access.", managed(lab.REFUSED, lab.REFUSED), "refused", controls=no_ssh
    )
    yield seen("CROSS_AGENCY", "Over IPv4.", managed(None))
    yield seen("CROSS_AGENCY", "Over IPv6 alone, which the firewall forgot.", managed(lab.REFUSED, None), "ipv6")
    everything = managed(None, accepts_all=True)
    yield seen("IN_BETWEEN", "A SYN proxy accepts every connection.", everything, "management")
    yield seen(
        "NOT_DECIDED", "TCP 22 never worked from here.", managed(lab.TIMEOUT), "management", trap="T5", controls=no_ssh
    )
    yield seen("NOT_DECIDED", "Nobody allowed that it is asked.", managed(FailureKind.OUT_OF_SCOPE), "scope")


def not_exposed() -> Iterator[Case]:
    public = "2001:db8:75::1"
    case = partial(Case, check="tslcd.isolation.not-exposed", subject=point(public))
    sweeps = ("icmp", *(f"tcp/{port}" for port in (22, 23, 80, 443, 7547, 8291, 8443)))
    ours = partial(case, controls=(*sweeps, "tcp/1"))
    tried = (1, 22, 23, 80, 443, 7547, 8291, 8443)

    def seen(code: str, about: str, *found: Evidence, variant: str = "", **more: Any) -> Case:
        return ours(code=code, variant=variant, about=about, evidence=found, expect=((code, public),), **more)

    quiet = swept(public, tried=tried, silent=tried)
    yield seen("HIDDEN", "Nothing answers.", quiet, lab.echo(public, 0))
    away = swept(public, tried=tried, shut=FailureKind.UNREACHABLE)
    yield seen("HIDDEN", "A router says that nobody is there.", away, lab.echo(public, 0), variant="unreachable")
    yield seen("ECHO_ONLY", "Echo.", quiet, lab.echo(public, 5))
    yield seen(
        "ECHO_ONLY", "It refuses, so it is there.", swept(public, tried=tried), lab.echo(public, 0), variant="refused"
    )
    ssh = swept(public, tried=tried, silent=(23, 80, 443), answers=(22,))
    yield seen("OPEN", "SSH.", ssh, lab.echo(public, 0))
    mute = swept(public, 8291, tried=tried, silent=(22, 23, 80, 443))
    yield seen("MUTE", "Something accepts and says nothing.", mute, lab.echo(public, 0))
    yield seen("EVERYTHING_OPEN", "A middlebox.", swept(public, *tried, tried=tried), lab.echo(public, 5))
    yield seen(
        "NOT_DECIDED",
        "Nothing shows that these ports leave here.",
        quiet,
        lab.echo(public, 0),
        trap="T5",
        controls=("icmp",),
    )
    everywhere = frozenset({Network.TSLCD, Network.INTERNET})
    yield seen(
        "FROM_INSIDE", "Through TSLCD it answers as it should.", swept(public, 22, tried=tried), networks=everywhere
    )
    yield case(
        code="PRIVATE",
        about="Private addresses.",
        subject=point(),
        evidence=(lab.echo(XA4, 0), lab.echo(XA6, 0)),
        expect=(("PRIVATE", XA4), ("PRIVATE", XA6)),
    )
    yield case(
        code="NO_ADDRESS",
        about="A row without addresses.",
        subject=replace(point(), addresses=()),
        evidence=(ROW, quiet),
        expect=(("NO_ADDRESS", None),),
    )


def app_reach() -> Iterator[Case]:
    portal = replace(lab.site(services=lab.services(("http", 80), ("https", 443))), network=Network.TSLCD)
    case = partial(inside, check="tslcd.app.reach", subject=portal)
    known = lab.names(("fd64::80",), ("10.64.0.80",))
    shut = [*lab.ports("10.64.0.80", shut=lab.TIMEOUT), *lab.ports("fd64::80", shut=lab.TIMEOUT)]

    def seen(code: str, about: str, *found: Evidence, variant: str = "", **more: Any) -> Case:
        return case(code=code, variant=variant, about=about, evidence=found, expect=((code, None),), **more)

    works = [*lab.ports("10.64.0.80", 443), lab.page("10.64.0.80", 200)]
    yield seen("WORKS", "Over IPv4.", known, *works, *lab.ports("fd64::80", shut=lab.TIMEOUT))
    yield seen(
        "WORKS", "A log-in page.", known, *lab.ports("10.64.0.80", 443), lab.page("10.64.0.80", 401), variant="login"
    )
    leading = replace(lab.answer("10.64.0.80", 200), leads_to="https://cong.noibo/")
    nowhere = [lab.look("cong.noibo", rtype, "redirect", status=LookupStatus.NO_SUCH_NAME) for rtype in ("A", "AAAA")]
    yield seen(
        "WORKS",
        "Its page leads to a name that the inner DNS does not know.",
        known,
        *lab.ports("10.64.0.80", 443),
        lab.http("10.64.0.80", leading, *nowhere),
        variant="jump",
    )
    alert = Failure(kind=FailureKind.TLS_ALERT, detail="TLSV13_ALERT_CERTIFICATE_REQUIRED")
    asking = lab.http("10.64.0.80", replace(lab.answer("10.64.0.80", None), failure=alert))
    about = "Whoever has a certificate of their own is let in."
    yield seen("WORKS", about, known, *lab.ports("10.64.0.80", 443), asking, variant="certificate", trap="L2")
    yield seen("DOWN", "No port accepts.", known, *shut)
    broken = [*lab.ports("10.64.0.80", 443), lab.page("10.64.0.80", 502), *lab.ports("fd64::80", shut=lab.TIMEOUT)]
    yield seen("DOWN", "502.", known, *broken, variant="error")
    gateway = replace(portal, kind=Kind.API, kinds=frozenset({Kind.API}))
    pageless = [*lab.ports("10.64.0.80", 443), lab.page("10.64.0.80", 404), *lab.ports("fd64::80", shut=lab.TIMEOUT)]
    yield seen("DOWN", "A portal without a page.", known, *pageless, variant="no-page")
    yield seen("WORKS", "An API has nothing at /.", known, *pageless, variant="api", subject=gateway)
    yield seen("DOWN", "An API that fails.", known, *broken, variant="api-error", subject=gateway)
    spare = replace(portal, tags=("non-critical",))
    yield seen("DOWN_NOT_CRITICAL", "Declared.", known, *shut, subject=spare)

    def week(good: int, count: int) -> Evidence:
        whole = day([1.0] * good + [0.0] * (count - good), gaps=168 - count)
        return series(names.APP_REACH, sampled(names.APP_REACH, names.APP_OK, whole))

    yield seen(
        "STEADY",
        "Down at this very moment, in a week of which it worked all but eight hours.",
        known,
        *shut,
        week(160, 168),
    )
    yield seen("OFTEN_DOWN", "Nine hours of a week, though it works now.", known, *works, week(159, 168))
    yield seen("OFTEN_DOWN_NOT_CRITICAL", "Declared.", known, *works, week(100, 168), subject=spare)
    yield seen("DOWN", "Samples of some hours decide nothing.", known, *shut, week(23, 23), variant="few-samples")
    yield seen("WORKS", "Nor do none.", known, *works, week(0, 0), variant="not-sampled")
    yield seen("STEADY", "Half of a week, never down.", known, *shut, week(84, 84), variant="half-a-week")
    yield seen("STEADY", "Never down, in as many samples as are needed.", known, *shut, week(24, 24), variant="enough")
    for status in (400, 500):
        told = [*lab.ports("10.64.0.80", 443), lab.page("10.64.0.80", status), *lab.ports("fd64::80", shut=lab.TIMEOUT)]
        code = "WORKS" if status == 400 else "DOWN"
        yield seen(code, f"An API that says {status}.", known, *told, variant=f"api-{status}", subject=gateway)
    yield seen("NO_NAME", "The inner DNS does not know it.", lab.names((), ()))
    yield seen("NOT_DECIDED", "Silence without control.", known, *shut, trap="T5", controls=("icmp",))
    lost = [lab.unanswered("A", "host", lab.WEB), lab.unanswered("AAAA", "host", lab.WEB)]
    yield seen("NO_DNS_ANSWER", "No resolver answers.", lab.evidence("dns", *lost, task=lab.WEB))
    contradicting = lab.evidence(
        "dns",
        lab.look(lab.WEB, "A", "host"),
        lab.look(lab.WEB, "A", "host", "10.64.0.80"),
        lab.look(lab.WEB, "AAAA", "host"),
        task=lab.WEB,
    )
    yield seen("DNS_CONTRADICTS", "Two answers.", contradicting)
    cut = [lab.unanswered(rtype, "host", lab.WEB, FailureKind.CUT_SHORT) for rtype in ("A", "AAAA")]
    yield seen("DNS_NOT_ASKED", "Cut short by us.", lab.evidence("dns", *cut, task=lab.WEB))


def level() -> Iterator[Case]:
    def seen(code: str, about: str, *tags: str, approved: int | None = 3, variant: str = "") -> Case:
        subject = point(kind=Kind.DATACENTRE, tags=tags, declared=DeclaredFacts(security_level=approved))
        return inside(
            check="tslcd.gateway.level",
            code=code,
            variant=variant,
            about=about,
            subject=subject,
            evidence=(ROW,),
            expect=((code, None),),
        )

    decided = "level-decision=12/QD-UBND"
    yield seen("APPROVED", "In date.", decided, "level-review=2027-01-31")
    yield seen("REVIEW_OVERDUE", "Last year.", decided, "level-review=2025-01-31")
    yield seen("NO_DECISION", "Declared.", "level-decision=none", approved=None)
    yield seen("TOO_LOW", "State secrets.", decided, "level-review=2027-01-31", "state-secrets", approved=2)
    yield seen("NOT_DECLARED", "Empty cells are no confession.", approved=None)
    yield seen("NOT_DECLARED", "No date.", decided, variant="no-date")


def feed_of_tables() -> Iterator[Case]:
    """Yield cases of CBĐTW's table of January, due on 5 February."""
    case = partial(inside, check="tslcd.monitor.feed", subject=point(kind=Kind.DATACENTRE))

    def table(*sites: tuple[SiteMonth, SiteMonth], received: str = "2026-02-04", month: str = "2026-01-01") -> Evidence:
        found = tuple(
            FeedSite(site=f"xa-{number}", theirs=theirs, ours=ours) for number, (theirs, ours) in enumerate(sites)
        )
        step = MonthlyFeed(month=on(month), received=on(received), file="cbdtw.csv", sites=found)
        return lab.evidence("feed", step, task=month[:7])

    def seen(code: str, about: str, *found: Evidence, variant: str = "table", **more: Any) -> Case:
        return case(code=code, variant=variant, about=about, evidence=(ROW, *found), expect=((code, None),), **more)

    same = (SiteMonth(availability=0.998, load=0.4, up=True), SiteMonth(availability=0.995, load=0.45, up=True))
    other = (SiteMonth(availability=0.999), SiteMonth(availability=0.97))
    full, down = (SiteMonth(load=0.9), SiteMonth(load=0.5)), (SiteMonth(up=True), SiteMonth(up=False))
    nothing = (SiteMonth(availability=0.999), SiteMonth())
    yield seen("IN_TIME", "Twenty sites, one of which differs.", table(*[same] * 19, other))
    yield seen(
        "DIFFERS",
        "One of ten by its load; what was not measured is not compared.",
        table(*[same] * 9, full, *[nothing] * 9),
    )
    yield seen("DIFFERS_MUCH", "Two of ten by their state.", table(*[same] * 8, down, down))
    yield seen(
        "IN_TIME", "One of twenty, as much as may differ.", table(*[same] * 19, down), variant="table-at-the-bar"
    )
    yield seen("DIFFERS", "Three of twenty.", table(*[same] * 17, *[down] * 3), variant="table-at-the-bar")
    bounds = (SiteMonth(availability=0.99, load=0.4), SiteMonth(availability=0.985, load=0.5))
    yield seen("IN_TIME", "By as much as may differ.", table(bounds), variant="table-by-the-gap")
    unknown = (SiteMonth(availability=0.99, up=True), SiteMonth(availability=0.99))
    yield seen("IN_TIME", "Of the state only one side tells.", table(unknown), variant="table-one-side")
    two = (SiteMonth(availability=0.99, load=0.9), SiteMonth(availability=0.99, load=0.5))
    yield seen("DIFFERS_MUCH", "Alike by one measure, not by the other.", table(two), variant="table-by-one")
    yield seen("LATE", "Ten days.", table(same, received="2026-02-15"), variant="table-last-day")
    yield seen("NOT_COMPARED", "No samples of ours.", table(nothing, nothing), variant="")
    yield seen("LATE", "On the ninth.", table(same, received="2026-02-09"))
    yield seen("NOT_RECEIVED", "Three weeks late.", table(same, received="2026-02-27"))
    february = table(same, other, month="2026-02-01", received="2026-03-01")
    yield seen("IN_TIME", "That of February is not due yet.", table(same), february, variant="month")
    old = table(same, month="2025-10-01", received="2025-11-04")
    yield seen("NOT_DECLARED", "The last table is of October: nothing is known of January.", old)
    tagged = point(kind=Kind.DATACENTRE, tags=("cbdtw=2026-01:none",))
    yield seen("IN_TIME", "The table came; the row is out of date.", table(same), subject=tagged, variant="both")


def feed() -> Iterator[Case]:
    def seen(code: str, about: str, *tags: str, variant: str = "") -> Case:
        subject = point(kind=Kind.DATACENTRE, tags=tags)
        return inside(
            check="tslcd.monitor.feed",
            code=code,
            variant=variant,
            about=about,
            subject=subject,
            evidence=(ROW,),
            expect=((code, None),),
        )

    yield seen("IN_TIME", "On the fourth.", "cbdtw=2026-01:2026-02-04", "cbdtw-differ=0.02")
    yield seen(
        "IN_TIME",
        "Of two months the last counts.",
        "cbdtw=2025-12:none",
        "cbdtw=2026-01:2026-02-04",
        "cbdtw-differ=0",
        variant="last",
    )
    yield seen("LATE", "On the ninth.", "cbdtw=2026-01:2026-02-09", "cbdtw-differ=0.02")
    yield seen("DIFFERS", "A tenth of the sites.", "cbdtw=2026-01:2026-02-04", "cbdtw-differ=0.1")
    yield seen("DIFFERS_MUCH", "A fifth.", "cbdtw=2026-01:2026-02-04", "cbdtw-differ=0.2")
    yield seen("LATE", "Ten days.", "cbdtw=2026-01:2026-02-15", "cbdtw-differ=0", variant="last-day")
    yield seen("DIFFERS_MUCH", "All of them.", "cbdtw=2026-01:2026-02-04", "cbdtw-differ=1", variant="all")
    yield seen("NOT_DECLARED", "No share.", "cbdtw=2026-01:2026-02-04", "cbdtw-differ=1.5", variant="over-one")
    yield seen("NOT_RECEIVED", "Never.", "cbdtw=2026-01:none")
    yield seen("NOT_RECEIVED", "Three weeks late.", "cbdtw=2026-01:2026-02-27", "cbdtw-differ=0", variant="late")
    yield seen(
        "NOT_DECLARED",
        "October is the last month that the row tells of.",
        "cbdtw=2025-10:2025-11-04",
        "cbdtw-differ=0",
        variant="old",
    )
    yield seen("NO_RIGHT", "Not granted yet.", "cbdtw=no-right")
    yield seen("NOT_DECLARED", "Nothing written.")
    yield seen("NOT_DECLARED", "No number of what differs.", "cbdtw=2026-01:2026-02-04", variant="no-share")


def cases() -> Iterator[Case]:
    for of_check in (
        utilisation,
        errors,
        capacity,
        channel_redundancy,
        dc_redundancy,
        min_spec,
        power,
        plan,
        dual_stack,
        via_tslcd,
        vpn,
        of_other_agencies,
        not_exposed,
        app_reach,
        level,
        feed,
        feed_of_tables,
    ):
        yield from of_check()
