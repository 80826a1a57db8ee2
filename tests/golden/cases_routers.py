"""Makes golden cases of the way to a host: ``time-exceeded``, ``fragment``, ``loss-rtt-parity`` and ``probe-8335``."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from ipaddress import ip_address

from auditor.framework.context import OwnPath
from auditor.framework.gathered import SlowerOverIpv6
from auditor.framework.sample_periods import period
from inventory.model import Clearance, Kind, Network, Subject, SubjectId
from probes.framework.evidence import Evidence, FailureKind
from probes.observations.path import CraftedExchange, EchoTrain
from probes.observations.series import LOSS, LOSS_SLOW, POINT_QUALITY, RTT_MEDIAN, SeriesWindow
from probes.observations.traces import HopProbe, PathTrace
from tests.golden import lab
from tests.golden.case import ALL_CONTROLS, OWN_WAY, Case
from tests.golden.cases_path import NO_RIGHT
from tests.golden.cases_web import DUAL, undecided_names
from tests.golden.lab import TIMEOUT, V4, V6, at, evidence, names

PLAN = ("2001:db8:a::/48",)
PROVIDER, EDGE, CORE = "2001:db8:77::1", "2001:db8:a:1::1", "2001:db8:a:2::1"
HUB = "2001:db8:b:1::1"
LOCAL = "fe80::1"
NAMED = names(v6=(V6,))


def trace(*sources: str | None, reached: bool = True, failure: FailureKind | None = None) -> PathTrace:
    """Return a trace with one hop for each source, None for silence, and then the address itself."""
    probes = [
        HopProbe(
            hop=hop,
            source=None if source is None else ip_address(source),
            rtt=None if source is None else 0.01 * hop,
            answer=None if source is None else "time-exceeded",
            type=None if source is None else 3,
            code=None if source is None else 0,
        )
        for hop, source in enumerate(sources, 1)
    ]
    end = HopProbe(hop=len(sources) + 1, source=ip_address(V6), rtt=0.1, answer="reached", type=1, code=4)
    return PathTrace(
        address=ip_address(V6),
        protocol="udp",
        port=33434,
        source=ip_address("2001:db8:ffff::5"),
        probes=(*probes, end) if reached else tuple(probes),
        failure=lab.why(failure),
    )


def path(*traces: PathTrace) -> Evidence:
    return evidence("trace", *traces, task=V6, endpoint=at(V6, None))


def time_exceeded() -> Iterator[Case]:
    check = "ipv6.path.time-exceeded"
    case = partial(Case, check=check, subject=lab.site(), address_plan=PLAN)
    yield from undecided_names(check)
    yield case(
        code="ANSWER",
        about="Both routers of the province answer; the provider's do not count.",
        evidence=(DUAL, path(trace(None, PROVIDER, EDGE, CORE))),
        expect=(("ANSWER", V6),),
    )
    yield case(
        code="ANSWER",
        variant="one-protocol",
        about="What is silent to UDP answers TCP: that is enough.",
        evidence=(DUAL, path(trace(PROVIDER, EDGE, None), trace(PROVIDER, EDGE, CORE))),
        expect=(("ANSWER", V6),),
    )
    yield case(
        code="MOST_SILENT",
        variant="our-tunnel",
        trap="T10",
        about="A router that answers on both ends of a tunnel of ours is one router.",
        evidence=(DUAL, path(trace(EDGE, EDGE, None, None))),
        expect=(("MOST_SILENT", V6),),
    )
    yield case(
        code="SOME_SILENT",
        about="One of two is silent, before the address itself.",
        evidence=(DUAL, path(trace(PROVIDER, EDGE, None))),
        expect=(("SOME_SILENT", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="lossy-line",
        about="One of two is silent, on a line that loses three echo requests of ten.",
        evidence=(DUAL, path(trace(PROVIDER, EDGE, None)), lab.echo(V6, 7, 10)),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="MOST_SILENT",
        about="Two of three are silent, between a router of the province and the address.",
        evidence=(DUAL, path(trace(PROVIDER, EDGE, None, None))),
        expect=(("MOST_SILENT", V6),),
    )
    for code, answered in (("LIMITED", 300), ("MOST_SILENT", 950)):
        yield case(
            code=code,
            variant="in-a-run",
            trap="P4",
            about=f"Routers that answer traces answered {answered} of 1,000 packets of this run.",
            evidence=(DUAL, path(trace(PROVIDER, EDGE, None, None))),
            routers=(1_000, answered),
            expect=((code, V6),),
        )
    further = (EDGE, CORE, "2001:db8:a:3::1", None, "2001:db8:a:4::1")
    for variant, routers in (("four-of-five", None), ("four-of-five-in-a-limited-run", (1_000, 300))):
        yield case(
            code="ANSWER",
            variant=variant,
            about="Four of five answer: as many as are asked for.",
            evidence=(DUAL, path(trace(PROVIDER, *further))),
            routers=routers,
            expect=(("ANSWER", V6),),
        )
    yield case(
        code="UNROUTABLE",
        about="All answer, one from a link-local address.",
        evidence=(DUAL, path(trace(PROVIDER, EDGE, LOCAL, CORE))),
        expect=(("UNROUTABLE", V6),),
    )
    sites = partial(case, address_plan=("2001:db8:a::/47",))
    yield sites(
        code="UNOWNED",
        trap="P4",
        about="Two are silent between the routers of two sites: a core of the operator's without IPv6 (6PE) does so.",
        evidence=(DUAL, path(trace(PROVIDER, HUB, None, None, EDGE))),
        expect=(("UNOWNED", V6),),
    )
    yield sites(
        code="UNOWNED",
        variant="core-answers",
        about="One router of the core answers with its IPv4 address, the ones beside it are silent.",
        evidence=(DUAL, path(trace(HUB, None, "::ffff:10.9.9.9", None, EDGE))),
        expect=(("UNOWNED", V6),),
    )
    yield sites(
        code="SOME_SILENT",
        variant="behind-a-core",
        about="The core of the operator is silent, and so is one router at the site, before the address.",
        evidence=(DUAL, path(trace(HUB, None, None, EDGE, None))),
        expect=(("SOME_SILENT", V6),),
    )
    yield sites(
        code="ANSWER",
        variant="one-hides",
        about="One is silent among five, between two sites: whosever it is, enough answer.",
        evidence=(DUAL, path(trace("2001:db8:b:2::1", HUB, None, EDGE, CORE))),
        expect=(("ANSWER", V6),),
    )
    yield case(
        code="NO_HOPS",
        trap="P4",
        about="Silence before the first router of the province is nobody's that is known.",
        evidence=(DUAL, path(trace(PROVIDER, None, None))),
        expect=(("NO_HOPS", V6),),
    )
    yield case(
        code="NO_HOPS",
        variant="no-plan",
        about="Without an address plan nothing is known to be the province's.",
        evidence=(DUAL, path(trace(PROVIDER, EDGE, None, None))),
        address_plan=(),
        expect=(("NO_HOPS", V6),),
    )
    yield case(
        code="ANSWER",
        variant="not-reached",
        about="The address answers nothing; what is silent behind the last router is not counted.",
        evidence=(DUAL, path(trace(PROVIDER, EDGE, None, None, None, reached=False))),
        expect=(("ANSWER", V6),),
    )
    yield case(
        code="NO_LIFE",
        about="Neither a port nor echo answers: nothing to trace.",
        evidence=(DUAL, *lab.ports(V6, shut=TIMEOUT), lab.echo(V6, 0, failure=TIMEOUT)),
        expect=(("NO_LIFE", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="cut",
        trap="R3",
        about="It is alive, and nobody traced.",
        evidence=(DUAL, lab.echo(V6, 5)),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        about="No right to send crafted packets.",
        evidence=(DUAL, path(trace(reached=False, failure=NO_RIGHT))),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(code="NO_ADDRESS", about="No IPv6.", evidence=(names(),), expect=(("NO_ADDRESS", None),))


def host(*tags: str, services: tuple[tuple[str, int], ...] = ()) -> Subject:
    return lab.site(
        kind=Kind.HOST,
        kinds=frozenset({Kind.HOST}),
        tags=tags,
        clearance=Clearance.INTRUSIVE,
        services=lab.services(*services),
    )


def crafted(form: str, *answers: tuple[str, int, int] | FailureKind, **said: object) -> Evidence:
    """Return one exchange for each answer, given as (answer, type, code) or as the failure."""
    steps = [
        CraftedExchange(address=ip_address(V6), form=form, failure=lab.why(answer), **said)  # type: ignore[arg-type]
        if isinstance(answer, FailureKind)
        else CraftedExchange(
            address=ip_address(V6),
            form=form,
            answer=answer[0],
            source=ip_address(V6),
            rtt=0.01,
            type=answer[1],
            code=answer[2],
            **said,  # type: ignore[arg-type]
        )
        for answer in answers
    ]
    probe = "fragments" if form == "fragments" else "probe_8335"
    return evidence(probe, *steps, task=V6, endpoint=at(V6, None))


REPLY = ("reply", 129, 0)


def fragment() -> Iterator[Case]:
    check = "ipv6.path.fragment"
    case = partial(
        Case, check=check, subject=host(), clearance=Clearance.INTRUSIVE, controls=(*ALL_CONTROLS, "fragments")
    )
    lost = crafted("fragments", TIMEOUT, TIMEOUT, TIMEOUT)
    for undecided_name in undecided_names(check, host()):
        yield replace(undecided_name, clearance=Clearance.INTRUSIVE)
    yield case(
        code="ARRIVE",
        about="The second try is answered.",
        evidence=(NAMED, crafted("fragments", TIMEOUT, REPLY)),
        expect=(("ARRIVE", V6),),
    )
    yield case(
        code="LOST",
        trap="P5",
        about="Whole requests are answered, fragmented ones are not.",
        evidence=(NAMED, lab.echo(V6, 5), lost),
        expect=(("LOST", V6),),
    )
    yield case(
        code="NEEDED_AND_LOST",
        about="The inventory declares that something there depends on fragments.",
        subject=host("needs-fragments"),
        evidence=(NAMED, lab.echo(V6, 5), lost),
        expect=(("NEEDED_AND_LOST", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="lossy",
        about="A line that loses eight whole requests of twenty loses three that come in two packets by chance.",
        subject=host("needs-fragments"),
        evidence=(NAMED, lab.echo(V6, 12, 20), lost),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="NO_REPLY",
        trap="P3",
        about="Echo is filtered altogether.",
        evidence=(NAMED, lab.echo(V6, 0, failure=TIMEOUT), lost),
        expect=(("NO_REPLY", V6),),
    )
    yield case(
        code="TCP_ONLY",
        about="Nothing but SSH there.",
        subject=host(services=(("ssh", 22),)),
        evidence=(NAMED, lab.echo(V6, 5), lost),
        expect=(("TCP_ONLY", None),),
    )
    yield case(
        code="NOT_DECIDED",
        trap="T5",
        about="No fragment was answered by anybody in this run: our own network may drop them.",
        evidence=(NAMED, lab.echo(V6, 5), lost),
        controls=ALL_CONTROLS,
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="no-right",
        about="No right to send crafted packets.",
        evidence=(NAMED, lab.echo(V6, 5), crafted("fragments", NO_RIGHT)),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(code="NO_ADDRESS", about="No IPv6.", evidence=(names(),), expect=(("NO_ADDRESS", None),))


def train(
    address: str, lost: int, milliseconds: float, *, sent: int = 30, failure: FailureKind | None = None
) -> Evidence:
    step = EchoTrain(
        address=ip_address(address),
        interval=0.2,
        rtts=tuple(None if n < lost else milliseconds / 1000 for n in range(sent)),
        failure=lab.why(failure),
    )
    return evidence("echo_train", step, task=address, endpoint=at(address, None))


def unsteady(address: str, more: float) -> Evidence:
    """Return echo replies whose delays vary by 200 ms; ``more`` is added to each, in milliseconds."""
    step = EchoTrain(
        address=ip_address(address), interval=0.2, rtts=tuple((800 + 50 * (n % 5) + more) / 1000 for n in range(30))
    )
    return evidence("echo_train", step, task=address, endpoint=at(address, None))


def day(*, loss6: float, rtt6: float, slots: int = 24, slow6: float | None = None) -> Evidence:
    """Return samples of the last day, in its last slots; over IPv4 nothing is lost and the RTT is 10 ms.

    ``slow6``: loss over IPv6 of requests that left slowly.
    """
    values = {(LOSS, 6): loss6, (RTT_MEDIAN, 6): rtt6, (LOSS, 4): 0.0, (RTT_MEDIAN, 4): 0.01}
    if slow6 is not None:
        values[LOSS_SLOW, 6] = slow6
    steps = [
        SeriesWindow(
            window=POINT_QUALITY,
            metric=metric,
            family=family,
            since=lab.NOW - timedelta(days=1),
            until=lab.NOW,
            step=3_600,
            first=lab.NOW - timedelta(days=30),
            whole=period(lab.NOW - timedelta(days=1), [value] * slots, gaps=30 - slots),
            points=(*(None,) * (30 - slots), *(value,) * slots),
        )
        for (metric, family), value in values.items()
    ]
    return evidence("series", *steps, task=POINT_QUALITY)


def _timed(port: int, rtt: float | None) -> Evidence:
    """Return a connect over IPv6; without a time, its first packet was lost."""
    connect = lab.tcp(V6, port)
    return replace(connect, steps=tuple(replace(step, rtt=rtt) for step in connect.steps))  # type: ignore[call-arg]


def loss_rtt_parity() -> Iterator[Case]:
    check = "ipv6.path.loss-rtt-parity"
    case = partial(Case, check=check, subject=lab.site(), own=OWN_WAY)
    yield from undecided_names(check)
    for code, v6, about in (
        ("ALIKE", (0, 12.0), "Nothing lost, two milliseconds apart."),
        ("SLOWER", (0, 30.0), "Twenty milliseconds longer."),
        ("FAR_SLOWER", (0, 75.0), "Sixty-five milliseconds longer."),
        ("LOSES_FAR_MORE", (9, 10.0), "Nine of thirty lost, and none over IPv4: that is no chance."),
        ("TOO_FEW", (1, 10.0), "One of thirty lost: one round does not tell that from chance."),
    ):
        yield case(code=code, about=about, evidence=(DUAL, train(V4, 0, 10.0), train(V6, *v6)), expect=((code, None),))
    for code, lost in (("TOO_FEW", 12), ("LOSES_FAR_MORE", 14)):
        yield case(
            code=code,
            variant="both-lose",
            about="One of thirty is lost over IPv4 too: such a line makes some of hundreds differ by chance.",
            evidence=(DUAL, train(V4, 1, 10.0), train(V6, lost, 10.0)),
            expect=((code, None),),
        )
    yield case(
        code="UNSTEADY",
        about="Fifty milliseconds longer, over a satellite whose delays vary by two hundred.",
        evidence=(DUAL, unsteady(V4, 0.0), unsteady(V6, 50.0)),
        expect=(("UNSTEADY", None),),
    )
    yield case(
        code="FAR_SLOWER",
        variant="unsteady",
        about="Two hundred and fifty milliseconds longer there.",
        evidence=(DUAL, unsteady(V4, 0.0), unsteady(V6, 250.0)),
        expect=(("FAR_SLOWER", None),),
    )
    tunnel = {6: OwnPath(mtu=1480, milliseconds=70.0, sent=60), 4: OwnPath(mtu=1500, milliseconds=10.0, sent=60)}
    for code, own, shared, about, variant in (
        ("ALIKE", tunnel, {}, "Sixty milliseconds longer, as to the controls: our own detour.", "our-detour"),
        ("OWN_WAY", {}, {}, "Sixty milliseconds longer; nothing tells how much of it is our own.", ""),
        ("OWN_WAY", OWN_WAY, {check: SlowerOverIpv6(compared=10, slower=4)}, "As four of ten subjects have.", "shared"),
        ("FAR_SLOWER", {}, {check: SlowerOverIpv6(compared=10, slower=1)}, "Nine others do not have it.", "alone"),
    ):
        yield case(
            code=code,
            variant=variant,
            about=about,
            trap="T11",
            own=own,
            shared=shared,
            evidence=(DUAL, train(V4, 0, 10.0), train(V6, 0, 70.0)),
            expect=((code, None),),
        )
    yield case(
        code="ALIKE",
        variant="our-loss",
        about="A third is lost on the way to the controls as well.",
        own={6: OwnPath(mtu=1500, milliseconds=10.0, sent=90, lost=30), 4: OWN_WAY[4]},
        evidence=(DUAL, train(V4, 0, 10.0), train(V6, 10, 10.0)),
        expect=(("ALIKE", None),),
    )
    yield case(
        code="LIMITED",
        trap="P4",
        about="Of requests close together two thirds are lost, of slow ones none: a limit on echo, as is asked for.",
        evidence=(DUAL, train(V4, 0, 10.0), train(V6, 19, 10.0), lab.echo(V6, 20, 20, interval=1.0)),
        expect=(("LIMITED", None),),
    )
    yield case(
        code="LOSES_FAR_MORE",
        variant="slowly-too",
        trap="P4",
        about="Slow requests are lost as well: no limit on echo.",
        evidence=(DUAL, train(V4, 0, 10.0), train(V6, 19, 10.0), lab.echo(V6, 14, 20, interval=1.0)),
        expect=(("LOSES_FAR_MORE", None),),
    )
    for code, lost, about in (
        ("UNDECIDED", 0, "none is, so that the path does not lose them"),
        ("LOSES_FAR_MORE", 8, "two thirds are as well"),
    ):
        yield case(
            code=code,
            variant="slowly-too" if lost == 0 else "connects-too",
            trap="P4",
            about=f"Slow requests are lost as well; of requests to connect {about}.",
            evidence=(
                DUAL,
                train(V4, 0, 10.0),
                train(V6, 19, 10.0),
                lab.echo(V6, 7, 20, interval=1.0),
                *(_timed(443 + n, None if n < lost else 0.01) for n in range(12)),
            ),
            expect=((code, None),),
        )
    yield case(
        code="UNDECIDED",
        variant="two-connects",
        trap="P4",
        about="Of thirty requests one is answered, and both requests to connect to the site's ports are.",
        evidence=(DUAL, train(V4, 0, 10.0), train(V6, 29, 10.0), *(_timed(port, 0.01) for port in (80, 443))),
        expect=(("UNDECIDED", None),),
    )
    yield case(
        code="LOSES_MORE",
        about="Six of six hundred lost, none over IPv4.",
        evidence=(DUAL, train(V4, 0, 10.0, sent=600), train(V6, 6, 10.0, sent=600)),
        expect=(("LOSES_MORE", None),),
    )
    yield case(
        code="SLOWER",
        variant="day",
        about="A day of samples says what six seconds do not: the round alone would pass.",
        evidence=(DUAL, train(V4, 0, 10.0), train(V6, 0, 10.0), day(loss6=0.001, rtt6=0.035)),
        expect=(("SLOWER", None),),
    )
    yield case(
        code="LOSES_MORE",
        variant="day",
        about="One per cent lost over the day, over IPv4 nothing.",
        evidence=(DUAL, train(V4, 0, 10.0), train(V6, 1, 10.0), day(loss6=0.01, rtt6=0.01)),
        expect=(("LOSES_MORE", None),),
    )
    for code, slow in (("LIMITED", 0.001), ("LOSES_FAR_MORE", 0.05)):
        yield case(
            code=code,
            variant="day",
            trap="P4",
            about=f"Four per cent lost over the day, and {slow:.1%} of what left slowly: that tells a limit on echo.",
            evidence=(DUAL, train(V4, 0, 10.0), train(V6, 0, 10.0), day(loss6=0.04, rtt6=0.01, slow6=slow)),
            expect=((code, None),),
        )
    yield case(
        code="ALIKE",
        variant="few-samples",
        about="Four samples are fewer than five hundred requests: the round decides.",
        evidence=(DUAL, train(V4, 0, 10.0), train(V6, 0, 10.0), day(loss6=0.5, rtt6=0.5, slots=4)),
        expect=(("ALIKE", None),),
    )
    busy = EchoTrain(address=ip_address(V6), interval=0.2, rtts=(0.012, *(0.035,) * 29))
    yield case(
        code="ALIKE",
        variant="one-round-of-noise",
        about="The fastest packet took no longer: what held up the others may have been our own machine.",
        evidence=(DUAL, train(V4, 0, 10.0), evidence("echo_train", busy, task=V6, endpoint=at(V6, None))),
        expect=(("ALIKE", None),),
    )
    yield case(
        code="ALIKE",
        variant="better",
        about="IPv6 loses less and is faster.",
        evidence=(DUAL, train(V4, 7, 40.0), train(V6, 0, 10.0)),
        expect=(("ALIKE", None),),
    )
    yield case(
        code="TOO_FEW",
        variant="cut",
        about="Ten pairs decide nothing.",
        evidence=(DUAL, train(V4, 0, 10.0, sent=10), train(V6, 0, 10.0, sent=10)),
        expect=(("TOO_FEW", None),),
    )
    yield case(
        code="NO_REPLY",
        trap="P3",
        about="Echo over IPv6 is filtered: that is no loss.",
        evidence=(DUAL, train(V4, 0, 10.0), train(V6, 30, 10.0)),
        expect=(("NO_REPLY", None),),
    )
    yield case(
        code="NO_REPLY",
        variant="dead",
        about="Nothing answers over IPv6 at all.",
        evidence=(DUAL, *lab.ports(V6, shut=TIMEOUT), train(V4, 0, 10.0)),
        expect=(("NO_REPLY", None),),
    )
    yield case(
        code="UNDECIDED",
        about="No right to send echo.",
        evidence=(DUAL, train(V4, 0, 10.0), train(V6, 0, 10.0, sent=0, failure=NO_RIGHT)),
        expect=(("UNDECIDED", None),),
    )
    yield case(
        code="ONE_FAMILY",
        trap="W3",
        about="IPv6 alone: nothing to compare, nothing held against it.",
        evidence=(names(v6=(V6,), v4=()), train(V6, 0, 10.0)),
        expect=(("ONE_FAMILY", None),),
    )


STATE = ("reply", 161, 0)


def probe_8335() -> Iterator[Case]:
    check, ask = "ipv6.path.probe-8335", partial(crafted, "probe-8335")
    router = lab.router(V6, tags=("wan=eth0",))
    case = partial(Case, check=check, subject=router, networks=frozenset({Network.INTERNET, Network.TSLCD}))
    named = lab.router(id=SubjectId("router-1"), host=lab.WEB)
    for undecided_name in undecided_names(check, named):
        yield replace(undecided_name, networks=frozenset({Network.INTERNET, Network.TSLCD}))
    for code, bits, about in (
        ("UP", (True, True), "Active, with IPv6."),
        ("NO_IPV6", (True, False), "Active, with IPv4 alone."),
        ("DOWN", (False, False), "Not active."),
    ):
        envelope = ask(STATE, interface="eth0", active=bits[0], ipv4=True, ipv6=bits[1])
        yield case(code=code, about=about, evidence=(envelope,), expect=((code, V6),))
    yield case(
        code="NOT_SUPPORTED",
        about="It knows no interface of that name.",
        evidence=(ask(("reply", 161, 2), interface="eth0", active=False, ipv4=False, ipv6=False),),
        expect=(("NOT_SUPPORTED", V6),),
    )
    yield case(
        code="NOT_SUPPORTED",
        variant="error",
        about="Its firewall says that this is prohibited.",
        evidence=(ask(("icmp", 1, 1), interface="eth0"),),
        expect=(("NOT_SUPPORTED", V6),),
    )
    yield case(
        code="NO_REPLY",
        variant="router",
        about="A router on the way has no route to it, and says so: nothing of the device.",
        evidence=(
            evidence(
                "probe_8335",
                CraftedExchange(
                    address=ip_address(V6),
                    form="probe-8335",
                    interface="eth0",
                    answer="icmp",
                    source=ip_address("2001:db8:ffff::1"),
                    type=1,
                    code=0,
                ),
                task=V6,
                endpoint=at(V6, None),
            ),
        ),
        expect=(("NO_REPLY", V6),),
    )
    yield case(
        code="NO_REPLY",
        about="Silence, as of most devices.",
        evidence=(ask(TIMEOUT, TIMEOUT, interface="eth0"),),
        expect=(("NO_REPLY", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        about="No right to send crafted packets.",
        evidence=(ask(NO_RIGHT, interface="eth0"),),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="NO_ADDRESS",
        about="A router without IPv6.",
        subject=lab.router(host=lab.WEB),
        evidence=(names(),),
        expect=(("NO_ADDRESS", None),),
    )


def cases() -> Iterator[Case]:
    yield from time_exceeded()
    yield from fragment()
    yield from loss_rtt_parity()
    yield from probe_8335()
