"""Makes golden cases of the path: ``ipv6.path.min-mtu`` and ``ipv6.path.tunnel``."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address

from auditor.framework.context import OwnPath
from probes.framework.evidence import Evidence, FailureKind
from probes.observations.path import FullSegment, SegmentSize
from probes.observations.transport import WHOLE_PACKETS, EchoSeries
from tests.golden import lab
from tests.golden.case import ALL_CONTROLS, OWN_WAY, Case
from tests.golden.cases_web import DUAL, undecided_names
from tests.golden.lab import TIMEOUT, V6, at, evidence, names

SIXTOFOUR, TEREDO, ISATAP = "2002:c633:640a::1", "2001:0:c000:22d::80", "2001:db8:a::5efe:c633:640a"
NO_RIGHT, OUR_LINK = FailureKind.NO_PERMISSION, FailureKind.CUT_SHORT


def echoes(size: int, received: int, *, mtu: int | None = None, failure: FailureKind | None = None) -> EchoSeries:
    """Return a series of packets of ``size`` bytes."""
    sent = 0 if failure in (NO_RIGHT, OUR_LINK) else 5
    return EchoSeries(
        address=ip_address(V6),
        interval=0.2,
        payload_size=size - 48,
        rtts=tuple(0.011 if n < received else None for n in range(sent)),
        hop_limits=(57,) * received,
        error=None if mtu is None else "2/0 from 2001:db8:77::1",
        mtu=mtu,
        failure=lab.why(failure),
    )


def sizes(*series: EchoSeries, address: str = V6) -> Evidence:
    placed = [replace(one, address=ip_address(address)) for one in series]
    return evidence("path_mtu", *placed, task=address, endpoint=at(address, None))


def packet(
    size: int, *, mtu: int | None = None, failure: FailureKind | None = None, connected: bool = True
) -> FullSegment:
    """Return the result of one TCP packet of ``size`` bytes."""
    return FullSegment(
        address=ip_address(V6),
        port=443,
        server_name=lab.WEB,
        size=size,
        connected=connected,
        mtu=mtu,
        failure=lab.why(failure),
    )


def packets(*steps: FullSegment) -> Evidence:
    return evidence("full_segments", *steps, task=f"{V6}#443", endpoint=at(V6, 443))


FILTERED = (lab.echo(V6, 0, failure=TIMEOUT), sizes(echoes(1280, 0)))


def by_tcp() -> Iterator[Case]:
    """Yield cases without (large) echo replies, in which TCP packets show the path."""
    case = partial(Case, check="ipv6.path.min-mtu", subject=lab.site(), own=OWN_WAY)
    every = packets(packet(800), packet(1280), packet(1500))
    yield case(
        code="CARRIES",
        variant="tcp",
        trap="P3",
        about="Echo is filtered; TCP packets of both sizes are acknowledged.",
        evidence=(DUAL, *FILTERED, every),
        expect=(("CARRIES", V6),),
    )
    yield from outages(case)
    yield case(
        code="CARRIES",
        variant="large-echo-filtered",
        trap="P3",
        about="A filter takes large echo requests for an attack: the path carries packets of that size all the same.",
        evidence=(DUAL, lab.echo(V6, 5), sizes(echoes(1280, 0)), every),
        expect=(("CARRIES", V6),),
    )
    yield case(
        code="REDUCED",
        variant="tcp",
        about="Echo is filtered; of a TCP packet of 1500 bytes a router says that 1400 fit.",
        evidence=(DUAL, *FILTERED, packets(packet(800), packet(1280), packet(1500, mtu=1400))),
        expect=(("REDUCED", V6),),
    )
    lost = packet(1280, failure=TIMEOUT)
    yield case(
        code="MINIMUM_LOST",
        variant="tcp",
        about="Echo is filtered; a small TCP packet is acknowledged, one of 1280 bytes never is.",
        evidence=(DUAL, *FILTERED, packets(packet(800), lost, lost)),
        expect=(("MINIMUM_LOST", V6),),
    )
    yield case(
        code="NO_REPLY",
        variant="small-lost-too",
        about="Not even a small TCP packet is acknowledged: its size is not what it is lost for.",
        evidence=(DUAL, *FILTERED, packets(packet(800, failure=TIMEOUT), packet(800, failure=TIMEOUT))),
        expect=(("NO_REPLY", V6),),
    )
    yield case(
        code="NO_REPLY",
        variant="not-connected",
        about="The second connection does not come about.",
        evidence=(DUAL, *FILTERED, packets(packet(800), packet(1280, failure=TIMEOUT, connected=False))),
        expect=(("NO_REPLY", V6),),
    )
    yield case(
        code="NO_REPLY",
        variant="small-segments",
        about="The server takes no segments that large.",
        evidence=(DUAL, *FILTERED, packets(packet(800), packet(1280, failure=OUR_LINK))),
        expect=(("NO_REPLY", V6),),
    )


def outages(case: "partial[Case]") -> Iterator[Case]:
    """Yield cases in which an outage takes packets of a size, and the small ones that are sent after them."""
    alive, away, back = lab.echo(V6, 5), echoes(104, 0), echoes(104, 5)
    whole, minimum = (echoes(1280, 5), echoes(1500, 0), echoes(1500, 0)), (echoes(1280, 0), echoes(1280, 0))
    for code, variant, about, series in (
        ("NOT_DECIDED", "outage", "Its line went down after packets of 1280 bytes.", (*whole, away)),
        ("FULL_LOST", "no-outage", "After those of 1500 bytes small ones came back.", (*whole, back)),
        ("NOT_DECIDED", "outage-at-first", "Its line was down for a while.", (*minimum, away)),
        ("MINIMUM_LOST", "no-outage", "After those of 1280 bytes small ones came back.", (*minimum, back)),
    ):
        yield case(
            code=code, variant=variant, about=about, evidence=(DUAL, alive, sizes(*series)), expect=((code, V6),)
        )


PPPOE = {6: OwnPath(mtu=1492, milliseconds=10.0, sent=60), 4: OwnPath(mtu=1492, milliseconds=10.0, sent=60)}


def narrow_vantage() -> Iterator[Case]:
    """Yield cases in which the vantage's own path carries less than 1500 bytes, or its size is unknown."""
    ours = echoes(1500, 0, failure=OUR_LINK)
    told = sizes(echoes(1280, 5), echoes(1500, 0, mtu=1492))
    for check, carries, narrow in (
        ("ipv6.path.min-mtu", "CARRIES_OURS", "REDUCED"),
        ("ipv6.path.tunnel", "NATIVE", "NARROW"),
    ):
        case = partial(Case, check=check, subject=lab.site(), own=PPPOE, trap="T10")
        yield case(
            code=carries,
            variant="our-link",
            about="PPPoE at the vantage: the most that it carries arrives.",
            evidence=(DUAL, sizes(echoes(1280, 5), ours, echoes(1492, 5))),
            expect=((carries, V6),),
        )
        yield case(
            code=carries,
            variant="our-router",
            about="The vantage's router says what fits, and that arrives.",
            evidence=(DUAL, sizes(echoes(1280, 5), echoes(1500, 0, mtu=1492), echoes(1492, 5))),
            expect=((carries, V6),),
        )
        yield case(
            code=carries,
            variant="our-tcp",
            about="Echo is filtered; a TCP packet of the most that the vantage carries is acknowledged.",
            evidence=(DUAL, *FILTERED, packets(packet(800), packet(1280), packet(1500, mtu=1492), packet(1492))),
            expect=((carries, V6),),
        )
        yield case(
            code=narrow,
            variant="beyond-ours",
            about="Behind the vantage's PPPoE there is a narrower link still.",
            evidence=(DUAL, sizes(echoes(1280, 5), ours, echoes(1492, 0, mtu=1400), echoes(1400, 5))),
            expect=((narrow, V6),),
        )
        yield case(
            code="OUR_WAY",
            about="A router says that 1492 bytes fit; nothing tells how much the vantage's own path carries.",
            evidence=(DUAL, told),
            own={},
            expect=(("OUR_WAY", V6),),
        )
        yield case(
            code="OUR_WAY" if narrow == "REDUCED" else "NARROW",
            variant="elsewhere",
            about="The same, and full packets came back from another subject."
            if narrow == "NARROW"
            else "Packets of the most that the vantage carries were not sent.",
            evidence=(DUAL, sizes(echoes(1280, 5), echoes(1500, 0, mtu=1480)) if narrow == "NARROW" else told),
            own={} if narrow == "NARROW" else {6: OwnPath(mtu=1480)},
            controls=(*ALL_CONTROLS, WHOLE_PACKETS) if narrow == "NARROW" else ALL_CONTROLS,
            expect=(("OUR_WAY" if narrow == "REDUCED" else "NARROW", V6),),
        )


def min_mtu() -> Iterator[Case]:
    check = "ipv6.path.min-mtu"
    case = partial(Case, check=check, subject=lab.site(), own=OWN_WAY)
    yield from undecided_names(check)
    yield from by_tcp()
    yield from narrow_vantage()
    yield case(
        code="CARRIES",
        about="Both sizes arrive.",
        evidence=(DUAL, sizes(echoes(1280, 5), echoes(1500, 5))),
        expect=(("CARRIES", V6),),
    )
    yield case(
        code="CARRIES",
        variant="one-reply",
        about="One reply is enough: loss is another check's question.",
        evidence=(DUAL, sizes(echoes(1280, 1), echoes(1500, 1))),
        expect=(("CARRIES", V6),),
    )
    yield case(
        code="REDUCED",
        about="A router names 1400 bytes.",
        evidence=(DUAL, sizes(echoes(1280, 5), echoes(1500, 0, mtu=1400))),
        expect=(("REDUCED", V6),),
    )
    yield case(
        code="TUNNEL",
        about="A router names 1420 bytes, those of a WireGuard tunnel that the owner declared.",
        subject=lab.site(tags=("tunnel",)),
        evidence=(DUAL, sizes(echoes(1280, 5), echoes(1500, 0, mtu=1420))),
        expect=(("TUNNEL", V6),),
    )
    yield case(
        code="PPPOE",
        about="A router names 1492 bytes, as on the line of a commune with PPPoE.",
        evidence=(DUAL, sizes(echoes(1280, 5), echoes(1500, 0, mtu=1492))),
        expect=(("PPPOE", V6),),
    )
    yield case(
        code="FULL_LOST",
        about="1500 bytes are lost in silence.",
        evidence=(DUAL, sizes(echoes(1280, 5), echoes(1500, 0))),
        expect=(("FULL_LOST", V6),),
    )
    for code, mss, about, variant in (
        ("FULL_SEGMENTS_LOST", 1440, "Nobody clamps the segments: packets of 1500 bytes are lost.", ""),
        ("FULL_LOST", 1380, "Clamped segments make smaller packets, of which nothing is known.", "clamped"),
    ):
        said = evidence("segment_sizes", SegmentSize(address=ip_address(V6), port=443, mss=mss, mtu=1500), task="443")
        yield case(
            code=code,
            variant=variant,
            about=about,
            evidence=(DUAL, sizes(echoes(1280, 5), echoes(1500, 0)), said),
            expect=((code, V6),),
        )
    yield case(
        code="MINIMUM_LOST",
        about="Small echo requests are answered, those of 1280 bytes are not.",
        evidence=(DUAL, lab.echo(V6, 5), sizes(echoes(1280, 0))),
        expect=(("MINIMUM_LOST", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="lossy",
        about="A line that loses three small packets of five may lose five large ones by chance.",
        evidence=(DUAL, lab.echo(V6, 2), sizes(echoes(1280, 0))),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="lossy-full",
        about="The same of packets of 1500 bytes.",
        evidence=(DUAL, lab.echo(V6, 2), sizes(echoes(1280, 1), echoes(1500, 0))),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="NO_REPLY",
        trap="P3",
        about="Echo is filtered: that says nothing about the path.",
        evidence=(DUAL, lab.echo(V6, 0, failure=TIMEOUT), sizes(echoes(1280, 0))),
        expect=(("NO_REPLY", V6),),
    )
    yield case(code="NO_ADDRESS", about="No IPv6.", evidence=(names(),), expect=(("NO_ADDRESS", None),))
    yield case(
        code="NOT_DECIDED",
        about="No right to send echo.",
        evidence=(DUAL, sizes(echoes(1280, 0, failure=NO_RIGHT))),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="our-link",
        about="Our own link carries less than 1500 bytes: nothing is known of theirs.",
        evidence=(DUAL, sizes(echoes(1280, 5), echoes(1500, 0, failure=OUR_LINK))),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="no-control",
        trap="T5",
        about="No echo reply from anywhere else: our own network may drop them.",
        evidence=(DUAL, lab.echo(V6, 0, failure=TIMEOUT), sizes(echoes(1280, 0))),
        controls=("tcp/443",),
        expect=(("NOT_DECIDED", V6),),
    )


def tunnel() -> Iterator[Case]:
    check = "ipv6.path.tunnel"
    case = partial(Case, check=check, subject=lab.site(), own=OWN_WAY)
    yield from undecided_names(check)
    yield case(
        code="NATIVE",
        variant="tcp",
        trap="P3",
        about="Echo is filtered; full TCP packets arrive.",
        evidence=(DUAL, *FILTERED, packets(packet(800), packet(1280), packet(1500))),
        expect=(("NATIVE", V6),),
    )
    yield case(
        code="NATIVE",
        about="Full-size packets arrive.",
        evidence=(DUAL, sizes(echoes(1280, 5), echoes(1500, 5))),
        expect=(("NATIVE", V6),),
    )
    yield case(
        code="NARROW",
        about="The path carries 1480 bytes, as through 6in4.",
        evidence=(DUAL, sizes(echoes(1280, 5), echoes(1500, 0, mtu=1480))),
        expect=(("NARROW", V6),),
    )
    yield case(
        code="PPPOE",
        about="The path carries 1492 bytes, as every line with PPPoE.",
        evidence=(DUAL, sizes(echoes(1280, 5), echoes(1500, 0, mtu=1492))),
        expect=(("PPPOE", V6),),
    )
    yield case(
        code="NARROW",
        variant="over-pppoe",
        about="The path carries 1472 bytes, as through 6in4 over PPPoE.",
        evidence=(DUAL, sizes(echoes(1280, 5), echoes(1500, 0, mtu=1472))),
        expect=(("NARROW", V6),),
    )
    for variant, address in (("6to4", SIXTOFOUR), ("teredo", TEREDO), ("isatap", ISATAP)):
        yield case(
            code="TRANSITION",
            variant=variant,
            about="The published address is one of a tunnel.",
            evidence=(names(v6=(address,)),),
            expect=(("TRANSITION", address),),
        )
    yield case(
        code="NOT_MEASURED",
        trap="P3",
        about="Large echo requests are lost in silence: no sign either way.",
        evidence=(DUAL, sizes(echoes(1280, 5), echoes(1500, 0))),
        expect=(("NOT_MEASURED", V6),),
    )
    yield case(
        code="DECLARED",
        about="The tunnel stands in the inventory.",
        subject=lab.site(tags=("tunnel",)),
        evidence=(DUAL, sizes(echoes(1280, 5), echoes(1500, 0, mtu=1480))),
        expect=(("DECLARED", None),),
    )
    yield case(
        code="NOT_MEASURED",
        variant="filtered",
        trap="P3",
        about="Echo is filtered.",
        evidence=(DUAL, sizes(echoes(1280, 0))),
        expect=(("NOT_MEASURED", V6),),
    )
    yield case(code="NO_ADDRESS", about="No IPv6.", evidence=(names(),), expect=(("NO_ADDRESS", None),))
    yield case(
        code="NO_ADDRESS",
        variant="rejected",
        about="What must not be published is addr-sane's finding.",
        evidence=(names(v6=("fd00:510a:1::80",)),),
        expect=(("NO_ADDRESS", None),),
    )
    yield case(
        code="NOT_DECIDED",
        about="No right to send echo.",
        evidence=(DUAL, sizes(echoes(1280, 0, failure=NO_RIGHT))),
        expect=(("NOT_DECIDED", V6),),
    )


def cases() -> Iterator[Case]:
    yield from min_mtu()
    yield from tunnel()
