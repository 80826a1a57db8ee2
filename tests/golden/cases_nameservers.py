"""Makes golden cases of name servers beyond answers over UDP: TCP, both families, transfers, recursion.

Also of CAA, which is looked up together with the addresses.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address

import dns.message
import dns.rdata
import dns.rrset

from inventory.model import Network
from probes.framework.evidence import CLOSED_EARLY, Evidence, Failure, FailureKind
from probes.observations.dns import DnsExchange, LookupStatus, NameLookup
from probes.observations.transport import TcpConnect
from tests.golden import lab
from tests.golden.case import ALL_CONTROLS, Case
from tests.golden.cases_dns import NS1, NS2, NS3, TWO, A, B, C, listed, ns, undecided_zone
from tests.golden.lab import REFUSED, TIMEOUT, WEB, ZONE, asked, delegated, evidence, look, soa, unanswered

CONTROLS = (*ALL_CONTROLS, "tcp/53")
A4, B4 = "198.51.100.53", "198.51.100.54"

tcp = partial(soa, transport="tcp")


def v4(name: str, *addresses: str) -> NameLookup:
    return look(name, "A", "ns-address", *addresses)


DUAL = listed(ns(NS1, A), v4(NS1, A4), ns(NS2, B), v4(NS2))
"""Three addresses: both families of ns1, IPv6 of ns2."""


_DEFECTS: dict[str, dict[str, object]] = {
    "SILENT": {"failure": TIMEOUT},
    "REJECTED": {"failure": REFUSED},
    "HUNG_UP": {"failure": FailureKind.RESET},
    "BAD_RCODE": {"rcode": "NOTAUTH", "aa": False, "answer": None},
    "NOT_AUTHORITATIVE": {"aa": False},
    "WRONG_ANSWER": {"answer": None},
}


def _closed(address: str) -> Evidence:
    """Return a connection that was accepted, and closed without an answer."""
    envelope = tcp(address)
    failure = Failure(kind=FailureKind.PROTOCOL, detail=CLOSED_EARLY)
    (step,) = (step for step in envelope.steps if isinstance(step, DnsExchange))
    return replace(envelope, steps=(replace(step, response=None, failure=failure),))


def ns_reach_tcp() -> Iterator[Case]:
    check = "ipv6.dns.ns-reach-tcp"
    case = partial(Case, check=check, subject=lab.zone(), controls=CONTROLS)
    yield from undecided_zone(check)
    yield case(
        code="ANSWERS",
        about="Both addresses answer over TCP.",
        evidence=(TWO, tcp(A), tcp(B)),
        expect=(("ANSWERS", A), ("ANSWERS", B)),
    )
    yield case(
        code="ANSWERS",
        variant="silent-over-udp",
        about="What UDP does is ns-reach's finding.",
        evidence=(TWO, soa(A, failure=TIMEOUT), tcp(A), tcp(B)),
        expect=(("ANSWERS", A), ("ANSWERS", B)),
    )
    yield case(
        code="ANSWERS",
        variant="without-edns",
        about="An old server says FORMERR to EDNS over TCP too, and answers without it.",
        evidence=(TWO, tcp(A), tcp(B, rcode="FORMERR", aa=False, answer=None), tcp(B, edns_size=0, attempt=2)),
        expect=(("ANSWERS", A), ("ANSWERS", B)),
    )
    keys = asked("zone_data", B, (ZONE, "DNSKEY"), flags="AA", transport="tcp")
    limited = ((tcp(B, failure=TIMEOUT), "drops"), (tcp(B, failure=REFUSED), "refuses"), (_closed(B), "closes"))
    for lost, limit in limited:
        yield case(
            code="DROPS_SOME",
            variant=limit,
            about=f"A limit on connections {limit} one of them; another question was answered over TCP.",
            evidence=(TWO, tcp(A), lost, keys),
            expect=(("ANSWERS", A), ("DROPS_SOME", B)),
        )
    yield case(
        code="NOT_DECIDED",
        variant="beside-a-limit",
        about="One is silent, one limits: whether two fail is not known.",
        evidence=(TWO, tcp(A, failure=TIMEOUT), tcp(B, failure=TIMEOUT), keys),
        expect=(("NOT_DECIDED", A), ("DROPS_SOME", B)),
    )
    for code, how in _DEFECTS.items():
        bad = partial(tcp, **how)
        yield case(
            code=code,
            trap="N1",
            about="Two addresses fail over TCP.",
            evidence=(delegated({NS1: [A], NS2: [B], NS3: [C]}), tcp(A), bad(B), bad(C)),
            expect=(("ANSWERS", A), (code, B), (code, C)),
        )
        yield case(
            code=f"ONLY_{code}",
            about="One of two addresses fails over TCP.",
            evidence=(TWO, tcp(A), bad(B)),
            expect=(("ANSWERS", A), (f"ONLY_{code}", B)),
        )
    yield case(
        code="ONLY_HUNG_UP",
        variant="closed",
        about="A limit on connections of one client closes this one: that is no answer, and no wrong one.",
        evidence=(TWO, tcp(A), _closed(B)),
        expect=(("ANSWERS", A), ("ONLY_HUNG_UP", B)),
    )
    yield case(
        code="SILENT",
        variant="only-address",
        about="The only IPv6 address there is fails.",
        evidence=(delegated({NS1: [A]}), tcp(A, failure=TIMEOUT)),
        expect=(("SILENT", A),),
    )
    yield case(
        code="WRONG_ANSWER",
        variant="truncated",
        about="TC makes no sense over TCP.",
        evidence=(delegated({NS1: [A]}), tcp(A, answer=None, tc=True)),
        expect=(("WRONG_ANSWER", A),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="other-undecided",
        about="Whether one fails or two depends on ns2, which was cut short.",
        evidence=(TWO, tcp(A, failure=TIMEOUT), tcp(B, failure=FailureKind.CUT_SHORT)),
        expect=(("NOT_DECIDED", A), ("NOT_DECIDED", B)),
    )
    yield case(
        code="NOT_DECIDED",
        trap="T5",
        about="TCP 53 was never shown to leave the vantage.",
        controls=ALL_CONTROLS,
        evidence=(TWO, tcp(A, failure=TIMEOUT), tcp(B, failure=TIMEOUT)),
        expect=(("NOT_DECIDED", A), ("NOT_DECIDED", B)),
    )
    yield case(
        code="NO_AAAA",
        about="No name server has IPv6.",
        evidence=(delegated({NS1: [], NS2: []}),),
        expect=(("NO_AAAA", None),),
    )
    yield case(
        code="NO_DNS_ANSWER",
        variant="one-name-server",
        about="The address of ns2 is not known.",
        evidence=(listed(ns(NS1, A), unanswered("AAAA", "ns-address", NS2)), tcp(A)),
        expect=(("ANSWERS", A), ("NO_DNS_ANSWER", NS2)),
    )
    yield case(
        code="DNS_CONTRADICTS",
        about="Two look-ups of ns2 contradict each other.",
        evidence=(listed(ns(NS1, A), ns(NS2, B), ns(NS2)), tcp(A)),
        expect=(("ANSWERS", A), ("DNS_CONTRADICTS", NS2)),
    )


def servers_unknown(check: str, *rest: Evidence, said: tuple[tuple[str, str], ...]) -> Iterator[Case]:
    """Yield the cases of every check of all name server addresses for servers with unknown addresses."""
    case = partial(Case, check=check, subject=lab.zone(), controls=CONTROLS)
    yield from undecided_zone(check)
    yield case(
        code="NO_SERVER",
        about="No name server has an address.",
        evidence=(listed(ns(NS1), v4(NS1), servers=(NS1,)),),
        expect=(("NO_SERVER", None),),
    )
    yield case(
        code="NO_DNS_ANSWER",
        variant="one-name-server",
        about="The IPv4 address of ns1 is not known; the rest is judged.",
        evidence=(listed(ns(NS1, A), unanswered("A", "ns-address", NS1), servers=(NS1,)), *rest),
        expect=(*said, ("NO_DNS_ANSWER", f"{NS1} A")),
    )
    yield case(
        code="DNS_CONTRADICTS",
        about="Two look-ups of ns1 contradict each other.",
        evidence=(listed(ns(NS1, A), v4(NS1, A4), v4(NS1), servers=(NS1,)), *rest),
        expect=(*said, ("DNS_CONTRADICTS", f"{NS1} A")),
    )


SOA = f"{ZONE} SOA ns1.{ZONE}. hostmaster.{ZONE}. 1 2 3 4 5"


def sent_from(address: str, source: str) -> Evidence:
    """Return a connect from one of our addresses."""
    step = TcpConnect(address=ip_address(address), port=53, source=ip_address(source))
    return lab.evidence("tcp", step, task=f"{address}#53", endpoint=lab.at(address, 53))


def axfr() -> Iterator[Case]:
    check = "security.dns.axfr"
    case = partial(Case, check=check, subject=lab.zone(), controls=CONTROLS)
    ask = partial(lab.asked, "zone_transfer", question=(ZONE, "AXFR"), transport="tcp")
    refused = partial(ask, rcode="REFUSED")
    yield from servers_unknown(check, refused(A), said=(("REFUSED", A),))
    yield case(
        code="REFUSED",
        about="All three refuse, each with a code of its own.",
        evidence=(DUAL, refused(A), ask(B, rcode="NOTAUTH"), ask(A4)),
        expect=(("REFUSED", A), ("REFUSED", B), ("REFUSED", A4)),
    )
    given = lab.asked("zone_transfer", A4, (ZONE, "AXFR"), SOA, f"{ZONE} NS {NS1}.", transport="tcp")
    yield case(
        code="TRANSFERRED",
        about="IPv4 gives to strangers what IPv6 refuses.",
        evidence=(DUAL, refused(A), refused(B), given),
        expect=(("REFUSED", A), ("REFUSED", B), ("TRANSFERRED", A4)),
    )
    begun = lab.asked("zone_transfer", A4, (ZONE, "AXFR"), SOA, transport="tcp")
    for code, source in (("INSIDE", "198.51.100.7"), ("BEHIND_NAT", "192.168.1.7")):
        yield case(
            code=code,
            about="Inside, whoever asks may have the zone.",
            evidence=(DUAL, refused(A), refused(B), given),
            sources=(source,),
            expect=(("REFUSED", A), ("REFUSED", B), (code, A4)),
        )
    yield case(
        code="BEGUN",
        about="PowerDNS sends the SOA in a message of its own; the second was not waited for.",
        evidence=(DUAL, refused(A), refused(B), begun),
        expect=(("REFUSED", A), ("REFUSED", B), ("BEGUN", A4)),
    )
    yield case(
        code="CLOSED",
        about="One closes the connection, one has no TCP.",
        evidence=(DUAL, refused(A), ask(B, failure=FailureKind.RESET), ask(A4, failure=REFUSED)),
        expect=(("REFUSED", A), ("CLOSED", B), ("CLOSED", A4)),
    )
    yield case(
        code="SILENT",
        about="Silence is a pass where TCP 53 is known to get out.",
        evidence=(DUAL, refused(A), refused(B), ask(A4, failure=TIMEOUT)),
        expect=(("REFUSED", A), ("REFUSED", B), ("SILENT", A4)),
    )
    yield case(
        code="NOT_DECIDED",
        about="Without a control silence is no pass; nor are bytes that make no answer, nor a question never asked.",
        controls=ALL_CONTROLS,
        evidence=(DUAL, ask(A, failure=TIMEOUT), ask(B, wire=b"\0" * 7)),
        expect=(("NOT_DECIDED", A), ("NOT_DECIDED", B), ("NOT_DECIDED", A4)),
    )


def open_resolver() -> Iterator[Case]:
    check = "security.dns.open-resolver"
    outside = "ipv4only.arpa"
    case = partial(Case, check=check, subject=lab.zone(), controls=CONTROLS)
    ask = partial(asked, "recursion", question=(outside, "A"), recursion=True)
    refused = partial(ask, rcode="REFUSED")

    def found(server: str, address: str, flags: str = "RA", *, again: bool = False) -> Evidence:
        record = f"{outside} A {address}"
        attempt, minutes = (2, 11) if again else (1, 0)
        return asked(
            "recursion", server, (outside, "A"), record, flags=flags, recursion=True, attempt=attempt, minutes=minutes
        )

    def open_(server: str, flags: str = "RA") -> tuple[Evidence, ...]:
        return (found(server, "192.0.0.171", flags), found(server, "192.0.0.170", flags, again=True))

    yield from servers_unknown(check, refused(A), said=(("NOT_OFFERED", A),))
    yield case(
        code="NOT_OFFERED",
        about="Refused, nothing in the answer, and the servers of arpa themselves, which answer with authority.",
        evidence=(DUAL, refused(A), ask(B), found(A4, "192.0.0.170", "AA")),
        expect=(("NOT_OFFERED", A), ("NOT_OFFERED", B), ("NOT_OFFERED", A4)),
    )
    upwards = dns.message.make_response(dns.message.make_query(outside, "A", id=4711))
    upwards.authority.append(dns.rrset.from_text(".", 3600, "IN", "NS", "a.root-servers.net."))
    yield case(
        code="REFERS_UPWARDS",
        about="An old server that sends strangers to the root.",
        evidence=(DUAL, refused(A), refused(B), ask(A4, wire=upwards.to_wire())),
        expect=(("NOT_OFFERED", A), ("NOT_OFFERED", B), ("REFERS_UPWARDS", A4)),
    )
    yield case(
        code="OPEN",
        about="IPv6 resolves for anybody, IPv4 does not.",
        evidence=(DUAL, *open_(A), refused(B), refused(A4)),
        expect=(("OPEN", A), ("NOT_OFFERED", B), ("NOT_OFFERED", A4)),
    )
    yield case(
        code="OPEN",
        variant="without-ra",
        about="What it found is what counts, not what it says of itself.",
        evidence=(DUAL, *open_(A, ""), refused(B), refused(A4)),
        expect=(("OPEN", A), ("NOT_OFFERED", B), ("NOT_OFFERED", A4)),
    )
    yield case(
        code="OPEN_ONCE",
        about="Ten minutes later it refuses: another machine behind the address, or one that was just mended.",
        evidence=(DUAL, found(A, "192.0.0.171"), refused(A, attempt=2, minutes=11), refused(B), refused(A4)),
        expect=(("OPEN_ONCE", A), ("NOT_OFFERED", B), ("NOT_OFFERED", A4)),
    )
    yield case(
        code="NOT_DECIDED",
        variant="once",
        about="Seen once only.",
        evidence=(DUAL, found(A, "192.0.0.171"), refused(B), refused(A4)),
        expect=(("NOT_DECIDED", A), ("NOT_OFFERED", B), ("NOT_OFFERED", A4)),
    )
    yield case(
        code="NOT_DECIDED",
        variant="put-off",
        about="What limits the rate before a server sends to TCP, and sets RA because recursion was desired.",
        evidence=(DUAL, ask(A, flags="RA TC"), refused(B), refused(A4)),
        expect=(("NOT_DECIDED", A), ("NOT_OFFERED", B), ("NOT_OFFERED", A4)),
    )
    router = partial(case, subject=lab.router(A, A4))
    yield router(
        code="OPEN",
        variant="router",
        about="A router resolves for anybody over IPv4.",
        evidence=(refused(A), *open_(A4)),
        expect=(("NOT_OFFERED", A), ("OPEN", A4)),
    )
    yield case(
        code="INSIDE",
        subject=lab.router(A4, network=Network.TSLCD),
        networks=frozenset({Network.INTERNET, Network.TSLCD}),
        about="A resolver of TSLCD, asked from a vantage inside: no stranger.",
        evidence=open_(A4),
        expect=(("INSIDE", A4),),
    )
    yield router(
        code="INSIDE",
        variant="neighbour",
        about="The vantage stands in the network that the router resolves for.",
        evidence=(refused(A), *open_(A4)),
        sources=("198.51.100.7", "2001:db8:ffff::7"),
        expect=(("NOT_OFFERED", A), ("INSIDE", A4)),
    )
    hidden = partial(router, sources=("10.0.0.7", "2001:db8:ffff::7"))
    yield hidden(
        code="BEHIND_NAT",
        about="The vantage is seen by an address that nobody named: it may be one of those that may ask.",
        evidence=(refused(A), *open_(A4)),
        expect=(("NOT_OFFERED", A), ("BEHIND_NAT", A4)),
    )
    yield hidden(
        code="BEHIND_NAT",
        variant="once",
        about="It let the vantage in once, and is asked by its inner address.",
        evidence=(refused(A), found(A4, "192.0.0.171"), refused(A4, attempt=2, minutes=11)),
        expect=(("NOT_OFFERED", A), ("BEHIND_NAT", A4)),
    )
    for code, seen in (("OPEN", "192.0.2.7"), ("INSIDE", "198.51.100.7")):
        yield hidden(
            code=code,
            variant="translated",
            about="The configuration names the address that others see.",
            evidence=(refused(A), *open_(A4)),
            public=(seen,),
            expect=(("NOT_OFFERED", A), (code, A4)),
        )
    yield router(
        code="BEHIND_NAT",
        variant="tunnel",
        about="What is sent to this address alone leaves through a tunnel to its own network.",
        evidence=(refused(A), *open_(A4), sent_from(A4, "10.8.0.2")),
        sources=("192.0.2.7", "2001:db8:ffff::7"),
        expect=(("NOT_OFFERED", A), ("BEHIND_NAT", A4)),
    )
    yield router(
        code="SILENT",
        variant="router",
        about="A router that does not answer.",
        evidence=(ask(A, failure=TIMEOUT), ask(A4, failure=REFUSED)),
        expect=(("SILENT", A), ("SILENT", A4)),
    )
    forwarded = ask(A4, failure=TIMEOUT)
    step = forwarded.steps[0]
    assert isinstance(step, DnsExchange)
    step = replace(step, answered_from=ip_address("192.0.2.53"))
    yield router(
        code="ANSWERED_ELSEWHERE",
        about="A transparent forwarder hands the question on in our name: the resolver behind it answers us.",
        evidence=(refused(A), replace(forwarded, steps=(step,))),
        expect=(("NOT_OFFERED", A), ("ANSWERED_ELSEWHERE", A4)),
    )
    yield case(
        code="NO_ADDRESS",
        subject=lab.site(),
        about="The site's name leads to no address.",
        evidence=(lab.names((), ()),),
        expect=(("NO_ADDRESS", None),),
    )
    public = lab.router(A, tags=("public-resolver",))
    yield case(
        code="BY_DESIGN",
        subject=public,
        about="The inventory says that it serves everybody.",
        evidence=open_(A),
        expect=(("BY_DESIGN", None),),
    )
    yield case(
        code="OFFERED",
        about="RA is set, but no answer is found, or not the correct one.",
        evidence=(DUAL, ask(A, rcode="SERVFAIL", flags="RA"), found(B, "198.51.100.1"), refused(A4)),
        expect=(("OFFERED", A), ("OFFERED", B), ("NOT_OFFERED", A4)),
    )
    declined = ask(A, rcode="REFUSED", flags="RA")
    yield case(
        code="REFUSED",
        about="Knot Resolver and dnsdist refuse whom they do not serve with RA set.",
        evidence=(DUAL, declined, refused(B), refused(A4)),
        expect=(("REFUSED", A), ("NOT_OFFERED", B), ("NOT_OFFERED", A4)),
    )
    yield case(
        code="OPEN_ONCE",
        variant="refused-with-ra",
        about="It resolved once, and refused another time.",
        evidence=(DUAL, declined, found(A, "192.0.0.171", again=True), refused(B), refused(A4)),
        expect=(("OPEN_ONCE", A), ("NOT_OFFERED", B), ("NOT_OFFERED", A4)),
    )
    yield case(
        code="SILENT",
        about="Strangers' questions are dropped.",
        evidence=(DUAL, ask(A, failure=TIMEOUT), ask(B, failure=REFUSED), refused(A4)),
        expect=(("SILENT", A), ("SILENT", B), ("NOT_OFFERED", A4)),
    )
    yield case(
        code="NOT_DECIDED",
        about="Without a control silence is no pass; nor are bytes that make no answer, nor a question never asked.",
        controls=("icmp",),
        evidence=(DUAL, ask(A, failure=TIMEOUT), ask(B, wire=b"\0" * 7)),
        expect=(("NOT_DECIDED", A), ("NOT_DECIDED", B), ("NOT_DECIDED", A4)),
    )


def ns_all_dual() -> Iterator[Case]:
    check = "ipv6.dns.ns-all-dual"
    case = partial(Case, check=check, subject=lab.zone())
    yield from undecided_zone(check)
    both = (ns(NS1, A), v4(NS1, A4), ns(NS2, B), v4(NS2, B4))
    three = (NS1, NS2, NS3)
    yield case(code="ALL", about="Both have both.", evidence=(listed(*both),), expect=(("ALL", None),))
    yield case(
        code="ALL",
        variant="rejected",
        about="An AAAA that cannot be routed is ns-addr-sane's finding.",
        evidence=(listed(ns(NS1, "fe80::1"), *both[1:]),),
        expect=(("ALL", None),),
    )
    yield case(
        code="SINGLE",
        about="A third one has no IPv6, the other two are enough.",
        evidence=(listed(*both, ns(NS3), v4(NS3, "198.51.100.55"), servers=three),),
        expect=(("SINGLE", None),),
    )
    nobody = look(NS3, "A", "ns-address", status=LookupStatus.NO_SUCH_NAME)
    yield case(
        code="ALL",
        variant="no-such-name",
        about="A third name that does not exist is not of one family: that is security.dns.dangling's finding.",
        evidence=(listed(*both, ns(NS3, status=LookupStatus.NO_SUCH_NAME), nobody, servers=three),),
        expect=(("ALL", None),),
    )
    yield case(
        code="TOO_FEW",
        about="One of two has no IPv6.",
        evidence=(listed(*both[:2], ns(NS2), v4(NS2, B4)),),
        expect=(("TOO_FEW", None),),
    )
    yield case(
        code="TOO_FEW_AT_ALL",
        about="There is only one.",
        evidence=(listed(*both[:2], servers=(NS1,)),),
        expect=(("TOO_FEW_AT_ALL", None),),
    )
    yield case(
        code="NO_DNS_ANSWER",
        variant="one-name-server",
        about="Whether all have both depends on a name that nobody answers for.",
        evidence=(listed(*both[:3], unanswered("A", "ns-address", NS2)),),
        expect=(("NO_DNS_ANSWER", None),),
    )
    yield case(
        code="DNS_CONTRADICTS",
        about="Two look-ups of the second name server's A contradict each other.",
        evidence=(listed(*both, v4(NS2)),),
        expect=(("DNS_CONTRADICTS", None),),
    )


def _caa(text: str) -> str:
    """Return a CAA record as the look-up records it: in the generic form of RFC 3597."""
    return str(dns.rdata.from_text("IN", "CAA", text).to_generic())


def caa() -> Iterator[Case]:
    check = "security.dns.caa"
    case = partial(Case, check=check, subject=lab.site())
    nothing = look(WEB, "CAA", "caa")

    def climbed(*steps: NameLookup) -> tuple[Evidence, ...]:
        addresses = (look(WEB, "A", "host", lab.V4), look(WEB, "AAAA", "host"))
        return (evidence("dns", *addresses, *steps, task=WEB),)

    def at_zone(*records: str) -> tuple[Evidence, ...]:
        return climbed(nothing, look(ZONE, "CAA", "caa", *map(_caa, records)))

    yield case(
        code="RESTRICTED",
        about="The zone's record holds for the names below it.",
        evidence=at_zone('0 issue "ca.example; account=1"', '0 issuewild ";"', '0 iodef "mailto:a@tinh-a.example"'),
        expect=(("RESTRICTED", None),),
    )
    yield case(
        code="RESTRICTED",
        variant="reserved-flag",
        about="Another flag than the critical one means nothing yet (RFC 8659 §4.1).",
        evidence=at_zone('0 issue "ca.example"', '1 future "x"'),
        expect=(("RESTRICTED", None),),
    )
    yield case(
        code="NONE",
        about="Nothing up to the top.",
        evidence=climbed(nothing, look(ZONE, "CAA", "caa"), look("example", "CAA", "caa")),
        expect=(("NONE", None),),
    )
    yield case(
        code="NO_ISSUER",
        about="Where to complain, but not who may issue.",
        evidence=at_zone('0 iodef "mailto:a@tinh-a.example"', '0 future "x"'),
        expect=(("NO_ISSUER", None),),
    )
    yield case(
        code="WILD_ONLY",
        about="For a name that is no wildcard only issue counts (RFC 8659 §4.3).",
        evidence=at_zone('0 issuewild "ca.example"'),
        expect=(("WILD_ONLY", None),),
    )
    yield case(
        code="UNKNOWN_CRITICAL",
        about="A property nobody knows, marked critical.",
        evidence=at_zone('0 issue "ca.example"', '128 isue "ca.example"'),
        expect=(("UNKNOWN_CRITICAL", None),),
    )
    yield case(
        code="SYNTAX",
        about="An issuer is a domain name.",
        evidence=at_zone('0 issue "ca one.example"', '0 issue "ca.example"'),
        expect=(("SYNTAX", None),),
    )
    yield case(
        code="SYNTAX",
        variant="rdata",
        about="Bytes that are no CAA record at all.",
        evidence=climbed(look(WEB, "CAA", "caa", "\\# 2 00ff")),
        expect=(("SYNTAX", None),),
    )
    failed = unanswered("CAA", "caa", WEB)
    about_caa = partial(asked, "dns", question=(WEB, "CAA"))
    error = about_caa(A, rcode="SERVFAIL")
    for code, variant, other, about in (
        ("ANSWERS_ERROR", "", about_caa(B, rcode="NOTIMP"), "A load balancer knows A and AAAA alone."),
        ("NO_DNS_ANSWER", "one-silent", about_caa(B, failure=TIMEOUT), "One server did not answer."),
        ("NO_DNS_ANSWER", "refused", about_caa(B, rcode="REFUSED"), "A refusal may be a limit."),
    ):
        look_ups = evidence("dns", look(WEB, "A", "host", lab.V4), failed, task=WEB)
        yield case(code=code, variant=variant, about=about, evidence=(look_ups, error, other), expect=((code, None),))
    for variant, addresses, other, about in (
        (
            "of-the-zone",
            look(WEB, "A", "host", lab.V4),
            asked("dns", A, (ZONE, "CAA"), rcode="SERVFAIL"),
            "Not of this name.",
        ),
        ("no-addresses", unanswered("A", "host", WEB), error, "The servers answer nothing at all."),
    ):
        yield case(
            code="NO_DNS_ANSWER",
            variant=variant,
            about=about,
            evidence=(evidence("dns", addresses, failed, task=WEB), other),
            expect=(("NO_DNS_ANSWER", None),),
        )
    yield case(
        code="NO_ADDRESS",
        about="Nothing there can have a certificate.",
        evidence=(lab.names(v4=()),),
        expect=(("NO_ADDRESS", None),),
    )
    yield case(
        code="NO_NAME",
        about="Listed by address.",
        subject=lab.site(host=None, addresses=(lab.at(lab.V4, 443).address,)),
        evidence=(lab.tcp(lab.V4, 443), evidence("dns", nothing, task="x")),
        expect=(("NO_NAME", None),),
    )
    yield case(
        code="NO_DNS_ANSWER",
        about="Nobody answers at the zone, so nobody knows whether to climb on.",
        evidence=climbed(nothing, unanswered("CAA", "caa", ZONE)),
        expect=(("NO_DNS_ANSWER", None),),
    )
    yield case(
        code="DNS_CONTRADICTS",
        about="Two look-ups contradict each other.",
        evidence=climbed(nothing, look(WEB, "CAA", "caa", _caa('0 issue "ca.example"'))),
        expect=(("DNS_CONTRADICTS", None),),
    )
    yield case(
        code="DNS_NOT_ASKED",
        about="The climb was cut short.",
        evidence=climbed(nothing),
        expect=(("DNS_NOT_ASKED", None),),
    )


def _sizes(server: str, *, tcp: dict[str, object] | None = None, **by_size: dict[str, object]) -> Evidence:
    """Return DNSKEY by EDNS size, ``s0`` to ``s4096``; everything else answers."""
    ask = partial(asked, "large_response", server, (ZONE, "DNSKEY"))
    answers = [ask(edns_size=size, dnssec_ok=size > 0, **by_size.get(f"s{size}", {})) for size in (512, 1232, 4096, 0)]  # type: ignore[arg-type]
    answers += [] if tcp is None else [ask(transport="tcp", dnssec_ok=True, **tcp)]  # type: ignore[arg-type]
    return replace(answers[0], steps=tuple(step for one in answers for step in one.steps))


def _lost(server: str) -> Evidence:
    """Return evidence in which the usual size gets no answer; no other is asked for then."""
    return asked("large_response", server, (ZONE, "DNSKEY"), dnssec_ok=True, failure=TIMEOUT)


def _large() -> bytes:
    """Return an answer with more than 512 bytes of keys."""
    message = dns.message.make_response(dns.message.make_query(ZONE, "DNSKEY", id=4711))
    keys = [f"256 3 8 {'A' * 340}{letter}AAA" for letter in "BCD"]
    message.answer.append(dns.rrset.from_text_list(f"{ZONE}.", 3600, "IN", "DNSKEY", keys))
    return message.to_wire(want_shuffle=False)


def large_response() -> Iterator[Case]:
    check = "ipv6.dns.large-response"
    case = partial(Case, check=check, subject=lab.zone(), controls=CONTROLS)
    one = delegated({NS1: [A]})
    lost: dict[str, object] = {"failure": TIMEOUT}
    cut: dict[str, object] = {"flags": "TC"}
    wide: dict[str, object] = {"wire": _large()}
    everywhere = {"s512": cut, "s1232": cut, "s4096": cut, "s0": cut}
    yield from undecided_zone(check)
    yield case(
        code="ARRIVES",
        about="One truncates the smaller sizes, one answers with every size, and both give the whole over TCP.",
        evidence=(
            TWO,
            _sizes(A, s512=cut, s0=cut, tcp={}),
            _sizes(B, **dict.fromkeys(("s512", "s1232", "s4096"), wide)),
        ),
        expect=(("ARRIVES", A), ("ARRIVES", B)),
    )
    local = "fd00::53"
    yield case(
        code="ARRIVES",
        variant="beside-unusable",
        about="An address that nobody outside can reach is the finding of another check.",
        evidence=(delegated({NS1: [A], NS2: [local]}), _sizes(A, s512=cut, s0=cut, tcp={}), _sizes(local, s4096=lost)),
        expect=(("ARRIVES", A),),
    )
    small = asked("zone_data", A, (ZONE, "DNSKEY"))
    yield case(
        code="SMALL",
        about="An unsigned zone: nothing large was asked for.",
        evidence=(one, _sizes(A)),
        expect=(("SMALL", A),),
    )
    yield case(
        code="LOST",
        variant="small-arrives",
        about="The same without signatures arrives, and says nothing.",
        evidence=(one, _sizes(A, s1232=lost, s4096=lost), small),
        expect=(("LOST", A),),
    )
    yield case(
        code="SIZES_LOST",
        about="Only the offer of 4096 makes the server send fragments, which are lost.",
        evidence=(one, _sizes(A, s4096=lost)),
        expect=(("SIZES_LOST", A),),
    )
    for kind in (REFUSED, FailureKind.PROHIBITED):
        yield case(
            code="NOT_DECIDED",
            variant=f"turned-away-{kind.value}",
            about="A filter with a limit turns the question away: there was no large answer to be lost.",
            evidence=(
                one,
                asked("nameserver", A, (ZONE, "SOA")),
                asked("large_response", A, (ZONE, "DNSKEY"), dnssec_ok=True, failure=kind),
            ),
            expect=(("NOT_DECIDED", A),),
        )
    for sizes in (("s512",), ("s0", "s512"), ("s1232",)):
        yield case(
            code="LIMITED",
            variant="-".join(sizes),
            about="What is missing is smaller than what arrived: a limit on answers takes it, and not its size.",
            evidence=(one, _sizes(A, **dict.fromkeys(sizes, lost))),
            expect=(("LIMITED", A),),
        )
    yield case(
        code="LOST",
        variant="with-edns",
        about="Whatever has EDNS is lost: nothing that came is as large.",
        evidence=(one, _sizes(A, s512=lost, s1232=lost, s4096=lost)),
        expect=(("LOST", A),),
    )
    yield case(
        code="LOST",
        about="Not even 1232 bytes arrive.",
        evidence=(one, _sizes(A, s1232=lost, s4096=lost)),
        expect=(("LOST", A),),
    )
    soa = [asked("nameserver", A, (ZONE, "SOA"), failure=TIMEOUT if n < 3 else None) for n in range(4)]
    yield case(
        code="NOT_DECIDED",
        variant="lossy",
        about="A line that loses three small questions of four may lose a large answer by chance.",
        evidence=(one, replace(soa[0], steps=tuple(step for each in soa for step in each.steps)), _lost(A)),
        expect=(("NOT_DECIDED", A),),
    )
    yield case(
        code="LOST",
        variant="whole-line",
        about="Small questions are answered, every one; no large answer comes.",
        evidence=(one, soa[3], _lost(A)),
        expect=(("LOST", A),),
    )
    yield case(
        code="NO_BASIS",
        about="It answers no question of any size: ns-reach says so.",
        evidence=(one, soa[0], _lost(A)),
        expect=(("NO_BASIS", A),),
    )
    yield case(
        code="NO_TCP",
        about="Truncated, and TCP 53 is shut.",
        evidence=(one, _sizes(A, tcp={"failure": REFUSED}, **everywhere)),
        expect=(("NO_TCP", A),),
    )
    yield case(
        code="NOT_DECIDED",
        trap="T5",
        about="Truncated; that TCP 53 gets out of here was never shown. The second was never asked.",
        controls=ALL_CONTROLS,
        evidence=(TWO, _sizes(A, tcp=lost, **everywhere)),
        expect=(("NOT_DECIDED", A), ("NOT_DECIDED", B)),
    )
    refused: dict[str, object] = {"rcode": "REFUSED"}
    yield case(
        code="NOT_DECIDED",
        variant="refused",
        trap="N1",
        about="A lame server: that REFUSED arrives says nothing of large answers.",
        evidence=(one, _sizes(A, s512=refused, s1232=refused, s4096=refused, s0=refused)),
        expect=(("NOT_DECIDED", A),),
    )
    yield case(
        code="NO_AAAA",
        about="No name server has IPv6.",
        evidence=(delegated({NS1: []}), _sizes(A4)),
        expect=(("NO_AAAA", None),),
    )
    yield case(
        code="NO_DNS_ANSWER",
        variant="one-name-server",
        about="The address of ns2 is not known.",
        evidence=(listed(ns(NS1, A), unanswered("AAAA", "ns-address", NS2)), _sizes(A)),
        expect=(("SMALL", A), ("NO_DNS_ANSWER", NS2)),
    )
    yield case(
        code="DNS_CONTRADICTS",
        about="Two look-ups of ns2 contradict each other.",
        evidence=(listed(ns(NS1, A), ns(NS2, B), ns(NS2)), _sizes(A)),
        expect=(("SMALL", A), ("DNS_CONTRADICTS", NS2)),
    )


def cases() -> Iterator[Case]:
    for group in (large_response, ns_all_dual, ns_reach_tcp, axfr, open_resolver, caa):
        yield from group()
