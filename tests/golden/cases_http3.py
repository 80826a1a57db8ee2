"""Makes golden cases of ``ipv6.web.http3``."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address

from probes.framework.evidence import Evidence, EvidenceId, FailureKind
from probes.observations.transport import QuicInitial, TcpConnect
from tests.golden import lab
from tests.golden.case import ALL_CONTROLS, Case
from tests.golden.cases_web import CONTRADICTION, CUT, DUAL, HTTP_DEFAULT, NO_ANSWER, TWO
from tests.golden.lab import REFUSED, TIMEOUT, V4, V6, V6B, WEB, answer, evidence, http, look, why

CONTROLS = (*ALL_CONTROLS, "udp/443")
ALT_SVC = (("Alt-Svc", 'h3=":443"; ma=86400, h3-29=":443"'),)


def asked(address: str, failure: FailureKind | None = None, attempt: int = 1, port: int = 443) -> Evidence:
    step = QuicInitial(address=ip_address(address), port=port, server_name=WEB, failure=why(failure), reply=b"\xce")
    return evidence("http3", step, task=f"{address}#{port}", endpoint=lab.at(address, port), attempt=attempt)


def cases() -> Iterator[Case]:
    case = partial(Case, check="ipv6.web.http3", subject=lab.site(), controls=CONTROLS)
    said = (*HTTP_DEFAULT, http(V4, answer(V4, 200, headers=ALT_SVC)))
    base = (DUAL, *said)
    yield case(
        code="ALIVE",
        about="Announced, and there over both.",
        evidence=(*base, asked(V4), asked(V6)),
        expect=(("ALIVE", None),),
    )
    yield case(
        code="ALIVE",
        variant="second-look",
        about="One answer is life.",
        evidence=(*base, asked(V4), asked(V6, TIMEOUT), asked(V6, attempt=2)),
        expect=(("ALIVE", None),),
    )
    record = look(WEB, "HTTPS", "https", "1 . alpn=h2,h3")
    by_record = evidence("dns", look(WEB, "A", "host", V4), look(WEB, "AAAA", "host", V6), record, task=WEB)
    yield case(
        code="ALIVE",
        variant="https-record",
        about="The HTTPS record announces it.",
        evidence=(by_record, *HTTP_DEFAULT, asked(V4), asked(V6)),
        expect=(("ALIVE", None),),
    )
    yield case(
        code="DEAD_OVER_IPV6",
        about="UDP is dropped over IPv6 alone: browsers stall.",
        evidence=(*base, asked(V4), asked(V6, TIMEOUT)),
        expect=(("DEAD_OVER_IPV6", None),),
    )
    thrice = tuple(asked(V6, TIMEOUT, attempt=n) for n in (1, 2, 3))
    yield case(
        code="UNDECIDED",
        variant="lossy",
        about="A line that loses four of ten packets loses three first packets of QUIC by chance.",
        evidence=(*base, lab.echo(V6, 12, 20), asked(V4), *thrice),
        expect=(("UNDECIDED", None),),
    )
    yield case(
        code="DEAD_OVER_IPV6",
        variant="whole-line",
        about="Echo comes back to the last packet, QUIC never.",
        evidence=(*base, lab.echo(V6, 20, 20), asked(V4), *thrice),
        expect=(("DEAD_OVER_IPV6", None),),
    )
    shut = [step for piece in lab.ports(V6, shut=TIMEOUT) for step in piece.steps if isinstance(step, TcpConnect)]
    silent = [
        evidence("tcp", replace(step, t=2.5), task=f"{V6}#{step.port}", endpoint=lab.at(V6, step.port)) for step in shut
    ]
    opened = [replace(piece, id=EvidenceId(f"{piece.id} 2"), attempt=2) for piece in lab.ports(V6, 80, 443)]
    whole = (lab.echo(V6, 5), *lab.ports(V4, 80, 443), *silent, *opened)
    yield case(
        code="UNDECIDED",
        variant="outage",
        about="The first packets of QUIC fell into an outage that took connects to open ports as well.",
        evidence=(DUAL, *whole, said[-1], asked(V4), *thrice[:2]),
        expect=(("UNDECIDED", None),),
    )
    refusing = tuple(asked(V6, REFUSED, attempt=n) for n in (1, 2, 3))
    yield case(
        code="DEAD_OVER_IPV6",
        variant="lossy-refused",
        about="A line that loses packets, and a port that says no: no chance refuses.",
        evidence=(*base, lab.echo(V6, 12, 20), asked(V4), *refusing),
        expect=(("DEAD_OVER_IPV6", None),),
    )
    quiet = (*lab.ports(V4, 80, 443), *lab.ports(V6, shut=TIMEOUT), http(V4, answer(V4, 200, headers=ALT_SVC)))
    yield case(
        code="UNDECIDED",
        variant="silent-altogether",
        about="Nothing at all answers over IPv6: that is the finding on reachability, and none of HTTP/3.",
        evidence=(DUAL, *quiet, asked(V4), asked(V6, TIMEOUT)),
        expect=(("UNDECIDED", None),),
    )
    yield case(
        code="SOME_DEAD",
        about="One of two addresses.",
        evidence=(TWO, *said, asked(V4), asked(V6), asked(V6B, REFUSED)),
        expect=(("SOME_DEAD", None),),
    )
    yield case(
        code="SOME_DEAD",
        variant="ipv4",
        about="Only IPv4 is dead: browsers over IPv6 lose nothing.",
        evidence=(*base, asked(V4, TIMEOUT), asked(V6)),
        expect=(("SOME_DEAD", None),),
    )
    yield case(
        code="DEAD",
        about="Announced and dead over both.",
        evidence=(*base, asked(V4, TIMEOUT), asked(V6, TIMEOUT)),
        expect=(("DEAD", None),),
    )
    yield case(
        code="UNDECIDED",
        trap="T5",
        about="Nothing shows that UDP port 443 leaves the vantage.",
        controls=ALL_CONTROLS,
        evidence=(*base, asked(V4, TIMEOUT), asked(V6, TIMEOUT)),
        expect=(("UNDECIDED", None),),
    )
    yield case(
        code="UNDECIDED",
        variant="sick-family",
        trap="T1",
        families=frozenset({4}),
        about="The auditor has no IPv6.",
        evidence=(*base, asked(V4), asked(V6, FailureKind.NO_ROUTE_HERE)),
        expect=(("UNDECIDED", None),),
    )
    yield case(
        code="OTHER_PORT",
        about="On a port that is not asked.",
        evidence=(DUAL, http(V4, answer(V4, 200, headers=(("Alt-Svc", 'h3=":8443"'),))), asked(V4), asked(V6)),
        expect=(("OTHER_PORT", None),),
    )
    moved = (DUAL, http(V4, answer(V4, 200, headers=(("Alt-Svc", 'h3=":8443"'),))), asked(V4), asked(V6))
    yield case(
        code="ALIVE",
        variant="other-port",
        about="On a port of its own, and there over both.",
        evidence=(*moved, asked(V4, port=8443), asked(V6, port=8443)),
        expect=(("ALIVE", None),),
    )
    yield case(
        code="DEAD_OVER_IPV6",
        variant="other-port",
        about="On a port of its own that is dead over IPv6: that QUIC answers at 443 helps nobody.",
        controls=(*CONTROLS, "udp/8443"),
        evidence=(*moved, asked(V4, port=8443), asked(V6, TIMEOUT, port=8443)),
        expect=(("DEAD_OVER_IPV6", None),),
    )
    yield case(
        code="UNDECIDED",
        variant="other-port",
        trap="T5",
        about="Nothing shows that packets to the port of its own leave the vantage over IPv6.",
        evidence=(*moved, asked(V4, port=8443), asked(V6, TIMEOUT, port=8443)),
        expect=(("UNDECIDED", None),),
    )
    both = http(V4, answer(V4, 200, headers=(("Alt-Svc", 'h3=":8443", h3=":443"'),)))
    yield case(
        code="ALIVE",
        variant="two-ports",
        about="On the port of HTTPS too: that is asked.",
        evidence=(DUAL, both, asked(V4), asked(V6)),
        expect=(("ALIVE", None),),
    )
    named = http(V4, answer(V4, 200, headers=(("Alt-Svc", f'h3="{WEB}:443"'),)))
    yield case(
        code="DEAD",
        variant="own-name",
        about="The site's own name is the site.",
        evidence=(DUAL, *HTTP_DEFAULT, named, asked(V4, TIMEOUT), asked(V6, TIMEOUT)),
        expect=(("DEAD", None),),
    )
    elsewhere = http(V4, answer(V4, 200, headers=(("Alt-Svc", 'h3="cdn.example:443"; ma=600'),)))
    yield case(
        code="ELSEWHERE",
        about="At another host: the site's own addresses need not answer.",
        evidence=(DUAL, elsewhere, asked(V4), asked(V6, TIMEOUT)),
        expect=(("ELSEWHERE", None),),
    )
    cleared = http(V4, answer(V4, 200, headers=(("Alt-Svc", "clear"),)))
    yield case(
        code="NOT_ANNOUNCED",
        about="Nothing is announced.",
        evidence=(DUAL, cleared, asked(V4, TIMEOUT), asked(V6, TIMEOUT)),
        expect=(("NOT_ANNOUNCED", None),),
    )
    for code, found in (("NO_DNS_ANSWER", NO_ANSWER), ("DNS_CONTRADICTS", CONTRADICTION), ("DNS_NOT_ASKED", CUT)):
        yield case(
            code=code,
            about="Announced; the addresses of one family are not known.",
            evidence=(found, *said, asked(V4)),
            expect=((code, None),),
        )
