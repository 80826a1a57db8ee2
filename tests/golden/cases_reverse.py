"""Makes golden cases of DNS records about addresses: reverse names and HTTPS records."""

from collections.abc import Iterator
from functools import partial
from ipaddress import ip_address

import dns.rdata

from probes.framework.evidence import Evidence, FailureKind
from probes.observations.dns import NameLookup
from tests.golden import lab
from tests.golden.case import Case
from tests.golden.cases_dns import NS1, A, listed, ns
from tests.golden.cases_web import undecided_names
from tests.golden.lab import REFUSED, TIMEOUT, V4, V6, WEB, evidence, look, tcp, unanswered

HINT = "2001:db8:dead::10"


def _arpa(address: str) -> str:
    return ip_address(address).reverse_pointer


def points(address: str, *names: str) -> NameLookup:
    return look(_arpa(address), "PTR", "ptr", *names)


def leads(name: str, *addresses: str) -> NameLookup:
    return look(name, "AAAA", "ptr-address", *addresses)


def web(*steps: NameLookup, v6: tuple[str, ...] = (V6,)) -> Evidence:
    return evidence("dns", look(WEB, "A", "host", V4), look(WEB, "AAAA", "host", *v6), *steps, task=WEB)


def ptr() -> Iterator[Case]:
    check = "ipv6.dns.ptr"
    case = partial(Case, check=check, subject=lab.site())
    for undecided_name in undecided_names(check):
        yield Case(
            check=check,
            code=undecided_name.code,
            about=undecided_name.about,
            trap=undecided_name.trap,
            subject=undecided_name.subject,
            evidence=undecided_name.evidence,
            expect=((undecided_name.code, f"{WEB} AAAA"),),
        )
    confirmed = (points(V6, WEB), leads(WEB, V6))
    yield case(
        code="CONFIRMED",
        about="The site's address has a name that leads back.",
        evidence=(web(*confirmed),),
        expect=(("CONFIRMED", V6),),
    )
    yield case(
        code="CONFIRMED",
        variant="one-of-two-names",
        about="One of two names leads back; nobody answers for the other.",
        evidence=(web(points(V6, "a.example", WEB), unanswered("AAAA", "ptr-address", "a.example"), leads(WEB, V6)),),
        expect=(("CONFIRMED", V6),),
    )
    yield case(
        code="NOT_CONFIRMED",
        about="The name leads elsewhere.",
        evidence=(web(points(V6, "host.provider.example"), leads("host.provider.example", "2001:db8:b::1")),),
        expect=(("NOT_CONFIRMED", V6),),
    )
    yield case(
        code="NO_PTR",
        about="A web server and a name server need no reverse name.",
        evidence=(web(points(V6)),),
        expect=(("NO_PTR", V6),),
    )
    yield case(
        code="NO_PTR",
        variant="name-server",
        about="Nor does a name server.",
        subject=lab.zone(),
        evidence=(listed(ns(NS1, A), points(A), servers=(NS1,)),),
        expect=(("NO_PTR", A),),
    )
    yield case(
        code="NO_DNS_ANSWER",
        variant="reverse-zone",
        about="The servers of the reverse zone answer SERVFAIL: nothing is known of the address.",
        evidence=(web(unanswered("PTR", "ptr", _arpa(V6), FailureKind.NAME_ERROR)),),
        expect=(("NO_DNS_ANSWER", V6),),
    )
    yield case(
        code="DNS_NOT_ASKED",
        variant="by-resolver",
        trap="T6",
        about="Only a resolver could be asked for the reverse name.",
        evidence=(web(look(_arpa(V6), "PTR", "ptr", via="resolver")),),
        expect=(("DNS_NOT_ASKED", V6),),
    )
    yield case(
        code="NO_ADDRESS",
        about="There is no AAAA, or none that can be used.",
        evidence=(web(v6=("fe80::1",)),),
        expect=(("NO_ADDRESS", None),),
    )
    yield case(
        code="CONFIRMED",
        variant="nameless",
        about="Listed by address: what it is called leads back.",
        subject=lab.site(host=None, addresses=(ip_address(V6), ip_address(V4))),
        evidence=(evidence("dns", *confirmed, points(V4), task=V6),),
        expect=(("CONFIRMED", V6),),
    )
    yield case(
        code="NO_ADDRESS",
        variant="nameless",
        about="Listed by an IPv4 address.",
        subject=lab.site(host=None, addresses=(ip_address(V4),)),
        evidence=(evidence("dns", points(V4), task=V4),),
        expect=(("NO_ADDRESS", None),),
    )


def _https(text: str) -> str:
    return str(dns.rdata.from_text("IN", "HTTPS", text).to_generic())


def hinted(*records: str, steps: tuple[NameLookup, ...] = (), v6: tuple[str, ...] = (V6,)) -> Evidence:
    return web(look(WEB, "HTTPS", "https", *map(_https, records)), *steps, v6=v6)


def https_hints() -> Iterator[Case]:
    check = "ipv6.dns.https-hints"
    case = partial(Case, check=check, subject=lab.site())
    agrees = f"1 . alpn=h2 ipv6hint={V6}"
    astray = f"1 . ipv6hint={V6},{HINT}"

    def one(code: str, about: str, *found: Evidence, variant: str = "", trap: str = "") -> Case:
        expect = ((code, HINT if code == "NOT_DECIDED" else None),)
        return case(code=code, variant=variant, trap=trap, about=about, evidence=found, expect=expect)

    yield one("AGREES", "The hint is the AAAA.", hinted(agrees))
    yield one("NO_HINT", "Protocols alone.", hinted("1 . alpn=h2"))
    yield one(
        "NO_HINT",
        "An alias to a host that has addresses.",
        hinted(
            "0 cdn.example.",
            steps=(look("cdn.example", "A", "https-target"), look("cdn.example", "AAAA", "https-target", V6)),
        ),
        variant="alias",
    )
    yield one(
        "AGREES",
        "The hint of another host is that host's AAAA.",
        hinted(f"1 cdn.example. ipv6hint={HINT}", steps=(look("cdn.example", "AAAA", "https-target", HINT),)),
        variant="target",
    )
    yield one("DIFFERS", "An address more than AAAA has, which answers.", hinted(astray), tcp(HINT, 443))
    yield one("DEAD", "An address more than AAAA has, which is closed.", hinted(astray), tcp(HINT, 443, REFUSED))
    yield one("DEAD", "It is silent.", hinted(astray), tcp(HINT, 443, TIMEOUT), variant="silent")
    yield case(
        code="NOT_DECIDED",
        variant="no-control",
        trap="T5",
        about="It is silent, and nothing shows that 443 gets out.",
        controls=("icmp",),
        evidence=(hinted(astray), tcp(HINT, 443, TIMEOUT)),
        expect=(("NOT_DECIDED", HINT),),
    )
    yield one(
        "NOT_DECIDED",
        "It is not within what may be audited.",
        hinted(astray),
        tcp(HINT, 443, FailureKind.OUT_OF_SCOPE),
        variant="scope",
    )
    yield one(
        "NOT_DECIDED",
        "A port that a record does not make us knock at.",
        hinted(f"1 . port=25 ipv6hint={HINT}"),
        tcp(V6, 443),
        variant="port",
    )
    empty = (look("gone.example", "A", "https-target"), look("gone.example", "AAAA", "https-target"))
    yield one("ALIAS_TO_NOTHING", "The target has no address.", hinted("0 gone.example.", steps=empty))
    yield one("UNREADABLE", "Bytes that are no such record.", web(look(WEB, "HTTPS", "https", "\\# 2 00ff")))
    yield one("NO_RECORD", "There is none.", web(look(WEB, "HTTPS", "https")))
    yield case(
        code="NO_NAME",
        about="Listed by address.",
        subject=lab.site(host=None, addresses=(ip_address(V6),)),
        evidence=(tcp(V6, 443),),
        expect=(("NO_NAME", None),),
    )
    yield one("NO_DNS_ANSWER", "The name servers do not answer for the type.", web(unanswered("HTTPS", "https", WEB)))
    yield one(
        "NO_DNS_ANSWER",
        "Whether the hint is right depends on a name nobody answers for.",
        hinted(f"1 cdn.example. ipv6hint={HINT}", steps=(unanswered("AAAA", "https-target", "cdn.example"),)),
        variant="target",
    )
    yield one(
        "DNS_CONTRADICTS",
        "One look-up has the records, another has none.",
        hinted(agrees, steps=(look(WEB, "HTTPS", "https"),)),
    )
    yield one("DNS_NOT_ASKED", "Cut short.", web())


def cases() -> Iterator[Case]:
    for group in (ptr, https_hints):
        yield from group()
