"""Makes golden cases of ``meta.selftest.*``: the vantage's records about itself, before, during and after a run."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from ipaddress import ip_address

from inventory.model import Kind, Network, SubjectId
from probes.framework.evidence import Evidence, FailureKind, Observation
from probes.observations.inventory import InventoryReview
from probes.observations.vantage import (
    CONNECTIONS,
    NEIGHBOURS,
    TCP_FULL,
    ClockStep,
    ControlAnswer,
    ControlPath,
    LimitHit,
    NtpAnswer,
    ResolverFact,
    SizeTried,
    VantageAddress,
)
from tests.golden import lab
from tests.golden.case import Case
from tests.golden.lab import TIMEOUT, evidence, why

POINTS = (("before", 0), ("during", 20), ("after", 40))
ANCHORS = {6: ("2001:db8:ffff::1", "2001:db8:fffe::1", "2001:db8:fffd::1"), 4: ("192.0.2.1", "203.0.113.1")}
SOURCE = {6: "2001:db8:1::5", 4: "198.51.100.5"}


def moment(point: int, *steps: Observation) -> Evidence:
    label, minutes = POINTS[point]
    return evidence("selftest", *steps, task=label, minutes=minutes)


def family_steps(
    family: int, *, answering: int = 3, source: str | None = "", fetch: FailureKind | bool | None = None
) -> tuple[Observation, ...]:
    """Return steps; ``source`` None: no route; ``fetch``: True for success, or a failure, or None if not set up."""
    own = SOURCE[family] if source == "" else source
    steps: list[Observation] = [
        VantageAddress(family=family, failure=why(FailureKind.NO_ROUTE_HERE))
        if own is None
        else VantageAddress(family=family, source=ip_address(own))
    ]
    for number, anchor in enumerate(ANCHORS[family]):
        failure = why(None if number < answering else TIMEOUT)
        steps += [
            ControlAnswer(address=ip_address(anchor), transport=transport, failure=failure)
            for transport in ("icmp", "tcp/443")
        ]
    if fetch is not None:
        failed = None if fetch is True else why(fetch)  # type: ignore[arg-type]
        steps.append(ControlAnswer(address=ip_address(ANCHORS[family][0]), transport="aaaa-only", failure=failed))
    return tuple(steps)


def _family(family: int) -> Iterator[Case]:
    case = partial(Case, check=f"meta.selftest.ipv{family}", subject=lab.vantage())
    good = family_steps(family, answering=2)

    def three(*points: Sequence[Observation]) -> tuple[Evidence, ...]:
        return tuple(moment(number, *steps) for number, steps in enumerate(points))

    yield case(
        code="WORKS",
        trap="T1",
        about="Two anchors at every point.",
        evidence=three(good, good, good),
        expect=(("WORKS", None),),
    )
    yield case(
        code="POINT_FAILED",
        about="Midway the uplink was gone.",
        evidence=three(good, family_steps(family, answering=0), good),
        expect=(("POINT_FAILED", None),),
    )
    yield case(
        code="NO_ROUTE",
        trap="T3",
        about="A container without this family.",
        evidence=three(family_steps(family, source=None, answering=0)),
        expect=(("NO_ROUTE", None),),
    )
    yield case(
        code="BAD_SOURCE",
        about="The kernel would send from an address that nobody can answer.",
        evidence=three(family_steps(family, source="fe80::5" if family == 6 else "169.254.3.5")),
        expect=(("BAD_SOURCE", None),),
    )
    yield case(
        code="ANCHORS_SILENT",
        about="One anchor of several is too few.",
        evidence=three(*[family_steps(family, answering=1)] * 3),
        expect=(("ANCHORS_SILENT", None),),
    )
    yield case(
        code="FETCH_FAILED",
        about="The anchors answer, the control page does not.",
        evidence=three(family_steps(family, fetch=TIMEOUT)),
        expect=(("FETCH_FAILED", None),),
    )
    yield case(
        code="WORKS",
        variant="fetched",
        about="The control page was fetched too; it is no anchor.",
        evidence=three(family_steps(family, fetch=True)),
        expect=(("WORKS", None),),
    )
    yield from _own_way(family, three)
    yield case(
        code="NOT_TESTED",
        about="The self-test has no step for this family.",
        evidence=three(family_steps(10 - family)),
        expect=(("NOT_TESTED", None),),
    )


def control_path(family: int, *, mtu: int = 1500, milliseconds: float = 10.0, lost: int = 0) -> ControlPath:
    """Return the path to a control."""
    tried = (1500,) if mtu == 1500 else (1500, 1492, 1480)
    return ControlPath(
        address=ip_address(ANCHORS[family][0]),
        rtts=tuple(None if n < lost else milliseconds / 1000 for n in range(20)),
        sizes=tuple(SizeTried(size=size, sent=3, received=3 if size <= mtu else 0) for size in tried),
        told=None if mtu == 1500 else mtu,
        router=None if mtu == 1500 else ip_address(SOURCE[family]),
    )


def full_size(family: int, failure: FailureKind | None = None) -> ControlAnswer:
    """Return the result of segments of full size to a control and back."""
    return ControlAnswer(address=ip_address(ANCHORS[family][0]), transport=TCP_FULL, anchor=False, failure=why(failure))


def _own_way(family: int, three: Callable[..., tuple[Evidence, ...]]) -> Iterator[Case]:
    case = partial(Case, check=f"meta.selftest.ipv{family}", subject=lab.vantage())
    good = family_steps(family, answering=2)
    plain = (*good, control_path(4), control_path(6), full_size(family))
    yield case(
        code="WORKS",
        variant="whole",
        about="Full packets and segments pass, and IPv6 is as fast as IPv4.",
        evidence=three(plain, plain, plain),
        expect=(("WORKS", None),),
    )
    hole = (*good, full_size(family, TIMEOUT))
    yield case(
        code="FULL_SIZE_LOST",
        trap="T10",
        about="Small packets pass, full segments to the controls do not.",
        evidence=three(hole, hole, hole),
        expect=(("WORKS", None), ("FULL_SIZE_LOST", "full-size")),
    )
    narrow = (*good, control_path(family, mtu=1492))
    yield case(
        code="NARROW",
        trap="T10",
        about="PPPoE: 1492 bytes are the most that comes back.",
        evidence=three(narrow, narrow, narrow),
        expect=(("WORKS", None), ("NARROW", "mtu")),
    )
    lossy = (*good, control_path(family, lost=4))
    yield case(
        code="LOSSY",
        about="Twelve of sixty echo requests to the controls are lost.",
        evidence=three(lossy, lossy, lossy),
        expect=(("WORKS", None), ("LOSSY", "loss")),
    )
    full = (*good, LimitHit(setting=NEIGHBOURS[family], room=1_024, family=family))
    other = (*good, LimitHit(setting=NEIGHBOURS[10 - family], room=1_024, family=10 - family))
    yield case(
        code="NEIGHBOURS_FULL",
        about="More neighbours than the kernel's table holds; by the end the other family's was full too.",
        evidence=three(good, full, other),
        expect=(("WORKS", None), ("NEIGHBOURS_FULL", "limit")),
    )
    if family == 6:
        detour = (*good, control_path(4), control_path(6, milliseconds=70.0))
        yield case(
            code="DETOUR",
            trap="T11",
            about="IPv6 takes sixty milliseconds longer to the controls.",
            evidence=three(detour, detour, detour),
            expect=(("WORKS", None), ("DETOUR", "delay")),
        )


def _tunnels() -> Iterator[Case]:
    case = partial(Case, check="meta.selftest.ipv6", subject=lab.vantage())
    yield case(
        code="BAD_SOURCE",
        variant="6to4",
        about="A tunnel's address is no native IPv6.",
        evidence=(moment(0, *family_steps(6, source="2002:c633:6405::5")),),
        expect=(("BAD_SOURCE", None),),
    )
    yield case(
        code="BAD_SOURCE",
        variant="unique-local",
        about="A unique local address cannot be answered from the Internet.",
        evidence=(moment(0, *family_steps(6, source="fd00:a::5")),),
        expect=(("BAD_SOURCE", None),),
    )
    yield case(
        code="WORKS",
        variant="inside-tslcd",
        about="Inside TSLCD a unique local address is what everybody has.",
        networks=frozenset({Network.TSLCD}),
        evidence=(moment(0, *family_steps(6, source="fd00:a::5")),),
        expect=(("WORKS", None),),
    )


RESOLVER = ip_address("192.0.2.53")
ROOT = ip_address("2001:db8:ffff::53")


def fact(step: str, transport: str = "udp", *, failure: FailureKind | None = None, **changes: object) -> ResolverFact:
    right: dict[str, dict[str, object]] = {
        "dns64": {"rcode": "NOERROR"},
        "signed": {"rcode": "NOERROR", "authentic": True, "records": 1},
        "bogus": {"rcode": "SERVFAIL"},
        "nxdomain": {"rcode": "NXDOMAIN"},
        "root": {"rcode": "NOERROR", "authoritative": True, "records": 13},
    }
    found = {} if failure else right[step]
    return ResolverFact(
        **{  # type: ignore[arg-type]
            "step": step,
            "server": ROOT if step == "root" else RESOLVER,
            "transport": transport,
            "answered": failure is None,
            "failure": why(failure),
            **found,
            **changes,
        }
    )


def all_facts(*changed: ResolverFact) -> tuple[ResolverFact, ...]:
    """Return every step as it should be, except for those in ``changed``."""
    udp = [fact(step) for step in ("dns64", "signed", "bogus", "nxdomain", "root")]
    tcp = [fact(step, "tcp") for step in ("signed", "bogus")]
    replaced = {(one.step, one.transport): one for one in changed}
    return tuple(replaced.get((one.step, one.transport), one) for one in udp + tcp)


MADE_UP = fact("dns64", records=2, addresses=tuple(map(ip_address, ("2001:db8:64::c000:aa", "2001:db8:64::c000:ab"))))
"""A resolver of a network with IPv6 alone, under a prefix of its own."""


def _only_ipv6() -> Iterator[Case]:
    nothing = (*family_steps(4, source=None, answering=0), *all_facts(MADE_UP))
    yield Case(
        check="meta.selftest.ipv4",
        code="IPV6_ONLY",
        subject=lab.vantage(),
        about="No IPv4 route, and the resolver shows a NAT64 prefix: a network that is meant so.",
        evidence=tuple(moment(number, *nothing) for number in range(3)),
        expect=(("IPV6_ONLY", None),),
    )


def _resolver() -> Iterator[Case]:
    case = partial(Case, check="meta.selftest.resolver", subject=lab.vantage())

    def bad(code: str, about: str, *changed: ResolverFact, variant: str = "", trap: str = "") -> Case:
        steps = all_facts(*changed)
        return case(
            code=code, variant=variant, trap=trap, about=about, evidence=(moment(0, *steps),), expect=((code, None),)
        )

    yield bad("CLEAN", "All five steps.")
    yield case(
        code="CLEAN",
        variant="not-set-up",
        about="No control names are configured: their steps do not count.",
        evidence=(
            moment(
                0,
                ResolverFact(step="signed", server=RESOLVER),
                ResolverFact(step="bogus", server=RESOLVER),
                fact("root"),
            ),
        ),
        expect=(("CLEAN", None),),
    )
    yield bad(
        "NO_TCP",
        "UDP works, TCP does not.",
        fact("signed", "tcp", failure=TIMEOUT),
        fact("bogus", "tcp", failure=TIMEOUT),
    )
    yield case(
        code="POINT_FAILED",
        about="Midway the resolver did not answer.",
        evidence=(
            moment(0, *all_facts()),
            moment(1, *all_facts(fact("signed", failure=TIMEOUT))),
            moment(2, *all_facts()),
        ),
        expect=(("POINT_FAILED", None),),
    )
    yield bad("DNS64", "ipv4only.arpa has an AAAA.", fact("dns64", records=1), trap="T4")
    yield case(
        code="NAT64",
        about="A network with IPv6 alone: DNS64 is how it reaches IPv4.",
        evidence=(moment(0, *family_steps(4, source=None), *all_facts(MADE_UP)),),
        expect=(("NAT64", None),),
    )
    yield case(
        code="DNS64",
        variant="with-ipv4",
        trap="T4",
        about="Where there is IPv4 as well, addresses that are made up only mislead.",
        evidence=(moment(0, *family_steps(4), *all_facts(MADE_UP)),),
        expect=(("DNS64", None),),
    )
    yield case(
        code="NOT_VALIDATING",
        variant="nat64",
        about="NAT64 excuses what is made up of IPv4 addresses and nothing else.",
        evidence=(
            moment(0, *family_steps(4, source=None), *all_facts(MADE_UP, fact("bogus", rcode="NOERROR", records=1))),
        ),
        expect=(("NOT_VALIDATING", None),),
    )
    yield bad("NOT_VALIDATING", "A wrongly signed name gets an answer.", fact("bogus", rcode="NOERROR", records=1))
    yield bad("REFUSES_SIGNED", "No AD flag on a well signed name.", fact("signed", authentic=False))
    yield bad(
        "INVENTS_NAMES", "A name that does not exist has an address.", fact("nxdomain", rcode="NOERROR", records=1)
    )
    rewritten = ResolverFact(step="missing", server=RESOLVER, answered=True, rcode="NOERROR", records=1)
    yield case(
        code="INVENTS_NAMES",
        variant="registry",
        about="It knows .invalid itself, and leads what a registry denies to a machine of its own.",
        evidence=(moment(0, *all_facts(), rewritten),),
        expect=(("INVENTS_NAMES", None),),
    )
    hidden = ResolverFact(step="hidden", server=RESOLVER, answered=True, rcode="NOERROR")
    yield case(
        code="HIDES_AAAA",
        about="A filter of AAAA records: the name of a root server has none.",
        evidence=(moment(0, *all_facts(), hidden),),
        expect=(("HIDES_AAAA", None),),
    )
    for variant, about, fact_of in (
        ("root-name", "The name of a root server has its AAAA record.", replace(hidden, records=1)),
        ("other-roots", "Other roots than the Internet's do not know that name.", replace(hidden, rcode="NXDOMAIN")),
        ("root-name-silent", "Nobody answers for it.", replace(hidden, answered=False, failure=why(TIMEOUT))),
    ):
        yield case(
            code="CLEAN",
            variant=variant,
            about=about,
            evidence=(moment(0, *all_facts(), fact_of),),
            expect=(("CLEAN", None),),
        )
    yield case(
        code="CLEAN",
        variant="no-registry",
        about="Nobody answers for a name of the Internet.",
        evidence=(moment(0, *all_facts(), ResolverFact(step="missing", server=RESOLVER, failure=why(TIMEOUT))),),
        expect=(("CLEAN", None),),
    )
    yield bad("INTERCEPTED", "A root server's answer without AA.", fact("root", authoritative=False))
    yield bad("NO_ANSWER", "The resolver is silent.", fact("signed", failure=TIMEOUT))
    yield bad("ROOT_SILENT", "Port 53 to the Internet is shut.", fact("root", failure=TIMEOUT))
    yield case(
        code="NOT_TESTED",
        about="Nothing was tried.",
        evidence=(moment(0, ResolverFact(step="signed", server=RESOLVER)),),
        expect=(("NOT_TESTED", None),),
    )


def told(*offsets: float | None, synchronised: bool = True) -> tuple[Observation, ...]:
    """Return one answer for each offset; None is a server that did not answer."""
    servers = [ip_address(f"2001:db8:ffff::{number + 1:x}") for number in range(len(offsets))]
    return tuple(
        NtpAnswer(server=server, failure=why(TIMEOUT))
        if offset is None
        else NtpAnswer(server=server, offset=offset, delay=0.01, stratum=2, synchronised=synchronised)
        for server, offset in zip(servers, offsets, strict=True)
    )


def _clock() -> Iterator[Case]:
    case = partial(Case, check="meta.selftest.clock", subject=lab.vantage())

    def said(code: str, about: str, *points: tuple[Observation, ...], variant: str = "") -> Case:
        evidence = tuple(moment(number, *steps) for number, steps in enumerate(points))
        return case(code=code, variant=variant, about=about, evidence=evidence, expect=((code, None),))

    yield said("RIGHT", "Three servers agree with us.", told(0.01, -0.02, 0.3), told(0.0, 0.0, 0.1))
    yield said("RIGHT", "One of three lies; the median decides.", told(0.01, 4_000.0, 0.02), variant="one-lies")
    yield said("RIGHT", "One second is right still.", told(1.0, 1.0, 1.0), variant="at-the-limit")
    yield said("A_LITTLE_OFF", "Two seconds after the run began well.", told(0.0, 0.0, 0.0), told(2.0, 1.9, 2.1))
    yield said("A_LITTLE_OFF", "Thirty seconds.", told(-30.0, -30.0, -30.0), variant="at-the-limit")
    yield said("WRONG", "Our clock is an hour behind.", told(0.0, 0.0, 0.0), told(3_600.0, 3_599.0, 3_601.0))
    years = said("WRONG_BY_WEB", "Nobody tells the time but web servers: ten years.", (fact("root"),))
    yield replace(years, web_time=(-315_360_000.0, 40))
    hour = said("NOT_CONFIGURED", "An hour is what web servers may be off themselves.", (fact("root"),), variant="web")
    yield replace(hour, web_time=(3_600.0, 40))
    known = said("RIGHT", "Servers of the time know better.", told(0.0, 0.0, 0.0), variant="web")
    yield replace(known, web_time=(90_000.0, 5))
    yield said("SET", "Set by two hours while the run went on.", (fact("root"),), (ClockStep(seconds=-7_200.0),))
    yield said(
        "NOT_CONFIGURED", "Twenty seconds are within what is allowed.", (ClockStep(seconds=20.0),), variant="step"
    )
    yield said("FEW_ANSWERS", "Two of three answer, both an hour off.", told(3_600.0, 3_600.0, None))
    yield said("FEW_ANSWERS", "None is synchronised.", told(9.0, 9.0, 9.0, synchronised=False), variant="no-time")
    yield said("NOT_CONFIGURED", "A self-test without servers of the time.", (fact("root"),))


def _answers(*silent: tuple[int, str], transports: Sequence[str] = ("icmp", "tcp/25", "tcp/443")) -> list[Observation]:
    """Return answers of two controls per family over each transport; those in ``silent`` get no answer."""
    return [
        ControlAnswer(
            address=ip_address(anchor),
            transport=transport,
            failure=why(TIMEOUT if (family, transport) in silent else None),
        )
        for family, anchors in ANCHORS.items()
        for anchor in anchors[:2]
        for transport in transports
    ]


def _egress() -> Iterator[Case]:
    case = partial(Case, check="meta.selftest.egress", subject=lab.vantage())

    def said(code: str, about: str, *points: Sequence[Observation], variant: str = "", trap: str = "") -> Case:
        evidence = tuple(moment(number, *steps) for number, steps in enumerate(points))
        return case(code=code, variant=variant, trap=trap, about=about, evidence=evidence, expect=((code, None),))

    yield said("OPEN", "Everything comes back over both families.", _answers(), _answers())
    refused = [replace(one, failure=why(FailureKind.REFUSED)) for one in _answers((6, "tcp/25"))]
    yield said("OPEN", "A refusal came there and back.", refused, variant="refused")
    yield said("BLOCKED", "The provider blocks port 25.", _answers((6, "tcp/25"), (4, "tcp/25")), trap="T5")
    yield said(
        "BLOCKED", "Blocked for IPv6 alone, from some time on.", _answers(), _answers((6, "tcp/443")), variant="later"
    )
    every = [(family, transport) for family in (4, 6) for transport in ("icmp", "tcp/25", "tcp/443")]
    yield said(
        "OPEN",
        "A family that is not there is another check's finding.",
        _answers(*(key for key in every if key[0] == 6)),
        variant="one-family",
    )
    yield said("NO_CONTROL", "All controls are down, or nothing gets out.", _answers(*every))
    decrypted = said("INSPECTED", "A firewall near us signs every certificate anew.", _answers())
    yield replace(decrypted, inspected_by="CN=FortiGate CA", expect=(("INSPECTED", "tls"), ("OPEN", None)))
    full = LimitHit(setting=CONNECTIONS, room=262_144)
    tracked = said("CONNECTIONS_FULL", "Our packet filter tracks as much as it may.", _answers(), (*_answers(), full))
    yield replace(tracked, expect=(("CONNECTIONS_FULL", "limit"), ("OPEN", None)))
    yield said("NOT_TESTED", "No controls.", (fact("root"),))


def _inventory() -> Iterator[Case]:
    def said(code: str, about: str, *, variant: str = "", **changes: object) -> Case:
        whole = {"day": date(2026, 3, 2), "rows": 200, "reconciled": date(2026, 2, 1), **changes}
        step = InventoryReview(**whole)  # type: ignore[arg-type]
        return Case(
            check="meta.inventory.fresh",
            subject=lab.site(id=SubjectId("inventory"), kind=Kind.UNIT, kinds=frozenset({Kind.UNIT}), host=None),
            code=code,
            variant=variant,
            about=about,
            evidence=(evidence("declared", step, task="inventory"),),
            expect=((code, None),),
        )

    some, many = tuple(f"cu{n}.example" for n in range(10)), tuple(f"cu{n}.example" for n in range(11))
    yield said("FRESH", "Compared a month ago.")
    yield said("FRESH", "Ninety days are in order.", reconciled=date(2025, 12, 2), variant="at-the-limit")
    yield said("AGING", "Ninety-one days.", reconciled=date(2025, 12, 1))
    yield said("OLD", "Half a year and more.", reconciled=date(2025, 9, 2))
    yield said("SOME_GONE", "One in twenty names is gone.", gone=some)
    yield said("MANY_GONE", "More than that, whoever compared it when.", gone=many)
    yield said("INCOMPLETE", "Rows without an authorisation.", incomplete=("a.example: authorisation",))
    yield said("NOT_RECORDED", "Nobody said when it was compared.", reconciled=None)
    yield said("MANY_GONE", "What is wrong stands without that day.", reconciled=None, gone=many, variant="no-day")
    yield said("NO_ROWS", "Every row has ended.", rows=0)


def cases() -> Iterator[Case]:
    yield from _egress()
    yield from _inventory()
    yield from _clock()
    yield from _family(6)
    yield from _family(4)
    yield from _tunnels()
    yield from _only_ipv6()
    yield from _resolver()
