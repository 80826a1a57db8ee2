"""Makes golden cases of ``ipv6.dns.v6-only-resolve`` and ``ipv6.dns.glue-aaaa``."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address

import dns.flags
import dns.message
import dns.rrset

from probes.framework.evidence import Evidence, EvidenceId, Failure, FailureKind
from probes.observations.dns import Delegation
from probes.observations.dnspath import NO_DATA_BARE, FamilyCut, Referral, ServerReply, Unanswered
from tests.golden import lab
from tests.golden.case import Case
from tests.golden.cases_dns import NS1, NS2, NS3, TWO, listed, ns, undecided_zone
from tests.golden.lab import REFUSED, TIMEOUT, ZONE

A6, B6, C6 = "2001:db8:a::53", "2001:db8:b::53", "2001:db8:c::53"
A4, B4 = "198.51.100.53", "203.0.113.53"
NOBODY = Failure(kind=FailureKind.NAME_ERROR, detail="no name server has an address of this family")


def cut(family: int, *answers: tuple[str, str, FailureKind | None], unanswered: str = "") -> FamilyCut:
    """Return the zone's own cut; each server with its address and its failure."""
    replies = tuple(
        ServerReply(name=name, address=ip_address(address), failure=lab.why(kind)) for name, address, kind in answers
    )
    failed = [reply.failure for reply in replies if reply.failure]
    return FamilyCut(
        family=family,
        zone=ZONE,
        servers=(NS1, NS2),
        replies=replies,
        unanswered=(Unanswered(question=unanswered, failure=NOBODY),) if unanswered else (),
        failure=None if len(failed) < len(replies) else failed[0] if failed else NOBODY,
    )


def walked(*own: FamilyCut) -> Evidence:
    """Return the delegation steps of both families, each beginning at the registry's zone."""
    passed = [FamilyCut(family=step.family, zone="example", servers=("a.nic.example",)) for step in own]
    steps = [family_cut for pair in zip(passed, own, strict=True) for family_cut in pair]
    return lab.evidence("single_family", *steps, task=ZONE)


SIX = cut(6, (NS1, A6, None), (NS2, B6, None))
FOUR = cut(4, (NS1, A4, None), (NS2, B4, None))
NO_V4 = tuple(lab.look(name, "A", "ns-address") for name in (NS1, NS2))


HAS_V4 = (lab.look(NS1, "A", "ns-address", A4), lab.look(NS2, "A", "ns-address", B4))
PARENT6, PARENT4 = "2001:db8:53::1", "198.51.100.1"
BOTH = (f"{NS1} A {A4}", f"{NS1} AAAA {A6}", f"{NS2} A {B4}", f"{NS2} AAAA {B6}")


def referral(
    server: str, *glue: str, names: tuple[str, ...] = (NS1, NS2), answers: bool = False, cut_short: bool = False
) -> Referral:
    """Return a parent server's response; with ``answers``, the server also holds the zone itself."""
    message = dns.message.make_response(dns.message.make_query(ZONE, "NS", id=0))
    section = message.answer if answers else message.authority
    for name in names:  # one by one: sets of several are written in any order
        section.append(dns.rrset.from_text(f"{ZONE}.", 3600, "IN", "NS", f"{name}."))
    for flag, wanted in ((dns.flags.AA, answers), (dns.flags.TC, cut_short)):
        message.flags |= flag if wanted else 0
    for record in glue:
        owner, rtype, text = record.split()
        message.additional.append(dns.rrset.from_text(f"{owner}.", 3600, "IN", rtype, text))
    return Referral(zone=ZONE, parent="example", server=ip_address(server), response=message.to_wire())


def silent(server: str) -> Referral:
    return Referral(zone=ZONE, parent="example", server=ip_address(server), failure=lab.why(TIMEOUT))


def referred(*steps: Referral) -> Evidence:
    return lab.evidence("referrals", *steps, task=ZONE)


def v6_only_resolve() -> Iterator[Case]:
    check = "ipv6.dns.v6-only-resolve"
    case = partial(Case, check=check, subject=lab.zone())
    yield from undecided_zone(check)

    def says(
        code: str,
        about: str,
        *own: FamilyCut,
        variant: str = "",
        trap: str = "",
        zone: Evidence = TWO,
        again: Evidence | None = None,
    ) -> Case:
        late = () if again is None else (replace(again, id=EvidenceId(f"{again.id} attempt 2"), attempt=2),)
        evidence = (zone, walked(*own), *late)
        return case(code=code, about=about, variant=variant, trap=trap, evidence=evidence, expect=((code, None),))

    two_questions = (f"{ZONE} MX", f"www.{ZONE} AAAA")
    six_twice = replace(
        SIX, unanswered=tuple(Unanswered(question=two_question, failure=NOBODY) for two_question in two_questions)
    )

    yield says("COMPLETE", "Both families, two servers each.", SIX, FOUR)
    yield says(
        "COMPLETE",
        "One of three is silent over IPv6, two are enough.",
        cut(6, (NS1, A6, None), (NS2, B6, None), ("ns3.x.example", "2001:db8:c::53", TIMEOUT)),
        FOUR,
        variant="one-silent",
    )
    yield says("ONE_SERVER", "One server refuses over IPv6.", cut(6, (NS1, A6, None), (NS2, B6, REFUSED)), FOUR)
    yield says(
        "SILENT", "Both have IPv6 addresses, and neither answers.", cut(6, (NS1, A6, TIMEOUT), (NS2, B6, REFUSED)), FOUR
    )
    yield case(
        code="OPEN",
        variant="drops-some",
        about="A limit takes some questions over IPv6: another one was answered at the same address.",
        evidence=(
            TWO,
            walked(cut(6, (NS1, A6, TIMEOUT), (NS2, B6, TIMEOUT)), FOUR),
            lab.asked("nameserver", A6, (ZONE, "SOA")),
        ),
        expect=(("OPEN", None),),
    )
    yield says("NO_ADDRESS", "No server has an IPv6 address.", cut(6), FOUR, zone=listed(ns(NS1), ns(NS2)))
    yield says(
        "UNANSWERED",
        "The servers drop questions for AAAA over IPv6.",
        cut(6, (NS1, A6, None), (NS2, B6, None), unanswered=f"www.{ZONE} AAAA"),
        FOUR,
    )
    bare = Failure(kind=FailureKind.NAME_ERROR, detail=NO_DATA_BARE)
    six = replace(SIX, unanswered=(Unanswered(question=f"{ZONE} MX", failure=bare),))
    yield says(
        "COMPLETE", "No MX, and no SOA with it: an answer all the same (RFC 2308 §2.2).", six, FOUR, variant="no-soa"
    )
    yield says(
        "UNANSWERED",
        "The same, seen twice; one question more is answered at the second look.",
        cut(6, (NS1, A6, None), (NS2, B6, None), unanswered=f"www.{ZONE} AAAA"),
        FOUR,
        variant="seen-twice",
        again=walked(six_twice, FOUR),
    )
    lost = replace(SIX, unanswered=(Unanswered(question=f"{ZONE} NS", failure=Failure(kind=TIMEOUT)),))
    answered = lab.asked("nameserver", A6, (ZONE, "SOA"), attempt=2)
    for code, variant, about, rtype in (
        ("UNANSWERED", "of-one-type", "Only questions for NS are dropped over IPv6.", "NS"),
        ("OPEN", "loses-others", "The way to one server loses questions of every type over IPv6.", "SOA"),
    ):
        silent_once = lab.asked("nameserver", A6, (ZONE, rtype), failure=TIMEOUT)
        evidence = (TWO, walked(lost, FOUR), silent_once, answered)
        yield case(code=code, variant=variant, about=about, evidence=evidence, expect=((code, None),))
    yield case(
        code="OPEN",
        variant="one-server-heard",
        about="One server is silent on the way, and answered another question: whether it is the only one is open.",
        evidence=(
            TWO,
            walked(cut(6, (NS1, A6, None), (NS2, B6, TIMEOUT)), FOUR),
            lab.asked("nameserver", B6, (ZONE, "SOA")),
        ),
        expect=(("OPEN", None),),
    )
    dropped = f"www.{ZONE} AAAA"
    yield says(
        "UNANSWERED_BOTH",
        "A question dropped over both families alike is no fault of IPv6.",
        cut(6, (NS1, A6, None), (NS2, B6, None), unanswered=dropped),
        cut(4, (NS1, A4, None), (NS2, B4, None), unanswered=dropped),
    )
    yield says(
        "COMPLETE",
        "Silent for a moment, and answering ten minutes later.",
        cut(6, (NS1, A6, TIMEOUT), (NS2, B6, TIMEOUT)),
        FOUR,
        variant="second-look",
        again=walked(SIX, FOUR),
    )
    yield says(
        "V4_ALONE",
        "The mirror: no server has an IPv4 address.",
        SIX,
        cut(4),
        trap="T7",
        zone=listed(ns(NS1, A6), ns(NS2, B6), *NO_V4),
    )
    nobody4 = cut(4, (NS1, A4, REFUSED), (NS2, B4, REFUSED))
    yield says("V4_ALONE", "The mirror: nobody answers over IPv4.", SIX, nobody4, variant="silent")
    yield says(
        "V4_ALONE",
        "The mirror: one question is not answered over IPv4.",
        SIX,
        cut(4, (NS1, A4, None), (NS2, B4, None), unanswered=f"{ZONE} MX"),
        variant="question",
    )
    yield says(
        "BOTH",
        "Nobody answers over either family: the servers are down.",
        cut(6, (NS1, A6, TIMEOUT), (NS2, B6, TIMEOUT)),
        nobody4,
    )
    yield says(
        "BOTH",
        "The parent gives no address of either family: nobody finds the zone, over IPv4 neither.",
        cut(6),
        cut(4),
        variant="no-glue",
        zone=listed(ns(NS1), ns(NS2), *NO_V4),
    )
    other = FamilyCut(family=4, zone=ZONE, servers=("ns.old.example",), failure=NOBODY)
    yield says(
        "BOTH",
        "The parent lists a server that is gone, the zone itself two others.",
        replace(other, family=6),
        other,
        variant="other-servers",
        zone=listed(ns(NS1, A6), ns(NS2, B6), *HAS_V4),
    )
    ends = FamilyCut(family=6, zone="example", failure=Failure(kind=FailureKind.TIMEOUT))
    yield case(
        code="ABOVE",
        about="The registry's servers do not answer over IPv6: that is not the agency's.",
        evidence=(TWO, lab.evidence("single_family", ends, FOUR, task=ZONE)),
        expect=(("ABOVE", None),),
    )
    yield says(
        "OPEN", "Its addresses were not found over IPv6 alone, though it has some: nobody is accused.", cut(6), FOUR
    )
    yield case(
        code="NO_GLUE",
        about="All servers are inside the zone, and the parent gives no IPv6 address.",
        evidence=(TWO, walked(cut(6), FOUR), referred(referral(PARENT6, f"{NS1} A {A4}", f"{NS2} A {B4}"))),
        expect=(("NO_GLUE", None),),
    )
    yield case(
        code="V4_ALONE",
        variant="no-glue",
        about="The mirror: all servers are inside the zone, and the parent gives no IPv4 address.",
        evidence=(
            listed(ns(NS1, A6), ns(NS2, B6), *HAS_V4),
            walked(SIX, cut(4)),
            referred(referral(PARENT6, f"{NS1} AAAA {A6}")),
        ),
        expect=(("V4_ALONE", None),),
    )
    yield case(
        code="OPEN",
        variant="glue-not-heard",
        about="One of the parent's servers was not heard: whether it gives addresses is not known.",
        evidence=(TWO, walked(cut(6), FOUR), referred(referral(PARENT6, f"{NS1} A {A4}"), silent(PARENT4))),
        expect=(("OPEN", None),),
    )
    root = FamilyCut(family=6, zone=".", failure=Failure(kind=FailureKind.TIMEOUT))
    yield case(
        code="OPEN",
        variant="root-silent",
        trap="T1",
        about="No root server answers over IPv6: our own egress.",
        evidence=(TWO, lab.evidence("single_family", root, FOUR, task=ZONE)),
        expect=(("OPEN", None),),
    )
    yield case(
        code="OPEN",
        variant="no-control",
        about="Silence without a control over UDP proves nothing.",
        controls=(),
        evidence=(TWO, walked(cut(6, (NS1, A6, TIMEOUT), (NS2, B6, TIMEOUT)), FOUR)),
        expect=(("OPEN", None),),
    )
    yield case(
        code="U_V6",
        gated=True,
        families=frozenset({4}),
        about="The auditor's own IPv6 does not work.",
        evidence=(TWO, walked(SIX, FOUR)),
        expect=(("U_V6", None),),
    )


def glue_aaaa() -> Iterator[Case]:
    check = "ipv6.dns.glue-aaaa"
    case = partial(Case, check=check, subject=lab.zone())
    yield from undecided_zone(check)
    works = (lab.soa(A6), lab.soa(B6))

    def says(
        code: str,
        about: str,
        *steps: Referral,
        variant: str = "",
        zone: Evidence = TWO,
        asked: tuple[Evidence, ...] = works,
    ) -> Case:
        seen = (referred(*steps),) if steps else ()
        evidence = (zone, *seen, *asked)
        return case(code=code, about=about, variant=variant, evidence=evidence, expect=((code, None),))

    whole = referral(PARENT6, *BOTH)
    yield says("COMPLETE", "Both servers of the parent give all of it.", whole, referral(PARENT4, *BOTH))
    yield says(
        "COMPLETE",
        "A third name, which only the zone lists, needs no glue.",
        whole,
        variant="child-only",
        zone=listed(ns(NS1, A6), ns(NS2, B6), ns(NS3, C6), servers=(NS1, NS2, NS3)),
    )
    yield says(
        "COMPLETE",
        "An answer from elsewhere is another check's finding.",
        whole,
        variant="elsewhere",
        asked=(lab.soa(A6), lab.soa(B6, source="2001:db8:c::54")),
    )
    yield says(
        "COMPLETE",
        "The glue is right and a server silent: ns-reach's finding.",
        whole,
        variant="silent",
        asked=(lab.soa(A6), lab.soa(B6, failure=TIMEOUT)),
    )
    yield says("PARTIAL", "The second server has no IPv6 glue.", referral(PARENT6, *BOTH[:3]))
    yield says(
        "PARTIAL", "One server of the parent has an older copy.", whole, referral(PARENT4, *BOTH[:3]), variant="old"
    )
    yield says(
        "OTHER",
        "The parent gives one more, and it answers.",
        referral(PARENT6, *BOTH, f"{NS1} AAAA {C6}"),
        asked=(*works, lab.soa(C6)),
    )
    yield says("MISSING", "The parent has IPv4 addresses alone.", referral(PARENT6, BOTH[0], BOTH[2]))
    stale = referral(PARENT6, *BOTH[:3], f"{NS2} AAAA {C6}")
    yield says(
        "DEAD",
        "The parent has an old address, and nobody is there.",
        stale,
        asked=(*works, lab.soa(C6, failure=TIMEOUT)),
    )
    yield says(
        "DEAD",
        "At the old address there is a server that knows nothing of the zone.",
        stale,
        variant="lame",
        asked=(*works, lab.soa(C6, rcode="REFUSED", aa=False, answer=None)),
    )
    yield says("OPEN", "No referral was seen.")
    yield says("OPEN", "An address of the glue that the zone does not name was not asked.", stale, variant="not-asked")
    yield says(
        "OPEN",
        "A referral cut short says nothing of what is missing.",
        referral(PARENT6, cut_short=True),
        variant="cut-short",
    )
    yield says(
        "OPEN",
        "Another server of the parent, not heard, may have it.",
        referral(PARENT6, BOTH[0], BOTH[2]),
        silent(PARENT4),
        variant="not-heard",
    )
    yield case(
        code="OPEN",
        variant="no-control",
        trap="T1",
        about="Silence of an address in the glue, without a control over UDP, proves nothing.",
        controls=(),
        evidence=(TWO, referred(stale), *works, lab.soa(C6, failure=TIMEOUT)),
        expect=(("OPEN", None),),
    )
    away = ("ns1.hosting.example", "ns2.hosting.example")
    yield says(
        "NO_GLUE_NEEDED",
        "Its name servers are elsewhere.",
        referral(PARENT6, names=away),
        zone=listed(ns(away[0], A6), ns(away[1], B6), servers=away),
    )
    yield says(
        "NO_GLUE_NEEDED",
        "The parent lists servers elsewhere alone, the zone itself others too.",
        referral(PARENT6, names=away),
        variant="not-listed",
        zone=listed(ns(NS1, A6), ns(away[0], A6), ns(away[1], B6), servers=(NS1, *away)),
    )
    cut_ = Delegation(zone=ZONE, parent="example", parent_ns=(NS1, NS2), child_ns=(NS1, NS2), shared=True)
    yield says(
        "SHARED",
        "The parent's servers hold the zone too.",
        referral(PARENT6, answers=True),
        zone=lab.evidence("dns", cut_, ns(NS1, A6), ns(NS2, B6), task=ZONE),
    )
    yield says(
        "DNS_CONTRADICTS",
        "Two look-ups of a server's AAAA contradict each other.",
        whole,
        zone=listed(ns(NS1, A6), ns(NS2, B6), ns(NS2)),
    )
    yield case(
        code="U_V6",
        gated=True,
        families=frozenset({4}),
        about="The auditor's own IPv6 does not work.",
        evidence=(TWO, referred(whole), *works),
        expect=(("U_V6", None),),
    )


def cases() -> Iterator[Case]:
    yield from v6_only_resolve()
    yield from glue_aaaa()
