"""Makes golden cases at the limits of counting checks: exactly the least number, and items that do not count."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from ipaddress import ip_address

from inventory.model import Kind, Network
from probes.framework.evidence import Evidence
from probes.observations.dns import Delegation
from probes.observations.path import FILLS
from probes.observations.vantage import TCP_FULL
from probes.wire.snmp import oids
from probes.wire.snmp.totals import IP_OCTETS
from tests.golden import cases_device, lab, lab_dnssec
from tests.golden.case import OWN_WAY, Case
from tests.golden.cases_device_counters import BOTH as COUNTED
from tests.golden.cases_device_counters import UPLINK_NAME, before, device_counters
from tests.golden.cases_dns import NS1, NS2, TWO, listed, ns
from tests.golden.cases_dnspath import A4, A6, B6, BOTH, PARENT6, referral, referred
from tests.golden.cases_flows import FULL, HEARD, fetched, flow, got, heeds, ignores, server, small
from tests.golden.cases_nameservers import CONTROLS, _large, _sizes
from tests.golden.cases_path import NO_RIGHT
from tests.golden.cases_web import DUAL
from tests.golden.lab import REFUSED, TIMEOUT, V4, V4B, V6, V6B, ZONE, asked, delegated, evidence, look, names, tcp
from tests.golden.lab_dnssec import above, chain, ds, keys, own
from tests.golden.lab_snmp import ADDRESSES, INTERFACES, NO_LEGACY, UPLINK, address_table, polled, router, walk

STILL = device_counters(v6=4_000)
DAY = timedelta(days=1)
OPEN = tuple(lab.ports(V6, 80, 443))
HTTPS_ALONE = lab.site(services=lab.services(("https", 443)))


def pmtud() -> Iterator[Case]:
    case = partial(Case, check="ipv6.path.pmtud", subject=lab.site(), controls=HEARD)
    yield case(
        code="IGNORED",
        variant="least",
        about="Three connections, the least that are called a defect.",
        evidence=(DUAL, *OPEN, server(FULL, *(ignores(n) for n in range(3)))),
        expect=(("IGNORED", V6),),
    )
    yield case(
        code="HEEDS",
        variant="least",
        about="Three heeded, the least that need no others; of the fourth nothing is known.",
        evidence=(DUAL, *OPEN, server(FULL, heeds(0), heeds(1), heeds(2), flow(3, failure=NO_RIGHT, received=0))),
        expect=(("HEEDS", V6),),
    )
    other = [replace(ignores(n), address=ip_address(V6B)) for n in range(3)]
    yield case(
        code="IGNORED",
        variant="of-one-address",
        about="One of two addresses heeds, the other does not.",
        evidence=(
            names((V6, V6B)),
            *OPEN,
            *lab.ports(V6B, 80, 443),
            server(FULL, heeds(0), heeds(1), heeds(2), replace(FULL, address=ip_address(V6B)), *other),
        ),
        expect=(("HEEDS", V6), ("IGNORED", V6B)),
    )
    for variant, size in (("ordinary-alone", 1500), ("ordinary-narrow", 1400)):
        yield case(
            code="NOT_DECIDED",
            variant=variant,
            about=f"An ordinary connection shows packets of {size} bytes; no narrower one was made behind it.",
            evidence=(DUAL, *OPEN, server(flow(None, size, size, size))),
            expect=(("NOT_DECIDED", V6),),
        )
    yield case(
        code="SMALL",
        variant="least",
        about="Exactly as much as must have filled packets.",
        evidence=(DUAL, *OPEN, server(*(small(n, FILLS) for n in range(3)))),
        expect=(("SMALL", V6),),
    )
    yield from _ports(case, "NOT_OPEN")


def _ports(case: partial[Case], shut: str) -> Iterator[Case]:
    """Yield cases of a site from which nothing was fetched, decided by its ports."""
    yield case(
        code="NOT_DECIDED",
        variant="port-silent",
        about="HTTPS is silent over a transport that nobody else answered over; of HTTP nothing is known.",
        controls=("icmp",),
        evidence=(DUAL, tcp(V6, 443, TIMEOUT)),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code=shut,
        variant="https-shut",
        about="HTTPS is shut; HTTP, of which nothing is known, is no part of a site that has HTTPS.",
        evidence=(DUAL, tcp(V6, 443, REFUSED)),
        expect=((shut, V6),),
    )
    yield case(
        code=shut,
        variant="https-declared",
        about="The inventory declares HTTPS alone, and that is shut.",
        subject=HTTPS_ALONE,
        evidence=(DUAL, tcp(V6, 443, REFUSED)),
        expect=((shut, V6),),
    )


def large_transfer() -> Iterator[Case]:
    case = partial(Case, check="ipv6.path.large-transfer", subject=lab.site(), own=OWN_WAY)
    yield case(
        code="SLOWER",
        variant="fastest-of-two",
        about="Compared with the faster of two IPv4 addresses.",
        evidence=(names((V6,), (V4, V4B)), *OPEN, fetched(got(V4, 0.5), got(V4B, 5.0), got(V6, 3.0))),
        expect=(("SLOWER", V6),),
    )
    yield case(
        code="COMPLETES",
        variant="one-of-two",
        about="Nothing was fetched from the second IPv4 address.",
        evidence=(names((V6,), (V4, V4B)), *OPEN, fetched(got(V4, 0.504), got(V6, 1.304))),
        expect=(("COMPLETES", V6),),
    )
    yield case(
        code="COMPLETES",
        variant="least",
        about="An object of exactly 100 kB is a large one.",
        evidence=(DUAL, *OPEN, fetched(got(V4, 0.5, received=100_000), got(V6, 0.6, received=100_000))),
        expect=(("COMPLETES", V6),),
    )
    late = got(V6, 2.0, received=30_000, failure=TIMEOUT, stall=10.0)
    yield case(
        code="STALLS_LATE",
        variant="least",
        about="Exactly as much came as only packets of full size bring.",
        controls=(*HEARD, TCP_FULL),
        evidence=(DUAL, *OPEN, fetched(got(V4, 0.5), late)),
        expect=(("STALLS_LATE", V6),),
    )
    early = replace(got(V6, 0.2, received=20_000), whole=False)
    yield case(
        code="BREAKS_OFF",
        variant="closed",
        about="The server closes the connection in order, in the middle of the object.",
        evidence=(DUAL, *OPEN, fetched(got(V4, 0.5), early)),
        expect=(("BREAKS_OFF", V6),),
    )
    yield from _ports(case, "NO_HANDSHAKE")


def _again(server: Evidence, **changes: object) -> Evidence:
    """Return the same questions, and one more of the usual size."""
    more = asked("large_response", A6, (ZONE, "DNSKEY"), edns_size=1232, dnssec_ok=True, **changes)  # type: ignore[arg-type]
    return replace(server, steps=(*server.steps, *more.steps))


def large_response() -> Iterator[Case]:
    case = partial(Case, check="ipv6.dns.large-response", subject=lab.zone(), controls=CONTROLS)
    one = delegated({NS1: [A6]})
    cut: dict[str, object] = {"flags": "TC"}
    lost: dict[str, object] = {"failure": TIMEOUT}
    wide: dict[str, object] = {"wire": _large()}
    everywhere = {"s512": cut, "s1232": cut, "s4096": cut, "s0": cut}
    yield case(
        code="ARRIVES",
        variant="second-try",
        about="The first try is lost, the second is not.",
        evidence=(one, _again(_sizes(A6, s1232=lost, s4096=wide), wire=_large())),
        expect=(("ARRIVES", A6),),
    )
    served = _sizes(A6, tcp={}, **everywhere)
    fails = asked("large_response", A6, (ZONE, "DNSKEY"), transport="tcp", dnssec_ok=True, rcode="SERVFAIL")
    yield case(
        code="ARRIVES",
        variant="once-over-tcp",
        about="Truncated everywhere; of two tries over TCP one gives the whole.",
        evidence=(one, replace(served, steps=(*served.steps, *fails.steps))),
        expect=(("ARRIVES", A6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="error-over-tcp",
        about="Truncated everywhere, and over TCP the server cannot answer.",
        evidence=(one, _sizes(A6, tcp={"rcode": "SERVFAIL"}, **everywhere)),
        expect=(("NOT_DECIDED", A6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="unreadable",
        about="What comes for the largest size cannot be read.",
        evidence=(one, _sizes(A6, s4096={"wire": b"\x12\x67\x84\x00\x00"})),
        expect=(("NOT_DECIDED", A6),),
    )


def glue_aaaa() -> Iterator[Case]:
    case = partial(Case, check="ipv6.dns.glue-aaaa", subject=lab.zone())
    works = (lab.soa(A6), lab.soa(B6))
    local = "fd00::53"
    yield case(
        code="COMPLETE",
        variant="beside-unusable",
        about="The second server has a local address alone, which needs no glue and is another check's finding.",
        evidence=(listed(ns(NS1, A6), ns(NS2, local)), referred(referral(PARENT6, *BOTH[:3])), *works),
        expect=(("COMPLETE", None),),
    )
    yield case(
        code="OTHER",
        variant="unusable",
        about="The parent gives a local address too, which nobody can ask.",
        evidence=(TWO, referred(referral(PARENT6, *BOTH, f"{NS1} AAAA {local}")), *works),
        expect=(("OTHER", None),),
    )
    for code, held, theirs in (("SHARED", True, False), ("OPEN", False, True)):
        cut = Delegation(zone=ZONE, parent="example", parent_ns=(NS1, NS2), child_ns=(NS1, NS2), shared=held)
        other = Delegation(zone="tinh-b.example", parent="example", parent_ns=(NS1,), child_ns=(NS1,), shared=theirs)
        yield case(
            code=code,
            variant="beside-another",
            about="Another zone was looked up too, and only one of the two is held by its parent's servers.",
            evidence=(
                evidence("dns", cut, other, ns(NS1, A6), ns(NS2, B6), task=ZONE),
                referred(referral(PARENT6, answers=True)),
                *works,
            ),
            expect=((code, None),),
        )


def open_resolver() -> Iterator[Case]:
    case = partial(Case, check="security.dns.open-resolver", controls=CONTROLS)
    outside = "ipv4only.arpa"
    ask = partial(asked, "recursion", question=(outside, "A"), recursion=True)

    def found(minutes: int) -> Evidence:
        attempt = 2 if minutes else 1
        record = f"{outside} A 192.0.0.170"
        return asked(
            "recursion", A4, (outside, "A"), record, flags="RA", recursion=True, attempt=attempt, minutes=minutes
        )

    yield case(
        code="OPEN",
        variant="just-apart",
        subject=lab.router(A4),
        about="Seen again after exactly ten minutes.",
        evidence=(found(0), found(10)),
        expect=(("OPEN", A4),),
    )
    yield case(
        code="OPEN",
        variant="of-both-networks",
        subject=lab.router(A4),
        networks=frozenset({Network.INTERNET, Network.TSLCD}),
        about="A router on the Internet, asked from a vantage that stands in TSLCD too.",
        evidence=(found(0), found(11)),
        expect=(("OPEN", A4),),
    )
    yield case(
        code="NOT_OFFERED",
        variant="second-try",
        subject=lab.router(A4),
        about="The first try is lost, the second is refused.",
        evidence=(ask(A4, failure=TIMEOUT), ask(A4, rcode="REFUSED", attempt=2, minutes=11)),
        expect=(("NOT_OFFERED", A4),),
    )
    yield case(
        code="OPEN",
        variant="zone-and-host",
        subject=replace(lab.zone(), kinds=frozenset({Kind.ZONE, Kind.HOST}), addresses=(ip_address(A4),)),
        about="A zone and its name server in one row: the address is judged once.",
        evidence=(
            delegated({NS1: [A6]}, look(NS1, "A", "ns-address", A4)),
            names((), (A4,), ZONE),
            ask(A6, rcode="REFUSED"),
            found(0),
            found(11),
        ),
        expect=(("NOT_OFFERED", A6), ("OPEN", A4)),
    )


def traffic() -> Iterator[Case]:
    case = partial(Case, check="ipv6.device.traffic", controls=cases_device.CONTROLS)
    wan = (f"wan={UPLINK_NAME}", "wan=ge-0/0/3")
    status = walk(oids.IPV6_INTERFACE_ENTRY, {oids.IPV6_INTERFACE_ENABLE: {(UPLINK,): 2, (3,): 1}})
    yield case(
        code="CARRIES",
        variant="one-uplink-off",
        about="IPv6 is off on one of two uplinks.",
        subject=router(tags=wan),
        evidence=(polled(device_counters(), *INTERFACES, status), before(*COUNTED)),
        expect=(("CARRIES", None),),
    )
    for code, variant, about, rows in (
        ("NOTHING", "uplink-on", "Its uplink has IPv6, and addresses of its own alone.", (status,)),
        ("NOT_SHOWN", "uplink-unknown", "Nothing shows whether its uplink has IPv6.", ()),
    ):
        yield case(
            code=code,
            variant=variant,
            about=about,
            subject=router(tags=("wan=ge-0/0/3",)),
            evidence=(
                polled(STILL, *INTERFACES, *rows, address_table(), NO_LEGACY),
                before((IP_OCTETS, 4, 0), (IP_OCTETS, 6, 4_000)),
            ),
            expect=((code, None),),
        )
    yield case(
        code="NOT_SHOWN",
        variant="counts-nothing",
        about="Its counters stand still for both families: it counts nothing at all.",
        subject=router(),
        evidence=(
            polled(STILL, *INTERFACES, ADDRESSES, NO_LEGACY),
            before((IP_OCTETS, 4, 10_000_000), (IP_OCTETS, 6, 4_000)),
        ),
        expect=(("NOT_SHOWN", None),),
    )
    now = (device_counters(v4=1_000_000, v6=1_000_000), device_counters(v4=191_000_000, v6=11_000_000, later=9.0))
    yield case(
        code="CARRIES_NOW",
        variant="just-enough",
        about="Two readings nine seconds apart, and just the share that is asked for between them.",
        subject=router(),
        evidence=(polled(*now),),
        expect=(("CARRIES_NOW", None),),
    )


def dnssec_health() -> Iterator[Case]:
    """Yield cases by days left: three suffice, one ends soon; signatures for under six days are meant to be short."""
    for code, variant, left, whole in (
        ("SOUND", "three-days", 3 * DAY, 14 * DAY),
        ("ENDS_SOON", "one-day", DAY, 14 * DAY),
        ("ENDS_NOW", "last-second", 0 * DAY, 14 * DAY),
        ("SHORT_LIVED", "one-day", DAY, 2.5 * DAY),
        ("ENDS_SOON", "six-days", 2.5 * DAY, 6 * DAY),
        ("ENDS_SOON", "a-third", 1.5 * DAY, 4.5 * DAY),
    ):
        yield Case(
            check="security.dns.dnssec-health",
            code=code,
            variant=f"just-{variant}",
            about=f"Signatures of {whole / DAY:g} days, of which {left / DAY:g} are left.",
            subject=lab.zone(),
            trust_anchor=lab_dnssec.ANCHOR,
            evidence=(TWO, chain(*above(ds(ZONE)), keys(ZONE), *own(window=(left - whole, left)))),
            expect=((code, None if code == "SOUND" else "RRSIG"),),
        )


def cases() -> Iterator[Case]:
    for group in (pmtud, large_transfer, large_response, glue_aaaa, open_resolver, traffic, dnssec_health):
        yield from group()
