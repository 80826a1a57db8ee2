"""Makes golden cases of a domain's mail exchangers and their names."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address

from inventory.model import AgencyId, Subject
from probes.framework.evidence import Evidence, FailureKind
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.mail import SmtpReply
from tests.golden import lab
from tests.golden.case import Case
from tests.golden.cases_mail import txt
from tests.golden.cases_smtp import GREYLISTED, NO_SERVICE, unknown_mail
from tests.golden.lab import REFUSED, TIMEOUT, ZONE, look, unanswered
from tests.golden.lab_mail import (
    LISTED,
    MX1,
    MX2,
    ONLY,
    V4,
    V4B,
    V6,
    V6B,
    address,
    both,
    closed,
    dialogue,
    ended,
    names,
    usual,
)

GONE = LookupStatus.NO_SUCH_NAME
LITERAL = "198.51.100.25"
S6, S4 = "2001:db8:c::25", "192.0.2.25"
WITHOUT = look(ZONE, "MX", "mx")
ROW = replace(lab.mail(), agency=AgencyId("SO-1"))


def absent(name: str) -> tuple[NameLookup, NameLookup]:
    return look(name, "A", "mx-address", status=GONE), look(name, "AAAA", "mx-address", status=GONE)


def aliased(name: str, target: str) -> tuple[NameLookup, NameLookup]:
    found = (("A", V4), ("AAAA", V6))
    a, aaaa = (look(name, rtype, "mx-address", one, chain=(target,)) for rtype, one in found)
    return a, aaaa


def twice(*makers: partial[Evidence]) -> tuple[Evidence, ...]:
    """Return the same evidence at two looks."""
    return tuple(make(attempt=attempt) for make in makers for attempt in (1, 2))


def mx() -> Iterator[Case]:
    check = "security.mail.mx"
    case = partial(Case, check=check, subject=lab.mail())
    yield from unknown_mail(check)
    yield case(
        code="GREETS",
        about="Each exchanger greets on one of its addresses; what IPv6 lacks is mx-reach's finding.",
        evidence=(both(), dialogue(V4), closed(V6, TIMEOUT), dialogue(V6B), closed(V4B, REFUSED)),
        expect=(("GREETS", MX1), ("GREETS", MX2)),
    )
    dead = names(LISTED, *absent(MX1), *address(MX2, [V6B]))
    names_only = (
        ("LITERAL", LITERAL, absent(LITERAL)),
        ("MISSING", MX1, absent(MX1)),
        ("NO_ADDRESS", MX1, address(MX1)),
        ("PRIVATE", MX1, address(MX1, v4=["192.168.1.25"])),
    )
    for code, name, looks in names_only:
        alone = look(ZONE, "MX", "mx", f"10 {name}")
        yield case(
            code=code, about="The only exchanger.", trap="M9", evidence=(names(alone, *looks),), expect=((code, name),)
        )
        two = names(look(ZONE, "MX", "mx", f"10 {name}", f"20 {MX2}"), *looks, *address(MX2, [V6B]))
        yield case(
            code=f"SOME_{code}",
            about="Another exchanger takes mail.",
            evidence=(two, dialogue(V6B)),
            expect=((f"SOME_{code}", name), ("GREETS", MX2)),
        )
    mine = "mail.cong-ty-da-giai-the.example"
    lapsed = [replace(one, zone="example") for one in absent(mine)]
    yield case(
        code="UNOWNED",
        about="The only exchanger is in a domain that nobody owns: dangling says it.",
        evidence=(names(look(ZONE, "MX", "mx", f"10 {mine}"), *lapsed),),
        expect=(("UNOWNED", mine),),
    )
    three = look(ZONE, "MX", "mx", f"10 {mine}", f"20 {MX1}", f"30 {MX2}")
    yield case(
        code="UNOWNED",
        variant="beside",
        about="Another one takes mail, and the third one is silent.",
        evidence=(
            names(three, *lapsed, *address(MX1, v4=[V4]), *address(MX2, v4=[V4B])),
            *twice(partial(closed, V4, TIMEOUT)),
            dialogue(V4B),
        ),
        expect=(("UNOWNED", mine), ("SOME_SILENT", MX1), ("GREETS", MX2)),
    )
    other = SmtpReply(lines=("SSH-2.0-x",), cut=True)
    for code, look_once in (
        ("REJECTS", partial(ended, V4, NO_SERVICE)),
        ("NOT_SMTP", partial(ended, V4, other, failure=FailureKind.PROTOCOL)),
        ("UNREACHABLE", partial(closed, V4, FailureKind.UNREACHABLE)),
        ("REFUSED", partial(closed, V4, REFUSED)),
        ("SILENT", partial(closed, V4, TIMEOUT)),
    ):
        seen = twice(look_once)
        yield case(
            code=code,
            about="The only exchanger, over IPv4 alone.",
            trap="M9",
            evidence=(usual(v6=()), *seen),
            expect=((code, MX1),),
        )
        listed = names(LISTED, *address(MX1, v4=[V4]), *address(MX2, v4=[V4B]))
        yield case(
            code=f"SOME_{code}",
            about="Another exchanger takes mail.",
            evidence=(listed, *seen, dialogue(V4B)),
            expect=((f"SOME_{code}", MX1), ("GREETS", MX2)),
        )
    yield case(
        code="GREETS",
        variant="later",
        about="Silent at first, there half an hour later.",
        evidence=(usual(v6=()), closed(V4, TIMEOUT), dialogue(V4, attempt=2)),
        expect=(("GREETS", MX1),),
    )
    yield case(
        code="REFUSED",
        variant="both-families",
        about="Silent over IPv6, refused over IPv4: the better of both is named.",
        evidence=(usual(), *twice(partial(closed, V6, TIMEOUT), partial(closed, V4, REFUSED))),
        expect=(("REFUSED", MX1),),
    )
    yield case(
        code="LIMITED",
        about="Greylisted: it may take mail (trap M1).",
        trap="M1",
        evidence=(usual(v6=()), ended(V4, GREYLISTED)),
        expect=(("LIMITED", MX1),),
    )
    yield case(
        code="LIMITED",
        variant="other-missing",
        about="While one exchanger may take mail, the other's defect is a warning.",
        evidence=(dead, ended(V6B, GREYLISTED)),
        expect=(("SOME_MISSING", MX1), ("LIMITED", MX2)),
    )
    yield case(
        code="NOT_DECIDED",
        about="Silence without control proves nothing (trap T5).",
        trap="T5",
        controls=("tcp/443",),
        evidence=(usual(v6=()), closed(V4, TIMEOUT)),
        expect=(("NOT_DECIDED", MX1),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="one-family",
        about="Refused over IPv4; over IPv6 it may greet, and IPv6 does not work here.",
        families=frozenset({4}),
        evidence=(usual(), closed(V6, TIMEOUT), closed(V4, REFUSED)),
        expect=(("NOT_DECIDED", MX1),),
    )
    yield case(
        code="NO_DNS_ANSWER",
        variant="address",
        about="Nobody answers for the exchanger's addresses.",
        evidence=(names(ONLY, unanswered("A", "mx-address", MX1), look(MX1, "AAAA", "mx-address")), dialogue(V6B)),
        expect=(("NO_DNS_ANSWER", MX1),),
    )
    yield case(
        code="ALIAS",
        about="RFC 2181 §10.3.",
        evidence=(names(ONLY, *aliased(MX1, "thu.nha-cung-cap.example")), dialogue(V6)),
        expect=(("ALIAS", MX1),),
    )
    yield case(
        code="ALIAS",
        variant="not-seen",
        about="It is an alias whether it greets or not.",
        evidence=(names(ONLY, *aliased(MX1, "thu.nha-cung-cap.example")),),
        expect=(("ALIAS", MX1),),
    )
    yield case(
        code="NULL_BESIDE_MX",
        about="RFC 7505 §3: it must stand alone.",
        evidence=(names(look(ZONE, "MX", "mx", "0 .", f"10 {MX1}"), *address(MX1, [V6])), dialogue(V6)),
        expect=(("NULL_BESIDE_MX", "MX 0 ."), ("GREETS", MX1)),
    )
    for variant, role in (("", "mx-address"), ("host", "host")):
        own = (look(ZONE, "A", role, V4), look(ZONE, "AAAA", role))
        yield case(
            code="IMPLICIT",
            variant=variant,
            about="No MX: the domain's own address takes the mail.",
            evidence=(names(WITHOUT, *own), dialogue(V4)),
            expect=(("IMPLICIT", ZONE),),
        )
    own = (look(ZONE, "A", "mx-address", V4), look(ZONE, "AAAA", "mx-address"))
    silent = twice(partial(closed, V4, TIMEOUT))
    yield case(
        code="NO_MX_NO_MAIL",
        about="A row says that the domain has mail; nothing takes it.",
        subject=ROW,
        evidence=(names(WITHOUT, *own), *silent),
        expect=(("NO_MX_NO_MAIL", None),),
    )
    yield case(
        code="NO_MX_NO_MAIL",
        variant="no-address",
        about="There is not even an address.",
        subject=ROW,
        evidence=(names(WITHOUT, look(ZONE, "A", "mx-address"), look(ZONE, "AAAA", "mx-address")),),
        expect=(("NO_MX_NO_MAIL", None),),
    )
    yield case(
        code="NO_MX",
        variant="parked",
        about="SPF says that the domain has no mail.",
        trap="M5",
        subject=ROW,
        evidence=(names(WITHOUT, *own, txt(ZONE, "v=spf1 -all")), *silent),
        expect=(("NO_MX", None),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="implicit",
        about="Whether the domain's own address takes mail was not seen from here.",
        trap="T5",
        subject=ROW,
        controls=("tcp/443",),
        evidence=(names(WITHOUT, *own), closed(V4, TIMEOUT)),
        expect=(("NOT_DECIDED", ZONE),),
    )


def implicit() -> Iterator[Case]:
    """Yield the cases of the other checks for a domain that is its own exchanger."""
    v4, v6, spf = look(ZONE, "A", "mx-address", V4), look(ZONE, "AAAA", "mx-address", V6), txt(ZONE, "v=spf1 a -all")
    no_v6 = look(ZONE, "AAAA", "mx-address")
    for check, code, place, looks in (
        ("ipv6.mail.mx-reach", "GREETS", V6, (v4, v6)),
        ("ipv6.mail.mx-aaaa", "ALL", None, (v4, v6)),
        ("security.mail.starttls", "NOT_OFFERED", V4, (v4, no_v6)),
    ):
        found = tuple(dialogue(one, offers=("SIZE",)) for look_ in looks for one in look_.records)
        yield Case(
            check=check,
            code=code,
            variant="implicit",
            about="No MX: the domain is its own exchanger.",
            subject=lab.mail(),
            evidence=(names(WITHOUT, *looks, spf), *found),
            expect=((code, place),),
        )


def mx_aaaa() -> Iterator[Case]:
    case = partial(Case, check="ipv6.mail.mx-aaaa", subject=lab.mail())
    yield case(
        code="NO_ADDRESS",
        about="The only exchanger does not exist: security.mail.mx's finding.",
        trap="M9",
        evidence=(names(ONLY, *absent(MX1)),),
        expect=(("NO_ADDRESS", None),),
    )
    yield case(
        code="NO_ADDRESS",
        variant="literal",
        about="An address for a name has no AAAA to publish.",
        evidence=(names(look(ZONE, "MX", "mx", f"10 {LITERAL}"), *absent(LITERAL)),),
        expect=(("NO_ADDRESS", None),),
    )
    yield case(
        code="ALL",
        variant="other-missing",
        about="What does not exist is left out.",
        evidence=(names(LISTED, *absent(MX1), *address(MX2, [V6B], [V4B])),),
        expect=(("ALL", None),),
    )
    yield case(
        code="NONE",
        variant="vantage-without-ipv6",
        about="The DNS is read in full over IPv4: a vantage without IPv6 decides it too.",
        families=frozenset({4}),
        evidence=(usual(v6=()),),
        expect=(("NONE", None),),
    )


def points(place: str, *found: str, status: LookupStatus | None = None) -> NameLookup:
    return look(ip_address(place).reverse_pointer, "PTR", "ptr", *found, status=status)


def leads(name: str, *found: str) -> NameLookup:
    return look(name, "AAAA" if any(":" in one for one in found) else "A", "ptr-address", *found)


def declares(*addresses: str) -> Subject:
    return replace(lab.mail(), tags=tuple(f"sender={one}" for one in addresses))


def sender_ptr() -> Iterator[Case]:
    check = "security.mail.sender-ptr"
    case = partial(Case, check=check, subject=declares(S6, S4))
    good = (points(V6, MX1), leads(MX1, V6), points(V4, MX1), leads(MX1, V4))
    own = (ONLY, *address(MX1, [V6], [V4]))
    yield case(
        code="CONFIRMED",
        about="Senders and exchangers of both families; one of two names leads back.",
        evidence=(
            names(
                *own,
                *good,
                points(S6, "cu.example", "ra.example"),
                leads("cu.example", V6B),
                leads("ra.example", S6),
                points(S4, "ra4.example"),
                leads("ra4.example", S4),
            ),
        ),
        expect=(("CONFIRMED", V6), ("CONFIRMED", V4), ("CONFIRMED", S6), ("CONFIRMED", S4)),
    )
    yield case(
        code="NO_NAME",
        about="The IPv4 sender has no name, the IPv6 sender one that leads elsewhere.",
        evidence=(names(*own, *good, points(S4, status=GONE), points(S6, "cu.example"), leads("cu.example", V6B)),),
        expect=(("CONFIRMED", V6), ("CONFIRMED", V4), ("NO_NAME", S4), ("NOT_CONFIRMED", S6)),
    )
    yield case(
        code="NOT_CONFIRMED",
        subject=declares(S4),
        about="A name of IPv4 that leads elsewhere.",
        evidence=(
            names(
                look(ZONE, "MX", "mx", "10 mx.provider.example"),
                *address("mx.provider.example", [V6]),
                points(S4, "cu.example"),
                leads("cu.example", V4B),
            ),
        ),
        expect=(("NOT_CONFIRMED", S4),),
    )
    vhosts = [f"web{number}.example" for number in range(1, 6)]
    yield case(
        code="CONFIRMED",
        variant="fifth-name",
        subject=declares(S4),
        about="An address of many names, of which the last leads back.",
        evidence=(
            names(
                look(ZONE, "MX", "mx", "10 mx.provider.example"),
                *address("mx.provider.example", [V6]),
                points(S4, *vhosts),
                *(leads(name, V4B) for name in vhosts[:-1]),
                leads(vhosts[-1], S4),
            ),
        ),
        expect=(("CONFIRMED", S4),),
    )
    yield case(
        code="NO_NAME_EXCHANGER",
        subject=lab.mail(),
        about="An exchanger need not send; nobody wrote down who does.",
        evidence=(names(*own, points(V6), *good[2:], txt(ZONE, "v=spf1 mx -all")),),
        expect=(("NO_NAME_EXCHANGER", V6), ("CONFIRMED", V4), ("NOT_DECLARED", "senders")),
    )
    province = f"thu.{ZONE}"
    yield case(
        code="CONFIRMED",
        variant="beside",
        subject=replace(lab.mail(), host=f"so.{ZONE}", name=f"so.{ZONE}"),
        about="The province's exchanger takes the department's mail: it is the owner's own.",
        evidence=(
            names(
                look(f"so.{ZONE}", "MX", "mx", f"10 {province}"),
                *address(province, [V6]),
                points(V6, province),
                leads(province, V6),
            ),
        ),
        expect=(("CONFIRMED", V6), ("NOT_DECLARED", "senders")),
    )
    outside = (look(ZONE, "MX", "mx", "10 mx.provider.example"), *address("mx.provider.example", [V6]))
    include = txt(ZONE, "v=spf1 include:provider.example -all")
    yield case(
        code="PROVIDER",
        subject=lab.mail(),
        about="The exchanger and the senders are a provider's.",
        evidence=(names(*outside, include),),
        expect=(("PROVIDER", "senders"),),
    )
    yield case(
        code="NOT_DECLARED",
        variant="own-sender",
        subject=lab.mail(),
        about="SPF names a sender of its own.",
        evidence=(names(*outside, txt(ZONE, "v=spf1 ip4:192.0.2.25 include:provider.example -all")),),
        expect=(("NOT_DECLARED", "senders"),),
    )
    yield case(
        code="NOT_SENDING",
        subject=lab.mail(),
        about="Null MX.",
        trap="M5",
        evidence=(names(look(ZONE, "MX", "mx", "0 .")),),
        expect=(("NOT_SENDING", None),),
    )
    yield case(
        code="NO_DNS_ANSWER",
        subject=declares(S4),
        about="The servers of the reverse zone answer SERVFAIL.",
        evidence=(names(*outside, unanswered("PTR", "ptr", ip_address(S4).reverse_pointer, FailureKind.NAME_ERROR)),),
        expect=(("NO_DNS_ANSWER", S4),),
    )
    yield case(
        code="DNS_NOT_ASKED",
        subject=declares(S4),
        about="Only a resolver could be asked for the reverse name.",
        trap="T6",
        evidence=(names(*outside, look(ip_address(S4).reverse_pointer, "PTR", "ptr", via="resolver")),),
        expect=(("DNS_NOT_ASKED", S4),),
    )
    yield case(
        code="DNS_CONTRADICTS",
        subject=declares(S4),
        about="Two answers about the reverse name contradict each other.",
        evidence=(names(*outside, points(S4, "ra.example"), points(S4)),),
        expect=(("DNS_CONTRADICTS", S4),),
    )


def cases() -> Iterator[Case]:
    for group in (mx, implicit, mx_aaaa, sender_ptr):
        yield from group()
