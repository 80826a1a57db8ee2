"""Golden cases of ``security.mail.*``."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address

from probes.framework.evidence import Evidence
from probes.observations.dns import NameLookup
from tests.golden import lab
from tests.golden.case import Case
from tests.golden.lab import ZONE, evidence, look, unanswered

OTHER = "gui-thu.example"
SENDER = "2001:db8:a::25"
NIBBLES = f"{int(ip_address(SENDER)):032x}"


def dns(*lookups: NameLookup) -> tuple[Evidence, ...]:
    return (evidence("dns", *lookups, task=ZONE),)


def txt(name: str, *texts: str) -> NameLookup:
    return look(name, "TXT", "spf", *(f'"{text}"' for text in texts))


def several(count: int, rest: str) -> tuple[NameLookup, ...]:
    """A record with ``count`` terms that look names up, all of them there."""
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
    yield one(
        "RESTRICTIVE",
        "Eight look-ups; terms behind all and a redirect beside it are never evaluated.",
        *several(8, f"-all include:{OTHER} redirect={OTHER}"),
        variant="behind-all",
        trap="M3",
    )
    yield one("NEUTRAL", "No term for strangers: the result is neutral.", mx, txt(ZONE, "v=spf1 ip4:192.0.2.1"))
    yield one("MANY_LOOKUPS", "Nine look-ups; ten are allowed.", *several(9, "-all"), trap="M3")
    yield one("MANY_LOOKUPS", "Exactly ten are valid.", *several(10, "-all"), variant="ten", trap="M3")
    yield one("NONE", "There are TXT records, none of them SPF.", txt(ZONE, "google-site-verification=x"))
    yield one("MULTIPLE", "Two records.", txt(ZONE, "v=spf1 -all", "v=spf1 mx ~all"))
    yield one("SYNTAX", "An address that is none.", txt(ZONE, "v=spf1 ip4:192.0.2.300 -all"))
    yield one("SYNTAX", "A mechanism nobody knows.", txt(ZONE, "v=spf1 ipv4:192.0.2.1 -all"), variant="unknown")
    yield one("LEADS_NOWHERE", "The included name has no record.", include, txt(OTHER))
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
    yield one("OPEN", "So does an included +all.", include, txt(OTHER, "v=spf1 all"), variant="include")
    yield one(
        "DEPENDS", "Where strangers are sent on hangs on their address.", txt(ZONE, f"v=spf1 redirect=%{{i}}.{OTHER}")
    )
    yield one("PARKED_LAX", "A domain without mail needs -all.", null, txt(ZONE, "v=spf1 ~all"), trap="M5")
    yield one("NO_DNS_ANSWER", "Nobody answers for the included name.", include, unanswered("TXT", "spf", OTHER))
    yield one("DNS_CONTRADICTS", "Two answers contradict each other.", txt(ZONE, "v=spf1 -all"), txt(ZONE))
    yield one("DNS_NOT_ASKED", "The included name was not looked up.", include)
    yield one("DNS_NOT_ASKED", "Whether the domain is parked is not known.", txt(ZONE, "v=spf1 ~all"), variant="mx")


def spf_ip6() -> Iterator[Case]:
    check = "ipv6.mail.spf-ip6"
    mx = look(ZONE, "MX", "mx", f"10 mx1.{ZONE}")
    subject = replace(lab.mail(), tags=(f"sender={SENDER}", "sender=192.0.2.25"))

    def one(
        code: str, about: str, *lookups: NameLookup, variant: str = "", trap: str = "", at: str | None = SENDER
    ) -> Case:  # fmt: skip
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
    yield one("REJECTED", "The exchanger's name leads to IPv4 only.", mx, txt(ZONE, "v=spf1 mx -all"),
              look(ZONE, "MX", "spf", f"10 mx1.{ZONE}"), look(f"mx1.{ZONE}", "AAAA", "spf"))  # fmt: skip
    yield one("INVALID", "Two records.", mx, txt(ZONE, "v=spf1 -all", "v=spf1 mx ~all"))
    yield one("NO_SPF", "None: security.mail.spf's finding.", mx, txt(ZONE, "x"))
    yield one("DEPENDS", "The name looked up holds the letter's author.", mx,
              txt(ZONE, f"v=spf1 exists:%{{l}}._spf.{ZONE} -all"))  # fmt: skip
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


def cases() -> Iterator[Case]:
    yield from spf()
    yield from spf_ip6()
