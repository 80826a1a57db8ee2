"""Makes golden cases of ``security.dns.dnssec``, ``security.dns.dnssec-health`` and ``security.dns.cds``."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from ipaddress import ip_address

import dns.message
import dns.rrset
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from probes.framework.evidence import Evidence, FailureKind, Observation
from probes.observations.dnssec import ZoneAnswer
from tests.golden import lab, lab_dnssec
from tests.golden.case import Case
from tests.golden.cases_dns import TWO, undecided_zone
from tests.golden.lab import ZONE
from tests.golden.lab_dnssec import (
    ANCHOR,
    FRESH,
    PARENT,
    Window,
    above,
    answer,
    bare,
    chain,
    delegation,
    denied,
    ds,
    keys,
    later,
    nsec,
    nsec3,
    nsec3_over,
    odd_key,
    of_server,
    opinion,
    own,
    public,
    rrset,
    rsa_key,
    sign,
    soa,
    zone_soa,
)

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
OLD: Window = (-30 * DAY, -2 * DAY)
LATER: Window = (2 * DAY, 9 * DAY)
A, B = "2001:db8:a::53", "2001:db8:b::53"
SIGNED = [*above(ds(ZONE)), keys(ZONE), *own()]
NONE = denied(ZONE, ZONE, "DNSKEY", nsec(ZONE, f"ns1.{ZONE}", "NS SOA RRSIG NSEC"))
CHILD, EMPTY = f"mail.{ZONE}", f"ent.{ZONE}"
HOST, ELSEWHERE = "ns1.nhacungcap.example", "nhacungcap.example"


def _common(check: str) -> Iterator[Case]:
    for case in undecided_zone(check):
        yield Case(
            check=check,
            code=case.code,
            variant=case.variant,
            trap=case.trap,
            about=case.about,
            subject=case.subject,
            evidence=(*case.evidence, chain(*SIGNED)),
            expect=case.expect,
            trust_anchor=ANCHOR,
        )
    yield Case(
        check=check,
        code="NO_ANCHOR",
        about="Without a trust anchor nothing is called bogus.",
        subject=lab.zone(),
        evidence=(TWO, chain(*SIGNED)),
        expect=(("NO_ANCHOR", None),),
    )


def dnssec() -> Iterator[Case]:
    check = "security.dns.dnssec"
    case = partial(Case, check=check, subject=lab.zone(), trust_anchor=ANCHOR)
    yield from _common(check)

    def says(code: str, about: str, *steps: Observation, variant: str = "", trap: str = "") -> Case:
        return case(
            code=code, about=about, variant=variant, trap=trap, evidence=(TWO, chain(*steps)), expect=((code, None),)
        )

    yield says("SECURE", "The chain holds, and everything the zone answers.", *SIGNED)
    yield says("SECURE", "A validating resolver agrees.", *SIGNED, opinion(), variant="agreed")
    yield says(
        "SECURE",
        "A resolver that shows no sign of validating says nothing.",
        *SIGNED,
        opinion(authentic=False, validates=False),
        variant="careless-resolver",
    )
    yield says(
        "DISAGREE",
        "A validating resolver refuses the zone, and only because it checks: nobody is accused, nobody praised.",
        *SIGNED,
        opinion(rcode="SERVFAIL", authentic=False, unchecked="NOERROR"),
        trap="N2",
    )
    yield says(
        "DISAGREE",
        "We find it bogus, a validating resolver secure.",
        *above(ds(ZONE)),
        keys(ZONE, window=OLD),
        *own(),
        opinion(),
        variant="bogus-here",
        trap="N2",
    )
    yield says("UNSIGNED", "The parent proves that there is no DS, the zone has no key.", *above(), NONE, *own())
    yield says(
        "NO_DNS_ANSWER",
        "No DS, and the question for keys is refused: whether the zone is signed was not shown.",
        *above(),
        answer(ZONE, ZONE, "DNSKEY", rcode="SERVFAIL"),
        zone_soa(),
        variant="keys-not-shown",
        trap="N15",
    )
    yield says("NO_DS", "Signed, but the parent proves that there is no DS.", *above(), keys(ZONE), *own())
    yield says("UNSUPPORTED", "The only DS is of GOST.", *above(f"12345 12 3 {'ab' * 32}"), keys(ZONE), *own())
    yield says("EXPIRED", "Nobody signed again.", *above(ds(ZONE)), keys(ZONE, window=OLD), *own(window=OLD))
    yield says("NOT_YET_VALID", "The signer's clock is ahead.", *above(ds(ZONE)), keys(ZONE, window=LATER), *own())
    yield says(
        "BAD_SIGNATURE",
        "The SOA was edited after signing.",
        *above(ds(ZONE)),
        keys(ZONE),
        answer(ZONE, ZONE, "SOA", [rrset(ZONE, "SOA", f"ns1.{ZONE}. x.{ZONE}. 1 2 3 4 5"), sign(soa(ZONE), ZONE)[1]]),
    )
    yield says(
        "UNKNOWN_KEY",
        "Signed by a key that is no longer published.",
        *above(ds(ZONE)),
        keys(ZONE),
        zone_soa(seed="old key"),
    )
    yield says(
        "NO_SIGNATURE", "The SOA comes bare.", *above(ds(ZONE)), keys(ZONE), answer(ZONE, ZONE, "SOA", [soa(ZONE)])
    )
    yield says(
        "BAD_DENIAL",
        "The proof is about another name.",
        *above(ds(ZONE)),
        keys(ZONE),
        zone_soa(),
        denied(ZONE, ZONE, "MX", nsec(f"ns1.{ZONE}", f"ns2.{ZONE}", "A AAAA RRSIG NSEC")),
    )
    yield says(
        "DS_MISMATCH", "The key was changed and the parent not told.", *above(ds(ZONE, "old key")), keys(ZONE), *own()
    )
    yield replace(
        says("DS_MISMATCH", "", variant="signs-nothing"),
        about="The parent names a published key that does not sign the keys: the old one, or the one for the records.",
        evidence=(TWO, chain(*above(ds(ZONE, "old key")), keys(ZONE, public("old key")), *own())),
    )
    yield says("NO_KEYS", "The zone is no longer signed, the parent still has its DS.", *above(ds(ZONE)), NONE)
    yield case(
        code="STALE_SERVERS",
        trap="N5",
        about="One secondary stopped copying the zone and serves signatures that have run out.",
        evidence=(
            TWO,
            chain(*SIGNED),
            of_server(A, zone_soa(server=A), keys(ZONE, server=A)),
            of_server(B, zone_soa(server=B, window=OLD), keys(ZONE, server=B, window=OLD)),
        ),
        expect=(("STALE_SERVERS", None),),
    )
    for first, serial in ((A, 2026020101), (B, 2026030201)):
        yield case(
            code="STALE_SERVERS",
            variant=f"keys-rolled-{'old' if first == A else 'new'}-first",
            trap="N5",
            about="A secondary stopped copying the zone before its key was changed; its signatures still hold.",
            evidence=(TWO, chain(*above(ds(ZONE)), *_rolled(first, serial)), *_rolled_servers()),
            expect=(("STALE_SERVERS", None),),
        )
    yield case(
        code="SECURE",
        variant="zone-transfer-ended",
        about="A secondary was behind at the first look and is not at the second.",
        evidence=(
            TWO,
            chain(*SIGNED),
            of_server(B, zone_soa(server=B, window=OLD), keys(ZONE, server=B, window=OLD)),
            of_server(B, zone_soa(server=B), keys(ZONE, server=B), attempt=2),
        ),
        expect=(("SECURE", None),),
    )
    yield case(
        code="SECURE",
        variant="second-look",
        about="The key was being changed at the first look; ten minutes later everything fits.",
        evidence=(
            TWO,
            chain(*above(ds(ZONE)), keys(ZONE, seed="old key"), zone_soa(seed="old key")),
            chain(*SIGNED, minutes=10, attempt=4),
        ),
        expect=(("SECURE", None),),
    )
    ended: Window = (-9 * DAY, -DAY)
    yield case(
        code="SECURE",
        variant="resumed-days-later",
        trap="N7",
        about="Signatures with four days left when they were seen have expired by the end of the run.",
        evidence=(TWO, chain(*above(ds(ZONE)), keys(ZONE, window=ended), *own(window=ended), minutes=-5 * 24 * 60)),
        expect=(("SECURE", None),),
    )
    yield says(
        "SECURE",
        "The mail host has no addresses, as NSEC3 with opt-out shows: unsigned delegations may stand below it.",
        *SIGNED,
        path(EMPTY),
        *(_opt_out(EMPTY, rtype) for rtype in ("A", "AAAA")),
        variant="opt-out",
        trap="N13",
    )
    for code, variant, about, steps, expect in _child_zones():
        yield case(
            code=code, variant=variant, trap="N6", about=about, evidence=(TWO, chain(*SIGNED, *steps)), expect=expect
        )
    yield says(
        "PARENT_UNSIGNED",
        "The zone above is signed, but has no DS at its own parent: its DS for this zone is an island of trust.",
        keys("."),
        delegation(".", PARENT),
        keys(PARENT),
        delegation(PARENT, ZONE, ds(ZONE)),
        keys(ZONE),
        *own(),
        variant="island-above",
    )
    yield says(
        "PARENT_UNSIGNED",
        "The registry's zone is not signed.",
        keys("."),
        delegation(".", PARENT),
        answer(PARENT, ZONE, "DS", []),
        keys(ZONE),
        *own(),
    )
    yield says(
        "ABOVE",
        "The registry's keys have expired.",
        keys("."),
        delegation(".", PARENT, ds(PARENT)),
        keys(PARENT, window=OLD),
        delegation(PARENT, ZONE, ds(ZONE)),
        keys(ZONE),
        *own(),
    )
    yield says(
        "ABOVE",
        "The parent shows neither a DS nor a proof that there is none: that is no unsigned zone, somebody stripped it.",
        keys("."),
        delegation(".", PARENT, ds(PARENT)),
        keys(PARENT),
        answer(PARENT, ZONE, "DS", [], [soa(PARENT)]),
        keys(ZONE),
        *own(),
        variant="stripped",
    )
    yield says(
        "CLOCK", "The root's own signatures look expired: that is our clock.", *above(ds(ZONE), window=OLD), keys(ZONE)
    )
    yield says(
        "CLOCK",
        "Expired half an hour ago: a clock may be wrong by that.",
        *above(ds(ZONE)),
        keys(ZONE, window=(-9 * DAY, timedelta(minutes=-30))),
        variant="by-minutes",
    )
    crowd = [_unverifiable(number) for number in range(52)]
    yield says("TOO_COMPLEX", "Hundreds of signatures that nobody should verify.", *above(ds(ZONE)), *crowd)
    yield says(
        "NO_DNS_ANSWER",
        "The zone answers for its keys, but no server for its SOA.",
        *above(ds(ZONE)),
        keys(ZONE),
        answer(ZONE, ZONE, "SOA", failure=FailureKind.TIMEOUT),
        variant="silent",
    )
    for code, variant, steps in _hosts():
        yield case(
            code=code,
            variant=variant,
            about="A name server of another operator, in a zone of its own.",
            evidence=(TWO, chain(*SIGNED, *steps)),
            expect=(("SECURE", None), (code, HOST)),
        )


def _rolled(server: str, serial: int) -> list[ZoneAnswer]:
    """Return the DNSKEY and SOA of a server; data since March is signed by another key."""
    key = "key since march" if serial >= 2026030201 else "key of february"
    held = dns.rrset.from_rdata(f"{ZONE}.", lab_dnssec.TTL, public(ZONE), public(key))
    head = rrset(ZONE, "SOA", f"ns1.{ZONE}. hostmaster.{ZONE}. {serial} 7200 3600 1209600 3600")
    return [
        answer(ZONE, ZONE, "DNSKEY", sign(held, ZONE), server=server),
        answer(ZONE, ZONE, "SOA", sign(head, ZONE, seed=key), server=server),
    ]


def _rolled_servers() -> Iterator[Evidence]:
    """Yield the evidence of two servers: the first is behind, the second has the new key."""
    for server, serial in ((A, 2026020101), (B, 2026030201)):
        yield of_server(server, *_rolled(server, serial))


_OTHER = "zone signing key"


def _two_keys(window: Window) -> ZoneAnswer:
    """Return both keys of the zone: signed in this window by the one that the parent names, now by the other one."""
    held = dns.rrset.from_rdata(f"{ZONE}.", lab_dnssec.TTL, public(ZONE), public(_OTHER))
    keys_, made = sign(held, ZONE, window=window)
    made.add(sign(held, ZONE, seed=_OTHER)[1][0])
    return answer(ZONE, ZONE, "DNSKEY", [keys_, made])


def _older(primary: str, window: Window) -> ZoneAnswer:
    """Return the SOA of a server whose copy of the zone is a month old."""
    head = rrset(ZONE, "SOA", f"{primary}. hostmaster.{ZONE}. 2026020101 7200 3600 1209600 3600")
    return answer(ZONE, ZONE, "SOA", sign(head, ZONE, window=window), server=B)


def _unverifiable(number: int) -> Observation:
    """Return the zone's keys with eight signatures by the right key over other data."""
    held = sign(rrset(ZONE, "DNSKEY", lab_dnssec.public(ZONE).to_text()), ZONE)
    made = [sign(rrset(ZONE, "DNSKEY", lab_dnssec.public(f"{n}").to_text()), ZONE, seed=ZONE)[1] for n in range(8)]
    for other in made[1:]:
        for signature in other:
            made[0].add(signature)
    return answer(ZONE, ZONE, "DNSKEY", [held[0], made[0]], server=f"2001:db8:a::{number + 1:x}")


def _hosts() -> Iterator[tuple[str, str, list[Observation]]]:
    address = rrset(HOST, "AAAA", "2001:db8:c::53")
    there = delegation(PARENT, ELSEWHERE, ds(ELSEWHERE))
    yield "HOST_SECURE", "", [there, keys(ELSEWHERE), answer(ELSEWHERE, HOST, "AAAA", sign(address, ELSEWHERE))]
    yield "HOST_INSECURE", "", [delegation(PARENT, ELSEWHERE), answer(ELSEWHERE, HOST, "AAAA", [address])]
    bare: list[Observation] = [there, keys(ELSEWHERE), answer(ELSEWHERE, HOST, "AAAA", [address])]
    yield "HOST_BOGUS", "", bare
    yield "HOST_SECURE", "other-server", [*bare, answer(ELSEWHERE, HOST, "AAAA", sign(address, ELSEWHERE))]
    agreed = opinion(rcode="SERVFAIL", authentic=False, unchecked="NOERROR", qname=HOST, qtype="AAAA")
    yield "HOST_BOGUS", "agreed", [*bare, agreed]
    yield "DISAGREE", "host", [*bare, opinion(qname=HOST, qtype="AAAA")]
    yield "HOST_UNKNOWN", "", [there, answer(ELSEWHERE, HOST, "AAAA", failure=FailureKind.TIMEOUT)]


def path(name: str) -> ZoneAnswer:
    """Return the zone's proof that there is no delegation at a name."""
    return denied(ZONE, name, "NS", nsec(name, f"zz.{ZONE}", "A AAAA RRSIG NSEC"))


def _opt_out(name: str, rtype: str) -> ZoneAnswer:
    proofs = (nsec3(ZONE, "NS SOA RRSIG DNSKEY NSEC3PARAM"), nsec3_over(name, "A RRSIG", opt_out=True))
    return denied(ZONE, name, rtype, *proofs)


Expected = tuple[tuple[str, str | None], ...]


def _child_zones() -> Iterator[tuple[str, str, str, list[Observation], Expected]]:
    """Yield variants of a mail host in a zone below the agency's."""
    address = rrset(CHILD, "AAAA", "2001:db8:a::25")
    child_ns = rrset(CHILD, "NS", f"ns1.{ZONE}.")
    same_servers = answer(ZONE, CHILD, "NS", [child_ns])
    unsigned = [delegation(ZONE, CHILD), answer(CHILD, CHILD, "AAAA", [address])]
    insecure: Expected = (("SECURE", None), ("HOST_INSECURE", CHILD))
    yield (
        "HOST_INSECURE",
        "child-zone",
        "An unsigned child zone on the same servers, as hosting panels make them.",
        [same_servers, *unsigned],
        insecure,
    )
    referral = answer(ZONE, CHILD, "NS", [], [rrset(CHILD, "NS", f"ns1.{ELSEWHERE}.")], authoritative=False)
    yield "HOST_INSECURE", "child-elsewhere", "A child zone on other servers.", [referral, *unsigned], insecure
    yield (
        "HOST_SECURE",
        "child-zone",
        "A child zone with its own key on the same servers.",
        [
            answer(ZONE, CHILD, "NS", sign(child_ns, CHILD)),
            delegation(ZONE, CHILD, ds(CHILD)),
            keys(CHILD),
            answer(CHILD, CHILD, "AAAA", sign(address, CHILD)),
        ],
        (("SECURE", None), ("HOST_SECURE", CHILD)),
    )
    alias = sign(rrset(f"mx.{ZONE}", "CNAME", f"{CHILD}."), ZONE)
    yield (
        "HOST_INSECURE",
        "alias-into-child-zone",
        "The mail host is an alias into the child zone, and the server adds the address from there.",
        [path(f"mx.{ZONE}"), answer(ZONE, f"mx.{ZONE}", "AAAA", [*alias, address]), same_servers, *unsigned],
        insecure,
    )
    yield (
        "NO_DNS_ANSWER",
        "holder-not-asked",
        "An address without signature, and nobody asked whether a delegation stands there: it may be a child zone's.",
        [answer(ZONE, CHILD, "AAAA", [address])],
        (("NO_DNS_ANSWER", None),),
    )
    yield (
        "NO_SIGNATURE",
        "host",
        "An address of the zone itself without signature.",
        [path(CHILD), answer(ZONE, CHILD, "AAAA", [address])],
        (("NO_SIGNATURE", None),),
    )


def dnssec_health() -> Iterator[Case]:
    check = "security.dns.dnssec-health"
    case = partial(Case, check=check, subject=lab.zone(), trust_anchor=ANCHOR)
    yield from _common(check)

    def says(
        code: str, about: str, *steps: Observation, detail: str | None = None, variant: str = "", trap: str = ""
    ) -> Case:
        return case(
            code=code, about=about, variant=variant, trap=trap, evidence=(TWO, chain(*steps)), expect=((code, detail),)
        )

    def with_key(code: str, about: str, key: DNSKEY, detail: str) -> Case:
        return says(code, about, *above(ds(ZONE)), keys(ZONE, key), *own(), detail=detail)

    def until(span: timedelta, whole: timedelta = 14 * DAY) -> tuple[Observation, ...]:
        return (*above(ds(ZONE)), keys(ZONE), *own(window=(span - whole, span)))

    yield says("SOUND", "Ed25519, two weeks left, no NSEC3.", *SIGNED)
    yield says(
        "IDLE_ALGORITHM",
        "An ECDSA key is published and signs nothing.",
        *above(ds(ZONE)),
        keys(ZONE, odd_key(13)),
        *own(),
    )
    yield with_key("WEAK_ALGORITHM", "RSASHA1 is still published.", rsa_key(2048, 7), "DNSKEY 34570 RSASHA1NSEC3SHA1")
    yield with_key(
        "OTHER_ALGORITHM", "RSASHA512 is sound, but not recommended.", rsa_key(2048, 10), "DNSKEY 34573 RSASHA512"
    )
    yield with_key("TINY_KEY", "An RSA key that can be broken.", rsa_key(768, 8), "DNSKEY 34571 RSASHA256")
    yield with_key("SHORT_KEY", "An RSA key of 1024 bits.", rsa_key(1024, 8), "DNSKEY 34571 RSASHA256")
    yield says(
        "SOUND", "SHA-1 beside SHA-256.", *above(ds(ZONE), ds(ZONE, digest="SHA1")), keys(ZONE), *own(), variant="sha-1"
    )
    yield says("WEAK_DIGEST", "Only SHA-1.", *above(ds(ZONE, digest="SHA1")), keys(ZONE), *own(), detail="DS")
    yield says(
        "EXPIRED",
        "Run out two days ago, in a zone that nobody can validate yet.",
        *above(),
        keys(ZONE),
        *own(window=(-16 * DAY, -2 * DAY)),
        detail="RRSIG",
    )
    yield says(
        "REFUSED", "Run out two days ago: that is said by the check of DNSSEC.", *until(-2 * DAY), detail="RRSIG"
    )
    yield says("ENDS_NOW", "Half a day left of two weeks.", *until(DAY / 2), detail="RRSIG")
    yield says("ENDS_SOON", "Two days left of two weeks.", *until(2 * DAY), detail="RRSIG")
    for code, left in (("ENDS_SOON", 2 * DAY), ("ENDS_NOW", DAY / 2)):
        yield says(
            code,
            "The key that the parent names signed the keys long ago; the other one signs them anew.",
            *above(ds(ZONE)),
            _two_keys((left - 14 * DAY, left)),
            zone_soa(seed=_OTHER),
            detail="RRSIG",
            variant="offline-key",
        )
    primary, other = f"ns1.{ZONE}", f"ns2.{ZONE}"
    for code, variant, about, window, named in (
        ("OLD_COPY", "", "A secondary no longer copies the zone; two days are left there.", 2 * DAY, primary),
        ("OLD_COPY", "hours", "Half a day is left at the secondary alone.", DAY / 2, primary),
        ("ENDS_SOON", "other-primary", "A second primary, which signs by itself.", 2 * DAY, other),
    ):
        yield case(
            code=code,
            variant=variant,
            trap="N11",
            about=about,
            evidence=(
                TWO,
                chain(*SIGNED),
                of_server(A, zone_soa(server=A), keys(ZONE, server=A)),
                of_server(B, _older(named, (window - 14 * DAY, window)), keys(ZONE, server=B)),
            ),
            expect=((code, "SOA" if code == "OLD_COPY" else "RRSIG"),),
        )
    nightly: Window = (-DAY / 4, 7 * DAY / 4)
    yield says(
        "SHORT_LIVED",
        "Signed every night for two days: the same signature comes a minute later.",
        *above(ds(ZONE)),
        keys(ZONE),
        *own(window=nightly),
        later(zone_soa(window=nightly), 60),
        detail="RRSIG",
    )
    third_left, week = (-7 * DAY / 2, 3 * DAY / 2), (-9 * DAY / 2, 5 * DAY / 2)
    for variant, life, about in (
        ("third-left", third_left, "Signed for five days, of which less than a third is left."),
        ("week", week, "Signed for a week, and two days and a half are left: time to sign again."),
    ):
        yield says(
            "ENDS_SOON",
            about,
            *above(ds(ZONE)),
            keys(ZONE),
            *own(window=life),
            later(zone_soa(window=life), 60),
            detail="RRSIG",
            variant=variant,
        )
    yield says("ENDS_SOON", "A day left of two weeks.", *until(DAY), detail="RRSIG", variant="day")
    yield says(
        "ENDS_NOW",
        "Signed every night for twenty hours.",
        *above(ds(ZONE)),
        keys(ZONE),
        *own(window=(-DAY / 4, 14 * HOUR)),
        later(zone_soa(window=(-DAY / 4, 14 * HOUR)), 60),
        detail="RRSIG",
        variant="signed-today",
    )
    on_line: Window = (-25 * HOUR, 25 * HOUR)
    yield says(
        "SIGNED_ON_LINE",
        "Begun a day ago and for two days, made at the moment of each answer.",
        *above(ds(ZONE)),
        keys(ZONE),
        *own(window=on_line),
        later(zone_soa(window=(on_line[0] + 60 * SECOND, on_line[1] + 60 * SECOND)), 60),
        trap="N12",
    )
    yield says(
        "ENDS_NOW",
        "The keys of a zone that is signed on line are signed by hand, and that runs out.",
        *above(ds(ZONE)),
        keys(ZONE, window=(-20 * DAY, DAY / 2)),
        *own(window=on_line),
        detail="RRSIG",
        variant="keys",
    )
    yield case(
        code="SOUND",
        variant="stale-server",
        trap="N11",
        about="One secondary serves signatures that have run out; the check of DNSSEC names it.",
        evidence=(
            TWO,
            chain(*SIGNED),
            of_server(A, zone_soa(server=A), keys(ZONE, server=A)),
            of_server(B, zone_soa(server=B, window=OLD), keys(ZONE, server=B, window=OLD)),
        ),
        expect=(("SOUND", None),),
    )
    weak = dns.rrset.from_rdata(f"{ZONE}.", lab_dnssec.TTL, public(ZONE), rsa_key(2048, 7))
    yield case(
        code="SOUND",
        variant="stale-server-with-old-keys",
        trap="N11",
        about="A key of RSASHA1 that the zone no longer has stands at a secondary that is behind.",
        evidence=(
            TWO,
            chain(*SIGNED),
            of_server(A, zone_soa(server=A), keys(ZONE, server=A)),
            of_server(
                B, zone_soa(server=B, window=OLD), answer(ZONE, ZONE, "DNSKEY", sign(weak, ZONE, window=OLD), server=B)
            ),
        ),
        expect=(("SOUND", None),),
    )
    yield case(
        code="SOUND",
        variant="second-look",
        about="Run out at the first look, signed again ten minutes later.",
        evidence=(
            TWO,
            chain(*above(ds(ZONE)), keys(ZONE, window=OLD), *own(window=OLD)),
            chain(*SIGNED, minutes=10, attempt=2),
        ),
        expect=(("SOUND", None),),
    )
    ended: Window = (-9 * DAY, -DAY)
    yield case(
        code="SOUND",
        variant="resumed-days-later",
        trap="N7",
        about="Four days were left when the signatures were seen.",
        evidence=(TWO, chain(*above(ds(ZONE)), keys(ZONE, window=ended), *own(window=ended), minutes=-5 * 24 * 60)),
        expect=(("SOUND", None),),
    )
    param = answer(ZONE, ZONE, "NSEC3PARAM", sign(rrset(ZONE, "NSEC3PARAM", "1 0 100 aabb"), ZONE))
    yield says("ITERATIONS", "A hundred iterations.", *SIGNED, param, detail="NSEC3")
    yield says(
        "NO_SIGNATURES",
        "Keys, but nothing is signed with them.",
        *above(ds(ZONE)),
        answer(ZONE, ZONE, "DNSKEY", [bare(odd_key(13))]),
        detail="RRSIG",
    )
    yield says("UNSIGNED", "No key at all.", *above(), NONE)
    yield says(
        "CLOCK",
        "The root's signatures seem to have run out too.",
        *above(ds(ZONE), window=OLD),
        keys(ZONE),
        *own(window=OLD),
        detail="RRSIG",
    )


def cds() -> Iterator[Case]:
    check = "security.dns.cds"
    yield from _common(check)
    good = wishes(ZONE)

    def says(code: str, about: str, *steps: Observation, variant: str = "", trap: str = "") -> Case:
        return Case(
            check=check,
            subject=lab.zone(),
            trust_anchor=ANCHOR,
            code=code,
            variant=variant,
            trap=trap,
            about=about,
            evidence=(TWO, chain(*SIGNED, *steps)),
            expect=((code, None),),
        )

    def at_servers(code: str, about: str, *others: ZoneAnswer, variant: str = "", attempt: int = 1) -> Case:
        first = of_server(A, *(replace(zone_answer, server=ip_address(A)) for zone_answer in good))
        second = of_server(B, *(replace(zone_answer, server=ip_address(B)) for zone_answer in others), attempt=attempt)
        return replace(says(code, about, variant=variant), evidence=(TWO, chain(*SIGNED), first, second))

    yield says("CONSISTENT", "Both kinds, of the key in use, signed by it.", *good)
    yield at_servers("CONSISTENT", "The same at both servers.", *good, variant="servers")
    yield replace(
        says("CONSISTENT", "", variant="no-ds"),
        about="A zone that asks for its first DS (RFC 8078): the key that it asks for signs.",
        evidence=(TWO, chain(*above(), keys(ZONE), *own(), *good)),
    )
    yield says("ONE_KIND", "CDS alone.", good[0], no_wish("CDNSKEY"))
    yield says("ONE_KIND", "CDNSKEY alone.", no_wish("CDS"), good[1], variant="cdnskey")
    silent = [answer(ZONE, ZONE, rtype, failure=FailureKind.TIMEOUT) for rtype in ("CDS", "CDNSKEY")]
    yield says(
        "NO_DNS_ANSWER", "CDS, and nobody answered about CDNSKEY.", good[0], silent[1], variant="one-kind-silent"
    )
    neither = [no_wish("CDS"), no_wish("CDNSKEY")]
    yield says("DELETE", "The zone asks to become unsigned.", *wishes("", delete=True))
    yield replace(
        says("DELETED", "The zone asks to become unsigned, and has no DS any more."),
        evidence=(TWO, chain(*above(), keys(ZONE), *own(), *wishes("", delete=True))),
    )
    yield says("UNKNOWN_KEY", "Of a key that the zone does not publish.", *wishes("another key"))
    cut = answer(ZONE, ZONE, "CDS", sign(rrset(ZONE, "CDS", ds(ZONE)[:-2] + "00"), ZONE))
    yield says("UNKNOWN_KEY", "A digest of no key, though the tag is that of one.", cut, good[1], variant="digest")
    yield replace(
        says("UNKNOWN_KEY", "", variant="signs-nothing"),
        about="Of a key that is published and does not sign the set of keys.",
        evidence=(TWO, chain(*above(ds(ZONE)), keys(ZONE, public("next key")), *own(), *wishes("next key"))),
    )
    texts = {
        "CDS": [ds(ZONE), ds(ZONE, "standby key")],
        "CDNSKEY": [public(ZONE).to_text(), public("standby key").to_text()],
    }
    beside = [answer(ZONE, ZONE, rtype, sign(rrset(ZONE, rtype, *two), ZONE)) for rtype, two in texts.items()]
    yield says("KEY_BESIDE", "Of the key in use, and of one that waits for its turn unpublished (Double-DS).", *beside)
    yield replace(
        says("KEY_BESIDE", "", variant="signs-nothing"),
        about="The other key is published, and does not sign the set of keys.",
        evidence=(TWO, chain(*above(ds(ZONE)), keys(ZONE, public("standby key")), *own(), *beside)),
    )
    bare = [answer(ZONE, ZONE, zone_answer.qtype, [_set_of(zone_answer)]) for zone_answer in good]
    yield says("NOT_SIGNED", "The records come without signatures.", *bare)
    yield says("NOT_SIGNED", "Signed by a key that nobody knows.", *wishes(ZONE, seed="old key"), variant="other-key")
    yield says(
        "CONTRADICT", "CDS of the key in use, CDNSKEY that asks for no key.", good[0], wishes("", delete=True)[1]
    )
    yield at_servers("SERVERS_DIFFER", "One server has records, the other has none.", *neither)
    yield at_servers(
        "CONSISTENT",
        "A server that had no records yet has them at the second look.",
        *(later(zone_answer, 1) for zone_answer in neither),
        *(later(zone_answer, 600) for zone_answer in good),
        variant="second-look",
    )
    of_servers = [
        [replace(zone_answer, server=ip_address(server)) for zone_answer in answers]
        for server, answers in ((A, good), (B, neither))
    ]
    yield replace(
        says("CONSISTENT", "", variant="old-copy"),
        about="A secondary has an older copy, from before the records: that is its own finding.",
        evidence=(
            TWO,
            chain(*SIGNED),
            of_server(A, zone_soa(server=A), *of_servers[0]),
            of_server(B, _older(f"ns1.{ZONE}", FRESH), *of_servers[1]),
        ),
    )
    yield says("NONE", "Neither.", *neither)
    yield says("NO_DNS_ANSWER", "No server answers about them.", *silent, variant="silent")
    yield replace(
        says("REFUSED", "The zone's signatures have expired as a whole."),
        evidence=(TWO, chain(*above(ds(ZONE)), keys(ZONE, window=OLD), *own(window=OLD), *good)),
    )
    yield replace(says("UNSIGNED", "No key at all."), evidence=(TWO, chain(*above(), NONE)))
    ended: Window = (-9 * DAY, -DAY)
    yield replace(
        says("CONSISTENT", "", variant="resumed-days-later", trap="N7"),
        about="Signatures with four days left when they were seen have expired by the end of the run.",
        evidence=(
            TWO,
            chain(
                *above(ds(ZONE)),
                keys(ZONE, window=ended),
                *own(window=ended),
                *wishes(ZONE, window=ended),
                minutes=-5 * 24 * 60,
            ),
        ),
    )


def wishes(key: str, *, delete: bool = False, seed: str = "", window: Window = FRESH) -> list[ZoneAnswer]:
    """Return CDS and CDNSKEY of the key with this seed, signed by the zone's key, or the records that ask for none."""
    texts = ("0 0 0 00", "0 3 0 AA==") if delete else (ds(ZONE, key), public(key).to_text())
    sets = [rrset(ZONE, rtype, text) for rtype, text in zip(("CDS", "CDNSKEY"), texts, strict=True)]
    rtypes = ("CDS", "CDNSKEY")
    return [
        answer(ZONE, ZONE, rtype, sign(rrset, ZONE, seed=seed, window=window))
        for rtype, rrset in zip(rtypes, sets, strict=True)
    ]


def no_wish(rtype: str) -> ZoneAnswer:
    return denied(ZONE, ZONE, rtype, nsec(ZONE, f"ns1.{ZONE}", "NS SOA RRSIG NSEC DNSKEY"))


def _set_of(step: ZoneAnswer) -> dns.rrset.RRset:
    return dns.message.from_wire(step.response or b"").answer[0]


def cases() -> Iterator[Case]:
    yield from dnssec()
    yield from dnssec_health()
    yield from cds()
