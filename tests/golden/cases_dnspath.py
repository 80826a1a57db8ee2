"""Golden cases of ``ipv6.dns.v6-only-resolve``."""

from collections.abc import Iterator
from functools import partial
from ipaddress import ip_address

from probes.framework.evidence import Evidence, Failure, FailureKind
from probes.observations.dnspath import FamilyCut, ServerReply, Unanswered
from tests.golden import lab
from tests.golden.case import Case
from tests.golden.cases_dns import NS1, NS2, TWO, listed, ns, undecided_zone
from tests.golden.lab import REFUSED, TIMEOUT, ZONE

A6, B6, A4, B4 = "2001:db8:a::53", "2001:db8:b::53", "198.51.100.53", "203.0.113.53"
NOBODY = Failure(kind=FailureKind.NAME_ERROR, detail="no name server has an address of this family")


def cut(family: int, *answers: tuple[str, str, FailureKind | None], unanswered: str = "") -> FamilyCut:
    """The zone's own cut; each server with its address and how that fails."""
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
    """Both ways begin at the registry's zone."""
    passed = [FamilyCut(family=step.family, zone="example", servers=("a.nic.example",)) for step in own]
    steps = [one for pair in zip(passed, own, strict=True) for one in pair]
    return lab.evidence("single_family", *steps, task=ZONE)


SIX = cut(6, (NS1, A6, None), (NS2, B6, None))
FOUR = cut(4, (NS1, A4, None), (NS2, B4, None))
NO_V4 = tuple(lab.look(name, "A", "ns-address") for name in (NS1, NS2))


def v6_only_resolve() -> Iterator[Case]:
    check = "ipv6.dns.v6-only-resolve"
    case = partial(Case, check=check, subject=lab.zone())
    yield from undecided_zone(check)

    def says(code: str, about: str, *own: FamilyCut, variant: str = "", trap: str = "", zone: Evidence = TWO) -> Case:
        return case(
            code=code, about=about, variant=variant, trap=trap, evidence=(zone, walked(*own)), expect=((code, None),)
        )  # fmt: skip

    yield says("COMPLETE", "Both families, two servers each.", SIX, FOUR)
    yield says("COMPLETE", "One of three is silent over IPv6, two are enough.",
               cut(6, (NS1, A6, None), (NS2, B6, None), ("ns3.x.example", "2001:db8:c::53", TIMEOUT)), FOUR,
               variant="one-silent")  # fmt: skip
    yield says("ONE_SERVER", "One server refuses over IPv6.", cut(6, (NS1, A6, None), (NS2, B6, REFUSED)), FOUR)
    yield says(
        "SILENT", "Both have IPv6 addresses, and neither answers.", cut(6, (NS1, A6, TIMEOUT), (NS2, B6, REFUSED)), FOUR
    )
    yield says("NO_ADDRESS", "No server has an IPv6 address.", cut(6), FOUR, zone=listed(ns(NS1), ns(NS2)))
    yield says("UNANSWERED", "The servers drop questions for AAAA over IPv6.",
               cut(6, (NS1, A6, None), (NS2, B6, None), unanswered=f"www.{ZONE} AAAA"), FOUR)  # fmt: skip
    yield says("NO_ADDRESS_V4", "The mirror: no server has an IPv4 address.", SIX, cut(4), trap="T7",
               zone=listed(ns(NS1, A6), ns(NS2, B6), *NO_V4))  # fmt: skip
    yield says(
        "SILENT_V4", "The mirror: nobody answers over IPv4.", SIX, cut(4, (NS1, A4, REFUSED), (NS2, B4, REFUSED))
    )
    yield says("UNANSWERED_V4", "The mirror: one question is not answered over IPv4.",
               SIX, cut(4, (NS1, A4, None), (NS2, B4, None), unanswered=f"{ZONE} MX"))  # fmt: skip
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


def cases() -> Iterator[Case]:
    yield from v6_only_resolve()
