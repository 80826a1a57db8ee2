"""Makes golden cases of ``ipv6.web.*`` and ``ipv6.path.*``."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address

from auditor.framework.context import OwnPath, Sites
from inventory.model import Kind, Network, Subject
from probes.framework.evidence import Evidence, EvidenceId, Failure, FailureKind
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.path import BulkTransfer, EchoTrain
from probes.observations.transport import TcpConnect
from probes.observations.web import NOT_HTTP
from tests.golden import lab, lab_tls
from tests.golden.case import FULL_SIZE, Case
from tests.golden.lab import (
    REFUSED,
    TIMEOUT,
    V4,
    V4B,
    V6,
    V6B,
    WEB,
    answer,
    at,
    echo,
    evidence,
    http,
    look,
    names,
    page,
    ports,
    tcp,
    unanswered,
)

UNREACHABLE = FailureKind.UNREACHABLE
UNREADABLE = Failure(kind=FailureKind.PROTOCOL, detail=f"{NOT_HTTP}: no status line")
DUAL = names([V6])
TWO = names([V6, V6B])
HTTP_DEFAULT = (*ports(V4, 80, 443), *ports(V6, 80, 443))


def host(*lookups: NameLookup) -> Evidence:
    return evidence("dns", *lookups, task=WEB)


NAT64 = "2001:db8:64::"
NO_ANSWER = host(look(WEB, "A", "host", V4), unanswered("AAAA", "host", WEB))
CONTRADICTION = host(look(WEB, "A", "host", V4), look(WEB, "AAAA", "host", V6), look(WEB, "AAAA", "host"))
CUT = host(look(WEB, "A", "host", V4), unanswered("AAAA", "host", WEB, FailureKind.CUT_SHORT))


def undecided_names(check: str, subject: Subject | None = None) -> Iterator[Case]:
    """Yield the cases of every check of names for a name with an unknown AAAA."""
    case = partial(Case, check=check, subject=subject or lab.site())
    yield case(
        code="NO_DNS_ANSWER",
        about="Nobody gave a usable answer for the AAAA.",
        evidence=(NO_ANSWER,),
        expect=(("NO_DNS_ANSWER", None),),
    )
    yield case(
        code="DNS_CONTRADICTS",
        about="One look-up has an AAAA, another says that there is none.",
        evidence=(CONTRADICTION,),
        expect=(("DNS_CONTRADICTS", None),),
    )
    yield case(
        code="DNS_NOT_ASKED",
        trap="R3",
        about="The look-up was cut short: our failure, nobody's defect.",
        evidence=(CUT,),
        expect=(("DNS_NOT_ASKED", None),),
    )


def aaaa() -> Iterator[Case]:
    check = "ipv6.web.aaaa"
    case = partial(Case, check=check, subject=lab.site())
    yield from undecided_names(check)
    yield case(code="PUBLISHED", about="One AAAA.", evidence=(DUAL,), expect=(("PUBLISHED", None),))
    yield case(
        code="PUBLISHED",
        variant="one-rejected",
        about="One usable address is enough; the other is addr-sane's finding.",
        evidence=(names([V6, "fd00::10"]),),
        expect=(("PUBLISHED", None),),
    )
    yield case(
        code="PUBLISHED",
        variant="alias",
        about="The AAAA stands behind a CNAME.",
        evidence=(host(look(WEB, "A", "host", V4), look(WEB, "AAAA", "host", V6, chain=("cdn.example",))),),
        expect=(("PUBLISHED", None),),
    )
    yield case(code="MISSING", about="No AAAA.", evidence=(names(),), expect=(("MISSING", None),))
    yield case(
        code="NO_SUCH_NAME",
        about="The name does not exist.",
        evidence=(
            host(
                look(WEB, "A", "host", status=LookupStatus.NO_SUCH_NAME),
                look(WEB, "AAAA", "host", status=LookupStatus.NO_SUCH_NAME),
            ),
        ),
        expect=(("NO_SUCH_NAME", None),),
    )
    gone = partial(look, WEB, status=LookupStatus.NO_SUCH_NAME)
    yield case(
        code="MISSING",
        variant="name-error",
        about="A load balancer denies the name when asked for AAAA (RFC 4074 §4.2); it has an A record.",
        evidence=(host(look(WEB, "A", "host", V4), gone("AAAA", "host")),),
        expect=(("MISSING", None),),
    )
    yield case(
        code="MISSING",
        variant="dangling-alias",
        about="The name is there; what its CNAME leads to is not.",
        evidence=(host(*(gone(rtype, "host", chain=("cdn.example",)) for rtype in ("A", "AAAA"))),),
        expect=(("MISSING", None),),
    )
    yield case(
        code="REJECTED",
        about="Only a 6to4 address.",
        evidence=(names(["2002:c633:640a::10"]),),
        expect=(("REJECTED", None),),
    )
    yield case(
        code="REJECTED",
        variant="dns64",
        trap="T4",
        about="The AAAA is only the RFC 6052 embedding of the A record: DNS64 must not turn a site green.",
        evidence=(names(["64:ff9b::c633:640a"]),),
        expect=(("REJECTED", None),),
    )
    made_up = host(look(WEB, "A", "host", V4), look(WEB, "AAAA", "host", f"{NAT64}c633:640a", via="resolver"))
    yield case(
        code="MISSING",
        variant="nat64",
        trap="T4",
        families=frozenset({6}),
        nat64=(f"{NAT64}/96",),
        about="What a resolver of a network behind NAT64 made up is neither published nor anybody's fault.",
        evidence=(made_up,),
        expect=(("MISSING", None),),
    )
    yield case(
        code="REJECTED",
        variant="nat64",
        families=frozenset({6}),
        nat64=(f"{NAT64}/96",),
        about="An authoritative server itself publishes an address that only translates.",
        evidence=(names([f"{NAT64}c633:640a"]),),
        expect=(("REJECTED", None),),
    )
    yield case(
        code="NO_NAME",
        about="Listed by address.",
        subject=lab.site(host=None, name=V6),
        evidence=(host(look("other.example", "AAAA", "host", V6)),),
        expect=(("NO_NAME", None),),
    )
    yield case(
        code="MISSING",
        variant="from-ipv4",
        trap="T1",
        families=frozenset({4}),
        about="An auditor without IPv6 reads over IPv4 that nothing is published.",
        evidence=(names(),),
        expect=(("MISSING", None),),
    )


def addr_sane() -> Iterator[Case]:
    check = "ipv6.web.addr-sane"
    case = partial(Case, check=check, subject=lab.site())
    yield from undecided_names(check)
    yield case(code="USABLE", about="Global unicast.", evidence=(DUAL,), expect=(("USABLE", V6),))
    yield case(
        code="USABLE",
        variant="inside-tslcd",
        about="Inside TSLCD a unique local address is what everybody has.",
        subject=lab.site(network=Network.TSLCD),
        networks=frozenset(Network),
        evidence=(names(["fd00:a::10"]),),
        expect=(("USABLE", "fd00:a::10"),),
    )
    yield case(
        code="NOT_PUBLIC",
        about="A unique local address in public DNS fails even beside a good one.",
        evidence=(names([V6, "fd00::10"]),),
        expect=(("USABLE", V6), ("NOT_PUBLIC", "fd00::10")),
    )
    yield case(
        code="NOT_PUBLIC",
        variant="documentation",
        about="Outside a laboratory 2001:db8::/32 is for examples only.",
        documentation_is_global=False,
        evidence=(DUAL,),
        expect=(("NOT_PUBLIC", V6),),
    )
    yield case(
        code="REJECTED",
        about="An IPv4-mapped address and nothing else.",
        evidence=(names(["::ffff:198.51.100.10"]),),
        expect=(("REJECTED", "::ffff:198.51.100.10"),),
    )
    yield case(
        code="SOME_REJECTED",
        about="6to4 beside a good address.",
        evidence=(names([V6, "2002:c633:640a::10"]),),
        expect=(("USABLE", V6), ("SOME_REJECTED", "2002:c633:640a::10")),
    )
    yield case(
        code="USABLE",
        variant="ipv4-in-its-last-bits",
        about="Servers numbered by their IPv4 addresses (RFC 7707 §3) have good addresses.",
        evidence=(names(["2001:db8:64::c633:640a"]),),
        expect=(("USABLE", "2001:db8:64::c633:640a"),),
    )
    yield case(
        code="REJECTED",
        variant="dns64",
        trap="T4",
        about="The prefix that only translates to IPv4 is no address of anybody (RFC 6052 §2.1).",
        evidence=(names(["64:ff9b::c633:640a"]),),
        expect=(("REJECTED", "64:ff9b::c633:640a"),),
    )
    yield case(code="NO_AAAA", about="Nothing published.", evidence=(names(),), expect=(("NO_AAAA", None),))
    yield case(
        code="NO_NAME",
        about="Listed by address.",
        subject=lab.site(host=None, name=V6),
        evidence=(host(look("other.example", "AAAA", "host", V6)),),
        expect=(("NO_NAME", None),),
    )


def reach() -> Iterator[Case]:
    check = "ipv6.web.reach"
    case = partial(Case, check=check, subject=lab.site())
    v4 = ports(V4, 80, 443)
    yield from undecided_names(check)
    yield case(
        code="OPEN",
        trap="W4",
        about="Each address is asked on its own, and both are open.",
        evidence=(TWO, *v4, *ports(V6, 80, 443), *ports(V6B, 80, 443)),
        expect=(("OPEN", V6), ("OPEN", V6B)),
    )
    yield case(
        code="OPEN",
        variant="plain-alone",
        about="The inventory declares only plain HTTP, and 443 is not asked for.",
        subject=lab.site(services=lab.services(("http", 80))),
        evidence=(DUAL, *ports(V4, 80, tried=(80,)), *ports(V6, 80, tried=(80,))),
        expect=(("OPEN", V6),),
    )
    yield case(
        code="OPEN",
        variant="plain-over-ipv4",
        about="A second address without anything open over IPv4 takes nothing from a service without HTTPS.",
        evidence=(names([V6], (V4, V4B)), *ports(V4, 80), *ports(V4B), *ports(V6, 80)),
        expect=(("OPEN", V6),),
    )
    made_up = f"{NAT64}c633:640a"
    yield case(
        code="NO_AAAA",
        variant="nat64",
        trap="T4",
        families=frozenset({6}),
        nat64=(f"{NAT64}/96",),
        about="A site with IPv4 alone answers through NAT64: that is no IPv6 of the site.",
        evidence=(
            host(look(WEB, "A", "host", V4), look(WEB, "AAAA", "host", made_up, via="resolver")),
            *ports(made_up, 80, 443),
        ),
        expect=(("NO_AAAA", None),),
    )
    yield case(
        code="OPEN",
        variant="second-attempt",
        about="Over several attempts the best counts.",
        evidence=(DUAL, tcp(V6, 443, TIMEOUT), tcp(V6, 443, attempt=2), tcp(V6, 80)),
        expect=(("OPEN", V6),),
    )
    for kind, limit in ((TIMEOUT, "drops"), (REFUSED, "refuses")):
        yield case(
            code="OPEN",
            variant=f"limit-{limit}",
            about=f"A limit on new connections {limit} the connect; the page was got from the same port in this run.",
            evidence=(DUAL, *v4, tcp(V6, 443, kind), tcp(V6, 80, kind), page(V6, 200)),
            expect=(("OPEN", V6),),
        )
    yield case(
        code="OPEN",
        variant="no-https-at-all",
        about="Without HTTPS on any address of either family the service is judged on port 80.",
        evidence=(DUAL, *ports(V4, 80), *ports(V6, 80)),
        expect=(("OPEN", V6),),
    )
    yield case(
        code="OPEN",
        variant="declared-port",
        about="The inventory declares HTTPS on 8443.",
        subject=lab.site(services=lab.services(("https", 8443))),
        evidence=(DUAL, tcp(V6, 8443)),
        expect=(("OPEN", V6),),
    )
    for code, kind in (("REFUSED", REFUSED), ("SILENT", TIMEOUT), ("UNREACHABLE", UNREACHABLE)):
        yield case(
            code=code,
            trap="T2",
            about="No IPv6 address is open; that IPv4 works does not make IPv6 pass.",
            evidence=(TWO, *v4, *ports(V6, shut=kind), *ports(V6B, shut=kind)),
            expect=((code, V6), (code, V6B)),
        )
        yield case(
            code=f"SOME_{code}",
            trap="W4",
            about="The first address is good, the second is dead.",
            evidence=(TWO, *v4, *ports(V6, 80, 443), *ports(V6B, shut=kind)),
            expect=(("OPEN", V6), (f"SOME_{code}", V6B)),
        )
    yield case(
        code="REFUSED",
        variant="https-on-ipv4",
        about="443 is open over IPv4, so 80 over IPv6 is no substitute.",
        evidence=(DUAL, *v4, *ports(V6, 80)),
        expect=(("REFUSED", V6),),
    )
    yield case(
        code="REFUSED",
        variant="no-ipv4-here",
        about="From where there is no IPv4: both ports are shut over IPv6, whichever of them is judged.",
        evidence=(DUAL, tcp(V6, 443, REFUSED), tcp(V6, 80, REFUSED)),
        expect=(("REFUSED", V6),),
    )
    yield case(
        code="SOME_REFUSED",
        variant="other-undecided",
        about="While the other address is undecided nobody can say that none is open.",
        evidence=(TWO, *v4, tcp(V6, 443, REFUSED), tcp(V6, 80, REFUSED), tcp(V6B, 443, FailureKind.CUT_SHORT)),
        expect=(("SOME_REFUSED", V6), ("NOT_DECIDED", V6B)),
    )
    yield case(
        code="NOT_DECIDED",
        trap="T5",
        about="Silence on a port that was never shown to leave the vantage proves nothing.",
        controls=("icmp", "udp/53"),
        evidence=(DUAL, tcp(V6, 443, TIMEOUT), tcp(V6, 80, TIMEOUT)),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="https-unknown",
        about="443 is shut over IPv6, 80 is open, IPv4 is undecided: there may be no HTTPS at all.",
        evidence=(DUAL, tcp(V4, 443, FailureKind.CUT_SHORT), tcp(V4, 80), *ports(V6, 80)),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="never-tried",
        trap="R3",
        about="The run ended before this address was tried.",
        evidence=(TWO, *v4, *ports(V6, 80, 443)),
        expect=(("OPEN", V6), ("NOT_DECIDED", V6B)),
    )
    yield case(
        code="NO_AAAA",
        about="No usable address: aaaa and addr-sane say so.",
        evidence=(names(["fd00::10"]), *v4),
        expect=(("NO_AAAA", None),),
    )
    yield case(
        code="U_V6",
        trap="T1",
        gated=True,
        families=frozenset({4}),
        about="Everything fails over IPv6 because the auditor has none (trap T3: a container without IPv6).",
        evidence=(DUAL, *v4, *ports(V6, shut=FailureKind.NO_ROUTE_HERE)),
        expect=(("U_V6", V6),),
    )


def port_parity() -> Iterator[Case]:
    check = "ipv6.web.port-parity"
    case = partial(Case, check=check, subject=lab.site())
    yield from undecided_names(check)
    yield case(code="SAME", about="80 and 443 on both.", evidence=(DUAL, *HTTP_DEFAULT), expect=(("SAME", None),))
    yield case(
        code="MISSING_ON_IPV6",
        about="443 is open over IPv4 alone.",
        evidence=(DUAL, *ports(V4, 80, 443), *ports(V6, 80)),
        expect=(("MISSING_ON_IPV6", None),),
    )
    for variant, here, more in (
        ("proxied", "tcp/80", (page(V4, 502, port=80),)),
        ("accelerated", "tcp/*", (page(V4, 200, port=443),)),
    ):
        yield case(
            code="NOT_DECIDED",
            variant=variant,
            about="The site has HTTPS alone; something near the vantage accepts port 80 in its name, over IPv4.",
            evidence=(DUAL, *ports(V4, 80, 443), *more, *ports(V6, 443)),
            accepted_here=(here,),
            expect=(("NOT_DECIDED", None),),
        )
    yield case(
        code="MISSING_ON_IPV6",
        variant="proxied",
        about="A proxy near the vantage passes on a page of the site over IPv4; nobody accepts over IPv6.",
        evidence=(DUAL, *ports(V4, 80, 443), page(V4, 301, port=80), *ports(V6, 443)),
        accepted_here=("tcp/80",),
        expect=(("MISSING_ON_IPV6", None),),
    )
    yield case(
        code="SAME",
        variant="undeclared-port",
        about="A panel on 8443 that IPv4 alone has is nothing that visitors are sent to.",
        evidence=(DUAL, *ports(V4, 80, 443, 8443), *ports(V6, 80, 443, tried=(80, 443, 8443))),
        expect=(("SAME", None),),
    )
    yield case(
        code="SAME",
        variant="not-declared",
        about="The same of a row without services: what is tried for it is declared by nobody.",
        subject=lab.site(services=lab.services(("http", 80), ("https", 443), ("http-alt", 8080), ("https-alt", 8443))),
        evidence=(DUAL, *ports(V4, 80, 443, 8443), *ports(V6, 80, 443, tried=(80, 443, 8443))),
        expect=(("SAME", None),),
    )
    declared = lab.site(services=lab.services(("http", 80), ("https", 443), ("http-alt", 8080)))
    beside = partial(Case, check=check, subject=declared)
    yield beside(
        code="MISSING_ON_IPV6",
        variant="declared-port",
        about="8080 is declared, and IPv4 alone has it.",
        evidence=(DUAL, *ports(V4, 80, 443, 8080), *ports(V6, 80, 443, tried=(80, 443, 8080))),
        expect=(("MISSING_ON_IPV6", None),),
    )
    yield beside(
        code="MORE_ON_IPV6",
        about="8080 was forgotten by the IPv6 firewall.",
        evidence=(DUAL, *ports(V4, 80, 443, tried=(80, 443, 8080), shut=TIMEOUT), *ports(V6, 80, 443, 8080)),
        expect=(("MORE_ON_IPV6", None),),
    )
    yield case(
        code="SAME",
        variant="limit-on-connections",
        about="A limit on new connections drops the connect to 443 over IPv6; the page was got from there.",
        evidence=(DUAL, *ports(V4, 80, 443), *ports(V6, 80, shut=TIMEOUT), page(V6, 200)),
        expect=(("SAME", None),),
    )
    yield case(
        code="ONE_SILENT",
        trap="W2",
        about="The site's intrusion prevention had banned the vantage over IPv4 before the audit began: nothing"
        " of it answers, and that IPv6 alone has the ports is nobody's forgotten rule.",
        evidence=(DUAL, *ports(V4, shut=TIMEOUT), lab.echo(V4, 0), *ports(V6, 80, 443)),
        expect=(("ONE_SILENT", None),),
    )
    yield case(
        code="ONE_SILENT",
        variant="ipv6",
        about="Nothing at all answers over IPv6: that is the finding on reachability, and no listener that is missing.",
        evidence=(DUAL, *ports(V4, 80, 443), *ports(V6, shut=TIMEOUT), lab.echo(V6, 0)),
        expect=(("ONE_SILENT", None),),
    )
    yield case(
        code="MISSING_ON_IPV6",
        variant="silent-but-alive",
        about="The host answers echo over IPv6 and drops the web ports: its firewall has no rule for them.",
        evidence=(DUAL, *ports(V4, 80, 443), *ports(V6, shut=TIMEOUT), lab.echo(V6, 5)),
        expect=(("MISSING_ON_IPV6", None),),
    )
    yield case(
        code="IPV6_ONLY",
        trap="W3",
        about="A site with IPv6 alone is not punished for lacking IPv4.",
        evidence=(names([V6], ()), *ports(V6, 80, 443)),
        expect=(("IPV6_ONLY", None),),
    )
    yield case(code="NO_AAAA", about="No IPv6.", evidence=(names(), *ports(V4, 80, 443)), expect=(("NO_AAAA", None),))
    yield case(
        code="ALL_CLOSED",
        about="Nothing is open on either family.",
        evidence=(DUAL, *ports(V4), *ports(V6)),
        expect=(("ALL_CLOSED", None),),
    )
    yield case(
        code="NOT_DECIDED",
        about="443 was never tried over IPv4.",
        evidence=(DUAL, tcp(V4, 80), *ports(V6, 80, 443)),
        expect=(("NOT_DECIDED", None),),
    )
    yield case(
        code="U_V4",
        trap="T7",
        gated=True,
        families=frozenset({6}),
        about="Parity needs both families of the auditor; its missing IPv4 does not touch the IPv6 checks.",
        evidence=(DUAL, *ports(V4, shut=FailureKind.NO_ROUTE_HERE), *ports(V6, 80, 443)),
        expect=(("U_V4", None),),
    )


AWAY = "https://portal.tinh-b.example/"


_NO_CERTIFICATE = b"<h1>400 Bad Request</h1><center>No required SSL certificate was sent</center>"


def http_ok() -> Iterator[Case]:
    check = "ipv6.web.http-ok"
    case = partial(Case, check=check, subject=lab.site())
    good4 = (*HTTP_DEFAULT, page(V4, 200))
    yield from undecided_names(check)
    yield case(code="SERVED", about="200 on both.", evidence=(DUAL, *good4, page(V6, 200)), expect=(("SERVED", V6),))
    yield case(
        code="SERVED",
        variant="after-redirect",
        about="The chain is followed within IPv6 to a page.",
        evidence=(
            DUAL,
            *good4,
            http(V6, answer(V6, 302, location=f"https://{WEB}/vi"), answer(V6, 200, hop=1, url=f"https://{WEB}/vi")),
        ),
        expect=(("SERVED", V6),),
    )
    yield case(
        code="SERVED",
        variant="beside-a-dead-address",
        trap="W4",
        about="Of two addresses the first takes no connection, which is reach's finding; the second shows the page.",
        evidence=(TWO, *ports(V4, 80, 443), page(V4, 200), *ports(V6), *ports(V6B, 80, 443), page(V6B, 200)),
        expect=(("NOT_OPEN", V6), ("SERVED", V6B)),
    )
    task, where = f"{V6}#443", lab.at(V6, 443)
    yield case(
        code="SERVED",
        variant="after-a-moment",
        about="The back end began anew just then; ten minutes later the page is there.",
        evidence=(
            DUAL,
            *good4,
            page(V6, 502),
            lab.evidence("http", answer(V6, 200), task=task, endpoint=where, attempt=2, minutes=10),
        ),
        expect=(("SERVED", V6),),
    )
    yield case(
        code="DENIED_ALIKE",
        about="401 over both families: the site asks for a password.",
        evidence=(DUAL, *HTTP_DEFAULT, page(V4, 401), page(V6, 401)),
        expect=(("DENIED_ALIKE", V6),),
    )
    alert = Failure(kind=FailureKind.TLS_ALERT, detail="TLSV13_ALERT_CERTIFICATE_REQUIRED")
    refused = {a: http(a, replace(answer(a, None), failure=alert)) for a in (V4, V6)}
    sent_away = {a: http(a, replace(answer(a, 400), body=_NO_CERTIFICATE)) for a in (V4, V6)}
    for variant, about, shown in (
        ("handshake", "Who has no certificate of their own is sent away behind the handshake.", refused),
        ("page", "NGINX tells it by a page.", sent_away),
    ):
        yield case(
            code="CERTIFICATE_WANTED",
            variant=variant,
            about=about,
            trap="L2",
            evidence=(DUAL, *HTTP_DEFAULT, *shown.values()),
            expect=(("CERTIFICATE_WANTED", V6),),
        )
    alone = (names([V6], ()), *ports(V6, 80, 443))
    yield case(
        code="DENIED_IPV6_ALONE",
        trap="W3",
        about="401 of a site that has no IPv4 address: it asks for a password, and works.",
        evidence=(*alone, page(V6, 401)),
        expect=(("DENIED_IPV6_ALONE", V6),),
    )
    yield case(
        code="DENIED_IPV6_ALONE",
        variant="ipv4-fails",
        about="401 over IPv6, while IPv4 is broken: that is no error of IPv6.",
        evidence=(DUAL, *HTTP_DEFAULT, page(V4, 500), page(V6, 401)),
        expect=(("DENIED_IPV6_ALONE", V6),),
    )
    yield case(
        code="CERTIFICATE_WANTED_IPV6_ALONE",
        trap="W3",
        about="A certificate of the visitor's own is wanted, and the site has no IPv4 address.",
        evidence=(*alone, sent_away[V6]),
        expect=(("CERTIFICATE_WANTED_IPV6_ALONE", V6),),
    )
    handshake = Failure(kind=FailureKind.TLS_ALERT, detail="SSLV3_ALERT_HANDSHAKE_FAILURE")
    yield case(
        code="FAILED_ALIKE",
        variant="certificate-optional",
        about="A certificate is requested, and who has none is let in: that the page fails is a defect all the same.",
        evidence=(
            DUAL,
            *HTTP_DEFAULT,
            *(lab_tls.support(a, certificate_requested=True) for a in (V4, V6)),
            *(lab.tls(a, lab.GOOD, version="TLSv1.2") for a in (V4, V6)),
            *(http(a, replace(answer(a, None), failure=handshake)) for a in (V4, V6)),
        ),
        expect=(("FAILED_ALIKE", V6),),
    )
    yield case(
        code="ERROR",
        variant="certificate",
        about="A certificate is wanted over IPv6 alone.",
        evidence=(DUAL, *good4, sent_away[V6]),
        expect=(("ERROR", V6),),
    )
    yield case(
        code="ERROR",
        trap="T2",
        about="502 over IPv6, 200 over IPv4: what a client that falls back would hide.",
        evidence=(DUAL, *good4, page(V6, 502)),
        expect=(("ERROR", V6),),
    )
    yield case(
        code="ERROR",
        variant="second-address",
        trap="W4",
        about="Only the second address answers 404; every address is asked.",
        evidence=(TWO, *good4, *ports(V6B, 80, 443), page(V6, 200), page(V6B, 404)),
        expect=(("SERVED", V6), ("ERROR", V6B)),
    )
    yield case(
        code="ERROR_IPV6_ONLY",
        about="500 and no IPv4 to compare with.",
        evidence=(names([V6], ()), *ports(V6, 80, 443), page(V6, 500)),
        expect=(("ERROR_IPV6_ONLY", V6),),
    )
    api = lab.site(kind=Kind.API, kinds=frozenset({Kind.API}))
    both404 = (DUAL, *HTTP_DEFAULT, page(V4, 404), page(V6, 404))
    yield case(
        code="ROOT_ALIKE",
        about="404 at the root of an API over both families.",
        subject=api,
        evidence=both404,
        expect=(("ROOT_ALIKE", V6),),
    )
    yield case(
        code="ROOT_IPV6_ONLY",
        about="404 at the root of an API that has no IPv4 address.",
        subject=api,
        evidence=(*alone, page(V6, 404)),
        expect=(("ROOT_IPV6_ONLY", V6),),
    )
    yield case(
        code="ERROR_ALIKE",
        variant="portal",
        about="404 at the root of a portal, which citizens would see.",
        evidence=both404,
        expect=(("ERROR_ALIKE", V6),),
    )
    yield case(
        code="ERROR_ALIKE",
        variant="named-page",
        about="404 at the page of an API that the inventory names.",
        subject=api,
        evidence=(
            DUAL,
            *HTTP_DEFAULT,
            *(http(a, answer(a, 404, url=f"https://{WEB}/v1/tinh-trang")) for a in (V4, V6)),
        ),
        expect=(("ERROR_ALIKE", V6),),
    )
    plain = {a: http(a, replace(answer(a, 200), body=b"<title>Welcome to nginx!</title>")) for a in (V4, V6)}
    for variant, about, both in (
        ("", "A web server's own page over both families.", (DUAL, *HTTP_DEFAULT, *plain.values())),
        ("ipv6-only", "The same of a site without IPv4.", (*alone, plain[V6])),
    ):
        yield case(
            code="DEFAULT_PAGE_ALIKE",
            variant=variant,
            trap="W5",
            about=about,
            evidence=both,
            expect=(("DEFAULT_PAGE_ALIKE", V6),),
        )
    yield case(
        code="SERVED",
        variant="default-page-over-ipv6",
        about="IPv4 shows the site: same-content says what IPv6 shows.",
        evidence=(DUAL, *good4, plain[V6]),
        expect=(("SERVED", V6),),
    )
    yield case(
        code="SERVED",
        variant="default-page-of-an-api",
        about="An API need not have a page of its own at the root.",
        subject=api,
        evidence=(DUAL, *HTTP_DEFAULT, *plain.values()),
        expect=(("SERVED", V6),),
    )
    yield case(
        code="FAILED",
        about="The TLS handshake fails over IPv6.",
        evidence=(DUAL, *good4, page(V6, None, failure=FailureKind.TLS_ALERT)),
        expect=(("FAILED", V6),),
    )
    yield case(
        code="TIMES_OUT",
        about="The body stops half-way, as behind a path MTU black hole.",
        evidence=(DUAL, *good4, page(V6, 200, failure=TIMEOUT)),
        controls=FULL_SIZE,
        expect=(("TIMES_OUT", V6),),
    )
    object_ = BulkTransfer(
        address=ip_address(V6), port=443, url=f"https://{WEB}/ban-do.svg", status=200, connected=True, received=152_000
    )
    whole = replace(object_, whole=True, seconds=0.6)
    reset = page(V6, None, failure=FailureKind.RESET)
    yield case(
        code="FAILED",
        variant="something-large",
        about="The page is reset: that something large comes from the same address is no excuse for it.",
        evidence=(DUAL, *good4, reset, evidence("large_transfer", whole, task=WEB)),
        expect=(("FAILED", V6),),
    )
    for code, v4, got4 in (("TIMES_OUT", [V4], (page(V4, 200),)), ("TIMES_OUT_IPV6_ONLY", [], ())):
        for came, said in ((whole, "PAGE_ALONE_SILENT"), (replace(object_, failure=lab.why(TIMEOUT)), code)):
            variant = ("of-both" if v4 else "of-ipv6") if came is whole else "nor-anything-large"
            yield case(
                code=said,
                variant=variant,
                about="The page does not come in time; something larger does, or does not, from the same address.",
                evidence=(
                    names([V6], v4),
                    *HTTP_DEFAULT,
                    *got4,
                    page(V6, None, failure=TIMEOUT),
                    evidence("large_transfer", came, task=WEB),
                ),
                controls=FULL_SIZE,
                expect=((said, V6),),
            )
    yield case(
        code="NOT_DECIDED",
        variant="full-size",
        trap="T10",
        about="The connect was answered, nothing large came, nor from anywhere else: the black hole may be ours.",
        evidence=(DUAL, *good4, page(V6, None, failure=TIMEOUT)),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="TIMES_OUT_IPV6_ONLY",
        about="Nothing comes, and there is no IPv4.",
        evidence=(names([V6], ()), *ports(V6, 80, 443), page(V6, None, failure=TIMEOUT)),
        controls=FULL_SIZE,
        expect=(("TIMES_OUT_IPV6_ONLY", V6),),
    )
    yield case(
        code="FAILED_IPV6_ONLY",
        about="The connection is reset and there is no IPv4.",
        evidence=(names([V6], ()), *ports(V6, 80, 443), page(V6, None, failure=FailureKind.RESET)),
        expect=(("FAILED_IPV6_ONLY", V6),),
    )
    yield case(
        code="LEADS_OFF_IPV6",
        about="The redirect leads to a name without AAAA.",
        evidence=(
            DUAL,
            *good4,
            http(
                V6,
                answer(V6, 301, location=AWAY),
                look("portal.tinh-b.example", "A", "redirect", "203.0.113.5"),
                look("portal.tinh-b.example", "AAAA", "redirect"),
            ),
        ),
        expect=(("LEADS_OFF_IPV6", V6),),
    )
    yield case(
        code="LOOP",
        about="The page redirects to itself.",
        evidence=(DUAL, *good4, http(V6, answer(V6, 302, location=f"https://{WEB}/"))),
        expect=(("LOOP", V6),),
    )
    yield case(
        code="FAILED_IPV6_ONLY",
        variant="leads-nowhere",
        about="The site has IPv6 alone and redirects to a name that is there for nobody.",
        evidence=(
            names([V6], ()),
            *ports(V6, 80, 443),
            http(
                V6,
                answer(V6, 301, location=AWAY),
                look("portal.tinh-b.example", "A", "redirect", status=LookupStatus.NO_SUCH_NAME),
                look("portal.tinh-b.example", "AAAA", "redirect", status=LookupStatus.NO_SUCH_NAME),
            ),
        ),
        expect=(("FAILED_IPV6_ONLY", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="no-http",
        about="Something is answered that nobody can read as HTTP.",
        evidence=(DUAL, *good4, http(V6, replace(answer(V6, None), failure=UNREADABLE))),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="ERROR_ALIKE",
        about="503 on both families is the site's fault, not IPv6's.",
        evidence=(DUAL, *HTTP_DEFAULT, page(V4, 503), page(V6, 503)),
        expect=(("ERROR_ALIKE", V6),),
    )
    yield case(
        code="ERROR_ALIKE",
        variant="broken",
        about="500 over both.",
        evidence=(DUAL, *HTTP_DEFAULT, page(V4, 500), page(V6, 500)),
        expect=(("ERROR_ALIKE", V6),),
    )
    yield case(
        code="FAILED_ALIKE",
        about="Neither family gets a page.",
        evidence=(
            DUAL,
            *HTTP_DEFAULT,
            page(V4, None, failure=FailureKind.RESET),
            page(V6, None, failure=FailureKind.RESET),
        ),
        expect=(("FAILED_ALIKE", V6),),
    )
    host = "portal.tinh-b.example"
    there = (look(host, "A", "redirect", "203.0.113.5"), look(host, "AAAA", "redirect", "2001:db8:b::5"))
    gone = tuple(look(host, kind, "redirect", status=LookupStatus.NO_SUCH_NAME) for kind in ("A", "AAAA"))
    at_target = ("203.0.113.5", "2001:db8:b::5")
    mute = [answer(a, None, hop=1, url=AWAY, failure=REFUSED) for a in at_target]
    for variant, over4, over6 in (("", (*there, mute[0]), (*there, mute[1])), ("gone", gone, gone)):
        yield case(
            code="TARGET_FAILS_ALIKE",
            variant=variant,
            about="The site leads both families to a host that is there for nobody.",
            evidence=(
                *(DUAL, *HTTP_DEFAULT, http(V4, answer(V4, 301, location=AWAY), *over4)),
                http(V6, answer(V6, 301, location=AWAY), *over6),
            ),
            expect=(("TARGET_FAILS_ALIKE", V6),),
        )
    shaken = tuple(lab.tls(a, lab.GOOD) for a in (V4, V6))
    for variant, failure in (("", FailureKind.PROTOCOL), ("reset", FailureKind.RESET)):
        yield case(
            code="UNANSWERED",
            variant=variant,
            trap="W2",
            about="Both families shake hands and end without an answer, as filters do to whom they do not want.",
            evidence=(DUAL, *HTTP_DEFAULT, *shaken, *(page(a, None, failure=failure) for a in (V4, V6))),
            expect=(("UNANSWERED", V6),),
        )
    yield case(
        code="FAILED_ALIKE",
        variant="another-failure",
        about="IPv4 has no TLS at all: that is no filter of requests.",
        evidence=(
            DUAL,
            *HTTP_DEFAULT,
            shaken[1],
            page(V4, None, failure=FailureKind.RESET),
            page(V6, None, failure=FailureKind.PROTOCOL),
        ),
        expect=(("FAILED_ALIKE", V6),),
    )
    yield case(
        code="UNANSWERED",
        variant="plain",
        trap="W2",
        about="There is no HTTPS, and HTTP ends without an answer over both families.",
        evidence=(
            DUAL,
            *ports(V4, 80),
            *ports(V6, 80),
            *(page(a, None, failure=FailureKind.PROTOCOL, port=80) for a in (V4, V6)),
        ),
        expect=(("UNANSWERED", V6),),
    )
    yield case(
        code="LIMITED",
        trap="W2",
        about="403 over IPv6 alone may be a filter that knows the auditor.",
        evidence=(DUAL, *good4, page(V6, 403)),
        expect=(("LIMITED", V6),),
    )
    yield case(
        code="LIMITED",
        variant="busy",
        trap="W2",
        about="A filter that is busy answers 503 to the auditor alone.",
        evidence=(DUAL, *good4, page(V6, 503)),
        expect=(("LIMITED", V6),),
    )
    yield case(
        code="FILTERED",
        trap="W2",
        about="A challenge page is the protection service's, not the site's.",
        evidence=(DUAL, *good4, http(V6, answer(V6, 503, headers=(("CF-Mitigated", "challenge"),)))),
        expect=(("FILTERED", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="ipv4-limited",
        trap="W2",
        about="500 over IPv6, but what IPv4 shows is a rate limit.",
        evidence=(DUAL, *HTTP_DEFAULT, page(V4, 429), page(V6, 500)),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        about="The redirect leads out of what may be audited.",
        evidence=(
            DUAL,
            *good4,
            http(
                V6, answer(V6, 301, location=AWAY), answer(V6, None, hop=1, url=AWAY, failure=FailureKind.OUT_OF_SCOPE)
            ),
        ),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="cut-short",
        trap="R3",
        about="The visit was cut short before the first answer.",
        evidence=(DUAL, *good4, http(V6, failure=Failure(kind=FailureKind.CUT_SHORT))),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="NOT_OPEN",
        about="One defect, one finding: a shut address is reach's.",
        evidence=(DUAL, *ports(V4, 80, 443), page(V4, 200), *ports(V6)),
        expect=(("NOT_OPEN", V6),),
    )
    yield case(
        code="NOT_OPEN",
        variant="redirect-to-shut-https",
        about="Port 80 redirects to 443 of the same address, which is shut: reach's finding too.",
        evidence=(
            DUAL,
            *ports(V4, 80, 443),
            page(V4, 200),
            *ports(V6, 80),
            http(
                V6,
                answer(V6, 301, port=80, location=f"https://{WEB}/"),
                answer(V6, None, hop=1, failure=REFUSED),
                port=80,
            ),
        ),
        expect=(("NOT_OPEN", V6),),
    )
    yield case(code="NO_AAAA", about="No IPv6.", evidence=(names(), *good4), expect=(("NO_AAAA", None),))


def _silent_inside(case: "partial[Case]") -> Iterator[Case]:
    """Yield cases of a silent device inside TSLCD: its own defect, that of a node before it, and our end's."""
    device = lab.router("fd00:a::1", network=Network.TSLCD)
    behind = Sites(asked=12, silent=1, shadows={device.id: ("nut-huyen",)})
    for code, variant, about, sites in (
        ("SILENT", "inside", "Of twelve sites one is silent.", Sites(asked=12, silent=1)),
        ("BEHIND_NODE", "", "The node that it is connected through is down.", behind),
        ("U_EGR", "outage", "A third of all sites is silent at once.", Sites(asked=12, silent=4)),
    ):
        yield case(
            code=code,
            variant=variant,
            about=about,
            subject=device,
            networks=frozenset({Network.TSLCD}),
            evidence=(echo("fd00:a::1", 0, failure=TIMEOUT),),
            sites=sites,
            expect=((code, "fd00:a::1"),),
            gated=code != "SILENT",
        )


def path_echo() -> Iterator[Case]:
    check = "ipv6.path.echo"
    case = partial(Case, check=check, subject=lab.site())
    yield from undecided_names(check)
    yield case(code="ANSWERS", about="All five.", evidence=(DUAL, echo(V6, 5)), expect=(("ANSWERS", V6),))
    yield case(
        code="ANSWERS",
        variant="nineteen-of-twenty",
        about="One lost reply of twenty is allowed.",
        evidence=(DUAL, echo(V6, 19, 20)),
        expect=(("ANSWERS", V6),),
    )
    yield case(
        code="ANSWERS",
        variant="router-inside",
        about="A device is met at its declared address, unique local inside TSLCD.",
        subject=lab.router("fd00:a::1", network=Network.TSLCD),
        networks=frozenset({Network.TSLCD}),
        evidence=(echo("fd00:a::1", 5),),
        expect=(("ANSWERS", "fd00:a::1"),),
    )
    yield from _silent_inside(case)
    yield case(code="LOSSY", about="Eighteen of twenty.", evidence=(DUAL, echo(V6, 18, 20)), expect=(("LOSSY", V6),))
    lossy = echo(V6, 18, 20)
    (step,) = lossy.steps
    large = evidence("path_mtu", replace(step, payload_size=1_452, rtts=(0.011,) * 20), task=V6, endpoint=at(V6, None))  # type: ignore[call-arg]
    yield case(
        code="LOSSY",
        variant="large-ones-answered",
        about="That large requests are answered, which ask for the size of the path, makes up for nothing.",
        evidence=(DUAL, lossy, large),
        expect=(("LOSSY", V6),),
    )
    again = replace(echo(V6, 5), id=EvidenceId("icmp6 again"), attempt=2)
    yield case(
        code="ANSWERS",
        variant="second-look",
        about="Of two looks the better one counts.",
        evidence=(DUAL, echo(V6, 2), again),
        expect=(("ANSWERS", V6),),
    )
    yield case(
        code="SILENT",
        variant="one-of-two",
        about="Each address by itself.",
        evidence=(names([V6, V6B]), echo(V6, 5), echo(V6B, 0, failure=TIMEOUT)),
        expect=(("ANSWERS", V6), ("SILENT", V6B)),
    )
    yield case(
        code="ANSWERS",
        variant="one-of-five",
        about="One lost reply is chance, of how ever few requests.",
        evidence=(DUAL, echo(V6, 4)),
        expect=(("ANSWERS", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="own-loss",
        about="Packets are lost near the vantage too.",
        evidence=(DUAL, echo(V6, 15, 20)),
        own={6: OwnPath(mtu=1500, sent=60, lost=12)},
        expect=(("NOT_DECIDED", V6),),
    )
    for code, variant, received, about in (
        ("NOT_DECIDED", "some-own-loss", 17, "Two of sixty lost near the vantage: three of twenty may be the same."),
        ("LOSSY", "own-loss", 10, "Far more than near the vantage."),
    ):
        yield case(
            code=code,
            variant=variant,
            about=about,
            evidence=(DUAL, echo(V6, received, 20)),
            own={6: OwnPath(mtu=1500, sent=60, lost=2 if received == 17 else 6)},
            expect=((code, V6),),
        )
    yield case(
        code="FILTERED",
        trap="P3",
        about="No reply, but port 443 is open: the echo is filtered, the host is not down.",
        evidence=(DUAL, echo(V6, 0, failure=TIMEOUT), *ports(V6, 80, 443)),
        expect=(("FILTERED", V6),),
    )
    yield case(
        code="FILTERED",
        variant="refused",
        trap="P3",
        about="A refused connection is a sign of life too.",
        subject=lab.router(V6),
        evidence=(echo(V6, 0, failure=TIMEOUT), tcp(V6, 22, REFUSED)),
        expect=(("FILTERED", V6),),
    )
    for code, lost in (("ANSWERS", 1), ("LOSSY", 16)):
        train = EchoTrain(address=ip_address(V6), interval=0.2, rtts=(None,) * lost + (0.011,) * (30 - lost))
        beside = evidence("echo_train", train, task=V6, endpoint=at(V6, None))
        yield case(
            code=code,
            variant="other-series",
            about="Its own requests all fell into an outage; others of the same run were answered.",
            evidence=(DUAL, echo(V6, 0, failure=TIMEOUT), *ports(V6, 80, 443), beside),
            expect=((code, V6),),
        )
    yield case(
        code="ANSWERS",
        variant="large-series",
        about="Only large requests were answered, at another time.",
        evidence=(DUAL, echo(V6, 0, failure=TIMEOUT), large),
        expect=(("ANSWERS", V6),),
    )
    connects = [
        evidence("tcp", replace(step, rtt=rtt), task=f"{V6}#{port}", endpoint=at(V6, port))
        for port, rtt in ((80, None), (443, 0.012), (8080, 0.013), (8443, None), (81, 0.012), (82, 0.011), (83, 0.013))
        if isinstance(step := tcp(V6, port).steps[0], TcpConnect)
    ]
    yield case(
        code="NOT_DECIDED",
        variant="lossy-line",
        about="Two of seven connects had to be asked for again: such a line may lose five requests by chance.",
        evidence=(DUAL, echo(V6, 0, failure=TIMEOUT), *connects),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="FILTERED",
        variant="many-lost",
        about="Such a line does not lose every one of twenty requests.",
        evidence=(DUAL, echo(V6, 0, 20, failure=TIMEOUT), *connects),
        expect=(("FILTERED", V6),),
    )
    yield case(
        code="SILENT",
        about="No reply and nothing else either; a network device of higher severity.",
        subject=lab.router(V6),
        evidence=(echo(V6, 0, failure=TIMEOUT),),
        expect=(("SILENT", V6),),
    )
    yield case(
        code="UNREACHABLE",
        about="A router on the way reports no route.",
        subject=lab.router(V6),
        evidence=(echo(V6, 0, failure=UNREACHABLE),),
        expect=(("UNREACHABLE", V6),),
    )
    yield case(
        code="NO_ECHO",
        about="The owner declared that echo is off.",
        subject=lab.router(V6, tags=("no-echo",)),
        evidence=(echo(V6, 0, failure=TIMEOUT),),
        expect=(("NO_ECHO", None),),
    )
    yield case(code="NO_ADDRESS", about="No IPv6.", evidence=(names(),), expect=(("NO_ADDRESS", None),))
    yield case(
        code="NOT_DECIDED",
        about="No right to send echo.",
        evidence=(DUAL, echo(V6, 0, 0, failure=FailureKind.NO_PERMISSION)),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="no-control",
        trap="T5",
        about="Nothing showed that echo leaves the vantage.",
        controls=("tcp/443",),
        evidence=(DUAL, echo(V6, 0, failure=TIMEOUT)),
        expect=(("NOT_DECIDED", V6),),
    )


def cases() -> Iterator[Case]:
    for group in (aaaa, addr_sane, reach, port_parity, http_ok, path_echo):
        yield from group()
