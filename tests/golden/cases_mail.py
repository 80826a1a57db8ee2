"""Makes golden cases of ``security.mail.*``."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from hashlib import sha256
from ipaddress import ip_address

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import Certificate

from containers.rehearsal.sonlam.keys import ED25519, RSA_512, RSA_1024, RSA_2048
from probes.framework.evidence import Evidence, EvidenceId, FailureKind, Observation
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.mail import PolicyFetch, SmtpDialogue, StartTls
from probes.wire.mail.dkim import UNLIKELY, USUAL_SELECTORS
from tests.golden import lab, lab_dnssec
from tests.golden.case import Case
from tests.golden.lab import ZONE, evidence, look, unanswered

OTHER = "gui-thu.example"
MX = f"mx1.{ZONE}"
SENDER = "2001:db8:a::25"
NIBBLES = f"{int(ip_address(SENDER)):032x}"


def dns(*lookups: NameLookup) -> tuple[Evidence, ...]:
    return (evidence("dns", *lookups, task=ZONE),)


def txt(name: str, *texts: str) -> NameLookup:
    return look(name, "TXT", "spf", *(f'"{text}"' for text in texts))


def several(count: int, rest: str) -> tuple[NameLookup, ...]:
    """Return a record with ``count`` terms that look up names, all of which exist."""
    hosts = [f"gui{number}.{ZONE}" for number in range(count)]
    terms = " ".join(f"a:{host}" for host in hosts)
    found = [look(host, rtype, "spf", *found) for host in hosts for rtype, found in (("A", [lab.V4]), ("AAAA", []))]
    return (txt(ZONE, f"v=spf1 {terms} {rest}"), *found)


def spf() -> Iterator[Case]:
    case = partial(Case, check="security.mail.spf", subject=lab.mail())
    mx = look(ZONE, "MX", "mx", f"10 mx1.{ZONE}")
    null = look(ZONE, "MX", "mx", "0 .")

    def one(code: str, about: str, *lookups: NameLookup, variant: str = "", trap: str = "") -> Case:
        return case(code=code, variant=variant, about=about, trap=trap, evidence=dns(*lookups), expect=((code, None),))

    include = txt(ZONE, f"v=spf1 ip4:192.0.2.0/24 include:{OTHER} -all")
    yield one(
        "RESTRICTIVE", "An included sender; other TXT records do not count.", txt(ZONE, "v=spf10 x", "v=spf1 -all")
    )
    yield one(
        "RESTRICTIVE",
        "The -all of an included record is not met by the including one: ~all decides.",
        mx,
        txt(ZONE, f"v=spf1 include:{OTHER} ~all"),
        txt(OTHER, "v=spf1 ip6:2001:db8::/32 -all"),
        variant="include",
    )
    yield replace(
        one(
            "RESTRICTIVE",
            "Eight look-ups; terms behind all and a redirect beside it are never evaluated.",
            *several(8, f"-all include:{OTHER} redirect={OTHER}"),
            variant="behind-all",
            trap="M3",
        ),
        expect=(("RESTRICTIVE", None), ("BEHIND_ALL", "all")),
    )
    yield one("NEUTRAL", "No term for strangers: the result is neutral.", mx, txt(ZONE, "v=spf1 ip4:192.0.2.1"))
    yield one("MANY_LOOKUPS", "Nine look-ups; ten are allowed.", *several(9, "-all"), trap="M3")
    yield one("MANY_LOOKUPS", "Exactly ten are valid.", *several(10, "-all"), variant="ten", trap="M3")
    provider = txt(ZONE, f"v=spf1 include:{OTHER} -all")
    edited = (txt(OTHER, "v=spf1 ip4:192.0.2.0/24 -all"), txt(OTHER, "v=spf1 ip4:198.51.100.0/24 -all"))
    missing = txt(ZONE, "google-site-verification=x")
    for variant, about, first, then in (
        ("edited", "A sender was added between two looks.", [txt(ZONE, "v=spf1 mx -all")], [include, edited[0]]),
        (
            "provider-edited",
            "The provider changed its record in between.",
            [provider, edited[0]],
            [provider, edited[1]],
        ),
        ("second-look", "A secondary that was behind had no SPF yet.", [missing], [txt(ZONE, "v=spf1 -all")]),
        ("not-seen-again", "The second look met a secondary that is behind.", [txt(ZONE, "v=spf1 -all")], [missing]),
    ):
        looks = (evidence("dns", *first, task=ZONE), evidence("dns", *then, task=ZONE, attempt=2, minutes=20))
        yield case(code="RESTRICTIVE", variant=variant, about=about, evidence=looks, expect=(("RESTRICTIVE", None),))
    yield one("PTR", "Whoever has a reverse name there.", mx, txt(ZONE, "v=spf1 ptr ~all"))
    yield one("WIDE", "Half a provider.", mx, txt(ZONE, "v=spf1 ip4:198.0.0.0/8 ip6:2001:db8::/32 -all"))
    yield one(
        "RESTRICTIVE",
        "Networks as large as may be.",
        mx,
        txt(ZONE, "v=spf1 ip4:40.92.0.0/16 ip6:2a01:111::/32 a/16//32 -all"),
        look(ZONE, "A", "spf", lab.V4),
        look(ZONE, "AAAA", "spf"),
        variant="at-the-bar",
    )
    yield one(
        "WIDE",
        "The network around a name.",
        mx,
        txt(ZONE, "v=spf1 a/8 -all"),
        look(ZONE, "A", "spf", lab.V4),
        look(ZONE, "AAAA", "spf"),
        variant="name",
    )
    yield one(
        "WIDE",
        "A record of the domain's own behind an include.",
        mx,
        txt(ZONE, f"v=spf1 include:_spf.{ZONE} -all"),
        txt(f"_spf.{ZONE}", "v=spf1 ip4:198.0.0.0/8 ?all"),
        variant="own-include",
    )
    yield one(
        "RESTRICTIVE",
        "Private ranges, TSLCD's among them: no stranger on the Internet sends from there.",
        mx,
        txt(ZONE, "v=spf1 ip4:192.0.2.25 ip4:10.0.0.0/8 ip4:172.16.0.0/12 ip4:100.64.0.0/10 ip6:fc00::/7 -all"),
        variant="private",
    )
    yield one(
        "RESTRICTIVE",
        "What is turned away may be as wide as it likes.",
        txt(ZONE, "v=spf1 -ip4:198.0.0.0/8 -all"),
        variant="refuses",
    )
    outside = (mx, include, txt(OTHER, "v=spf1 ip4:40.92.0.0/15 -all"))
    yield replace(
        one("WIDE_PROVIDER", "A provider's range.", *outside),
        expect=(("RESTRICTIVE", None), ("WIDE_PROVIDER", "include:")),
    )
    for code, about, record in (
        ("JOINED", "No space.", "v=spf1include:gui-thu.example -all"),
        ("SPACED", "A space within the version.", "v=spf 1 mx -all"),
        ("QUOTED", "A panel that puts quotes inside.", '\\"v=spf1 mx -all\\"'),
        ("VERSION", "A version that is none.", "v=spf2 mx -all"),
    ):
        yield one(code, about, txt(ZONE, record, "google-site-verification=x"), trap="M11")
    yield one("NONE", "There are TXT records, none of them SPF.", txt(ZONE, "google-site-verification=x"))
    yield one("MULTIPLE", "Two records.", txt(ZONE, "v=spf1 -all", "v=spf1 mx ~all"))
    yield one("SYNTAX", "An address that is none.", txt(ZONE, "v=spf1 ip4:192.0.2.300 -all"))
    yield one("SYNTAX", "A mechanism nobody knows.", txt(ZONE, "v=spf1 ipv4:192.0.2.1 -all"), variant="unknown")
    yield one("LEADS_NOWHERE", "The included name has no record.", include, txt(OTHER))
    dead, gone_name = "_spf.cong-ty-da-giai-the.example", LookupStatus.NO_SUCH_NAME
    to_dead = txt(ZONE, f"v=spf1 include:{dead} -all")
    yield one(
        "LEADS_TO_UNOWNED",
        "The domain of the included name has lapsed: the registry itself denies it.",
        to_dead,
        look(dead, "TXT", "spf", status=gone_name, zone="example"),
    )
    yield one(
        "LEADS_NOWHERE",
        "The included name is gone, its domain is not.",
        to_dead,
        look(dead, "TXT", "spf", status=gone_name, zone="cong-ty-da-giai-the.example"),
        variant="gone",
    )
    yield one(
        "LEADS_NOWHERE",
        "A local name, which nobody can register.",
        txt(ZONE, "v=spf1 include:_spf.tinh-a.local -all"),
        look("_spf.tinh-a.local", "TXT", "spf", status=gone_name, zone="."),
        variant="local",
    )
    yield one("TOO_MANY_LOOKUPS", "Eleven terms.", *several(11, "-all"), trap="M3")
    yield one(
        "TOO_MANY_LOOKUPS", "A record that includes itself.", txt(ZONE, f"v=spf1 include:{ZONE} -all"), variant="loop"
    )
    gone = [look(f"cu{n}.{ZONE}", rtype, "spf") for n in range(3) for rtype in ("A", "AAAA")]
    voids = txt(ZONE, f"v=spf1 a:cu0.{ZONE} a:cu1.{ZONE} a:cu2.{ZONE} -all")
    yield one("TOO_MANY_VOID", "Three names that do not exist.", voids, *gone, trap="M3")
    many = look(ZONE, "MX", "spf", *(f"10 mx{n}.{ZONE}" for n in range(11)))
    yield one("TOO_MANY_MX", "Eleven exchangers.", txt(ZONE, "v=spf1 mx -all"), many, trap="M3")
    yield one("OPEN", "+all allows everybody.", txt(ZONE, "v=spf1 mx +all"), look(ZONE, "MX", "spf", f"10 mx1.{ZONE}"))
    yield one(
        "OPEN", "So does a list of all addresses.", txt(ZONE, "v=spf1 ip4:0.0.0.0/0 -all"), variant="every-address"
    )
    yield one("OPEN", "So do two halves.", txt(ZONE, "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all"), variant="halves")
    yield one(
        "OPEN",
        "So do all global IPv6 addresses, half of them by an include.",
        txt(ZONE, f"v=spf1 ip6:2000::/4 include:{OTHER} -all"),
        txt(OTHER, "v=spf1 ip6:3000::/4 -all"),
        variant="global-ipv6",
    )
    yield one("OPEN", "So does an included +all.", include, txt(OTHER, "v=spf1 all"), variant="include")
    yield one(
        "DEPENDS", "Where strangers are sent on hangs on their address.", txt(ZONE, f"v=spf1 redirect=%{{i}}.{OTHER}")
    )
    yield one("PARKED_LAX", "A domain without mail needs -all.", null, txt(ZONE, "v=spf1 ~all"), trap="M5")
    yield one("NO_DNS_ANSWER", "Nobody answers for the included name.", include, unanswered("TXT", "spf", OTHER))
    yield one("DNS_CONTRADICTS", "Two answers contradict each other.", txt(ZONE, "v=spf1 -all"), txt(ZONE))
    yield one("DNS_NOT_ASKED", "The included name was not looked up.", include)
    yield one("DNS_NOT_ASKED", "Whether the domain is parked is not known.", txt(ZONE, "v=spf1 ~all"), variant="mx")
    yield case(
        code="ONLY_PRIVATE",
        about="The mail server as it is seen from inside.",
        evidence=dns(txt(ZONE, "v=spf1 ip4:10.1.2.3 ip4:192.168.0.0/24 -all"), mx),
        expect=(("RESTRICTIVE", None), ("ONLY_PRIVATE", "ip4:")),
    )
    yield case(
        code="RESTRICTIVE",
        variant="private-beside",
        about="A private address beside a public one does no harm.",
        evidence=dns(txt(ZONE, "v=spf1 ip4:10.1.2.3 ip4:192.0.2.25 -all"), mx),
        expect=(("RESTRICTIVE", None),),
    )
    google = txt("_spf.example", "v=spf1 ip4:192.0.2.0/24 -all")
    for variant, text in (
        ("include", "v=spf1 ip4:192.0.2.25 ~all include:_spf.example"),
        ("redirect", "v=spf1 redirect=_spf.example -all"),
    ):
        yield case(
            code="BEHIND_ALL",
            variant=variant,
            about="What stands behind all, or redirect beside it, is not read.",
            evidence=dns(txt(ZONE, text), google, mx),
            expect=(("RESTRICTIVE", None), ("BEHIND_ALL", "all")),
        )
    absent = partial(look, role="spf", status=LookupStatus.NO_SUCH_NAME, zone="example")
    for term, looked_up in (
        (f"a:{OTHER}", (absent(OTHER, "A"), absent(OTHER, "AAAA"))),
        (f"mx:thu.{OTHER}/28", (absent(f"thu.{OTHER}", "MX"),)),
    ):
        yield case(
            code="UNOWNED_SENDER",
            variant=term[:2].rstrip(":"),
            about="A sender in a domain that nobody owns any more.",
            evidence=dns(txt(ZONE, f"v=spf1 {term} -all"), *looked_up, mx),
            expect=(("RESTRICTIVE", None), ("UNOWNED_SENDER", term)),
        )
    ours, theirs = "192.0.2.25", "198.51.100.26"
    sends = replace(lab.mail(), tags=(f"sender={ours}", f"sender={theirs}", "sender=10.0.0.25", f"sender={SENDER}"))
    for variant, end, records in (
        ("refused", "-all", "RESTRICTIVE"),
        ("soft", "~all", "RESTRICTIVE"),
        ("neutral", "?all", "NEUTRAL"),
    ):
        left_out = () if variant == "neutral" else (("SENDER_LEFT_OUT", theirs),)
        yield case(
            code="SENDER_LEFT_OUT" if left_out else records,
            variant=f"sender-{variant}",
            about="A declared sender that the record does not let in; one inside the agency's network sends by others.",
            subject=sends,
            evidence=dns(txt(ZONE, f"v=spf1 ip4:{ours} {end}"), mx),
            expect=((records, None), *left_out),
        )


def spf_ip6() -> Iterator[Case]:
    check = "ipv6.mail.spf-ip6"
    mx = look(ZONE, "MX", "mx", f"10 mx1.{ZONE}")
    subject = replace(lab.mail(), tags=(f"sender={SENDER}", "sender=192.0.2.25"))

    def one(
        code: str, about: str, *lookups: NameLookup, variant: str = "", trap: str = "", at: str | None = SENDER
    ) -> Case:
        return Case(
            check=check,
            subject=subject,
            code=code,
            variant=variant,
            about=about,
            trap=trap,
            evidence=dns(*lookups),
            expect=((code, at),),
        )

    include = txt(ZONE, f"v=spf1 include:{OTHER} -all")
    yield one("AUTHORISED", "A prefix in an included record.", mx, include, txt(OTHER, "v=spf1 ip6:2001:db8:a::/48"))
    yield one(
        "AUTHORISED",
        "A macro that asks for the address by its nibbles.",
        mx,
        txt(ZONE, f"v=spf1 exists:%{{ir}}.%{{v}}._spf.{ZONE} -all"),
        look(f"{'.'.join(reversed(NIBBLES))}.ip6._spf.{ZONE}", "A", "spf", "127.0.0.2"),
        variant="macro",
    )
    yield one("SOFTFAIL", "Only IPv4 is named.", mx, txt(ZONE, "v=spf1 ip4:192.0.2.0/24 ~all"))
    yield one("NEUTRAL", "No term for strangers.", mx, txt(ZONE, "v=spf1 ip4:192.0.2.0/24"))
    yield one(
        "REJECTED",
        "The exchanger's name leads to IPv4 only.",
        mx,
        txt(ZONE, "v=spf1 mx -all"),
        look(ZONE, "MX", "spf", f"10 mx1.{ZONE}"),
        look(f"mx1.{ZONE}", "AAAA", "spf"),
    )
    yield one("INVALID", "Two records.", mx, txt(ZONE, "v=spf1 -all", "v=spf1 mx ~all"))
    yield one("NO_SPF", "None: security.mail.spf's finding.", mx, txt(ZONE, "x"))
    yield one(
        "DEPENDS",
        "The name looked up holds the letter's author.",
        mx,
        txt(ZONE, f"v=spf1 exists:%{{l}}._spf.{ZONE} -all"),
    )
    yield one("NO_MAIL", "Null MX.", look(ZONE, "MX", "mx", "0 ."), trap="M5", at=None)
    yield replace(one("NOT_DECLARED", "Nobody says who sends.", mx, at=None), subject=lab.mail())
    yield replace(
        one("NO_IPV6", "The mail is sent over IPv4.", mx, at=None),
        subject=replace(lab.mail(), tags=("sender=192.0.2.25", "sender=::ffff:192.0.2.26")),
    )
    yield one("NO_DNS_ANSWER", "Nobody answers for the included name.", mx, include, unanswered("TXT", "spf", OTHER))
    yield one("DNS_CONTRADICTS", "Two answers contradict.", mx, txt(ZONE, "v=spf1 -all"), txt(ZONE))
    yield one("DNS_NOT_ASKED", "The included name was not looked up.", mx, include)
    yield one("DNS_NOT_ASKED", "Whether the domain takes mail is not known.", include, variant="mx", at=None)


def policy(name: str, *texts: str) -> NameLookup:
    return look(f"_dmarc.{name}", "TXT", "dmarc", *(f'"{text}"' for text in texts))


def dmarc() -> Iterator[Case]:
    mx = look(ZONE, "MX", "mx", f"10 mx1.{ZONE}")
    null = look(ZONE, "MX", "mx", "0 .")
    top = policy("example")

    def one(code: str, about: str, *lookups: NameLookup, variant: str = "", trap: str = "") -> Case:
        return Case(
            check="security.mail.dmarc",
            subject=lab.mail(),
            code=code,
            variant=variant,
            about=about,
            trap=trap,
            evidence=dns(*lookups),
            expect=((code, None),),
        )

    def strict_but(tags: str) -> NameLookup:
        return policy(ZONE, f"v=DMARC1; p=reject; {tags}; rua=mailto:a@{ZONE}")

    def noted(code: str, about: str, look: NameLookup, detail: str) -> Case:
        return replace(one(code, about, look, top), expect=(("ENFORCED", None), (code, detail)))

    strict = strict_but("rf=afrf; x=y")
    yield one("ENFORCED", "Reject; tags of RFC 7489 and unknown ones are ignored.", strict, top, trap="M4")
    yield one(
        "ENFORCED",
        "Above stands the record of a public suffix: sp holds for what is below it.",
        mx,
        policy(ZONE),
        policy("example", "v=DMARC1; p=none; sp=quarantine; psd=y; rua=mailto:a@example"),
        variant="suffix",
        trap="N3",
    )
    yield one(
        "ENFORCED",
        "Reports go to a host of the same organisation, and to one that agreed.",
        policy(ZONE, f"v=DMARC1; p=reject; rua=mailto:a@bao-cao.{ZONE}, mailto:b@{OTHER}!10m"),
        top,
        policy(f"bao-cao.{ZONE}"),
        policy(OTHER, "v=DMARC1; p=reject"),
        look(f"{ZONE}._report._dmarc.{OTHER}", "TXT", "dmarc", '"v=DMARC1"'),
        variant="reports",
    )
    yield one("SUBDOMAINS_OPEN", "Those that exist and those that do not.", strict_but("sp=none; np=none"), top)
    yield one("SUBDOMAINS_OPEN", "Those that do not exist.", strict_but("sp=reject; np=none"), top, variant="np")
    yield one(
        "SUBDOMAINS_OPEN",
        "np=reject leaves those open that exist.",
        strict_but("sp=none; np=reject"),
        top,
        variant="sp",
    )
    yield noted("NO_REPORTS", "Nobody gets reports.", policy(ZONE, "v=DMARC1; p=reject; sp=quarantine"), "rua=")
    bare = policy(ZONE, f"v=DMARC1; p=reject; sp=quarantine; rua=dmarc@{ZONE}")
    yield noted("REPORTS_NOWHERE", "An address without mailto.", bare, "rua=")
    yield noted("PERCENT", "Receivers on RFC 7489 do nothing.", strict_but("pct=0"), "pct=")
    for code, about, record in (
        ("SEMICOLON", "No semicolon.", "v=DMARC1 p=reject"),
        ("CASE", "Small letters.", "v=dmarc1; p=reject"),
        ("QUOTED", "A panel that puts quotes inside.", '\\"v=DMARC1; p=reject\\"'),
        ("SPACED", "A space in front.", " v=DMARC1; p=reject"),
        ("VERSION", "A version that is none.", "v=DMARC; p=reject"),
    ):
        yield one(code, about, policy(ZONE, record), top, trap="M11")
    yield one(
        "SEMICOLON",
        "The record above.",
        policy(ZONE),
        policy("example", "v=DMARC1 p=reject"),
        variant="above",
        trap="M11",
    )
    yield one("POLICY_NONE", "It watches only.", policy(ZONE, "v=DMARC1; p=none"), top)
    yield one("POLICY_NONE", "A record without p counts as none.", policy(ZONE, "v=DMARC1;"), top, variant="no-p")
    yield one("REJECT_IN_TEST", "t=y takes reject to quarantine.", policy(ZONE, "v=DMARC1; p=reject; t=y"), top)
    yield one("QUARANTINE_IN_TEST", "t=y takes quarantine to none.", policy(ZONE, "v=DMARC1; p=quarantine; t=y"), top)
    refusing = policy(ZONE, f"v=DMARC1; p=reject; rua=mailto:b@{OTHER}")
    asked = look(f"{ZONE}._report._dmarc.{OTHER}", "TXT", "dmarc")
    yield one("REPORTS_REFUSED", "A stranger has not agreed to take reports.", refusing, top, policy(OTHER), asked)
    below = f"phong.{ZONE}"
    akin = (
        look(below, "MX", "mx", f"10 mx1.{ZONE}"),
        policy(below, f"v=DMARC1; p=reject; rua=mailto:b@{ZONE}"),
        policy(ZONE),
        top,
        look(f"{below}._report._dmarc.{ZONE}", "TXT", "dmarc"),
    )
    about = "Reports go to the domain above, which has no policy: RFC 7489 asks no consent of one's own organisation."
    yield replace(one("ENFORCED", about, *akin, variant="akin"), subject=replace(lab.mail(), name=below, host=below))
    yield one("PARKED_LAX", "No mail, yet not reject.", null, policy(ZONE, "v=DMARC1; p=quarantine"), top, trap="M5")
    yield one("NONE", "Nothing, up to the top.", policy(ZONE, "v=spf1 -all"), top)
    yield one("MULTIPLE", "Two records.", policy(ZONE, "v=DMARC1; p=reject", "v=DMARC1; p=none"), top)
    yield one(
        "MULTIPLE",
        "Two records above.",
        policy(ZONE),
        policy("example", "v=DMARC1; p=none", "v=DMARC1; p=reject"),
        variant="above",
    )
    yield one("INVALID", "A policy nobody knows.", policy(ZONE, "v=DMARC1; p=rejekt"), top)
    yield one(
        "INVALID",
        "A policy for what is below that nobody knows: receivers do nothing (RFC 9989 §4.10.1).",
        policy(ZONE, "v=DMARC1; p=reject; sp=rejekt"),
        top,
        variant="sp",
        trap="M4",
    )
    yield one(
        "ENFORCED",
        "Mistakes beside the policy are ignored (RFC 9989 §4.8).",
        strict_but("; fo; ruf:mailto:x;"),
        top,
        variant="mistakes",
        trap="M4",
    )
    yield one("INVALID", "A tag named twice.", policy(ZONE, "v=DMARC1; p=reject; p=none"), top, variant="twice")
    yield one("NO_DNS_ANSWER", "Nobody answers.", unanswered("TXT", "dmarc", f"_dmarc.{ZONE}"), trap="N4")
    yield one(
        "NO_DNS_ANSWER",
        "The stranger's servers do not answer.",
        refusing,
        top,
        policy(OTHER),
        unanswered("TXT", "dmarc", f"{ZONE}._report._dmarc.{OTHER}"),
        variant="reports",
    )
    yield one("DNS_CONTRADICTS", "Two answers contradict.", strict, policy(ZONE), top)
    yield one("DNS_NOT_ASKED", "The name above was not asked.", policy(ZONE))
    yield one(
        "DNS_NOT_ASKED", "Whether it is parked is unknown.", policy(ZONE, "v=DMARC1; p=quarantine"), top, variant="mx"
    )


def key(selector: str, *texts: str) -> NameLookup:
    return look(f"{selector}._domainkey.{ZONE}", "TXT", "dkim", *(f'"{text}"' for text in texts))


def selectors(*found: NameLookup) -> tuple[NameLookup, ...]:
    """Return SPF of a domain that sends mail, ``found``, and the other usual selectors, which do not exist."""
    names = {one.name for one in found}
    usual = (
        look(f"{name}._domainkey.{ZONE}", "TXT", "dkim", status=LookupStatus.NO_SUCH_NAME) for name in USUAL_SELECTORS
    )
    return (txt(ZONE, "v=spf1 mx -all"), *found, *(one for one in usual if one.name not in names))


def _undeclared_selectors(one: Callable[..., Case]) -> Iterator[Case]:
    nobody = look(f"{UNLIKELY}._domainkey.{ZONE}", "TXT", "dkim", status=LookupStatus.NO_SUCH_NAME)
    one = partial(one, tags="")

    def found(
        code: str, about: str, selector: str, *texts: str, variant: str = "", more: tuple[NameLookup, ...] = ()
    ) -> Case:
        case = one(code, about, *selectors(key(selector, *texts), *more), nobody, variant=variant)
        return replace(case, expect=((code, selector),))

    yield found("STRONG", "At a usual selector.", "selector1", f"v=DKIM1; p={RSA_2048}", variant="found")
    yield found(
        "STRONG",
        "What is beside a good key may be of old.",
        "selector1",
        f"v=DKIM1; p={RSA_2048}",
        variant="found-beside-old",
        more=(key("default", f"p={RSA_512}"), key("mail", "p=")),
    )
    yield found("TOO_SHORT", "A weak key at a usual selector.", "k1", f"p={RSA_512}", variant="found")
    yield found("FOUND_BROKEN", "Half a key at a usual selector.", "k1", f"v=DKIM1; p={RSA_2048[:100]}")
    none = selectors()
    denied = look(f"_domainkey.{ZONE}", "TXT", "dkim", status=LookupStatus.NO_SUCH_NAME)
    yield one("NOT_FOUND", "No usual selector; that _domainkey is denied says nothing.", *none, denied, trap="M8")
    provider = look(f"_domainkey.{ZONE}", "TXT", "dkim", chain=("_domainkey.nha-cung-cap.example",))
    yield one("NOT_FOUND", "An alias at _domainkey is no wildcard.", *none, provider, variant="alias", trap="M8")
    yield one(
        "NOT_FOUND",
        "A revoked key and one for another service are none.",
        *selectors(key("default", "p="), key("s1", f"s=tlsrpt; p={RSA_2048}")),
        nobody,
        variant="of-no-use",
    )
    every = tuple(key(name, f"p={RSA_2048}") for name in USUAL_SELECTORS)
    wildcard = look(f"{UNLIKELY}._domainkey.{ZONE}", "TXT", "dkim", f'"p={RSA_2048}"')
    yield one("WILDCARD", "Every selector is there.", *selectors(*every), wildcard, trap="M2")
    revoking = look(f"{UNLIKELY}._domainkey.{ZONE}", "TXT", "dkim", '"v=DKIM1; p="')
    at_every = (key(name, "v=DKIM1; p=") for name in USUAL_SELECTORS if name != "selector1")
    yield replace(
        one("STRONG", "", *selectors(key("selector1", f"p={RSA_2048}"), *at_every), revoking, variant="own-key"),
        about="A key of its own, beside a wildcard that revokes all others.",
        expect=(("STRONG", "selector1"),),
        trap="M2",
    )
    yield one("DNS_NOT_ASKED", "Whether a wildcard answers is not known.", *selectors(*every), variant="wildcard")
    yield one(
        "NO_DNS_ANSWER",
        "Nobody answers for one of them.",
        *selectors(unanswered("TXT", "dkim", f"google._domainkey.{ZONE}")),
        variant="usual",
    )


def dkim() -> Iterator[Case]:
    def one(code: str, about: str, *lookups: NameLookup, tags: str = "s1", variant: str = "", trap: str = "") -> Case:
        names = tags.split()
        return Case(
            check="security.mail.dkim",
            subject=replace(lab.mail(), tags=tuple(f"dkim={name}" for name in names)),
            code=code,
            variant=variant,
            about=about,
            trap=trap,
            evidence=dns(*(selectors(*lookups) if names else lookups)),
            expect=((code, names[0] if names else None),),
        )

    good = key("s1", f"v=DKIM1; p={RSA_2048}")
    yield one(
        "STRONG", "RSA with 2048 bits; v and k may be left out.", key("s1", f"p={RSA_2048[:200]} {RSA_2048[200:]}")
    )
    yield one(
        "STRONG",
        "A key beside a record that a wildcard put there.",
        key("s1", "v=spf1 -all", f"v=DKIM1; p={RSA_2048}"),
        variant="beside-another",
        trap="M2",
    )
    yield one("SHORT", "1024 bits.", key("s1", f"v=DKIM1; p={RSA_1024}"))
    yield one("TOO_SHORT", "512 bits.", key("s1", f"v=DKIM1; p={RSA_512}"))
    yield one("REVOKED", "An empty key.", key("s1", "v=DKIM1; p="))
    yield replace(
        one("REVOKED_SPARE", "Another selector is good.", key("s0", "v=DKIM1; p="), good, tags="s0 s1"),
        expect=(("REVOKED_SPARE", "s0"), ("STRONG", "s1")),
    )
    yield one("SEVERAL", "Two keys.", key("s1", f"v=DKIM1; p={RSA_2048}", f"v=DKIM1; p={RSA_1024}"))
    yield one("MISSING", "Declared, and not there.", key("s1"), trap="M2")
    yield one("BROKEN", "Half a key.", key("s1", f"v=DKIM1; p={RSA_2048[:100]}"))
    yield one("BROKEN", "An algorithm that nobody has.", key("s1", "v=DKIM1; k=dsa; p=AAAA"), variant="algorithm")
    yield one("BROKEN", "Something else stands there.", key("s1", "v=spf1 -all"), variant="other")
    yield one("TESTING", "t=y.", key("s1", f"v=DKIM1; t=y:s; p={RSA_2048}"))
    yield one("SHA1_ALONE", "h=sha1.", key("s1", f"v=DKIM1; h=sha1; p={RSA_2048}"))
    yield one(
        "STRONG",
        "Both hashes, for mail among others.",
        key("s1", f"v=DKIM1; h=sha1:sha256; s=tlsrpt:email; p={RSA_2048}"),
        variant="limits",
    )
    yield one("NOT_FOR_MAIL", "s=tlsrpt.", key("s1", f"v=DKIM1; s=tlsrpt; p={RSA_2048}"))
    alone = key("s1", f"v=DKIM1; k=ed25519; p={ED25519}")
    yield one("ED25519_ALONE", "No RSA beside it.", alone)
    yield replace(
        one("STRONG", "RSA beside Ed25519.", alone, key("s2", f"p={RSA_2048}"), tags="s1 s2", variant="both"),
        expect=(("STRONG", "s1"), ("STRONG", "s2")),
    )
    partly = one("DNS_NOT_ASKED", "An older run did not ask for every usual selector.", alone, variant="older")
    yield replace(partly, evidence=dns(*selectors(alone)[:-1]), expect=(("DNS_NOT_ASKED", "s1"),))
    yield from _undeclared_selectors(one)
    yield one("NOT_SENDING", "v=spf1 -all.", txt(ZONE, "v=spf1 -all"), tags="", trap="M5")
    yield replace(
        one("NO_DNS_ANSWER", "Nobody answers.", unanswered("TXT", "dkim", f"s1._domainkey.{ZONE}")),
        expect=(("NO_DNS_ANSWER", "s1"),),
    )
    yield one("DNS_CONTRADICTS", "Two answers contradict.", good, key("s1"))
    yield one("DNS_NOT_ASKED", "The usual selectors were not asked for.", txt(ZONE, "v=spf1 mx -all"), tags="")


STS = f"mta-sts.{ZONE}"


def policy_file(
    *lines: str, status: int = 200, kind: str = "text/plain", failure: FailureKind | None = None, host: str = STS
) -> PolicyFetch:
    return PolicyFetch(
        address=ip_address(lab.V4),
        port=443,
        url=f"https://{STS}/.well-known/mta-sts.txt",
        status=None if failure else status,
        content_type=kind,
        body="\r\n".join(lines).encode(),
        chain=() if failure else tuple(one.public_bytes(Encoding.DER) for one in (lab.leaf(host), lab.MIDDLE)),
        failure=lab.why(failure),
    )


def dialogue(*chain: Certificate, failure: FailureKind | None = None) -> Evidence:
    step = SmtpDialogue(
        address=ip_address(lab.V6),
        port=25,
        server_name=MX,
        connected=failure is None,
        starttls=StartTls.DONE if chain else StartTls.NOT_ASKED,
        chain=tuple(one.public_bytes(Encoding.DER) for one in chain),
        failure=lab.why(failure),
    )
    return evidence("smtp", step, task=f"{lab.V6}#25", endpoint=lab.at(lab.V6, 25, MX))


def vouched(*records: str) -> tuple[Observation, ...]:
    """Return the chain to the zone, its signed TLSA records of the exchanger and its signed MX record."""
    tlsa = lab_dnssec.sign(lab_dnssec.rrset(f"_25._tcp.{MX}", "TLSA", *records), ZONE)
    mx = lab_dnssec.sign(lab_dnssec.rrset(ZONE, "MX", f"10 {MX}."), ZONE)
    return (
        *lab_dnssec.above(lab_dnssec.ds(ZONE)),
        lab_dnssec.keys(ZONE),
        lab_dnssec.answer(ZONE, f"_25._tcp.{MX}", "TLSA", tlsa),
        lab_dnssec.answer(ZONE, ZONE, "MX", mx),
    )


def plain(*records: str) -> tuple[Observation, ...]:
    """Return the same answers without signatures."""
    tlsa = lab_dnssec.rrset(f"_25._tcp.{MX}", "TLSA", *records)
    return (
        lab_dnssec.answer(ZONE, f"_25._tcp.{MX}", "TLSA", [tlsa]),
        lab_dnssec.answer(ZONE, ZONE, "MX", [lab_dnssec.rrset(ZONE, "MX", f"10 {MX}.")]),
    )


def opinion(name: str) -> Observation:
    return replace(lab_dnssec.opinion(), qname=name, qtype="TLSA")


def dane_mta_sts() -> Iterator[Case]:
    listed = look(ZONE, "MX", "mx", f"10 {MX}")
    none = look(f"_25._tcp.{MX}", "TLSA", "tlsa")
    reports = look(f"_smtp._tls.{ZONE}", "TXT", "tls-rpt", f'"v=TLSRPTv1; rua=mailto:tls@{ZONE}"')
    said = look(f"_mta-sts.{ZONE}", "TXT", "mta-sts", '"v=STSv1; id=20260301;"')
    silent = look(f"_mta-sts.{ZONE}", "TXT", "mta-sts")
    good = ("version: STSv1", "mode: enforce", f"mx: {MX}", "max_age: 604800", "")

    def one(
        code: str, about: str, *steps: Observation, more: tuple[Evidence, ...] = (), variant: str = "", trap: str = ""
    ) -> Case:
        return Case(
            check="security.mail.dane-mta-sts",
            subject=lab.mail(),
            code=code,
            variant=variant,
            about=about,
            trap=trap,
            evidence=(evidence("mail_transport", *steps, task=ZONE), *more),
            expect=((code, None),),
        )

    base = (listed, none, said, reports)
    yield one("STS_ENFORCED", "Enforced, with reports.", *base, policy_file(*good))
    yield one(
        "STS_ENFORCED",
        "A wildcard stands for one label; keys nobody knows are passed over.",
        *base,
        policy_file("version: STSv1", "x: y", "mode: enforce", f"mx: *.{ZONE}", "max_age: 86400"),
        variant="wildcard",
    )
    yield one("STS_SHORT", "No sender keeps it.", *base, policy_file(*good[:3], "max_age: 0"))
    yield one("STS_SHORT", "A second less than a day.", *base, policy_file(*good[:3], "max_age: 86399"), variant="day")
    yield one("STS_TESTING", "Testing.", *base, policy_file(*good[:1], "mode: testing", *good[2:]))
    two = look(ZONE, "MX", "mx", f"10 {MX}", f"20 mx2.{ZONE}")
    yield one(
        "STS_SOME_MX",
        "The second exchanger is left out.",
        two,
        *base[1:],
        policy_file(*good),
        look(f"_25._tcp.mx2.{ZONE}", "TLSA", "tlsa"),
    )
    yield one("STS_NO_MX", "The policy names another host.", *base, policy_file(*good[:2], f"mx: {OTHER}", good[3]))
    yield one("STS_BROKEN", "No policy there.", *base, policy_file(status=404))
    yield one("STS_BROKEN", "A page instead.", *base, policy_file("<html>", kind="text/html"), variant="html")
    yield one("STS_BROKEN", "A certificate for another name.", *base, policy_file(*good, host=OTHER), variant="name")
    yield one("STS_BROKEN", "No mode.", *base, policy_file(good[0], *good[2:]), variant="mode")
    yield one("STS_BROKEN", "Refused.", *base, policy_file(failure=FailureKind.REFUSED), variant="refused")
    yield one(
        "STS_BROKEN",
        "Two records.",
        listed,
        none,
        policy_file(*good),
        look(f"_mta-sts.{ZONE}", "TXT", "mta-sts", '"v=STSv1; id=1"', '"v=STSv1; id=2"'),
        variant="two",
    )
    for variant, about, text in (
        ("no-semicolon", "No semicolon behind the version.", "v=STSv1 id=20260301"),
        ("small", "The version in small letters.", "v=stsv1; id=20260301;"),
        ("quoted", "A panel that puts quotes inside.", '\\"v=STSv1; id=20260301;\\"'),
    ):
        meant = look(f"_mta-sts.{ZONE}", "TXT", "mta-sts", f'"{text}"')
        yield one("STS_BROKEN", about, listed, none, meant, reports, variant=variant, trap="M11")
    yield one(
        "NONE",
        "A wildcard answers there with another record.",
        listed,
        none,
        look(f"_mta-sts.{ZONE}", "TXT", "mta-sts", '"v=spf1 -all"'),
        variant="another-record",
    )
    yield one(
        "STS_BROKEN",
        "The host has no address.",
        *base,
        look(STS, "A", "mta-sts-host"),
        look(STS, "AAAA", "mta-sts-host"),
        variant="no-address",
    )
    yield one("POLICY_NOT_SEEN", "403 may be a filter.", *base, policy_file(status=403), variant="filter", trap="W2")
    yield one("NONE", "Neither.", listed, none, silent)
    yield one("NONE", "Switched off.", *base, policy_file("version: STSv1", "mode: none", "max_age: 60"), variant="off")
    yield replace(
        one(
            "POLICY_NOT_SEEN",
            "Silence, and 443 was not shown to leave the vantage.",
            *base,
            policy_file(failure=lab.TIMEOUT),
            trap="T5",
        ),
        controls=("tcp/25",),
    )
    leaf = lab.leaf(MX)
    spki = sha256(leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
    fits = look(f"_25._tcp.{MX}", "TLSA", "tlsa", f"\\# 35 030101{spki}")
    other = look(f"_25._tcp.{MX}", "TLSA", "tlsa", f"\\# 35 030101{'00' * 32}")
    anchor = sha256(lab.MIDDLE.public_bytes(Encoding.DER)).hexdigest()
    by_authority = look(f"_25._tcp.{MX}", "TLSA", "tlsa", f"\\# 35 020001{anchor}")
    shown = (dialogue(leaf, lab.MIDDLE),)
    own, next_, above = f"3 1 1 {spki}", f"3 1 1 {'00' * 32}", f"2 0 1 {anchor}"
    both = look(f"_25._tcp.{MX}", "TLSA", "tlsa", f"\\# 35 030101{spki}", f"\\# 35 030101{'00' * 32}")

    def dane(
        code: str,
        about: str,
        look_: NameLookup,
        *records: str,
        sts: tuple[Observation, ...] = (silent,),
        proof: tuple[Observation, ...] = (),
        more: tuple[Evidence, ...] = shown,
        variant: str = "",
    ) -> Case:
        steps = (listed, look_, *sts, *(proof or vouched(*records)))
        return replace(one(code, about, *steps, more=more, variant=variant), trust_anchor=lab_dnssec.ANCHOR)

    enforced = (said, reports, policy_file(*good))
    yield dane("DANE_VALID", "The key in use, and the next one.", both, own, next_)
    yield dane(
        "DANE_VALID",
        "A validating resolver agrees.",
        both,
        own,
        next_,
        variant="agreed",
        proof=(*vouched(own, next_), opinion(f"_25._tcp.{MX}")),
    )
    yield dane("DANE_NO_SPARE", "The key in use alone.", fits, own)
    yield dane(
        "DANE_VALID",
        "A lone record of the authority holds for its next certificates too.",
        by_authority,
        above,
        variant="authority",
    )
    yield dane(
        "DANE_VALID",
        "The certificate names the mail domain (RFC 7672 §3.2.2).",
        by_authority,
        above,
        more=(dialogue(lab.leaf(ZONE), lab.MIDDLE),),
        variant="domain",
    )
    yield dane(
        "DANE_VALID",
        "The authority stands behind a whole bundle of others.",
        by_authority,
        above,
        more=(dialogue(leaf, *[lab.STRANGER] * 10, lab.MIDDLE),),
        variant="bundle",
    )
    then = lab.NOW - timedelta(days=3)
    expires = lab.leaf(MX, number=21, days=(-30, -1))
    yield dane(
        "DANE_VALID",
        "Judged when it was shown, three days before the last evidence.",
        by_authority,
        above,
        more=(replace(dialogue(expires, lab.MIDDLE), started=then),),
        variant="then",
    )
    yield dane(
        "TLSA_EXPIRED",
        "Of the right authority, and run out.",
        by_authority,
        above,
        more=(dialogue(expires, lab.MIDDLE),),
    )
    renewed = replace(dialogue(leaf, lab.MIDDLE), attempt=2, id=EvidenceId("smtp renewed"))
    yield dane(
        "DANE_VALID",
        "Renewed between two looks.",
        by_authority,
        above,
        more=(dialogue(expires, lab.MIDDLE), renewed),
        variant="renewed",
    )
    pin = sha256(expires.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
    yield dane(
        "DANE_VALID",
        "A certificate that is pinned itself runs out of no dates.",
        look(f"_25._tcp.{MX}", "TLSA", "tlsa", f"\\# 35 030101{pin}", f"\\# 35 030101{'00' * 32}"),
        f"3 1 1 {pin}",
        next_,
        more=(dialogue(expires, lab.MIDDLE),),
        variant="pinned-expired",
    )
    yield dane("STS_ENFORCED", "One record, and MTA-STS beside it.", fits, own, sts=enforced, variant="dane")
    yield dane("TLSA_DIFFERS", "Another key, whatever MTA-STS says.", other, next_, sts=enforced)
    yield dane(
        "TLSA_DIFFERS",
        "The authority's, for another name.",
        by_authority,
        above,
        more=(dialogue(lab.leaf(OTHER), lab.MIDDLE),),
        variant="name",
    )
    unsigned = (*lab_dnssec.above(), *plain(own))
    yield dane("TLSA_INSECURE", "The zone above proves that this one is not signed.", fits, proof=unsigned)
    yield dane(
        "TLSA_INSECURE",
        "Nobody heeds them, so it does not matter that they do not fit.",
        other,
        proof=(*lab_dnssec.above(), *plain(next_)),
        variant="differs",
    )
    yield dane(
        "STS_ENFORCED",
        "Records that nobody heeds, but MTA-STS.",
        fits,
        sts=enforced,
        proof=unsigned,
        variant="insecure",
    )
    stripped = (*lab_dnssec.above(lab_dnssec.ds(ZONE)), lab_dnssec.keys(ZONE), *plain(next_))
    yield dane(
        "NOT_VALIDATED", "The signatures are missing: the zone's own finding.", other, proof=stripped, variant="bogus"
    )
    yield dane(
        "NOT_VALIDATED",
        "A validating resolver calls signed what is not.",
        fits,
        variant="disagree",
        proof=(*unsigned, opinion(f"_25._tcp.{MX}")),
    )
    yield dane(
        "NOT_VALIDATED",
        "The list of exchangers is bogus.",
        both,
        variant="mx",
        proof=(*vouched(own, next_)[:-1], plain(own)[-1]),
    )
    yield dane("NOT_VALIDATED", "Nobody gave the keys of the root.", other, proof=tuple(plain(next_)), variant="silent")
    second = look(ZONE, "MX", "mx", f"10 {MX}", f"20 mx2.{ZONE}")
    yield replace(
        one(
            "DANE_SOME_MX",
            "The second exchanger has none.",
            second,
            both,
            silent,
            *vouched(own, next_),
            look(f"_25._tcp.mx2.{ZONE}", "TLSA", "tlsa"),
            more=shown,
        ),
        trust_anchor=lab_dnssec.ANCHOR,
    )
    elsewhere = Case(
        check="security.mail.dane-mta-sts",
        subject=replace(lab.mail(), host=OTHER, name=OTHER),
        code="MX_INSECURE",
        about="A signed exchanger, named by a zone that is not.",
        evidence=(
            evidence(
                "mail_transport",
                look(OTHER, "MX", "mx", f"10 {MX}"),
                both,
                look(f"_mta-sts.{OTHER}", "TXT", "mta-sts"),
                *vouched(own, next_),
                lab_dnssec.delegation(lab_dnssec.PARENT, OTHER),
                lab_dnssec.answer(OTHER, OTHER, "MX", [lab_dnssec.rrset(OTHER, "MX", f"10 {MX}.")]),
                task=OTHER,
            ),
            *shown,
        ),
        expect=(("MX_INSECURE", None),),
        trust_anchor=lab_dnssec.ANCHOR,
    )
    yield elsewhere
    yield one("NOT_VALIDATED", "No trust anchor.", listed, fits, silent, more=shown)
    yield one(
        "NONE",
        "Records that SMTP does not use.",
        listed,
        silent,
        look(f"_25._tcp.{MX}", "TLSA", "tlsa", f"\\# 35 010101{spki}"),
        more=shown,
        variant="pkix",
    )
    yield replace(
        dane("NOT_COMPARED", "Port 25 is shut off here.", fits, own, more=(dialogue(failure=lab.TIMEOUT),)),
        controls=("tcp/443",),
    )
    yield dane(
        "KEY_NOT_COMPARED",
        "An authority's bare key: whether it signed was not worked out.",
        look(f"_25._tcp.{MX}", "TLSA", "tlsa", "\\# 5 0201003000"),
        "2 1 0 3000",
    )
    yield one("NULL_MX", "Null MX.", look(ZONE, "MX", "mx", "0 ."), trap="M5")
    yield one("NO_MX", "No MX.", look(ZONE, "MX", "mx"), trap="M5")
    yield one(
        "NO_DNS_ANSWER",
        "Nobody answers for the policy.",
        listed,
        none,
        unanswered("TXT", "mta-sts", f"_mta-sts.{ZONE}"),
    )
    yield one(
        "NO_DNS_ANSWER",
        "Nobody answers for TLSA.",
        listed,
        said,
        policy_file(*good),
        unanswered("TLSA", "tlsa", f"_25._tcp.{MX}"),
        variant="tlsa",
    )
    yield one("DNS_CONTRADICTS", "Two answers contradict.", listed, look(ZONE, "MX", "mx"), none, silent)
    yield one("DNS_NOT_ASKED", "TLSA was not asked for.", listed, silent)


def cases() -> Iterator[Case]:
    yield from spf()
    yield from spf_ip6()
    yield from dmarc()
    yield from dkim()
    yield from dane_mta_sts()
