"""Makes golden cases of ``ipv6.device.*`` that look back at counters: ``traffic`` and ``errors``."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

from probes.framework.evidence import Evidence, Observation
from probes.observations.series import DEVICE_COUNTERS, CounterPoint, SeriesCounter
from probes.observations.snmp import SnmpGet
from probes.wire.snmp import oids
from probes.wire.snmp.totals import FRAGMENT_FAILURES, HEADER_ERRORS, IF_OCTETS, IP_OCTETS, NO_ROUTES, RECEIVED
from probes.wire.snmp.tree import Oid
from tests.golden.case import Case
from tests.golden.cases_device import CONTROLS, unread
from tests.golden.cases_device_addresses import neighbour_table
from tests.golden.lab import NOW, evidence
from tests.golden.lab_snmp import (
    ADDRESSES,
    INTERFACES,
    NO_LEGACY,
    UPLINK,
    V6,
    Value,
    address_table,
    polled,
    router,
    scalars,
    walk,
)

DAY = 25 * 360_000
"""A bit more than a day, in hundredths of a second."""
YEAR = 365 * 24 * 360_000
UPLINK_NAME = "ge-0/0/2"
LINUX, CISCO = 8072, 9
"""Enterprise numbers: of a maker with devices that forward by processor, and of one with devices that may not."""
SYS, IF = oids.IP_SYSTEM_STATS_ENTRY, oids.IP_IF_STATS_ENTRY
Past = tuple[str, int, int]
"""Metric, family and value of an earlier reading."""


def device_counters(
    *,
    v4: int | None = 10_000_000,
    v6: int | None = 5_000_000,
    up: int = YEAR,
    received: int = 500_000,
    header: int = 0,
    routes: int = 0,
    fragments: int = 0,
    discontinuity: int = 0,
    later: float = 0.0,
    maker: int = LINUX,
) -> SnmpGet:
    """Return one answer about the whole device; half of the octets of each family came in, and half went out."""
    values: dict[Oid, Value] = {
        oids.SYS_UP_TIME: up + int(100 * later),
        oids.SYS_OBJECT_ID: (*oids.ENTERPRISES, maker, 1),
    }
    for version, octets in ((1, v4), (2, v6)):
        if octets is not None:
            values |= {(*SYS, column, version): octets // 2 for column in (6, 33)}
            values[*SYS, 46, version] = discontinuity
    values |= {(*SYS, 4, 2): received, (*SYS, 7, 2): header, (*SYS, 8, 2): routes, (*SYS, 28, 2): fragments}
    return replace(scalars(values), t0=later, t=later)


def uplink_counters(*, v6: int, whole: int, v4: int | None = None, up: int = YEAR) -> SnmpGet:
    values: dict[Oid, Value] = {oids.SYS_UP_TIME: up}
    for column in (oids.IF_HC_IN_OCTETS, oids.IF_HC_OUT_OCTETS):
        values[*column, UPLINK] = whole // 2
    for version, octets in ((1, v4), (2, v6)):
        if octets is not None:
            values |= {(*IF, column, version, UPLINK): octets // 2 for column in (6, 33)}
    return scalars(values)


def before(*rows: Past, hours: float = 25, interface: str = "") -> Evidence:
    """Return readings of some hours ago; the device has been up for a year by now."""
    time = NOW - timedelta(hours=hours)
    steps = [
        SeriesCounter(
            metric=metric,
            family=family,
            interface=interface,
            points=(CounterPoint(time=time, value=value, age=YEAR - int(hours * 360_000)),),
        )
        for metric, family, value in rows
    ]
    return evidence("series", *steps, task=DEVICE_COUNTERS)


BOTH = ((IP_OCTETS, 4, 0), (IP_OCTETS, 6, 0))
CLEAN = ((RECEIVED, 6, 0), (HEADER_ERRORS, 6, 0), (NO_ROUTES, 6, 0), (FRAGMENT_FAILURES, 6, 0))


def traffic() -> Iterator[Case]:
    case = partial(Case, check="ipv6.device.traffic", controls=CONTROLS, subject=router())
    yield from unread("ipv6.device.traffic", polled(scalars({})))

    def seen(code: str, about: str, now: SnmpGet, *past: Evidence, variant: str = "", trap: str = "") -> Case:
        envelopes = (polled(now), *past)
        return case(code=code, variant=variant, about=about, trap=trap, evidence=envelopes, expect=((code, None),))

    yield seen("CARRIES", "A third of 15 MB since yesterday.", device_counters(), before(*BOTH))
    yield seen("LITTLE", "One per cent.", device_counters(v6=100_000), before(*BOTH))
    least = device_counters(v4=9_500_000, v6=500_000)
    yield seen("CARRIES", "Just the share that is asked for.", least, before(*BOTH), variant="just-enough")
    yield seen("CARRIES", "Just a day ago.", device_counters(), before(*BOTH, hours=24), variant="just-a-day")
    yield case(
        code="CARRIES",
        variant="fast-clock",
        about="Its clock goes on by half a minute within 9 s: the first answer was one that its agent had kept.",
        evidence=(polled(device_counters(up=YEAR - 3_000), device_counters(later=9.0)), before(*BOTH)),
        expect=(("CARRIES", None),),
    )
    for code, later in (("CARRIES", 60.0), ("COUNTED_ANEW", 60.1)):
        yield case(
            code=code,
            variant="same-clock",
            about=f"Read twice within {later} s, and its clock shows the same.",
            evidence=(
                polled(device_counters(), device_counters(up=YEAR - int(later * 100), later=later)),
                before(*BOTH),
            ),
            expect=((code, None),),
        )
    yield seen(
        "PAST_PROCESSOR",
        "One per cent of what hardware left to the processor.",
        device_counters(v6=100_000, maker=CISCO),
        before(*BOTH),
    )
    yield case(
        code="PAST_PROCESSOR",
        variant="nothing",
        about="No octet of IPv6 reached the processor of a device that has an address of the plan.",
        evidence=(
            polled(device_counters(v6=4_000, maker=CISCO), *INTERFACES, ADDRESSES, NO_LEGACY),
            before((IP_OCTETS, 4, 0), (IP_OCTETS, 6, 4_000)),
        ),
        expect=(("PAST_PROCESSOR", None),),
    )
    still = device_counters(v6=4_000)
    idle = before((IP_OCTETS, 4, 0), (IP_OCTETS, 6, 4_000))
    for code, told, about, variant in (
        (
            "NOTHING",
            ADDRESSES,
            "Not one octet of IPv6 since yesterday at a device that has an address of the plan.",
            "",
        ),
        ("NOT_SHOWN", address_table(), "Nothing shows that IPv6 is on: the counter is there without it.", "no-ipv6"),
        ("NOT_SHOWN", address_table(("fe80::1", UPLINK)), "Link-local addresses come by themselves.", "link-local"),
        ("NOT_READ", address_table(stopped="failure"), "Whether it has addresses was not read.", "addresses"),
    ):
        pair = (polled(still, *INTERFACES, told, NO_LEGACY), idle)
        yield case(code=code, variant=variant, about=about, evidence=pair, expect=((code, None),))
    yield case(
        code="NOT_COUNTING",
        about="The counter stands still while the device answers over IPv6: its hardware forwards without counting.",
        subject=router(V6),
        evidence=(polled(still, address=V6), before((IP_OCTETS, 4, 0), (IP_OCTETS, 6, 4_000))),
        expect=(("NOT_COUNTING", None),),
    )
    for code, variant, neighbour, about in (
        ("NOT_COUNTING", "reachable-neighbour", ("fe80::7", UPLINK, 1), "An IPv6 neighbour answers it all the same."),
        ("NOTHING", "stale-neighbour", ("fe80::7", UPLINK, 2), "An IPv6 neighbour was heard of, some time."),
        ("NOTHING", "ipv4-neighbour", ("192.0.2.7", UPLINK, 1), "A neighbour over IPv4 says nothing of IPv6."),
    ):
        pair = (polled(still, *INTERFACES, ADDRESSES, NO_LEGACY, neighbour_table(neighbour)), idle)
        yield case(code=code, variant=variant, about=about, evidence=pair, expect=((code, None),))
    two = (device_counters(v4=1_000_000, v6=1_000_000), device_counters(v4=50_000_000, v6=20_000_000, later=9.0))
    yield case(
        code="CARRIES_NOW",
        about="Two readings nine seconds apart, 19 MB of IPv6 between them.",
        evidence=(polled(*two),),
        expect=(("CARRIES_NOW", None),),
    )
    few = (device_counters(v4=1_000_000, v6=1_000_000), device_counters(v4=50_000_000, v6=1_010_000, later=9.0))
    yield case(
        code="ONE_READING",
        about="Two readings nine seconds apart with next to nothing between them: no word about a day.",
        evidence=(polled(*few),),
        expect=(("ONE_READING", None),),
    )
    yield seen(
        "CARRIES_NOW",
        "The reading before is of two hours ago.",
        device_counters(),
        before(*BOTH, hours=2),
        variant="two-hours",
    )
    yield seen(
        "COUNTED_ANEW",
        "It started anew an hour ago: what it counted before is gone.",
        device_counters(up=360_000),
        before(*BOTH),
    )
    yield seen(
        "COUNTED_ANEW",
        "ipSystemStatsDiscontinuityTime is of an hour ago, sysUpTime of a year.",
        device_counters(discontinuity=YEAR - 360_000),
        before(*BOTH),
        variant="discontinuity",
    )
    yield seen(
        "COUNTED_ANEW",
        "A counter of 64 bits went back though nothing says that it began anew.",
        device_counters(),
        before((IP_OCTETS, 4, 0), (IP_OCTETS, 6, 9_000_000_000)),
        variant="back",
    )
    yield seen("NOT_SHOWN", "There is a counter of IPv4 alone.", device_counters(v6=None), trap="D2")
    wan = router(tags=(f"wan={UPLINK_NAME}",))
    column = oids.IPV6_INTERFACE_ENABLE
    off = walk(oids.IPV6_INTERFACE_ENTRY, {column: {(UPLINK,): 2}})
    yield case(
        code="OFF",
        about="ipv6InterfaceEnableStatus of the only uplink is down.",
        subject=wan,
        evidence=(polled(device_counters(), *INTERFACES, off),),
        expect=(("OFF", None),),
    )
    shared: tuple[Observation, ...] = (device_counters(v4=None), uplink_counters(v6=5_000_000, whole=10_000_000))
    past = before((IP_OCTETS, 6, 0), (IF_OCTETS, 0, 0), interface=UPLINK_NAME)
    yield case(
        code="CARRIES",
        variant="of-all-octets",
        about="No counter of IPv4: half of all octets of the uplink are of IPv6.",
        subject=wan,
        evidence=(polled(*INTERFACES, *shared), past),
        expect=(("CARRIES", None),),
    )
    yield case(
        code="LITTLE",
        variant="uplink",
        about="Much IPv6 inside, little on the uplink.",
        subject=wan,
        evidence=(
            polled(*INTERFACES, device_counters(), uplink_counters(v6=100_000, v4=10_000_000, whole=11_000_000)),
            before(*BOTH, interface=UPLINK_NAME),
        ),
        expect=(("LITTLE", None),),
    )


def errors() -> Iterator[Case]:
    case = partial(Case, check="ipv6.device.errors", controls=CONTROLS, subject=router())
    yield from unread("ipv6.device.errors", polled(scalars({})))

    def seen(code: str, about: str, now: SnmpGet, *past: Evidence, variant: str = "", trap: str = "") -> Case:
        envelopes = (polled(now), *past)
        return case(code=code, variant=variant, about=about, trap=trap, evidence=envelopes, expect=((code, None),))

    yield seen("LOW", "Ten of half a million.", device_counters(routes=10), before(*CLEAN))
    yield seen(
        "LOW",
        "Three header errors of 25,000 packets: traceroutes whose hop limit ended here.",
        device_counters(received=25_000, header=3),
        before(*CLEAN),
        variant="traceroutes",
    )
    yield seen(
        "SOME",
        "One in a thousand, of all kinds.",
        device_counters(routes=300, header=100, fragments=100),
        before(*CLEAN),
    )
    yield seen("MANY", "Two per cent without a route.", device_counters(routes=10_000), before(*CLEAN))
    yield seen(
        "MANY",
        "Two per cent with an expired hop limit.",
        device_counters(header=10_000),
        before(*CLEAN),
        variant="loop",
    )
    yield seen(
        "DROPPED",
        "An office behind PPPoE (Linux, Net-SNMP): the first packets to each visitor are too big, and it says so.",
        device_counters(fragments=10_000),
        before(*CLEAN),
    )
    yield seen(
        "DROPPED",
        "Strangers scan the unused networks of a delegated prefix, which has an unreachable route (RFC 7084).",
        device_counters(routes=1_000, header=9),
        before(*CLEAN),
        variant="scanned",
    )
    yield case(
        code="MANY",
        variant="same-clock",
        about="Read again 20 s later, and its clock shows the same: its agent kept the answer.",
        evidence=(
            polled(device_counters(header=10_000), device_counters(header=10_000, up=YEAR - 2_000, later=20.0)),
            before(*CLEAN),
        ),
        expect=(("MANY", None),),
    )
    yield seen(
        "PAST_PROCESSOR",
        "Packets without a route are what hardware leaves to the processor.",
        device_counters(routes=10_000, maker=CISCO),
        before(*CLEAN),
    )
    for code, variant, now, about in (
        ("LOW", "none", device_counters(), "Half a million packets without an error."),
        ("SOME", "just-so-many", device_counters(received=100_000, header=10), "As many as are no longer low."),
        ("SOME", "not-yet-many", device_counters(received=100_000, header=1_000), "As many as are not yet too many."),
        ("MANY", "just-enough-packets", device_counters(received=1_000, header=100), "Just as many as are needed."),
        ("TOO_FEW", "errors-alone", device_counters(received=0, routes=20), "Errors, and no packet received."),
    ):
        yield seen(code, about, now, before(*CLEAN), variant=variant)
    yield seen(
        "MANY", "Just a day ago.", device_counters(header=10_000), before(*CLEAN, hours=24), variant="just-a-day"
    )
    end = 2**32 - 10
    yield seen(
        "LOW",
        "The counter of 32 bits wrapped: 15 errors, not 4 thousand million.",
        device_counters(routes=5),
        before(*CLEAN[:2], (NO_ROUTES, 6, end), CLEAN[3]),
        variant="wrapped",
    )
    yield seen(
        "COUNTED_ANEW",
        "The counter of 32 bits went back from where no wrap explains it.",
        device_counters(routes=5),
        before(*CLEAN[:2], (NO_ROUTES, 6, 90_000), CLEAN[3]),
        variant="back",
    )
    yield seen("COUNTED_ANEW", "It started anew an hour ago.", device_counters(up=360_000), before(*CLEAN))
    quiet = device_counters(received=700)
    yield seen("NO_TRAFFIC", "No packet since yesterday.", quiet, before((RECEIVED, 6, 700), *CLEAN[1:]))
    yield seen(
        "TOO_FEW",
        "Seven hundred packets; three errors among them would be no finding.",
        device_counters(received=700, routes=3),
        before(*CLEAN),
    )
    yield seen("ONE_READING", "Read for the first time.", device_counters(routes=10_000))
    yield case(
        code="LOW_NOW",
        about="Two readings nine seconds apart, forty thousand packets and no error between them.",
        evidence=(polled(device_counters(), device_counters(received=540_000, later=9.0)),),
        expect=(("LOW_NOW", None),),
    )
    yield case(
        code="ONE_READING",
        variant="errors-now",
        about="Errors within nine seconds say nothing about a day.",
        evidence=(polled(device_counters(), device_counters(received=540_000, routes=4_000, later=9.0)),),
        expect=(("ONE_READING", None),),
    )
    yield seen("NOT_SHOWN", "No table of counters.", scalars({oids.SYS_UP_TIME: YEAR}), trap="D2")


def cases() -> Iterator[Case]:
    for group in (traffic, errors):
        yield from group()
