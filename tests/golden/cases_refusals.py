"""Makes golden cases of ``ipv6.path.icmp-errors``."""

from collections.abc import Iterator
from functools import partial
from ipaddress import ip_address

from probes.framework.evidence import Evidence, FailureKind
from probes.icmp_errors import PORT
from probes.observations.path import CraftedExchange
from probes.observations.transport import TcpConnect, UdpPortTest
from tests.golden import lab
from tests.golden.case import Case
from tests.golden.cases_web import DUAL, undecided_names
from tests.golden.lab import REFUSED, TIMEOUT, V4, V6, at, evidence, names

CONTROLS = ("icmp", "tcp/443", f"tcp/{PORT}", f"udp/{PORT}")


def knocked(address: str, tcp: FailureKind | None, udp: FailureKind | None) -> Evidence:
    place = ip_address(address)
    connect = TcpConnect(address=place, port=PORT, failure=lab.why(tcp))
    knock = UdpPortTest(address=place, port=PORT, failure=lab.why(udp))
    return evidence("icmp_errors", connect, knock, task=address, endpoint=at(address, None))


def unknown_header(answer: str | None) -> Evidence:
    failure = TIMEOUT if answer is None else None
    step = CraftedExchange(address=ip_address(V6), form="next-header", answer=answer, failure=lab.why(failure))
    return evidence("next_header", step, task=V6, endpoint=at(V6, None))


def _connect(port: int, failure: FailureKind) -> Evidence:
    step = TcpConnect(address=ip_address(V6), port=port, failure=lab.why(failure))
    return evidence("tcp", step, task=f"{V6} {port}", endpoint=at(V6, port))


def cases() -> Iterator[Case]:
    check = "ipv6.path.icmp-errors"
    case = partial(Case, check=check, subject=lab.site(), controls=CONTROLS)
    yield from undecided_names(check)

    def seen(code: str, about: str, *found: Evidence, variant: str = "", trap: str = "") -> Case:
        return case(code=code, variant=variant, about=about, trap=trap, evidence=(DUAL, *found), expect=((code, V6),))

    silent6, alive = knocked(V6, TIMEOUT, TIMEOUT), lab.echo(V6, 5)
    yield seen("REFUSES", "A reset and a port unreachable.", knocked(V6, REFUSED, REFUSED))
    yield seen(
        "REFUSES",
        "The datagrams are lost to a rate limit.",
        knocked(V6, REFUSED, TIMEOUT),
        variant="limited",
        trap="P4",
    )
    yield seen(
        "REFUSES",
        "A filter says that it is prohibited.",
        knocked(V6, FailureKind.PROHIBITED, TIMEOUT),
        variant="prohibited",
    )
    yield seen(
        "REFUSES",
        "An unknown next header is answered.",
        knocked(V6, REFUSED, REFUSED),
        unknown_header("icmp"),
        variant="parameter-problem",
    )
    yield seen(
        "NO_PARAMETER_PROBLEM",
        "It is not, which may be anybody's doing.",
        knocked(V6, REFUSED, REFUSED),
        unknown_header(None),
        trap="P5",
    )
    yield seen("SILENT", "Both families are silent.", silent6, knocked(V4, TIMEOUT, TIMEOUT), alive)
    yield seen("SILENT_ON_IPV6", "IPv4 is refused.", silent6, knocked(V4, TIMEOUT, REFUSED), alive)
    lossy, whole = lab.echo(V6, 12, 20), lab.echo(V6, 20, 20)
    refused4 = knocked(V4, TIMEOUT, REFUSED)
    yield seen("NOT_DECIDED", "The line loses four of ten packets.", silent6, refused4, lossy, variant="lossy")
    yield seen("SILENT_ON_IPV6", "The line loses nothing.", silent6, refused4, whole, variant="whole-line")
    for port, why in ((443, REFUSED), (80, FailureKind.PROHIBITED)):
        yield seen(
            "NOT_DECIDED",
            f"The host rejects connects to port {port} and not all, so that its ICMP errors may be used up.",
            silent6,
            refused4,
            whole,
            _connect(port, why),
            _connect(8080, TIMEOUT),
            variant=f"rejects-{port}",
            trap="P4",
        )
    yield seen(
        "SILENT_ON_IPV6",
        "The host refuses all ports but this one: no limit explains it.",
        silent6,
        refused4,
        whole,
        _connect(443, REFUSED),
        _connect(8080, REFUSED),
        variant="refuses-others",
    )
    yield seen("NO_SIGN_OF_LIFE", "Nothing at all came back.", silent6, knocked(V4, REFUSED, REFUSED), trap="P3")
    yield seen("NOT_DECIDED", "Something listens there.", knocked(V6, None, TIMEOUT), alive)
    yield case(
        code="NOT_DECIDED",
        variant="no-control",
        trap="T5",
        about="Nobody else was heard from at that port: our own network may drop it.",
        evidence=(DUAL, silent6, knocked(V4, REFUSED, REFUSED), alive),
        controls=("icmp", "tcp/443"),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="NOT_DECIDED", variant="unseen", about="Cut short.", evidence=(DUAL,), expect=(("NOT_DECIDED", V6),)
    )
    yield case(code="NO_ADDRESS", about="No IPv6.", evidence=(names(),), expect=(("NO_ADDRESS", None),))
