"""Makes golden cases of ``ipv6.dns.*`` and ``ipv6.mail.*``."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from probes.framework.evidence import Evidence, EvidenceId, Failure, FailureKind
from probes.observations.dns import Delegation, LookupStatus, NameLookup
from tests.golden import lab
from tests.golden.case import Case
from tests.golden.lab import REFUSED, TIMEOUT, V6, ZONE, asked, delegated, evidence, look, soa, unanswered

A, B, C = "2001:db8:a::53", "2001:db8:b::53", "2001:db8:c::53"
NS1, NS2, NS3 = f"ns1.{ZONE}", f"ns2.{ZONE}", f"ns3.{ZONE}"
TWO = delegated({NS1: [A], NS2: [B]})
ANCESTOR = evidence("dns", Delegation(zone="example", parent="."), task=ZONE)


def broken(kind: FailureKind) -> Evidence:
    return evidence("dns", Delegation(zone=ZONE, parent="example", failure=Failure(kind=kind)), task=ZONE)


def listed(*lookups: NameLookup, servers: tuple[str, ...] = (NS1, NS2)) -> Evidence:
    """Return a delegation to ``servers``, with the look-ups of their addresses."""
    return evidence("dns", Delegation(zone=ZONE, parent="example", parent_ns=servers), *lookups, task=ZONE)


def ns(name: str, *addresses: str, **how: object) -> NameLookup:
    return look(name, "AAAA", "ns-address", *addresses, **how)  # type: ignore[arg-type]


def undecided_zone(check: str) -> Iterator[Case]:
    """Yield the cases of every check of zones for a zone with unknown name servers."""
    case = partial(Case, check=check, subject=lab.zone())
    yield case(
        code="NO_DNS_ANSWER",
        about="Nobody gave a referral for the zone.",
        evidence=(broken(TIMEOUT),),
        expect=(("NO_DNS_ANSWER", None),),
    )
    yield case(
        code="DNS_NOT_ASKED",
        trap="R3",
        about="The run was cut short before the delegation was known: our failure, nobody's defect.",
        evidence=(broken(FailureKind.CUT_SHORT),),
        expect=(("DNS_NOT_ASKED", None),),
    )
    yield case(
        code="NOT_DELEGATED",
        about="The public tree has no cut at this name.",
        evidence=(ANCESTOR,),
        expect=(("NOT_DELEGATED", None),),
    )
    yield case(
        code="NOT_DELEGATED",
        variant="no-such-name",
        about="The parent says that the name does not exist.",
        evidence=(broken(FailureKind.NAME_ERROR),),
        expect=(("NOT_DELEGATED", None),),
    )


def ns_aaaa() -> Iterator[Case]:
    check = "ipv6.dns.ns-aaaa"
    case = partial(Case, check=check, subject=lab.zone())
    yield from undecided_zone(check)
    yield case(
        code="TWO_OR_MORE", about="Two name servers in two networks.", evidence=(TWO,), expect=(("TWO_OR_MORE", None),)
    )
    yield case(
        code="TWO_OR_MORE",
        variant="third-unknown",
        about="Two are enough, whatever the third has.",
        evidence=(listed(ns(NS1, A), ns(NS2, B), unanswered("AAAA", "ns-address", NS3), servers=(NS1, NS2, NS3)),),
        expect=(("TWO_OR_MORE", None),),
    )
    yield case(
        code="SHARED",
        about="Two names, but both in one /64.",
        evidence=(delegated({NS1: [A], NS2: ["2001:db8:a::54"]}),),
        expect=(("SHARED", None),),
    )
    yield case(
        code="ONLY_ONE",
        about="The second name server has no AAAA.",
        evidence=(delegated({NS1: [A], NS2: []}),),
        expect=(("ONLY_ONE", None),),
    )
    yield case(
        code="ONLY_ONE",
        variant="other-rejected",
        about="The second name server's only AAAA is unique local and does not count.",
        evidence=(delegated({NS1: [A], NS2: ["fd00::53"]}),),
        expect=(("ONLY_ONE", None),),
    )
    yield case(
        code="NONE",
        about="No name server has an AAAA.",
        evidence=(delegated({NS1: [], NS2: []}),),
        expect=(("NONE", None),),
    )
    late = replace(TWO, id=EvidenceId("dns attempt 2"), attempt=2)
    yield case(
        code="TWO_OR_MORE",
        variant="second-look",
        about="An address that was not there for a moment is there ten minutes later: the best look counts.",
        evidence=(delegated({NS1: [A], NS2: []}), late),
        expect=(("TWO_OR_MORE", None),),
    )
    yield case(
        code="ALIAS",
        about="The second name server is a CNAME, which NS must not point to.",
        evidence=(listed(ns(NS1, A), ns(NS2, B, chain=("dns.elsewhere.example",))),),
        expect=(("ALIAS", None),),
    )
    yield case(
        code="NO_DNS_ANSWER",
        variant="one-name-server",
        about="Whether there are two depends on a name that nobody answers for.",
        evidence=(listed(ns(NS1, A), unanswered("AAAA", "ns-address", NS2)),),
        expect=(("NO_DNS_ANSWER", None),),
    )
    yield case(
        code="DNS_CONTRADICTS",
        about="Two look-ups of the second name server's AAAA contradict each other.",
        evidence=(listed(ns(NS1, A), ns(NS2, B), ns(NS2)),),
        expect=(("DNS_CONTRADICTS", None),),
    )
    yield case(
        code="DNS_NOT_ASKED",
        variant="by-resolver",
        trap="T6",
        about="Only a resolver could be asked: what it says of name servers decides nothing.",
        evidence=(listed(ns(NS1, A, via="resolver"), ns(NS2, B, via="resolver")),),
        expect=(("DNS_NOT_ASKED", None),),
    )
    yield case(
        code="NONE",
        variant="from-ipv4",
        trap="T1",
        families=frozenset({4}),
        about="The auditor has no IPv6: what the DNS says of addresses is read over IPv4 in full.",
        evidence=(delegated({NS1: [], NS2: []}),),
        expect=(("NONE", None),),
    )


def ns_addr_sane() -> Iterator[Case]:
    check = "ipv6.dns.ns-addr-sane"
    case = partial(Case, check=check, subject=lab.zone())
    yield from undecided_zone(check)
    yield case(
        code="USABLE",
        about="Both addresses are global unicast.",
        evidence=(TWO,),
        expect=(("USABLE", A), ("USABLE", B)),
    )
    yield case(
        code="REJECTED",
        about="A link-local address is the only one of ns2.",
        evidence=(delegated({NS1: [A], NS2: ["fe80::53"]}),),
        expect=(("USABLE", A), ("REJECTED", "fe80::53")),
    )
    yield case(
        code="REJECTED",
        variant="documentation",
        about="Outside a laboratory 2001:db8::/32 is documentation.",
        documentation_is_global=False,
        evidence=(delegated({NS1: [A], NS2: ["2400:cb00:1::53"]}),),
        expect=(("REJECTED", A), ("USABLE", "2400:cb00:1::53")),
    )
    yield case(
        code="SPARE_REJECTED",
        about="6to4 beside two good addresses.",
        evidence=(delegated({NS1: [A], NS2: [B], NS3: ["2002:c633:640a::53"]}),),
        expect=(("USABLE", A), ("USABLE", B), ("SPARE_REJECTED", "2002:c633:640a::53")),
    )
    yield case(
        code="SPARE_REJECTED",
        variant="same-server",
        about="ns2 has a good address beside the IPv4-mapped one.",
        evidence=(delegated({NS1: [A], NS2: [B, "::ffff:198.51.100.53"]}),),
        expect=(("SPARE_REJECTED", "::ffff:198.51.100.53"), ("USABLE", A), ("USABLE", B)),
    )
    yield case(
        code="NO_AAAA",
        about="No name server has an AAAA.",
        evidence=(delegated({NS1: [], NS2: []}),),
        expect=(("NO_AAAA", None),),
    )
    yield case(
        code="NO_DNS_ANSWER",
        variant="one-name-server",
        about="The known addresses are judged, the unknown name server is named.",
        evidence=(listed(ns(NS1, A), unanswered("AAAA", "ns-address", NS2)),),
        expect=(("USABLE", A), ("NO_DNS_ANSWER", NS2)),
    )
    yield case(
        code="DNS_CONTRADICTS",
        about="Two look-ups of one name server contradict each other.",
        evidence=(listed(ns(NS1, A), ns(NS2, B), ns(NS2)),),
        expect=(("USABLE", A), ("DNS_CONTRADICTS", NS2)),
    )


_DEFECTS: dict[str, dict[str, object]] = {
    "SILENT": {"failure": TIMEOUT},
    "REJECTED": {"failure": REFUSED},
    "BAD_RCODE": {"rcode": "REFUSED", "aa": False, "answer": None},
    "NOT_AUTHORITATIVE": {"aa": False},
    "WRONG_ANSWER": {"answer": None},
    "WRONG_SOURCE": {"source": C},
}
_ABOUT = {
    "SILENT": "no answer over UDP, and the transport is known to work",
    "REJECTED": "the port is closed",
    "BAD_RCODE": "any RCODE is not an answer: REFUSED means that the zone is not served here",
    "NOT_AUTHORITATIVE": "an answer without AA comes from a cache",
    "WRONG_ANSWER": "NOERROR without the SOA of the zone",
    "WRONG_SOURCE": "the answer came from another address than the one asked",
}


def ns_reach() -> Iterator[Case]:
    check = "ipv6.dns.ns-reach"
    case = partial(Case, check=check, subject=lab.zone())
    three = delegated({NS1: [A], NS2: [B], NS3: [C]})
    yield from undecided_zone(check)
    yield case(
        code="ANSWERS",
        about="Both addresses answer with authority.",
        evidence=(TWO, soa(A), soa(B)),
        expect=(("ANSWERS", A), ("ANSWERS", B)),
    )
    yield case(
        code="ANSWERS",
        variant="only-one",
        about="There is only one name server: that is ns-aaaa's finding, not this check's.",
        evidence=(delegated({NS1: [A]}), soa(A)),
        expect=(("ANSWERS", A),),
    )
    yield case(
        code="ANSWERS",
        variant="second-attempt",
        about="One lost datagram is no defect: the best attempt counts.",
        evidence=(TWO, soa(A, failure=TIMEOUT), soa(A, attempt=2), soa(B)),
        expect=(("ANSWERS", A), ("ANSWERS", B)),
    )
    servers = asked("zone_data", B, (ZONE, "NS"), f"{ZONE} NS {NS1}.", flags="AA")
    yield case(
        code="DROPS_SOME",
        about="A limit on answers drops the question for SOA; the zone's servers were told in the same run.",
        evidence=(TWO, soa(A), soa(B, failure=TIMEOUT), servers),
        expect=(("ANSWERS", A), ("DROPS_SOME", B)),
    )
    yield case(
        code="DROPS_SOME",
        variant="edns",
        about="Of two questions the one with EDNS was dropped; another with EDNS was answered.",
        evidence=(TWO, soa(A), soa(B, failure=TIMEOUT), soa(B, edns_size=0, attempt=2), servers),
        expect=(("ANSWERS", A), ("DROPS_SOME", B)),
    )
    yield case(
        code="SILENT",
        variant="other-zone",
        about="That it answers for another zone does not help this one.",
        evidence=(
            TWO,
            soa(A),
            soa(B, failure=TIMEOUT),
            asked("zone_data", B, ("tinh-b.example", "NS"), "tinh-b.example NS ns1.tinh-b.example.", flags="AA"),
        ),
        expect=(("ANSWERS", A), ("SILENT", B)),
    )
    yield case(
        code="SILENT",
        variant="lame",
        about="It refuses other questions about the zone: it is alive, and does not serve it.",
        evidence=(TWO, soa(A), soa(B, failure=TIMEOUT), asked("zone_data", B, (ZONE, "NS"), rcode="REFUSED")),
        expect=(("ANSWERS", A), ("SILENT", B)),
    )
    for code, how in _DEFECTS.items():
        yield case(
            code=code,
            trap="N1",
            about=f"Of two name servers one fails ({_ABOUT[code]}), so fewer than two answer.",
            evidence=(TWO, soa(A), soa(B, **how)),  # type: ignore[arg-type]
            expect=(("ANSWERS", A), (code, B)),
        )
        yield case(
            code=f"SOME_{code}",
            trap="N5",
            about=f"A lame third name server is named although two others work ({_ABOUT[code]}).",
            evidence=(three, soa(A), soa(B), soa(C, **how)),  # type: ignore[arg-type]
            expect=(("ANSWERS", A), ("ANSWERS", B), (f"SOME_{code}", C)),
        )
    yield case(
        code="WRONG_ANSWER",
        variant="other-question",
        about="The answer is to another question.",
        evidence=(TWO, soa(A), soa(B, asked="tinh-b.example")),
        expect=(("ANSWERS", A), ("WRONG_ANSWER", B)),
    )
    yield case(
        code="SOME_SILENT",
        variant="other-undecided",
        about="With ns2 undecided nobody can say yet that fewer than two answer.",
        evidence=(three, soa(A), soa(B, failure=FailureKind.CUT_SHORT), soa(C, failure=TIMEOUT)),
        expect=(("ANSWERS", A), ("NOT_DECIDED", B), ("SOME_SILENT", C)),
    )
    plain = partial(soa, edns_size=0, attempt=2)
    yield case(
        code="EDNS_DROPPED",
        about="A firewall drops questions with EDNS, which all resolvers put; without it the server answers.",
        evidence=(TWO, soa(A), soa(B, failure=TIMEOUT), plain(B)),
        expect=(("ANSWERS", A), ("EDNS_DROPPED", B)),
    )
    yield case(
        code="SOME_EDNS_DROPPED",
        about="The same at the third.",
        evidence=(three, soa(A), soa(B), soa(C, failure=TIMEOUT), plain(C)),
        expect=(("ANSWERS", A), ("ANSWERS", B), ("SOME_EDNS_DROPPED", C)),
    )
    yield case(
        code="ANSWERS",
        variant="without-edns",
        about="An old server says FORMERR to EDNS and answers without it, as resolvers ask then.",
        evidence=(TWO, soa(A), soa(B, rcode="FORMERR", aa=False, answer=None), plain(B)),
        expect=(("ANSWERS", A), ("ANSWERS", B)),
    )
    forced = partial(soa, B, answer=None, tc=True)
    yield case(
        code="FORCES_TCP",
        about="An appliance truncates every first answer, and answers with authority over TCP.",
        evidence=(TWO, soa(A), forced(), soa(B, transport="tcp")),
        expect=(("ANSWERS", A), ("FORCES_TCP", B)),
    )
    yield case(
        code="FORCES_TCP",
        variant="without-aa",
        about="The appliance answers by itself, without the authority of the server behind it.",
        evidence=(TWO, soa(A), forced(aa=False), soa(B, transport="tcp")),
        expect=(("ANSWERS", A), ("FORCES_TCP", B)),
    )
    yield case(
        code="LIMITED",
        variant="lame-over-tcp",
        about="Truncated, and over TCP the server knows nothing of the zone.",
        evidence=(TWO, soa(A), forced(), soa(B, transport="tcp", rcode="REFUSED", aa=False, answer=None)),
        expect=(("ANSWERS", A), ("LIMITED", B)),
    )
    yield case(
        code="LIMITED",
        about="TC=1 with an empty answer is a rate limiter asking for TCP.",
        evidence=(TWO, soa(A), soa(B, answer=None, tc=True)),
        expect=(("ANSWERS", A), ("LIMITED", B)),
    )
    yield case(
        code="NOT_DECIDED",
        trap="T5",
        about="Silence proves nothing where UDP 53 was never shown to leave the vantage.",
        controls=("icmp",),
        evidence=(TWO, soa(A, failure=TIMEOUT), soa(B, failure=TIMEOUT)),
        expect=(("NOT_DECIDED", A), ("NOT_DECIDED", B)),
    )
    yield case(
        code="NO_AAAA",
        about="No name server has a usable address; a rejected one is ns-addr-sane's finding.",
        evidence=(delegated({NS1: ["fd00::53"], NS2: []}),),
        expect=(("NO_AAAA", None),),
    )
    yield case(
        code="NO_DNS_ANSWER",
        variant="one-name-server",
        about="The address of ns2 is not known.",
        evidence=(listed(ns(NS1, A), unanswered("AAAA", "ns-address", NS2)), soa(A)),
        expect=(("ANSWERS", A), ("NO_DNS_ANSWER", NS2)),
    )
    yield case(
        code="DNS_CONTRADICTS",
        about="Two look-ups of one name server contradict each other.",
        evidence=(listed(ns(NS1, A), ns(NS2, B), ns(NS2)), soa(A)),
        expect=(("ANSWERS", A), ("DNS_CONTRADICTS", NS2)),
    )


def mx_aaaa() -> Iterator[Case]:
    check = "ipv6.mail.mx-aaaa"
    case = partial(Case, check=check, subject=lab.mail())
    one, two = f"mx1.{ZONE}", f"mx2.{ZONE}"
    both = look(ZONE, "MX", "mx", f"10 {one}", f"20 {two}")

    def mx(*lookups: NameLookup) -> tuple[Evidence, ...]:
        return (evidence("dns", *lookups, task=ZONE),)

    def v6(name: str, *addresses: str) -> NameLookup:
        return look(name, "AAAA", "mx-address", *addresses)

    yield case(code="ALL", about="Both have IPv6.", evidence=mx(both, v6(one, A), v6(two, B)), expect=(("ALL", None),))
    yield case(
        code="BACKUP_WITHOUT",
        about="The backup has no IPv6.",
        evidence=mx(both, v6(one, A), v6(two)),
        expect=(("BACKUP_WITHOUT", None),),
    )
    yield case(
        code="BEST_WITHOUT",
        about="The preferred exchanger has no IPv6, the backup has.",
        evidence=mx(both, v6(one), v6(two, B)),
        expect=(("BEST_WITHOUT", None),),
    )
    yield case(code="NONE", about="None has IPv6.", evidence=mx(both, v6(one), v6(two)), expect=(("NONE", None),))
    yield case(
        code="NONE",
        variant="rejected",
        about="A unique local address is no address for mail from outside.",
        evidence=mx(both, v6(one, "fd00::25"), v6(two)),
        expect=(("NONE", None),),
    )
    yield case(
        code="NULL_MX",
        about="MX 0 . says that the domain takes no mail.",
        evidence=mx(look(ZONE, "MX", "mx", "0 .")),
        expect=(("NULL_MX", None),),
    )
    yield case(
        code="NO_MX",
        about="Without MX no implicit exchanger is made of the domain's own address.",
        evidence=mx(look(ZONE, "MX", "mx"), look(ZONE, "AAAA", "host", V6)),
        expect=(("NO_MX", None),),
    )
    yield case(
        code="NO_DNS_ANSWER",
        about="Nobody answers for the MX.",
        evidence=mx(unanswered("MX", "mx", ZONE)),
        expect=(("NO_DNS_ANSWER", None),),
    )
    yield case(
        code="NO_DNS_ANSWER",
        variant="backup",
        about="The backup's addresses are not known, so neither pass nor warning is certain.",
        evidence=mx(both, v6(one, A), unanswered("AAAA", "mx-address", two)),
        expect=(("NO_DNS_ANSWER", None),),
    )
    yield case(
        code="DNS_CONTRADICTS",
        about="Two look-ups of the MX contradict each other.",
        evidence=mx(both, look(ZONE, "MX", "mx", status=LookupStatus.NO_DATA)),
        expect=(("DNS_CONTRADICTS", None),),
    )
    yield case(
        code="DNS_NOT_ASKED",
        about="The address of the preferred exchanger was never looked up.",
        evidence=mx(both, v6(two, B)),
        expect=(("DNS_NOT_ASKED", None),),
    )


def cases() -> Iterator[Case]:
    for group in (ns_aaaa, ns_addr_sane, ns_reach, mx_aaaa):
        yield from group()
