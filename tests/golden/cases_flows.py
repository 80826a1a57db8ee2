"""Makes golden cases of large transfers from a web server: ``ipv6.path.pmtud`` and ``ipv6.path.large-transfer``."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address

from auditor.framework.context import OwnPath
from probes.framework.evidence import Evidence, Failure, FailureKind
from probes.observations.path import NOTHING_LOST, TAUGHT, BulkTransfer, PmtudFlow, SegmentSeen
from probes.observations.vantage import TCP_FULL
from tests.golden import lab
from tests.golden.case import ALL_CONTROLS, OWN_WAY, Case
from tests.golden.cases_path import NO_RIGHT, echoes, sizes
from tests.golden.cases_web import DUAL, undecided_names
from tests.golden.lab import TIMEOUT, V4, V6, WEB, evidence, names

HEARD = (*ALL_CONTROLS, "packet-too-big")
"""Controls of a run in which another server heeded Packet Too Big."""
URL = f"https://{WEB}/ban-do.svg"
OPEN = tuple(lab.ports(V6, 80, 443))


def flow(
    number: int | None,
    *packets: int,
    ended: str = "enough",
    heeded: float | None = None,
    errors: int = 0,
    received: int = 16_384,
    failure: FailureKind | None = None,
) -> PmtudFlow:
    """The ``number``-th connection, None the ordinary one; of ``packets``, those too large are lost, and the first
    comes again, each time after twice as long."""
    mtu, seq, segments = NOTHING_LOST if number is None else TAUGHT[number], 1, list[SegmentSeen]()
    t, wait = 0.01, 0.2
    for size in packets:
        segments.append(SegmentSeen(t=round(t, 2), seq=seq, size=size))
        t, wait = (t + wait, 2 * wait) if size > mtu else (t + 0.01, wait)
        seq += 0 if size > mtu else size - 72
    return PmtudFlow(
        address=ip_address(V6),
        port=443,
        server_name=WEB,
        mtu=mtu,
        local_port=40_000 + (-1 if number is None else number),
        ended=ended if failure is None else "",
        received=received,
        errors_sent=errors,
        first_error=0.01 if errors else None,
        heeded=heeded,
        segments=tuple(segments),
        failure=lab.why(failure),
    )


FULL = flow(None, 1500, 1500, 1500)


def heeds(number: int) -> PmtudFlow:
    return flow(number, 1500, TAUGHT[number], TAUGHT[number], heeded=0.02, errors=1)


def ignores(number: int) -> PmtudFlow:
    return flow(number, 1500, 1500, 1500, ended="stall", errors=3, received=0)


def late(number: int) -> PmtudFlow:
    return flow(number, 1500, 1500, 1500, 1500, 1280, heeded=6.2, errors=4)


def heard_late(number: int) -> PmtudFlow:
    """Return a flow as a busy machine records it: the error and all that follows it up to the answer have one time."""
    step = flow(number, 1500, 1500, 1500, 1500, TAUGHT[number], heeded=0.73, errors=4)
    return replace(step, first_error=0.73, segments=tuple(replace(segment, t=0.73) for segment in step.segments))


def small(number: int, received: int = 16_384) -> PmtudFlow:
    return flow(number, *(1272,) * 3, received=received, ended="end")


def server(*made: PmtudFlow) -> Evidence:
    return evidence("pmtud", *made, task=f"https#443 {WEB}")


def pmtud() -> Iterator[Case]:
    check = "ipv6.path.pmtud"
    case = partial(Case, check=check, subject=lab.site(), controls=HEARD)
    yield from undecided_names(check)
    yield case(
        code="HEEDS",
        about="Three connections, each narrower than the last: each time it sends smaller packets at once.",
        evidence=(DUAL, *OPEN, server(FULL, heeds(0), heeds(1), heeds(2))),
        expect=(("HEEDS", V6),),
    )
    yield case(
        code="HEEDS",
        variant="one-lost",
        about="One connection came to nothing; on the four others it heeds.",
        evidence=(DUAL, *OPEN, server(flow(0, ended="stall", received=0), *(heeds(n) for n in range(1, 5)))),
        expect=(("HEEDS", V6),),
    )
    remembered = flow(0, *(TAUGHT[4],) * 3)
    yield case(
        code="HEEDS",
        variant="remembered",
        trap="P2b",
        about="It begins with packets of exactly the size that an earlier test told it of.",
        evidence=(DUAL, *OPEN, server(remembered, remembered, remembered)),
        expect=(("HEEDS", V6),),
    )
    yield case(
        code="LATE",
        about="It repeats the packet three times before it tries a smaller one: black-hole detection, not ICMPv6.",
        evidence=(DUAL, *OPEN, server(late(0), late(1), late(2))),
        expect=(("LATE", V6),),
    )
    yield case(
        code="SMALL",
        about="Nothing above 1280 bytes from the start, as edges of CDNs send on purpose: there is nothing to lift.",
        evidence=(DUAL, *OPEN, sizes(echoes(1280, 5), echoes(1500, 5)), server(small(0), small(1), small(2))),
        expect=(("SMALL", V6),),
    )
    clamped = flow(None, 1280, 1280, 1280)
    yield case(
        code="SMALL",
        variant="ordinary",
        about="An ordinary connection shows it already: no narrower link was needed.",
        evidence=(DUAL, *OPEN, sizes(echoes(1280, 5), echoes(1500, 5)), server(clamped)),
        expect=(("SMALL", V6),),
    )
    yield case(
        code="SMALL",
        variant="our-tunnel",
        about="Our own tunnel carries 1480 bytes: the server's packets are smaller all the same.",
        evidence=(DUAL, *OPEN, sizes(echoes(1280, 5), echoes(1500, 0, mtu=1480)), server(small(0), small(1), small(2))),
        expect=(("SMALL", V6),),
    )
    yield case(
        code="PATH_NARROW",
        about="The same, but a router on the path says that it is that narrow: the server has heard of it.",
        evidence=(DUAL, *OPEN, sizes(echoes(1280, 5), echoes(1500, 0, mtu=1280)), server(small(0), small(1), small(2))),
        expect=(("PATH_NARROW", V6),),
    )
    yield case(
        code="SOME_IGNORED",
        trap="P2",
        about="Heard on some connections and not on others, as behind a load balancer that loses the message.",
        evidence=(DUAL, *OPEN, server(heeds(0), ignores(1), ignores(2), heeds(3), heeds(4))),
        expect=(("SOME_IGNORED", V6),),
    )
    yield case(
        code="HEEDS",
        variant="heard-late",
        trap="P1",
        about="The vantage was busy: its first word came after the server had repeated its packet three times.",
        evidence=(DUAL, *OPEN, server(*map(heard_late, range(5)))),
        expect=(("HEEDS", V6),),
    )
    yield case(
        code="SOME_IGNORED",
        variant="late",
        trap="P1",
        about="Two connections repeated their packet in vain and went on when others were told, which heeded at once.",
        evidence=(DUAL, *OPEN, server(FULL, late(0), late(1), heeds(2), heeds(3), heeds(4))),
        expect=(("SOME_IGNORED", V6),),
    )
    yield case(
        code="LATE",
        variant="some-stalled",
        about="Two found a smaller packet by themselves in time, the others did not: nobody is cut off for good.",
        evidence=(DUAL, *OPEN, server(late(0), ignores(1), ignores(2), late(3), ignores(4))),
        expect=(("LATE", V6),),
    )
    yield case(
        code="IGNORED",
        about="Full packets on an ordinary connection; five others, and on none does it send anything smaller.",
        evidence=(DUAL, *OPEN, server(FULL, *(ignores(n) for n in range(5)))),
        expect=(("IGNORED", V6),),
    )
    yield case(
        code="TOO_FEW",
        trap="P1",
        about="One connection fared badly, the others were not made: that may be an accident.",
        evidence=(DUAL, *OPEN, server(ignores(0))),
        expect=(("TOO_FEW", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="no-control",
        trap="T5",
        about="No server heeded it in this run: our own network may drop what we send.",
        evidence=(DUAL, *OPEN, server(*(ignores(n) for n in range(5)))),
        controls=ALL_CONTROLS,
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        about="No right to send crafted packets.",
        evidence=(DUAL, *OPEN, server(flow(0, failure=NO_RIGHT, received=0))),
        expect=(("NOT_DECIDED", V6),),
    )
    nothing = flow(0, ended="stall", received=0)
    yield case(
        code="NOT_DECIDED",
        variant="nothing-came",
        about="The connection stood and nothing came that was too large: something else loses the packets.",
        evidence=(DUAL, *OPEN, server(flow(None, ended="stall", received=0), nothing, nothing, nothing)),
        expect=(("NOT_DECIDED", V6),),
    )
    refused = flow(0, ended="tls", received=0)
    yield case(
        code="NOT_DECIDED",
        variant="no-tls",
        about="The TLS handshake fails: another check says so.",
        evidence=(DUAL, *OPEN, server(refused, refused, refused)),
        expect=(("NOT_DECIDED", V6),),
    )
    short = flow(None, 700, received=400, ended="end")
    yield case(
        code="HEEDS",
        variant="by-a-part",
        about="The page itself is a few hundred bytes; a part of it fills packets.",
        evidence=(DUAL, *OPEN, server(short, FULL, heeds(0), heeds(1), heeds(2))),
        expect=(("HEEDS", V6),),
    )
    yield case(
        code="SOME_IGNORED",
        variant="by-a-part",
        about="The connection that filled no packet is none of those that are counted.",
        evidence=(DUAL, *OPEN, server(short, FULL, heeds(0), ignores(1), heeds(2))),
        expect=(("SOME_IGNORED", V6),),
    )
    yield case(
        code="NOTHING_LARGE",
        about="A page of a few hundred bytes.",
        evidence=(DUAL, *OPEN, server(small(0, 400), small(1, 400), small(2, 400))),
        expect=(("NOTHING_LARGE", V6),),
    )
    yield case(code="NOT_OPEN", about="Nobody listens.", evidence=(DUAL, *lab.ports(V6)), expect=(("NOT_OPEN", V6),))
    yield case(code="NO_ADDRESS", about="No IPv6.", evidence=(names(),), expect=(("NO_ADDRESS", None),))


def got(
    address: str,
    seconds: float,
    *,
    received: int = 152_000,
    status: int | None = 200,
    connected: bool = True,
    failure: FailureKind | None = None,
    stall: float = 0.01,
    busy: float = 0.0,
) -> BulkTransfer:
    return BulkTransfer(
        address=ip_address(address),
        port=443,
        url=URL,
        status=status,
        connected=connected,
        received=received,
        whole=failure is None,
        seconds=seconds,
        stall=stall,
        busy=busy,
        failure=lab.why(failure),
    )


def stalls(address: str) -> BulkTransfer:
    return got(address, 0.2, received=1_100, failure=TIMEOUT, stall=10.0)


def fetched(*steps: BulkTransfer, failure: Failure | None = None) -> Evidence:
    return evidence("large_transfer", *steps, task=f"https#443 {WEB}", failure=failure)


def large_transfer() -> Iterator[Case]:
    check = "ipv6.path.large-transfer"
    case = partial(Case, check=check, subject=lab.site(), own=OWN_WAY)
    far = {6: OwnPath(mtu=1480, milliseconds=280.0, sent=60), 4: OWN_WAY[4]}
    yield case(
        code="COMPLETES",
        variant="our-detour",
        trap="T11",
        about="Three seconds more, in ten round trips of which each takes 270 ms longer from here to everybody.",
        own=far,
        evidence=(DUAL, *OPEN, fetched(got(V4, 0.5), got(V6, 3.5))),
        expect=(("COMPLETES", V6),),
    )
    yield case(
        code="FAR_SLOWER",
        variant="beyond-our-detour",
        about="Slow by itself: twelve seconds, of which less than three are the way that everybody has from here.",
        own=far,
        evidence=(DUAL, *OPEN, fetched(got(V4, 0.5), got(V6, 12.0))),
        expect=(("FAR_SLOWER", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="our-loss",
        trap="T11",
        about="Slow, and one of seven packets is lost towards everybody from here.",
        own={**far, 6: replace(far[6], lost=8)},
        evidence=(DUAL, *OPEN, fetched(got(V4, 0.5), got(V6, 6.5))),
        expect=(("NOT_DECIDED", V6),),
    )
    router = replace(far[6], routers=frozenset({ip_address("2001:db8:77::1")}))
    for code, variant, fits, about in (
        ("STALLS", "our-tunnel-fitted", True, "Silence behind our tunnel, whose size all connections agreed on."),
        ("NOT_DECIDED", "our-tunnel", False, "Silence behind our tunnel, as of one that hears no Packet Too Big."),
    ):
        yield case(
            code=code,
            variant=variant,
            trap="T11",
            about=about,
            own={**far, 6: replace(router, fits=fits)},
            controls=(*HEARD, TCP_FULL),
            evidence=(DUAL, *OPEN, fetched(got(V4, 0.5), stalls(V6), stalls(V6))),
            expect=((code, V6),),
        )
    for code, variant, busy, about in (
        ("NOT_DECIDED", "busy", 2.1, "Slow, while our own machine was at other work for as long."),
        ("SLOWER", "slower-than-busy", 1.0, "Slower by more than our own machine was at other work."),
    ):
        yield case(
            code=code,
            variant=variant,
            about=about,
            evidence=(DUAL, *OPEN, fetched(got(V4, 0.5), got(V6, 4.0, busy=busy), got(V6, 4.1, busy=busy))),
            expect=((code, V6),),
        )
    for v4, variant in (([V4], "of-both"), ([], "of-ipv6")):
        yield case(
            code="COMPLETES_OURS",
            variant=variant,
            trap="T11",
            about="All of it arrives in packets that fit our tunnel: a black hole for larger ones would not show.",
            own={**OWN_WAY, 6: replace(OWN_WAY[6], mtu=1280, routers=router.routers, fits=True)},
            evidence=(names([V6], v4), *OPEN, fetched(*([got(V4, 0.5)] if v4 else []), got(V6, 0.6))),
            expect=(("COMPLETES_OURS", V6),),
        )
    yield case(
        code="NOT_DECIDED",
        variant="own-way",
        trap="T11",
        about="Slow, and nothing tells how slow IPv6 is from here to everybody.",
        own={},
        evidence=(DUAL, *OPEN, fetched(got(V4, 0.5), got(V6, 4.5))),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="STALLS_LOSSY",
        about="A narrow line that is full loses small packets too.",
        controls=(*HEARD, TCP_FULL),
        evidence=(DUAL, *OPEN, fetched(got(V4, 0.5), stalls(V6), stalls(V6)), lab.echo(V6, 7, 10)),
        expect=(("STALLS_LOSSY", V6),),
    )
    yield from undecided_names(check)
    for code, seconds, about in (
        ("COMPLETES", 1.3, "Within twice the time over IPv4 and a second."),
        ("SLOWER", 3.0, "More than that, less than five times."),
        ("FAR_SLOWER", 9.0, "Nine seconds for what takes half a second over IPv4; still it arrives."),
    ):
        yield case(
            code=code,
            about=about,
            evidence=(DUAL, *OPEN, fetched(got(V4, 0.5), got(V6, seconds))),
            expect=((code, V6),),
        )
    yield case(
        code="COMPLETES",
        variant="second-try",
        about="The first try stalled, the second did not.",
        evidence=(DUAL, *OPEN, fetched(got(V4, 0.5), stalls(V6), got(V6, 0.6))),
        expect=(("COMPLETES", V6),),
    )
    yield case(
        code="COMPLETES_ALONE",
        trap="W3",
        about="A site of IPv6 alone is not asked for IPv4.",
        evidence=(names(v6=(V6,), v4=()), *OPEN, fetched(got(V6, 4.0))),
        expect=(("COMPLETES_ALONE", V6),),
    )
    yield case(
        code="STALLS",
        about="Twice the same: a handshake, a first kilobyte, silence. Over IPv4 all of it comes.",
        controls=(*HEARD, TCP_FULL),
        evidence=(DUAL, *OPEN, fetched(got(V4, 0.5), stalls(V6), stalls(V6))),
        expect=(("STALLS", V6),),
    )
    yield case(
        code="STALLS_LATE",
        about="Ninety kilobytes come, then nothing: packets of full size pass, so that no MTU is to blame.",
        controls=(*HEARD, TCP_FULL),
        evidence=(DUAL, *OPEN, fetched(got(V4, 0.5), got(V6, 2.0, received=90_000, failure=TIMEOUT, stall=10.0))),
        expect=(("STALLS_LATE", V6),),
    )
    yield case(
        code="STALLS_ALIKE",
        about="It stalls over IPv4 too: the server, or our own line.",
        controls=(*HEARD, TCP_FULL),
        evidence=(DUAL, *OPEN, fetched(stalls(V4), stalls(V6))),
        expect=(("STALLS_ALIKE", V6),),
    )
    yield case(
        code="BREAKS_OFF",
        about="The server resets the connection.",
        evidence=(DUAL, *OPEN, fetched(got(V4, 0.5), got(V6, 0.2, received=20_000, failure=FailureKind.RESET))),
        expect=(("BREAKS_OFF", V6),),
    )
    yield case(
        code="LIMITED",
        trap="W2",
        about="Too many requests, it says.",
        evidence=(DUAL, *OPEN, fetched(got(V4, 0.5), got(V6, 0.1, received=120, status=429))),
        expect=(("LIMITED", V6),),
    )
    yield case(
        code="NO_OBJECT",
        about="The largest thing there has 30 kB.",
        evidence=(DUAL, *OPEN, fetched(got(V4, 0.1, received=30_000), got(V6, 0.1, received=30_000))),
        expect=(("NO_OBJECT", V6),),
    )
    yield case(
        code="NO_OBJECT",
        variant="no-page",
        about="A site without a page of its own.",
        evidence=(DUAL, *OPEN, fetched()),
        expect=(("NO_OBJECT", V6),),
    )
    yield case(
        code="NO_HANDSHAKE",
        about="The TLS handshake fails over IPv6: http-ok says so.",
        evidence=(
            DUAL,
            *OPEN,
            fetched(got(V4, 0.5), got(V6, 0.0, received=0, status=None, connected=False, failure=TIMEOUT)),
        ),
        controls=(*HEARD, TCP_FULL),
        expect=(("NO_HANDSHAKE", V6),),
    )
    yield case(
        code="NO_HANDSHAKE",
        variant="shut",
        about="Nobody listens over IPv6.",
        evidence=(DUAL, *lab.ports(V6)),
        expect=(("NO_HANDSHAKE", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        trap="R3",
        about="The measurement was cut short before anything was fetched.",
        evidence=(DUAL, *OPEN, fetched(failure=Failure(kind=FailureKind.CUT_SHORT))),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="no-control",
        trap="T5",
        about="Silence over a transport that nobody else answered over.",
        evidence=(DUAL, *OPEN, fetched(got(V4, 0.5), stalls(V6))),
        controls=("icmp",),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(code="NO_ADDRESS", about="No IPv6.", evidence=(names(),), expect=(("NO_ADDRESS", None),))


def cases() -> Iterator[Case]:
    yield from pmtud()
    yield from large_transfer()
