"""Golden cases of the path: ``ipv6.path.min-mtu`` and ``ipv6.path.tunnel``."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address

from probes.framework.evidence import Evidence, FailureKind
from probes.observations.transport import EchoSeries
from tests.golden import lab
from tests.golden.case import Case
from tests.golden.cases_web import DUAL, undecided_names
from tests.golden.lab import TIMEOUT, V6, at, evidence, names

SIXTOFOUR, TEREDO, ISATAP = "2002:c633:640a::1", "2001:0:c000:22d::80", "2001:db8:a::5efe:c633:640a"
NO_RIGHT, OUR_LINK = FailureKind.NO_PERMISSION, FailureKind.CUT_SHORT


def echoes(size: int, received: int, *, mtu: int | None = None, failure: FailureKind | None = None) -> EchoSeries:
    """A series of packets of ``size`` bytes."""
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


def min_mtu() -> Iterator[Case]:
    check = "ipv6.path.min-mtu"
    case = partial(Case, check=check, subject=lab.site())
    yield from undecided_names(check)
    yield case(
        code="CARRIES", about="Both sizes arrive.", evidence=(DUAL, sizes(echoes(1280, 5), echoes(1500, 5))),
        expect=(("CARRIES", V6),),
    )  # fmt: skip
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
        code="FULL_LOST",
        about="1500 bytes are lost in silence.",
        evidence=(DUAL, sizes(echoes(1280, 5), echoes(1500, 0))),
        expect=(("FULL_LOST", V6),),
    )
    yield case(
        code="MINIMUM_LOST",
        about="Small echo requests are answered, those of 1280 bytes are not.",
        evidence=(DUAL, lab.echo(V6, 5), sizes(echoes(1280, 0))),
        expect=(("MINIMUM_LOST", V6),),
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
    case = partial(Case, check=check, subject=lab.site())
    yield from undecided_names(check)
    yield case(
        code="NATIVE", about="Full-size packets arrive.", evidence=(DUAL, sizes(echoes(1280, 5), echoes(1500, 5))),
        expect=(("NATIVE", V6),),
    )  # fmt: skip
    yield case(
        code="NARROW",
        about="The path carries 1480 bytes, as through 6in4.",
        evidence=(DUAL, sizes(echoes(1280, 5), echoes(1500, 0, mtu=1480))),
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
