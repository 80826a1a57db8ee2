"""Golden cases of how a zone is delegated: name servers over IPv4, parent and child, dangling names, networks, EDNS."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address

import dns.edns
import dns.flags
import dns.message
import dns.rcode

from inventory.model import Endpoint
from probes.framework.evidence import Evidence, EvidenceId, FailureKind
from probes.observations.dns import EDNS_FLAG, EDNS_OPTION, Delegation, EdnsAnswer, LookupStatus, NameLookup
from probes.observations.routing import Announcement
from tests.golden import lab
from tests.golden.case import Case
from tests.golden.cases_dns import ANCESTOR, NS1, NS2, NS3, A, B, listed, ns, undecided_zone
from tests.golden.cases_dnspath import PARENT4, PARENT6, referral, referred
from tests.golden.cases_nameservers import A4, B4, CONTROLS, servers_unknown, v4
from tests.golden.cases_routing import origin, table
from tests.golden.cases_zone import BOTH, answered, seen
from tests.golden.lab import REFUSED, TIMEOUT, ZONE, asked, evidence, look, soa, unanswered

C4 = "198.51.100.55"
OLD = "ns.cong-ty-cu.example"
FITTING = 23
"""Letters of a server's name with which a referral to two servers and fourteen more addresses has 512 bytes."""
tcp = partial(soa, transport="tcp")
_LAME: dict[str, object] = {"rcode": "REFUSED", "aa": False, "answer": None}
_DEFECTS: dict[str, dict[str, object]] = {
    "SILENT": {"failure": TIMEOUT},
    "REJECTED": {"failure": REFUSED},
    "BAD_RCODE": _LAME,
    "NOT_AUTHORITATIVE": {"aa": False},
    "WRONG_ANSWER": {"answer": None},
    "WRONG_SOURCE": {"source": "198.51.100.99"},
}


def works(address: str) -> tuple[Evidence, Evidence]:
    return (soa(address), tcp(address))


def ns_ipv4() -> Iterator[Case]:
    check = "security.dns.ns-ipv4"
    case = partial(Case, check=check, subject=lab.zone(), controls=CONTROLS)
    both = (ns(NS1, A), v4(NS1, A4), ns(NS2, B), v4(NS2, B4))
    three = listed(*both, ns(NS3), v4(NS3, C4), servers=(NS1, NS2, NS3))
    good = (*works(A4), *works(B4))
    yield from undecided_zone(check)
    yield case(
        code="ANSWERS",
        about="Both answer over both.",
        evidence=(BOTH, *good),
        expect=(("ANSWERS", A4), ("ANSWERS", B4)),
    )
    yield case(
        code="ANSWERS",
        variant="only-one",
        about="That there is only one is ns-all-dual's finding.",
        evidence=(listed(ns(NS1, A), v4(NS1, A4), servers=(NS1,)), *works(A4)),
        expect=(("ANSWERS", A4),),
    )
    yield case(
        code="ANSWERS",
        variant="forces-tcp",
        about="An appliance sends everybody to TCP.",
        evidence=(BOTH, *works(A4), soa(B4, answer=None, tc=True), tcp(B4)),
        expect=(("ANSWERS", A4), ("ANSWERS", B4)),
    )
    refused = {"rcode": "FORMERR", "aa": False, "answer": None}
    old = [ask(B4, **how) for ask in (soa, tcp) for how in (refused, {"edns_size": 0, "attempt": 2})]
    yield case(
        code="ANSWERS",
        variant="without-edns",
        about="An old server says FORMERR to EDNS, over UDP and over TCP, and answers without it.",
        evidence=(BOTH, *works(A4), *old),
        expect=(("ANSWERS", A4), ("ANSWERS", B4)),
    )

    unheard = [unanswered(rtype, "ns-address", name) for name in (NS1, NS2) for rtype in ("A", "AAAA")]
    given = referred(referral(PARENT6, f"{NS1} A {A4}", f"{NS2} A {B4}"))
    yield case(
        code="BAD_RCODE",
        variant="dead-zone",
        about="No server has loaded the zone: nobody tells their addresses but the parent.",
        evidence=(listed(*unheard), given, soa(A4, rcode="SERVFAIL"), soa(B4, rcode="SERVFAIL")),
        expect=(("BAD_RCODE", A4), ("BAD_RCODE", B4)),
    )
    drops = [step for place in (A4, B4) for step in (soa(place, failure=TIMEOUT), soa(place, edns_size=0, attempt=2))]
    yield case(
        code="EDNS_DROPPED",
        variant="dead-zone",
        about="A firewall drops every question with EDNS, so that nobody hears where the servers are but the parent.",
        evidence=(listed(*unheard), given, *drops),
        expect=(("EDNS_DROPPED", A4), ("EDNS_DROPPED", B4)),
    )
    yield case(
        code="NO_DNS_ANSWER",
        variant="glue-answers",
        about="Nobody told the address of a server that answers where the glue says that it is.",
        evidence=(listed(*unheard), given, soa(A4), soa(B4, rcode="SERVFAIL")),
        expect=(("BAD_RCODE", B4), ("NO_DNS_ANSWER", NS1)),
    )
    servers = asked("zone_data", B4, (ZONE, "NS"), f"{ZONE} NS {NS1}.", flags="AA")
    yield case(
        code="DROPS_SOME",
        about="A limit on answers drops the question for SOA; others about the zone were answered.",
        evidence=(BOTH, *works(A4), soa(B4, failure=TIMEOUT), tcp(B4), servers),
        expect=(("ANSWERS", A4), ("DROPS_SOME", B4)),
    )
    yield case(
        code="DROPS_SOME",
        variant="edns",
        about="The same question came through at another time, when EDNS was tried.",
        evidence=(BOTH, *works(A4), soa(B4, failure=TIMEOUT), tcp(B4), _asked(B4)),
        expect=(("ANSWERS", A4), ("DROPS_SOME", B4)),
    )
    failed = _asked(B4, plain={"failure": TIMEOUT}), _asked(A4)
    yield case(
        code="SILENT",
        variant="edns-of-another",
        about="Another server answered when EDNS was tried; this one only to what resolvers do not ask.",
        evidence=(BOTH, *works(A4), soa(B4, failure=TIMEOUT), tcp(B4), *failed),
        expect=(("ANSWERS", A4), ("SILENT", B4)),
    )
    keys = asked("zone_data", B4, (ZONE, "DNSKEY"), flags="AA", transport="tcp")
    yield case(
        code="DROPS_SOME",
        variant="tcp",
        about="A limit on connections drops one; another question was answered over TCP.",
        evidence=(BOTH, *works(A4), soa(B4), tcp(B4, failure=TIMEOUT), keys),
        expect=(("ANSWERS", A4), ("DROPS_SOME", B4)),
    )

    def wrong(code: str, about: str, *bad: Evidence, address: str = B4, third: str = C4) -> Iterator[Case]:
        yield case(code=code, about=about, evidence=(BOTH, *works(A4), *bad), expect=(("ANSWERS", A4), (code, address)))
        third_one = tuple(_moved(envelope, third) for envelope in bad)
        yield case(
            code=f"SOME_{code}",
            about=f"{about} Two others work.",
            evidence=(three, *good, *third_one),
            expect=(("ANSWERS", A4), ("ANSWERS", B4), (f"SOME_{code}", third)),
        )

    for code, how in _DEFECTS.items():
        yield from wrong(code, "Of two one fails over UDP.", soa(B4, **how), tcp(B4))  # type: ignore[arg-type]
    yield from wrong(
        "EDNS_DROPPED", "EDNS is dropped.", soa(B4, failure=TIMEOUT), soa(B4, edns_size=0, attempt=2), tcp(B4)
    )
    yield from wrong("NO_TCP", "TCP is shut.", soa(B4), tcp(B4, failure=REFUSED))
    inner = "192.168.1.10"
    yield case(
        code="NOT_PUBLIC",
        about="The address of the inner network stands in the public zone.",
        evidence=(listed(*both[:3], v4(NS2, inner)), *works(A4)),
        expect=(("NOT_PUBLIC", inner), ("ANSWERS", A4)),
    )
    yield case(
        code="SOME_NOT_PUBLIC",
        about="A third name server leads to carrier-grade NAT.",
        evidence=(listed(*both, ns(NS3), v4(NS3, "100.64.0.53"), servers=(NS1, NS2, NS3)), *good),
        expect=(("SOME_NOT_PUBLIC", "100.64.0.53"), ("ANSWERS", A4), ("ANSWERS", B4)),
    )
    yield case(
        code="LIMITED",
        about="Truncated, and TCP was not asked.",
        evidence=(BOTH, *works(A4), soa(B4, answer=None, tc=True)),
        expect=(("ANSWERS", A4), ("LIMITED", B4)),
    )
    yield case(
        code="NO_TCP",
        variant="truncated",
        about="It sends everybody to TCP, which is shut.",
        evidence=(BOTH, *works(A4), soa(B4, answer=None, tc=True), tcp(B4, failure=REFUSED)),
        expect=(("ANSWERS", A4), ("NO_TCP", B4)),
    )
    yield case(
        code="NOT_DECIDED",
        trap="T5",
        about="Silence without a control; a question over TCP that was never put.",
        controls=("icmp",),
        evidence=(BOTH, soa(A4, failure=TIMEOUT), soa(B4)),
        expect=(("NOT_DECIDED", A4), ("NOT_DECIDED", B4)),
    )
    yield case(
        code="NO_A",
        about="No name server has IPv4.",
        evidence=(listed(ns(NS1, A), v4(NS1), ns(NS2, B), v4(NS2)),),
        expect=(("NO_A", None),),
    )
    yield case(
        code="NO_DNS_ANSWER",
        variant="one-name-server",
        about="The address of ns2 is not known.",
        evidence=(listed(*both[:3], unanswered("A", "ns-address", NS2)), *works(A4)),
        expect=(("ANSWERS", A4), ("NO_DNS_ANSWER", NS2)),
    )
    yield case(
        code="DNS_CONTRADICTS",
        about="Two look-ups of ns2 contradict each other.",
        evidence=(listed(*both, v4(NS2)), *works(A4)),
        expect=(("ANSWERS", A4), ("DNS_CONTRADICTS", NS2)),
    )


def _moved(envelope: Evidence, address: str) -> Evidence:
    """Return the same evidence of another address."""
    steps = tuple(replace(step, server=ip_address(address)) for step in envelope.steps)  # type: ignore[call-arg]
    task = f"{address}#53 {ZONE}"
    end = f" attempt {envelope.attempt}" if envelope.attempt > 1 else ""
    endpoint = Endpoint(address=ip_address(address), port=53)
    return replace(envelope, id=f"{envelope.probe} {task}{end}", task=task, steps=steps, endpoint=endpoint)  # type: ignore[arg-type]


def delegation() -> Iterator[Case]:
    check = "security.dns.delegation"
    case = partial(Case, check=check, subject=lab.zone(), controls=CONTROLS)
    glue = (f"{NS1} A {A4}", f"{NS2} A {B4}")
    whole = referral(PARENT6, *glue)
    addresses = (ns(NS1, A), v4(NS1, A4), ns(NS2, B), v4(NS2, B4))
    for undecided in undecided_zone(check):
        lapsed = undecided.evidence == (ANCESTOR,)
        code = "NOT_REGISTERED" if lapsed else undecided.code
        yield replace(undecided, code=code, expect=((code, None),))
    other = Delegation(zone="aa.example", parent="example")
    yield case(
        code="NOT_REGISTERED",
        variant="beside-another-zone",
        about="Another zone was followed too: the one above the domain is the one that is named.",
        evidence=(evidence("dns", other, Delegation(zone="example", parent="."), task=ZONE),),
        expect=(("NOT_REGISTERED", None),),
    )
    no_such = Delegation(zone="example", parent=".", failure=lab.why(FailureKind.NAME_ERROR))
    yield case(
        code="NOT_DELEGATED",
        variant="nothing-above",
        about="The zone above does not exist itself: nobody there could register the domain.",
        evidence=(evidence("dns", no_such, task=ZONE),),
        expect=(("NOT_DELEGATED", None),),
    )
    yield case(
        code="NOT_DELEGATED",
        variant="below",
        about="A name within the domain, which has no zone of its own.",
        subject=replace(lab.zone(), host=f"so.{ZONE}", name=f"so.{ZONE}"),
        evidence=(ANCESTOR,),
        expect=(("NOT_DELEGATED", None),),
    )
    yield case(
        code="NOT_DELEGATED",
        variant="no-suffixes",
        about="Without a list of public suffixes it is not known whether it is a domain of its own.",
        suffixes=False,
        evidence=(ANCESTOR,),
        expect=(("NOT_DELEGATED", None),),
    )

    def cut(parent: tuple[str, ...], child: tuple[str, ...], *more: NameLookup, shared: bool = False) -> Evidence:
        step = Delegation(zone=ZONE, parent="example", parent_ns=parent, child_ns=child, shared=shared)
        return evidence("dns", step, *addresses, *more, task=ZONE)

    two = (NS1, NS2)
    same = cut(two, two)
    yield case(
        code="SAME",
        about="The same names, the same addresses.",
        evidence=(same, referred(whole)),
        expect=(("SAME", None),),
    )
    many = [f"2001:db8:a::{number:x}" for number in range(0x100, 0x110)]
    crowd = referral(PARENT6, *glue, *(f"{NS1} AAAA {text}" for text in many))
    yield case(
        code="SAME_LARGE",
        about="Sixteen more addresses in the referral.",
        evidence=(same, referred(crowd)),
        expect=(("SAME_LARGE", None),),
    )
    for code, letters in (("SAME", FITTING), ("SAME_LARGE", FITTING + 1)):
        long = f"{'n' * letters}.{ZONE}"
        more = (f"{NS2} AAAA {text}" for text in many[:14])
        fitting = referral(PARENT6, f"{long} A {A4}", f"{NS2} A {B4}", *more, names=(long, NS2))
        step = Delegation(zone=ZONE, parent="example", parent_ns=(long, NS2), child_ns=(long, NS2))
        listed_ = evidence("dns", step, ns(long, A), v4(long, A4), *addresses[2:], task=ZONE)
        yield case(
            code=code,
            variant="edge",
            about=f"A referral of {512 if code == 'SAME' else 513} bytes; 512 pass without EDNS.",
            evidence=(listed_, referred(fitting)),
            expect=((code, None),),
        )
    yield case(
        code="DIFFERENT",
        about="The parent still names a server of an earlier provider.",
        evidence=(cut((NS1, OLD), two, v4(OLD, C4), ns(OLD)),),
        expect=(("DIFFERENT", "ns"),),
    )
    at_child = seen("zone_data", A, answered(A, ZONE, "SOA", lab_soa()), answered(A, ZONE, "NS", f"{NS1}.", f"{NS3}."))
    yield case(
        code="DIFFERENT",
        variant="at-one-server",
        about="The zone names a third server that the parent does not.",
        evidence=(cut(two, ()), referred(whole), at_child),
        expect=(("DIFFERENT", "ns"),),
    )
    yield case(
        code="NONE_SHARED",
        about="The zone moved, and the registrar was not told.",
        evidence=(cut((OLD,), two, v4(OLD, C4), ns(OLD)),),
        expect=(("NONE_SHARED", "ns"),),
    )
    stale = referral(PARENT6, glue[0], f"{NS2} A {C4}")
    yield case(
        code="DEAD_GLUE",
        about="The parent has the old address of ns2, where nobody knows the zone.",
        evidence=(same, referred(stale), soa(C4, **_LAME)),  # type: ignore[arg-type]
        expect=(("DEAD_GLUE", "glue"),),
    )
    yield case(
        code="OTHER_GLUE",
        about="The old address still answers.",
        evidence=(same, referred(stale), soa(C4)),
        expect=(("OTHER_GLUE", "glue"),),
    )
    yield case(
        code="OTHER_GLUE",
        variant="no-control",
        trap="T5",
        about="Silence of the old address without a control: that it differs is known all the same.",
        controls=(),
        evidence=(same, referred(stale), soa(C4, failure=TIMEOUT)),
        expect=(("OTHER_GLUE", "glue"),),
    )
    yield case(
        code="GLUE_OPEN",
        about="The auditor has no IPv4: whether the other address answers is not known.",
        families=frozenset({6}),
        evidence=(same, referred(stale), replace(soa(C4, failure=TIMEOUT), endpoint=None)),
        controls=CONTROLS,
        expect=(("GLUE_OPEN", "glue"),),
    )
    yield case(
        code="NO_GLUE",
        about="One of the parent's servers gives no IPv4 address of ns2.",
        evidence=(same, referred(whole, referral(PARENT4, glue[0]))),
        expect=(("NO_GLUE", "glue"),),
    )
    yield case(
        code="NO_ADDRESS",
        about="A third name server exists and has no address.",
        evidence=(cut((*two, NS3), (*two, NS3), v4(NS3), ns(NS3)),),
        expect=(("NO_ADDRESS", "address"),),
    )
    led = (look(NS2, "A", "ns-address", B4, chain=(OLD,)), look(NS2, "AAAA", "ns-address", chain=(OLD,)))
    both = Delegation(zone=ZONE, parent="example", parent_ns=two, child_ns=two)
    yield case(
        code="ALIAS",
        about="The second name server is an alias, and has IPv4 alone.",
        evidence=(evidence("dns", both, *addresses[:2], *led, task=ZONE),),
        expect=(("ALIAS", "alias"),),
    )
    copies = [
        seen("zone_data", A, answered(A, ZONE, "SOA", lab_soa(2)), answered(A, ZONE, "NS", f"{NS1}.", f"{NS2}.")),
        seen("zone_data", B, answered(B, ZONE, "SOA", lab_soa()), answered(B, ZONE, "NS", f"{NS1}.", f"{NS3}.")),
    ]
    yield case(
        code="SAME",
        variant="old-copy",
        about="A server with an older copy names one that is no more: ns-v4v6-consistency says so.",
        evidence=(cut(two, (NS1, NS3)), referred(whole), *copies),
        expect=(("SAME", None),),
    )
    yield case(
        code="NO_DNS_ANSWER",
        variant="silent-child",
        about="No server of the zone gave its NS set.",
        evidence=(cut(two, ()), referred(whole)),
        expect=(("NO_DNS_ANSWER", None),),
    )
    yield case(
        code="NO_DNS_ANSWER",
        variant="silent-parent",
        about="No server of the parent gave the NS set, and none of them holds the zone.",
        evidence=(cut((), two),),
        expect=(("NO_DNS_ANSWER", None),),
    )
    yield case(
        code="SAME",
        variant="held-above-and-referred",
        about="A server of the zone above holds it too, another one refers to it.",
        evidence=(cut((), two, shared=True), referred(whole)),
        expect=(("SAME", None),),
    )
    yield case(
        code="SHARED",
        about="The servers of the zone above hold it too.",
        evidence=(cut((), two, shared=True),),
        expect=(("SHARED", None),),
    )


def lab_soa(serial: int = 1) -> str:
    return f"ns1.{ZONE}. hostmaster.{ZONE}. {serial} 7200 3600 1209600 300"


GONE = LookupStatus.NO_SUCH_NAME


def dangling() -> Iterator[Case]:
    check = "security.dns.dangling"
    case = partial(Case, check=check, subject=lab.zone())
    dead = "cong-ty-da-giai-the.example"

    def no(name: str, role: str, zone: str) -> tuple[NameLookup, NameLookup]:
        name_lookup, other = (look(name, rtype, role, status=GONE, zone=zone) for rtype in ("A", "AAAA"))
        return name_lookup, other

    def found(*looks: NameLookup) -> tuple[Evidence, ...]:
        return (evidence("dns", *looks, task=ZONE),)

    here = (v4(NS1, A4), ns(NS1, A))
    yield case(code="EXIST", about="The name server exists.", evidence=found(*here), expect=(("EXIST", None),))
    yield case(
        code="UNOWNED",
        about="The domain of the second name server has lapsed: the registry itself denies it.",
        evidence=found(*here, *no(f"ns.{dead}", "ns-address", "example")),
        expect=(("UNOWNED", f"NS ns.{dead}"),),
    )
    yield case(
        code="UNOWNED",
        variant="mx",
        subject=lab.mail(),
        about="An exchanger in a domain that nobody owns.",
        evidence=found(*no(f"mail.{dead}", "mx-address", "example")),
        expect=(("UNOWNED", f"MX mail.{dead}"),),
    )
    alias = tuple(
        look(lab.WEB, text, "host", status=GONE, chain=(f"app.{dead}",), zone="example") for text in ("A", "AAAA")
    )
    yield case(
        code="UNOWNED",
        variant="cname",
        subject=lab.site(),
        about="The site is an alias to a name in a domain that nobody owns.",
        evidence=found(*alias),
        expect=(("UNOWNED", f"CNAME app.{dead}"),),
    )
    yield case(
        code="GONE",
        about="The name of the second server is gone, its domain is not.",
        evidence=found(*here, *no("ns9.hosting.example", "ns-address", "hosting.example")),
        expect=(("GONE", "NS ns9.hosting.example"),),
    )
    yield case(
        code="GONE",
        variant="local",
        about="Windows names itself by its inner domain, which nobody can register: the root denies it.",
        evidence=found(*here, *no("dc01.tinh-a.local", "ns-address", ".")),
        expect=(("GONE", "NS dc01.tinh-a.local"),),
    )
    yield case(
        code="GONE",
        variant="below-a-suffix",
        about="A commune's name below a suffix of the registry, in a zone of its own.",
        evidence=found(*here, *no("ns1.xa.tinh-b.gov.vn", "ns-address", "tinh-b.gov.vn")),
        expect=(("GONE", "NS ns1.xa.tinh-b.gov.vn"),),
    )
    yield case(
        code="GONE",
        variant="closed-suffix",
        about="A province that was merged: below gov.vn nobody gets its domain but an authority.",
        evidence=found(*here, *no("ns1.tinh-cu.gov.vn", "ns-address", "gov.vn")),
        expect=(("GONE", "NS ns1.tinh-cu.gov.vn"),),
    )
    yield case(
        code="GONE",
        variant="no-registry-has-it",
        about="No registry takes a name with an underscore.",
        evidence=found(*here, *no("ns1.cong_ty.example", "ns-address", "example")),
        expect=(("GONE", "NS ns1.cong_ty.example"),),
    )
    yield case(
        code="NO_RECORD",
        variant="mx-in-a-living-domain",
        subject=lab.mail(),
        about="An exchanger missing in a domain that exists is security.mail.mx's finding.",
        evidence=found(*no(f"mx9.{ZONE}", "mx-address", ZONE)),
        expect=(("NO_RECORD", None),),
    )
    key, policy = f"s1._domainkey.{ZONE}", f"_dmarc.{ZONE}"
    chained = partial(look, status=GONE, zone="example", chain=(f"s1.{dead}",))
    for variant, chain in (("dkim", (chained(key, "TXT", "dkim"),)), ("dmarc", (chained(policy, "TXT", "dmarc"),))):
        yield case(
            code="UNOWNED",
            variant=variant,
            subject=lab.mail(),
            about="Whoever registers the domain signs the mail, or writes the policy.",
            evidence=found(*chain),
            expect=(("UNOWNED", f"CNAME s1.{dead}"),),
        )
    yield case(
        code="NO_RECORD",
        variant="next-key",
        subject=lab.mail(),
        about="A provider that has not made the next key yet.",
        evidence=found(look(key, "TXT", "dkim", status=GONE, zone="hosting.example", chain=("s1.hosting.example",))),
        expect=(("NO_RECORD", None),),
    )
    bare = look(ZONE, "MX", "mx"), look(ZONE, "A", "mx-address"), look(ZONE, "AAAA", "mx-address")
    gone = look(ZONE, "MX", "mx", status=GONE, zone="example"), *no(ZONE, "mx-address", "example")
    for variant, about, looks in (
        ("no-mx", "Without MX the domain itself is asked for its addresses: no record leads there.", bare),
        ("no-such-domain", "A mail domain that is no more: it has no MX record that could lead anywhere.", gone),
    ):
        yield case(
            code="NO_RECORD",
            variant=variant,
            subject=lab.mail(),
            about=about,
            evidence=found(*looks),
            expect=(("NO_RECORD", None),),
        )
    yield case(
        code="EXIST",
        variant="second-look",
        about="Gone for a moment, there ten minutes later.",
        evidence=(
            *found(*no(f"ns.{dead}", "ns-address", "example")),
            replace(evidence("dns", v4(f"ns.{dead}", A4), ns(f"ns.{dead}"), task=ZONE, attempt=2), attempt=2),
        ),
        expect=(("EXIST", None),),
    )
    yield case(
        code="NO_SUFFIXES",
        suffixes=False,
        about="Without a list of public suffixes it is not known what was to be registered.",
        evidence=found(*no(f"ns.{dead}", "ns-address", "example")),
        expect=(("NO_SUFFIXES", f"NS ns.{dead}"),),
    )
    yield case(
        code="NO_RECORD",
        subject=lab.site(),
        about="The site has addresses of its own.",
        evidence=(lab.names((lab.V6,)),),
        expect=(("NO_RECORD", None),),
    )
    lost = tuple(unanswered(rtype, "ns-address", NS2) for rtype in ("A", "AAAA"))
    yield case(
        code="NO_DNS_ANSWER",
        about="Nobody answers for the second name server.",
        evidence=found(*here, *lost),
        expect=(("NO_DNS_ANSWER", f"NS {NS2}"),),
    )
    cut = tuple(unanswered(rtype, "ns-address", NS2, FailureKind.CUT_SHORT) for rtype in ("A", "AAAA"))
    yield case(
        code="DNS_NOT_ASKED",
        trap="R3",
        about="The run was cut short.",
        evidence=found(*here, *cut),
        expect=(("DNS_NOT_ASKED", f"NS {NS2}"),),
    )
    yield case(
        code="DNS_CONTRADICTS",
        about="Two answers contradict each other.",
        evidence=found(*here, v4(NS2, B4), *no(NS2, "ns-address", ZONE)[:1], unanswered("AAAA", "ns-address", NS2)),
        expect=(("DNS_CONTRADICTS", f"NS {NS2}"),),
    )


def ns_diversity() -> Iterator[Case]:
    check = "security.dns.ns-diversity"
    far, near = "203.0.113.53", "198.51.100.54"
    case = partial(Case, check=check, subject=lab.zone())

    def zone_of(one: str, other: str, *six: str) -> Evidence:
        v6 = six or ("", "")
        looks = [
            (ns(name, *([a6] if a6 else [])), v4(name, a4))
            for name, a6, a4 in zip((NS1, NS2), v6, (one, other), strict=True)
        ]
        return listed(*(look_ for pair in looks for look_ in pair))

    def by(address: str, prefix: str, *origins: int, hours: float = 3) -> Evidence:
        announced = [Announcement(prefix=prefix, origin=asn) for asn in origins]
        return origin(announced, address=address, routes=table("pfx2as.gz", hours=hours), probe="server_origin")

    own, other = "198.51.100.0/24", "203.0.113.0/24"
    apart, together = zone_of(A4, far), zone_of(A4, near)
    yield from undecided_zone(check)
    yield case(
        code="DIVERSE",
        about="Two operators.",
        evidence=(apart, by(A4, own, 64500), by(far, other, 64501)),
        expect=(("DIVERSE", None),),
    )
    one_as = (apart, by(A4, own, 64500), by(far, other, 64500))
    yield case(
        code="ONE_NETWORK", about="One operator in two prefixes.", evidence=one_as, expect=(("ONE_NETWORK", None),)
    )
    yield case(
        code="ANYCAST",
        subject=replace(lab.zone(), tags=("anycast",)),
        about="The inventory says that the operator announces it from many places.",
        evidence=one_as,
        expect=(("ANYCAST", None),),
    )
    wide, first, second = "2001:db8::/32", A, B
    yield case(
        code="ONE_PREFIX",
        about="Two operators over IPv4, one announced prefix over IPv6.",
        evidence=(
            zone_of(A4, far, first, second),
            by(A4, own, 64500),
            by(far, other, 64501),
            *(by(text, wide, 64500) for text in (first, second)),
        ),
        expect=(("ONE_PREFIX", None),),
    )
    yield case(
        code="ONE_PLACE", about="Both in one /24, without IPv6.", evidence=(together,), expect=(("ONE_PLACE", None),)
    )
    yield case(
        code="ONE_PLACE",
        variant="both-families",
        about="One /24 and one /64.",
        evidence=(zone_of(A4, near, A, "2001:db8:a::54"),),
        expect=(("ONE_PLACE", None),),
    )
    yield case(
        code="ONE_NETWORK",
        variant="former-address",
        about="The origin of an address that the name servers no longer have does not count.",
        evidence=(*one_as, by("198.51.100.99", other, 64501)),
        expect=(("ONE_NETWORK", None),),
    )
    yield case(
        code="ONE_PREFIX",
        variant="apart-over-ipv6",
        about="One /24, and two places over IPv6: not one place.",
        evidence=(
            zone_of(A4, near, first, second),
            *(by(text, own, 64500) for text in (A4, near)),
            by(first, "2001:db8:a::/48", 64500),
            by(second, "2001:db8:b::/48", 64501),
        ),
        expect=(("ONE_PREFIX", None),),
    )
    yield case(
        code="DIVERSE",
        variant="one-of-each-family",
        about="One server has IPv4, the other IPv6: that may be one place, or two.",
        evidence=(listed(ns(NS1), v4(NS1, A4), ns(NS2, second), v4(NS2)), by(A4, own, 64500), by(second, wide, 64501)),
        expect=(("DIVERSE", None),),
    )
    yield case(
        code="DIVERSE",
        variant="partly-told",
        about="Two operators over IPv4; nothing is known of the IPv6 addresses.",
        evidence=(zone_of(A4, far, first, second), by(A4, own, 64500), by(far, other, 64501)),
        expect=(("DIVERSE", None),),
    )
    yield case(
        code="ONE_PREFIX",
        variant="ipv4",
        about="One prefix over IPv4, which two operators announce.",
        evidence=(apart, by(A4, "192.0.0.0/2", 64500), by(far, "192.0.0.0/2", 64501)),
        expect=(("ONE_PREFIX", None),),
    )
    yield case(
        code="NO_ROUTES",
        about="The table is a week old.",
        evidence=(apart, by(A4, own, 64500, hours=170), by(far, other, 64501, hours=170)),
        expect=(("NO_ROUTES", None),),
    )
    yield case(
        code="ONE_SERVER",
        about="Only one name server has an address.",
        evidence=(listed(ns(NS1, A), v4(NS1, A4), ns(NS2), v4(NS2)),),
        expect=(("ONE_SERVER", None),),
    )
    yield case(
        code="NO_DNS_ANSWER",
        variant="one-name-server",
        about="The address of ns2 is not known: it may be elsewhere.",
        evidence=(listed(ns(NS1), v4(NS1, A4), ns(NS2), unanswered("A", "ns-address", NS2)),),
        expect=(("NO_DNS_ANSWER", None),),
    )
    yield case(
        code="DNS_CONTRADICTS",
        about="Two look-ups of ns2 contradict each other.",
        evidence=(listed(ns(NS1), v4(NS1, A4), ns(NS2), v4(NS2, near), v4(NS2)),),
        expect=(("DNS_CONTRADICTS", None),),
    )


def _said(
    trial: str,
    *,
    rcode: str = "NOERROR",
    opt: bool = True,
    echo: bool = False,
    flag: bool = False,
    tc: bool = False,
    failure: FailureKind | None = None,
    server: str = A,
) -> EdnsAnswer:
    message = dns.message.make_response(dns.message.make_query(ZONE, "SOA", id=4711))
    message.flags |= dns.flags.AA | (dns.flags.TC if tc else 0)
    unknown = dns.edns.GenericOption(EDNS_OPTION, b"")  # type: ignore[arg-type]  # a number is taken too
    options: list[dns.edns.Option] = [unknown] if echo else []
    message.use_edns(0 if opt else -1, ednsflags=EDNS_FLAG if flag else 0, payload=1232, options=options)
    message.set_rcode(dns.rcode.from_text(rcode))
    wire = None if failure else message.to_wire()
    return EdnsAnswer(server=ip_address(server), zone=ZONE, trial=trial, response=wire, failure=lab.why(failure))


def _asked(server: str, *without: str, **how: dict[str, object]) -> Evidence:
    """Return all trials, answered rightly except for ``how``; failing ones run twice; ``again`` repeats plain EDNS."""
    right: dict[str, dict[str, object]] = {"version": {"rcode": "BADVERS"}, "both": {"rcode": "BADVERS"}}
    trials = [text for text in ("plain", "option", "flag", "version", "both", "small") if text not in without]
    trials += [text for text in trials[1:] if "failure" in how.get(text, {})]
    steps = [_said(trial, **{**right.get(trial, {}), **how.get(trial, {})}, server=server) for trial in trials]  # type: ignore[arg-type]
    if "again" in how:
        steps.append(_said("plain", **how["again"], server=server))  # type: ignore[arg-type]
    endpoint = Endpoint(address=ip_address(server), port=53)
    return evidence("edns", *steps, task=f"{server}#53 {ZONE}", endpoint=endpoint)


def edns() -> Iterator[Case]:
    check = "security.dns.edns"
    case = partial(Case, check=check, subject=lab.zone(), controls=CONTROLS)
    envelope = listed(ns(NS1, A), v4(NS1, A4), servers=(NS1,))
    good = _asked(A)
    yield from servers_unknown(check, good, said=(("RIGHT", A),))

    def says(code: str, about: str, *, variant: str = "", **how: dict[str, object]) -> Case:
        return case(
            code=code,
            variant=variant,
            about=about,
            evidence=(envelope, good, _asked(A4, **how)),
            expect=(("RIGHT", A), (code, A4)),
        )

    lost: dict[str, object] = {"failure": TIMEOUT}
    yield says("RIGHT", "Option and flag ignored, BADVERS to version 1.")
    yield says("RIGHT", "Truncated, with OPT.", variant="truncated", small={"tc": True})
    yield says("RIGHT", "It does not know DNSKEY, and says so with OPT.", variant="type", small={"rcode": "NOTIMP"})
    yield says("OTHERWISE", "NOTIMP without OPT.", variant="type-without-opt", small={"rcode": "NOTIMP", "opt": False})
    yield says("OTHERWISE", "The unknown option comes back.", option={"echo": True})
    yield says("OTHERWISE", "The unknown flag comes back.", variant="flag", flag={"flag": True})
    yield says(
        "OTHERWISE", "Version 1 is answered as if there were one.", variant="version", version={"rcode": "NOERROR"}
    )
    yield says(
        "OTHERWISE", "An option beside version 1 comes back.", variant="both", both={"rcode": "BADVERS", "echo": True}
    )
    yield case(
        code="RIGHT",
        variant="before-both",
        about="Of a probe that did not ask for both at once yet.",
        evidence=(envelope, _asked(A, "both"), _asked(A4, "both")),
        expect=(("RIGHT", A), ("RIGHT", A4)),
    )
    yield says("OTHERWISE", "FORMERR to an option.", variant="formerr", option={"rcode": "FORMERR"})
    yield says("OTHERWISE", "No OPT in a truncated answer.", variant="no-opt", small={"opt": False, "tc": True})
    put_off: dict[str, object] = {"rcode": "NOERROR", "tc": True}
    yield says(
        "NOT_DECIDED",
        "A rate limit answers some questions by sending to TCP, before anybody looks at their version.",
        variant="put-off",
        version=put_off,
        both=put_off,
    )
    yield says("NO_EDNS", "FORMERR without OPT.", plain={"rcode": "FORMERR", "opt": False}, option=lost)
    yield says("RIGHT", "A large answer is lost: large-response's finding.", variant="large-lost", small=lost, again={})
    yield says("LIMITED", "Nothing is answered any more.", version=lost, small=lost, again=lost)
    yield says("NO_BASIS", "Plain EDNS is not answered either.", plain=lost)
    dropping = [replace(_asked(A4, version=lost, again={}), id=EvidenceId(f"edns {n}"), attempt=n) for n in (1, 2)]
    yield case(
        code="DROPPED",
        about="A firewall drops the unknown version.",
        evidence=(envelope, good, *dropping),
        expect=(("RIGHT", A), ("DROPPED", A4)),
    )
    yield says("NOT_DECIDED", "Two datagrams may be lost.", variant="lost-twice", version=lost, again={})
    only_plain = _asked(A4, "option", "flag", "version", "both", "small", plain=lost)
    lossy = (*dropping, replace(only_plain, id=EvidenceId("edns 3"), attempt=3))
    yield case(
        code="NOT_DECIDED",
        variant="lossy",
        about="A line that loses plain questions too may lose these by chance.",
        evidence=(envelope, good, *lossy),
        expect=(("RIGHT", A), ("NOT_DECIDED", A4)),
    )
    yield case(
        code="NOT_DECIDED",
        about="One was never asked, the other is silent where no control answered.",
        controls=("icmp",),
        evidence=(envelope, _asked(A, plain=lost)),
        expect=(("NOT_DECIDED", A), ("NOT_DECIDED", A4)),
    )


def cases() -> Iterator[Case]:
    for group in (ns_ipv4, delegation, dangling, ns_diversity, edns):
        yield from group()
