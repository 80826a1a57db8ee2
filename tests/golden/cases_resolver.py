"""Makes golden cases of recursive resolvers, asked from inside TSLCD."""

from collections.abc import Iterator
from functools import partial
from ipaddress import ip_address

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from inventory.model import Endpoint, Kind, Network, Subject, SubjectId
from probes.framework.evidence import Evidence, FailureKind
from probes.observations.dns import DnsExchange, NameLookup
from tests.golden import lab
from tests.golden.case import ALL_CONTROLS, Case
from tests.golden.lab import TIMEOUT, evidence, look, unanswered, why

R6, R4 = "2001:db8:53::53", "198.51.100.53"
PLAIN, IN_V6, V4_ONLY, ROOT = "dung.example", "ten.chi6.example", "ipv4only.arpa", "a.root"
PLAIN6, IN_V6_6, ROOT6 = "2001:db8:ffff::80", "2001:db8:ffff::81", "2001:db8:1::53"
TRUTH = (
    look(PLAIN, "AAAA", "control-plain", PLAIN6),
    look(IN_V6, "AAAA", "control-v6", IN_V6_6),
    look(V4_ONLY, "AAAA", "control"),
    look(ROOT, "AAAA", "control", ROOT6),
)
CONTROLS = (*ALL_CONTROLS, "tcp/53")


def resolver(*addresses: str, tags: tuple[str, ...] = ()) -> Subject:
    return lab.site(
        id=SubjectId("phan-giai"),
        kind=Kind.RESOLVER,
        kinds=frozenset({Kind.RESOLVER}),
        name="phan-giai",
        host=None,
        addresses=tuple(ip_address(address) for address in addresses),
        network=Network.TSLCD,
        tags=tags,
    )


def said(
    server: str,
    name: str,
    *records: str,
    rtype: str = "AAAA",
    rcode: str = "NOERROR",
    transport: str = "udp",
    failure: FailureKind | None = None,
    cut: bool = False,
    refers: bool = False,
) -> DnsExchange:
    """Return an answer; ``cut``: truncated; ``refers``: without recursion, a referral only to the root servers."""
    query = dns.message.make_query(name, rtype, id=4711)
    message = dns.message.make_response(query, recursion_available=not refers)
    message.set_rcode(dns.rcode.from_text(rcode))
    if cut:
        message.flags |= dns.flags.TC
    if refers:
        message.authority.append(dns.rrset.from_text(".", 518_400, "IN", "NS", "a.root-servers.net."))
    if records:
        message.answer.append(dns.rrset.from_text_list(f"{name}.", 300, "IN", rtype, records))
    return DnsExchange(
        server=ip_address(server),
        transport=transport,
        qname=name,
        qtype=rtype,
        recursion_desired=True,
        response=None if failure else message.to_wire(want_shuffle=False),
        failure=why(failure),
    )


def asked(
    server: str,
    *steps: DnsExchange,
    truth: tuple[NameLookup, ...] = TRUTH,
    tcp: FailureKind | None = None,
    in_v6: tuple[DnsExchange, ...] | None = None,
) -> Evidence:
    """Return evidence of a resolver with right answers; ``steps`` replace those for the same question and transport."""
    usual = [
        said(server, PLAIN, PLAIN6),
        said(server, PLAIN, PLAIN6, transport="tcp", failure=tcp),
        *(in_v6 or (said(server, IN_V6, IN_V6_6), said(server, IN_V6, IN_V6_6, transport="tcp", failure=tcp))),
        said(server, V4_ONLY),
        said(server, ROOT, ROOT6),
    ]
    changed = {(step.qname, step.qtype, step.transport) for step in steps}
    kept = [step for step in usual if (step.qname, step.qtype, step.transport) not in changed]
    endpoint = Endpoint(address=ip_address(server), port=53)
    return evidence("resolver", *truth, *kept, *steps, task=f"{server}#53", endpoint=endpoint)


def case_of(
    check: str,
    subject: Subject,
    code: str,
    about: str,
    *found: Evidence,
    expect: tuple[tuple[str, str | None], ...],
    variant: str = "",
    trap: str = "",
    controls: tuple[str, ...] = CONTROLS,
) -> Case:
    return Case(
        check=check,
        subject=subject,
        code=code,
        about=about,
        variant=variant,
        trap=trap,
        evidence=found,
        expect=expect,
        controls=controls,
        networks=frozenset({Network.TSLCD}),
    )


def resolver_dual() -> Iterator[Case]:
    check, both = "ipv6.dns.resolver-dual", resolver(R6, R4)
    case = partial(case_of, check, both)
    fails = partial(said, R6, IN_V6)
    good = ("RESOLVES", R4)
    yield case(
        "RESOLVES", "Over UDP and TCP, on both of its addresses.", asked(R6), asked(R4), expect=(("RESOLVES", R6), good)
    )
    yield case(
        "FAILS",
        "No way out over IPv6: SERVFAIL for the zone, everything else is resolved.",
        asked(R6, fails(rcode="SERVFAIL"), fails(rcode="SERVFAIL", transport="tcp")),
        asked(R4),
        expect=(("FAILS", R6), good),
    )
    yield case(
        "FAILS_SILENTLY",
        "It never comes to an end.",
        asked(R6, fails(failure=TIMEOUT), fails(failure=TIMEOUT, transport="tcp")),
        asked(R4),
        expect=(("FAILS_SILENTLY", R6), good),
    )
    yield case(
        "NOT_DECIDED",
        "Over UDP alone the name does not come, which may be chance.",
        asked(R6, fails(failure=TIMEOUT)),
        asked(R4),
        expect=(("NOT_DECIDED", R6), good),
        variant="tcp-alone",
    )
    for code, kind, about in (
        ("NO_DNS_ANSWER", TIMEOUT, "The zone cannot be reached from here either: it may be down."),
        ("DNS_NOT_ASKED", FailureKind.CUT_SHORT, "Whether the zone is there was not looked up."),
    ):
        truth = (TRUTH[0], unanswered("AAAA", "control-v6", IN_V6, kind))
        refused = (fails(rcode="SERVFAIL"), fails(rcode="SERVFAIL", transport="tcp"))
        yield case(code, about, asked(R6, *refused, truth=truth), asked(R4, truth=truth), expect=((code, R6), good))
    twice = (*TRUTH, look(IN_V6, "AAAA", "control-v6"))
    yield case(
        "DNS_CONTRADICTS",
        "The name servers of the zone contradict each other.",
        asked(R6, fails(rcode="SERVFAIL"), fails(rcode="SERVFAIL", transport="tcp"), truth=twice),
        asked(R4, truth=twice),
        expect=(("DNS_CONTRADICTS", R6), good),
    )
    source = partial(said, rtype="TXT")
    yield case(
        "FORWARDS",
        "The zone was asked by another network's resolver.",
        asked(R6, source(R6, IN_V6, "2001:db8:dead::53")),
        asked(R4, source(R4, IN_V6, "2001:db8:53:1::1")),
        trap="T6",
        expect=(("FORWARDS", R6), good),
    )
    yield case(
        "RESOLVES",
        "It sends from another network of its own site.",
        asked(R6, source(R6, IN_V6, "2001:db8:53:8001::9")),
        asked(R4),
        variant="same-site",
        expect=(("RESOLVES", R6), good),
    )
    yield case(
        "NOT_DECIDED",
        "Where the zone was asked from got lost.",
        asked(R6, source(R6, IN_V6, failure=TIMEOUT)),
        asked(R4),
        variant="no-source",
        expect=(("NOT_DECIDED", R6), good),
    )
    yield case(
        "NO_TCP", "Closed over TCP.", asked(R6, tcp=FailureKind.REFUSED), asked(R4), expect=(("NO_TCP", R6), good)
    )
    yield case(
        "NOT_DECIDED",
        "That TCP 53 gets out was never shown.",
        asked(R6, tcp=TIMEOUT),
        asked(R4),
        trap="T5",
        controls=ALL_CONTROLS,
        expect=(("NOT_DECIDED", R6), good),
    )
    yield case_of(
        check,
        resolver(R4),
        "NO_IPV6_ADDRESS",
        "IPv6 behind it, IPv4 in front.",
        asked(R4),
        expect=(good, ("NO_IPV6_ADDRESS", "addresses")),
    )
    yield case(
        "NO_BASIS",
        "It refuses the vantage.",
        asked(R6, said(R6, PLAIN, rcode="REFUSED")),
        asked(R4),
        expect=(("NO_BASIS", R6), good),
    )
    yield case(
        "NO_BASIS",
        "Recursion is shut to the vantage, and the cache open: BIND then refers to the root (NOERROR, RA clear).",
        asked(R6, *(said(R6, name, refers=True) for name in (PLAIN, IN_V6, V4_ONLY, ROOT))),
        asked(R4),
        variant="refers",
        expect=(("NO_BASIS", R6), good),
    )
    yield case(
        "NO_BASIS",
        "A resolver of a closed network, which knows no name of the Internet.",
        asked(R6, *(said(R6, name, rcode="NXDOMAIN") for name in (PLAIN, IN_V6, V4_ONLY, ROOT))),
        asked(R4),
        variant="closed",
        expect=(("NO_BASIS", R6), good),
    )
    yield case(
        "NOT_DECIDED",
        "It refuses this one name, as its rules say; whether it could look it up is not known.",
        asked(R6, fails(rcode="REFUSED"), fails(rcode="REFUSED", transport="tcp")),
        asked(R4),
        variant="refused",
        expect=(("NOT_DECIDED", R6), good),
    )
    yield case(
        "NOT_DECIDED",
        "It wants every question over TCP.",
        asked(R6, said(R6, PLAIN, cut=True), said(R6, IN_V6, cut=True)),
        asked(R4),
        variant="truncated",
        expect=(("NOT_DECIDED", R6), good),
    )
    unnamed = (look(V4_ONLY, "AAAA", "control-plain"), TRUTH[1], TRUTH[3])
    cut_off = (fails(rcode="SERVFAIL"), fails(rcode="SERVFAIL", transport="tcp"), said(R6, ROOT, rcode="SERVFAIL"))
    yield case(
        "NOT_DECIDED",
        "Without an ordinary name in the configuration only ipv4only.arpa is answered, which it knows by itself.",
        asked(R6, *cut_off, truth=unnamed),
        asked(R4, said(R4, V4_ONLY, transport="tcp"), truth=unnamed),
        variant="knows-by-itself",
        expect=(("NOT_DECIDED", R6), good),
    )
    local = "fd00:53::53"
    yield case_of(
        check,
        resolver(local),
        "RESOLVES",
        "It listens on a unique local address and sends from a global one.",
        asked(local, source(local, IN_V6, "2001:db8:dead::53")),
        variant="unique-local",
        expect=(("RESOLVES", local),),
    )
    plain = (TRUTH[0],)
    yield case(
        "NOT_CONFIGURED",
        "No such control name.",
        asked(R6, truth=plain),
        asked(R4, truth=plain),
        expect=(("NOT_CONFIGURED", R6), ("NOT_CONFIGURED", R4)),
    )
    yield case(
        "NOT_ASKED", "Only names were looked up.", evidence("dns", *TRUTH, task="x"), expect=(("NOT_ASKED", None),)
    )


def resolver_aaaa() -> Iterator[Case]:
    check, both = "ipv6.dns.resolver-aaaa", resolver(R6, R4)
    case = partial(case_of, check, both)
    good = ("EQUAL", R4)
    yield case("EQUAL", "All as they are.", asked(R6), asked(R4), expect=(("EQUAL", R6), good))
    yield case(
        "EQUAL",
        "The zone with IPv6 name servers alone is resolver-dual's finding.",
        asked(R6, said(R6, IN_V6, failure=TIMEOUT)),
        asked(R4),
        variant="ipv4-only",
        expect=(("EQUAL", R6), good),
    )
    yield case(
        "STRIPPED",
        "AAAA is filtered.",
        asked(R6, said(R6, ROOT), said(R6, PLAIN)),
        asked(R4),
        expect=(("STRIPPED", R6), good),
    )
    yield case(
        "CHANGED",
        "Led elsewhere.",
        asked(R6, said(R6, ROOT, "2001:db8:bad::1")),
        asked(R4),
        expect=(("CHANGED", R6), good),
    )
    yield case(
        "CHANGED",
        "An invented address that is no translation.",
        asked(R6, said(R6, V4_ONLY, "2001:db8:bad::1")),
        asked(R4),
        variant="invented",
        expect=(("CHANGED", R6), good),
    )
    translated = said(R6, V4_ONLY, "64:ff9b::c000:aa", "64:ff9b::c000:ab")
    yield case(
        "DNS64", "Nobody declared it.", asked(R6, translated), asked(R4), trap="T4", expect=(("DNS64", R6), good)
    )
    yield case_of(
        check,
        resolver(R6, tags=("dns64",)),
        "DNS64_DECLARED",
        "For a network with IPv6 alone.",
        asked(R6, translated),
        expect=(("DNS64_DECLARED", R6),),
    )
    yield case(
        "NOT_DECIDED",
        "One name got lost.",
        asked(R6, said(R6, ROOT, failure=FailureKind.CUT_SHORT)),
        asked(R4),
        expect=(("NOT_DECIDED", R6), good),
    )
    inside = tuple(look(one.name, "AAAA", one.role, *one.records, via="resolver") for one in TRUTH)
    yield case(
        "NOT_DECIDED",
        "What is true can only be learnt from a resolver here.",
        asked(R6, truth=inside),
        asked(R4, truth=inside),
        variant="no-truth",
        trap="T6",
        expect=(("NOT_DECIDED", R6), ("NOT_DECIDED", R4)),
    )
    yield case(
        "NO_BASIS",
        "Recursion is shut to the vantage, and the cache open: BIND then refers to the root (NOERROR, RA clear).",
        asked(R6, *(said(R6, name, refers=True) for name in (PLAIN, IN_V6, V4_ONLY, ROOT))),
        asked(R4),
        variant="refers",
        expect=(("NO_BASIS", R6), good),
    )
    yield case(
        "NOT_DECIDED",
        "It wants every question over TCP: a truncated answer takes nothing out.",
        asked(R6, *(said(R6, name, cut=True) for name in (PLAIN, IN_V6, V4_ONLY, ROOT))),
        asked(R4),
        variant="truncated",
        expect=(("NOT_DECIDED", R6), good),
    )
    yield case(
        "NOT_DECIDED",
        "A resolver of a closed network denies every name of the Internet, whatever its type.",
        asked(R6, *(said(R6, name, rcode="NXDOMAIN") for name in (PLAIN, IN_V6, V4_ONLY, ROOT))),
        asked(R4),
        variant="closed",
        expect=(("NOT_DECIDED", R6), good),
    )
    none = [said(R6, name, rcode="REFUSED") for name in (PLAIN, IN_V6, V4_ONLY, ROOT)]
    yield case("NO_BASIS", "It refuses the vantage.", asked(R6, *none), asked(R4), expect=(("NO_BASIS", R6), good))
    yield case(
        "NOT_ASKED", "Only names were looked up.", evidence("dns", *TRUTH, task="x"), expect=(("NOT_ASKED", None),)
    )


def cases() -> Iterator[Case]:
    for group in (resolver_dual, resolver_aaaa):
        yield from group()
