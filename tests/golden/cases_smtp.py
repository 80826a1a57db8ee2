"""Makes golden cases: talking SMTP to mail exchangers."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address
from typing import Any

from inventory.model import Clearance
from probes.framework.clients import LABELS
from probes.framework.evidence import Evidence, FailureKind
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.mail import SmtpReply, StartTls
from tests.golden import lab
from tests.golden.case import FULL_SIZE, Case
from tests.golden.lab import REFUSED, TIMEOUT, ZONE, look, tcp, unanswered
from tests.golden.lab_mail import (
    EXPIRED,
    LISTED,
    MX1,
    MX2,
    ONLY,
    OTHER,
    STRANGE,
    V4,
    V4B,
    V6,
    V6B,
    address,
    blotted,
    both,
    closed,
    dialogue,
    ended,
    host,
    names,
    offered,
    relay,
    reply,
    srv,
    usual,
)

BLOCKED = reply(554, "", "554 5.7.1 Service unavailable; client host blocked")
NO_SERVICE = reply(554, "", "554 mx no SMTP service here")
POOR_REPUTATION = reply(
    554, "", "554 Your access to this mail system has been rejected due to the sending MTA's poor reputation."
)
NO_EHLO = reply(500, "EHLO x", "500 5.3.3 Unrecognized command")
NAMELESS = reply(450, "", "450 4.7.25 Client host rejected: cannot find your hostname, [2001:db8:2::2]")
TOO_MANY = reply(421, "", "421 4.7.0 mx.d13.vn Error: too many connections from 2001:db8:2::2")
GREYLISTED = reply(451, "", "451 4.7.1 Greylisted, come back later")
TWO_V6 = (names(LISTED, *address(MX1, [V6]), *address(MX2, [V6B])), dialogue(V6B))


def unknown_mail(check: str) -> Iterator[Case]:
    """Yield the cases of every check for exchangers that are unknown or missing."""
    case = partial(Case, check=check, subject=lab.mail())
    null = names(look(ZONE, "MX", "mx", "0 ."))
    some = (dialogue(V6),)  # of another domain, so that the evidence is not empty
    yield case(
        code="NULL_MX",
        about="MX 0 . says that the domain takes no mail (trap M5).",
        evidence=(null, *some),
        expect=(("NULL_MX", None),),
    )
    yield case(
        code="NO_MX",
        about="No MX, and no implicit one is made.",
        evidence=(names(look(ZONE, "MX", "mx")),),
        expect=(("NO_MX", None),),
    )
    yield case(
        code="NO_DNS_ANSWER",
        about="Nobody answers for the MX.",
        evidence=(names(unanswered("MX", "mx", ZONE)),),
        expect=(("NO_DNS_ANSWER", None),),
    )
    contrary = look(ZONE, "MX", "mx", status=LookupStatus.NO_DATA)
    yield case(
        code="DNS_CONTRADICTS",
        about="Two look-ups of the MX contradict each other.",
        evidence=(names(ONLY, contrary),),
        expect=(("DNS_CONTRADICTS", None),),
    )
    yield case(
        code="DNS_NOT_ASKED",
        about="The MX was never looked up.",
        evidence=(names(look(ZONE, "A", "host", V4)),),
        expect=(("DNS_NOT_ASKED", None),),
    )


def mx_reach() -> Iterator[Case]:
    check = "ipv6.mail.mx-reach"
    case = partial(Case, check=check, subject=lab.mail())
    yield from unknown_mail(check)
    yield case(
        code="GREETS",
        about="Two exchangers greet and answer EHLO over IPv6; what IPv4 does is no matter.",
        evidence=(both(), dialogue(V6), dialogue(V6B), closed(V4, REFUSED)),
        expect=(("GREETS", V6), ("GREETS", V6B)),
    )
    yield case(
        code="GREETS",
        variant="again",
        about="Greylisted first, let in half an hour later: the best attempt counts (trap M1).",
        trap="M1",
        evidence=(usual(), ended(V6, GREYLISTED), dialogue(V6, attempt=2)),
        expect=(("GREETS", V6),),
    )
    for code, defect in (
        ("REFUSED", closed(V6, REFUSED)),
        ("SILENT", closed(V6, TIMEOUT)),
        ("UNREACHABLE", closed(V6, FailureKind.UNREACHABLE)),
        ("REJECTS", ended(V6, NO_SERVICE)),
        ("NOT_SMTP", ended(V6, SmtpReply(lines=("SSH-2.0-x",), cut=True), failure=FailureKind.PROTOCOL)),
    ):
        yield case(
            code=code, about="No address accepts SMTP.", evidence=(usual(), defect, dialogue(V4)), expect=((code, V6),)
        )
        yield case(
            code=f"SOME_{code}",
            about="The other exchanger accepts SMTP.",
            evidence=(*TWO_V6, defect),
            expect=((f"SOME_{code}", V6), ("GREETS", V6B)),
        )
    yield case(
        code="NOT_SMTP",
        variant="354",
        about="A reply that no greeting is.",
        evidence=(usual(), ended(V6, reply(354)), dialogue(V4)),
        expect=(("NOT_SMTP", V6),),
    )
    yield case(
        code="LATER_AGAIN",
        about="A temporary error, half an hour later too.",
        evidence=(usual(), ended(V6, GREYLISTED), ended(V6, GREYLISTED, attempt=2)),
        expect=(("LATER_AGAIN", V6),),
    )
    for variant, about, said in (
        ("nameless-again", "Postfix wants a name for our address.", NAMELESS),
        ("limit-again", "Postfix lets one client in only so often.", TOO_MANY),
    ):
        yield case(
            code="LIMITED",
            variant=variant,
            about=about,
            trap="M1",
            evidence=(usual(), ended(V6, said), ended(V6, said, attempt=2)),
            expect=(("LIMITED", V6),),
        )
    for variant, about, later in (
        ("cut-short-later", "The second round was cut short here.", closed(V6, FailureKind.CUT_SHORT, attempt=2)),
        ("silent-later", "The second round met silence, no temporary error.", closed(V6, TIMEOUT, attempt=2)),
    ):
        yield case(
            code="LIMITED",
            variant=variant,
            about=about,
            trap="M1",
            evidence=(usual(), ended(V6, GREYLISTED), later),
            expect=(("LIMITED", V6),),
        )
    for variant, about, limit in (
        ("greylisted", "One round: a temporary error is no defect (trap M1).", ended(V6, GREYLISTED)),
        ("mute", "A connection and no greeting in time: a tarpit.", ended(V6, SmtpReply(), failure=TIMEOUT)),
        ("dropped", "Dropped before the greeting.", ended(V6, SmtpReply(), failure=FailureKind.PROTOCOL)),
        ("blocked", "By policy (5.7.1), in the greeting: a block list.", ended(V6, BLOCKED)),
        ("reputation", "A gateway that refuses our address in its maker's words.", ended(V6, POOR_REPUTATION)),
        (
            "no-service-for-us",
            "The words of the standard, and the reason: our address.",
            ended(V6, reply(554, "", "554-No SMTP service", "554 IP address is black listed")),
        ),
        (
            "not-from-us",
            "The words of the standard, and whose mail is meant.",
            ended(V6, reply(554, "", "554 mx does not accept mail from dynamic hosts")),
        ),
        ("unknown-words", "Words that no list of ours has.", ended(V6, reply(521, "", "521 5.2.1 (CON:B1)"))),
        ("name", "Our name is refused (trap M1).", ended(V6, reply(220), reply(550, "EHLO x"))),
        ("hello-later", "A temporary error for EHLO.", ended(V6, reply(220), reply(421, "EHLO x"))),
        ("no-hello", "No reply to EHLO.", ended(V6, reply(220), SmtpReply(said="EHLO x"), failure=TIMEOUT)),
    ):
        yield case(
            code="LIMITED",
            variant=variant,
            about=about,
            trap="M1",
            evidence=(usual(), limit),
            expect=(("LIMITED", V6),),
        )
    yield case(
        code="LIMITED",
        variant="other",
        about="While one address may still turn out to be good, the other's defect is a warning.",
        evidence=(TWO_V6[0], closed(V6, REFUSED), ended(V6B, GREYLISTED)),
        expect=(("SOME_REFUSED", V6), ("LIMITED", V6B)),
    )
    yield case(
        code="NOT_DECIDED",
        about="Port 25 is what providers block first: silence without control proves nothing (trap T5).",
        trap="T5",
        evidence=(usual(), closed(V6, TIMEOUT)),
        controls=("tcp/443",),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="scope",
        about="Our own scope forbids the address.",
        evidence=(usual(), closed(V6, FailureKind.OUT_OF_SCOPE)),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="NO_DNS_ANSWER",
        variant="backup",
        about="Where the backup's addresses are not known, the defect of the other is a warning.",
        evidence=(names(LISTED, *address(MX1, [V6]), unanswered("AAAA", "mx-address", MX2)), closed(V6, REFUSED)),
        expect=(("NO_DNS_ANSWER", f"{MX2} AAAA"), ("SOME_REFUSED", V6)),
    )
    yield case(
        code="NOBODY_GREETS",
        about="Nothing greets over IPv4 either: security.mail.mx's finding.",
        trap="M9",
        evidence=(usual(), closed(V6, TIMEOUT), closed(V4, REFUSED)),
        expect=(("NOBODY_GREETS", V6),),
    )
    yield case(
        code="SILENT",
        variant="ipv4-put-off",
        about="IPv4 was put off: it may take mail.",
        evidence=(usual(), closed(V6, TIMEOUT), ended(V4, GREYLISTED)),
        expect=(("SILENT", V6),),
    )
    yield case(
        code="NO_AAAA",
        about="The exchanger has IPv4 alone: mx-aaaa's finding.",
        evidence=(usual(v6=()), dialogue(V4)),
        expect=(("NO_AAAA", None),),
    )


def starttls() -> Iterator[Case]:
    check = "security.mail.starttls"
    case = partial(Case, check=check, subject=lab.mail())
    yield from unknown_mail(check)
    yield case(
        code="SECURE",
        about="TLS on every address.",
        evidence=(usual(), dialogue(V6), dialogue(V4)),
        expect=(("SECURE", V6), ("SECURE", V4)),
    )
    yield case(
        code="SECURE_UNVERIFIED",
        about="Another name in the certificate: without DANE or MTA-STS nobody minds.",
        evidence=(usual(), dialogue(V6, STRANGE), dialogue(V4)),
        expect=(("SECURE_UNVERIFIED", V6), ("SECURE", V4)),
    )
    yield case(
        code="SECURE_UNVERIFIED",
        variant="unreadable",
        about="A certificate that cannot be read.",
        evidence=(usual(v4=()), dialogue(V6, [b"\x30\x03"])),
        expect=(("SECURE_UNVERIFIED", V6),),
    )
    yield case(
        code="SECURE_OUT_OF_DATE",
        about="An expired certificate: said, not judged.",
        evidence=(usual(v4=()), dialogue(V6, EXPIRED)),
        expect=(("SECURE_OUT_OF_DATE", V6),),
    )
    yield case(
        code="SECURE",
        variant="wrong-clock",
        about="By a clock of ours that is years off the certificate would have expired.",
        evidence=(usual(v4=()), dialogue(V6, EXPIRED)),
        clock=False,
        expect=(("SECURE", V6),),
    )
    yield case(
        code="NOT_OFFERED",
        variant="wrong-clock",
        about="That STARTTLS is missing does not hang on the time.",
        evidence=(usual(v4=()), dialogue(V6, offers=("SIZE",)), dialogue(V6, offers=("SIZE",), attempt=2)),
        clock=False,
        expect=(("NOT_OFFERED", V6),),
    )
    for code, defect in (
        ("NOT_OFFERED", partial(dialogue, V6, offers=("SIZE",))),
        ("REFUSED", partial(dialogue, V6, starttls=StartTls.REFUSED, consent=554)),
        ("HANDSHAKE_FAILS", partial(dialogue, V6, tls=FailureKind.TLS_ALERT)),
        ("HANDSHAKE_STALLS", partial(dialogue, V6, tls=TIMEOUT)),
        ("HANDSHAKE_CUT_OFF", partial(dialogue, V6, tls=FailureKind.RESET)),
    ):
        twice = (defect(), defect(attempt=2))
        yield case(
            code=code,
            about="No address takes mail over TLS, at two looks.",
            controls=FULL_SIZE,
            evidence=(usual(), *twice, closed(V4, REFUSED)),
            expect=((code, V6), ("NO_SMTP", V4)),
        )
        yield case(
            code=f"SOME_{code}",
            about="IPv4 takes mail over TLS.",
            controls=FULL_SIZE,
            evidence=(usual(), *twice, dialogue(V4)),
            expect=((f"SOME_{code}", V6), ("SECURE", V4)),
        )
        yield case(
            code="SECURE",
            variant=f"again-{code.lower().replace('_', '-')}",
            about="What failed once and came about half an hour later is no defect.",
            trap="M6",
            evidence=(usual(v4=()), defect(), dialogue(V6, attempt=2)),
            expect=(("SECURE", V6),),
        )
    not_now = partial(dialogue, V6, starttls=StartTls.REFUSED, consent=454)
    too_often = partial(not_now, said="454 4.7.0 Error: too many new TLS sessions from unknown[2001:db8:2::2]")
    yield case(
        code="LIMITED",
        variant="tls-limit-again",
        about="Postfix limits how often a client starts TLS (smtpd_client_new_tls_session_rate_limit).",
        trap="M1",
        evidence=(usual(v4=()), too_often(), too_often(attempt=2)),
        expect=(("LIMITED", V6),),
    )
    yield case(
        code="REFUSED",
        variant="not-now",
        about="TLS not available due to local problem, at both looks: a key that Postfix cannot read.",
        evidence=(usual(v4=()), not_now(), not_now(attempt=2)),
        expect=(("REFUSED", V6),),
    )
    yield case(
        code="LIMITED",
        variant="greylisted-later",
        about="TLS not available once, and put off at the second look.",
        trap="M1",
        evidence=(usual(v4=()), not_now(), ended(V6, GREYLISTED, attempt=2)),
        expect=(("LIMITED", V6),),
    )
    yield case(
        code="NOWHERE",
        about="An antivirus program near the vantage takes STARTTLS out of every offer.",
        evidence=(usual(v4=()), dialogue(V6, offers=("SIZE",)), dialogue(V6, offers=("SIZE",), attempt=2)),
        turned_away=("starttls",),
        expect=(("NOWHERE", V6),),
    )
    yield case(
        code="NOT_OFFERED",
        variant="one-round",
        about="A quick run has one look alone, and says so.",
        evidence=(usual(v4=()), dialogue(V6, offers=("SIZE",))),
        one_round=True,
        expect=(("NOT_OFFERED", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="put-off-later",
        about="The second look was put off: one look alone has seen the defect.",
        trap="M6",
        evidence=(usual(v4=()), dialogue(V6, tls=FailureKind.RESET), ended(V6, GREYLISTED, attempt=2)),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="MASKED",
        about="A firewall overwrites the offers.",
        evidence=(usual(), dialogue(V6, offers=("SIZE", "XXXXXXXA")), dialogue(V4)),
        expect=(("MASKED", V6), ("SECURE", V4)),
    )
    for variant, about, hellos in (
        (
            "no-ehlo",
            "A firewall lets HELO alone through, and tells so by its asterisks.",
            (NO_EHLO, reply(250, "HELO x")),
        ),
        ("noop", "A firewall makes NOOP of EHLO.", (reply(250, "EHLO x", "250 2.0.0 Ok"),)),
    ):
        yield case(
            code="MASKED",
            variant=variant,
            about=about,
            evidence=(usual(), blotted(V6, *hellos), dialogue(V4)),
            expect=(("MASKED", V6), ("SECURE", V4)),
        )
    yield case(
        code="SOME_NOT_OFFERED",
        variant="greeting-alone-blotted",
        about="The greeting is blotted out and the offers are not: STARTTLS is not among them.",
        evidence=(
            usual(),
            blotted(V6, reply(250, "EHLO x", "250-mx", "250 SIZE 100"), extensions=("SIZE",)),
            dialogue(V4),
        ),
        expect=(("SOME_NOT_OFFERED", V6), ("SECURE", V4)),
    )
    for variant, about, limit in (
        ("greylisted", "Put off at the greeting (trap M1).", ended(V6, GREYLISTED)),
        ("later", "454 to STARTTLS is temporary.", dialogue(V6, starttls=StartTls.REFUSED, consent=454)),
        ("tarpit", "No reply to STARTTLS.", dialogue(V6, starttls=StartTls.NOT_ASKED, consent=None, failure=TIMEOUT)),
    ):
        yield case(
            code="LIMITED",
            variant=variant,
            about=about,
            trap="M1",
            evidence=(usual(v4=()), limit),
            expect=(("LIMITED", V6),),
        )
    yield case(
        code="NOT_DECIDED",
        about="A handshake that stalls, and no control for port 25.",
        trap="T5",
        controls=("tcp/443",),
        evidence=(usual(v4=()), dialogue(V6, tls=TIMEOUT)),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="NO_SMTP",
        about="Nobody there: mx-reach's finding.",
        evidence=(usual(v4=()), closed(V6, TIMEOUT)),
        expect=(("NO_SMTP", V6),),
    )
    yield case(
        code="NO_ADDRESS",
        about="The exchanger has no address.",
        evidence=(usual(v6=(), v4=()), dialogue(V6B)),
        expect=(("NO_ADDRESS", None),),
    )


def parity() -> Iterator[Case]:
    check = "ipv6.mail.starttls-parity"
    case = partial(Case, check=check, subject=lab.mail())
    yield from unknown_mail(check)

    def one(code: str, about: str, *found: Evidence, variant: str = "", trap: str = "", **more: Any) -> Case:
        return case(
            code=code,
            about=about,
            variant=variant,
            trap=trap,
            evidence=(usual(), *found),
            expect=((code, MX1),),
            **more,
        )

    yield case(
        code="SAME",
        about="One verdict for each exchanger.",
        evidence=(both(), dialogue(V6), dialogue(V4), dialogue(V6B), dialogue(V4B, OTHER)),
        expect=(("SAME", MX1), ("CERTIFICATES_DIFFER", MX2)),
    )
    yield one("CERTIFICATES_DIFFER", "Another key over IPv6.", dialogue(V6, OTHER), dialogue(V4))
    yield case(
        code="ONLY_IPV4",
        variant="one-of-two",
        about="One machine speaks TLS over IPv6, the other does not: only that one is named.",
        evidence=(usual(v6=(V6, V6B)), dialogue(V6), dialogue(V6B, offers=("SIZE",)), dialogue(V4)),
        expect=(("ONLY_IPV4", MX1),),
    )
    yield case(
        code="ONLY_IPV6",
        variant="one-of-two",
        about="The same over IPv4.",
        evidence=(usual(v4=(V4, V4B)), dialogue(V6), dialogue(V4), dialogue(V4B, offers=("SIZE",))),
        expect=(("ONLY_IPV6", MX1),),
    )
    yield case(
        code="SAME",
        variant="one-is-down",
        about="One of two machines behind IPv6 is down, which is the matter of another check.",
        evidence=(usual(v6=(V6, V6B)), dialogue(V6), closed(V6B, REFUSED), dialogue(V4)),
        expect=(("SAME", MX1),),
    )
    yield case(
        code="SAME",
        variant="one-is-down-on-ipv4",
        about="The same over IPv4.",
        evidence=(usual(v4=(V4, V4B)), dialogue(V6), dialogue(V4), closed(V4B, REFUSED)),
        expect=(("SAME", MX1),),
    )
    yield case(
        code="CERTIFICATES_DIFFER",
        variant="one-family",
        about="Two machines behind IPv4 differ, IPv6 is as one of them: not said to be IPv6's.",
        evidence=(usual(v4=(V4, V4B)), dialogue(V6), dialogue(V4), dialogue(V4B, OTHER)),
        expect=(("CERTIFICATES_DIFFER", MX1),),
    )
    away = "tinh-a-example.mail.provider.example"
    other = names(look(ZONE, "MX", "mx", f"0 {away}"), *address(away, [V6], [V4]))
    for variant, differing in (
        ("certificates", dialogue(V6, OTHER)),
        ("offers", dialogue(V6, offers=("AUTH", "STARTTLS"))),
    ):
        yield case(
            code="AT_PROVIDER",
            variant=variant,
            about="Machines of a large provider of mail are not alike; its customers cannot change that.",
            evidence=(other, differing, dialogue(V4)),
            expect=(("AT_PROVIDER", away),),
        )
    yield case(
        code="ONLY_IPV4",
        variant="provider",
        about="That there is no TLS over IPv6 is said of a provider too.",
        evidence=(other, dialogue(V6, offers=("SIZE",)), dialogue(V4)),
        expect=(("ONLY_IPV4", away),),
    )
    left = one("EXPIRED_ON_SOME", "An old certificate was left over IPv6.", dialogue(V6, EXPIRED), dialogue(V4))
    yield left
    untimed = ("CERTIFICATES_DIFFER", *left.expect[0][1:])
    yield replace(left, code="CERTIFICATES_DIFFER", variant="wrong-clock", clock=False, expect=(untimed,))
    yield one(
        "OFFERS_DIFFER", "AUTH over IPv4 alone.", dialogue(V6), dialogue(V4, offers=("AUTH", "PIPELINING", "STARTTLS"))
    )
    for variant, only in (("postscreen", "PIPELINING"), ("trusted", "XCLIENT")):
        yield one(
            "SAME",
            "Offered to clients that the server knows; it knows our IPv4 address alone.",
            dialogue(V6, offers=("SIZE", "STARTTLS")),
            dialogue(V4, offers=(only, "SIZE", "STARTTLS")),
            variant=variant,
        )
    kept = one("LIMITED", "STARTTLS nowhere over either family.", dialogue(V6, offers=()), dialogue(V4, offers=()))
    yield replace(kept, variant="nowhere", turned_away=("starttls",))
    yield one("ONLY_IPV6", "No STARTTLS over IPv4.", dialogue(V6), dialogue(V4, offers=("SIZE",)))
    yield one("ONLY_IPV4", "No STARTTLS over IPv6.", dialogue(V6, offers=("SIZE",)), dialogue(V4))
    yield one("FAILS_ON_IPV6", "The handshake fails.", dialogue(V6, tls=FailureKind.TLS_ALERT), dialogue(V4))
    yield one("NO_TLS", "STARTTLS nowhere.", dialogue(V6, offers=("SIZE",)), dialogue(V4, offers=("SIZE",)))
    yield one("ONE_FAMILY", "Nobody answers over IPv6.", closed(V6, REFUSED), dialogue(V4))
    yield case(
        code="ONE_FAMILY",
        variant="alone",
        about="The exchanger has IPv6 alone (trap W3).",
        evidence=(usual(v4=()), dialogue(V6)),
        expect=(("ONE_FAMILY", MX1),),
    )
    yield one("LIMITED", "Greylisted over IPv6 (trap M1).", ended(V6, GREYLISTED), dialogue(V4), trap="M1")
    yield one(
        "LIMITED", "A firewall hides the offers.", dialogue(V6, offers=("XXXXXXXA",)), dialogue(V4), variant="masked"
    )
    yield one(
        "NOT_DECIDED", "Silence without control (trap T5).", closed(V6, TIMEOUT), dialogue(V4), controls=("tcp/443",)
    )
    yield case(
        code="NO_DNS_ANSWER",
        variant="address",
        about="The exchanger's IPv6 addresses are not known.",
        evidence=(names(ONLY, look(MX1, "A", "mx-address", V4), unanswered("AAAA", "mx-address", MX1)), dialogue(V4)),
        expect=(("NO_DNS_ANSWER", MX1),),
    )


def open_relay() -> Iterator[Case]:
    check = "security.mail.open-relay"
    authorised = replace(lab.mail(), clearance=Clearance.INTRUSIVE)
    case = partial(Case, check=check, subject=authorised, clearance=Clearance.INTRUSIVE)
    yield from (replace(case, subject=authorised, clearance=Clearance.INTRUSIVE) for case in unknown_mail(check))
    denied = offered("plain", 554, 554, text="554 5.7.1 Relay access denied")
    yield case(
        code="REFUSES",
        about="Both refused, both families asked.",
        evidence=(usual(), relay(V6, *denied), relay(V4, *denied)),
        expect=(("REFUSES", V6), ("REFUSES", V4)),
    )
    first = offered("plain", 530, 530, text="530 5.7.0 Must issue a STARTTLS command first")
    yield case(
        code="NOT_DECIDED",
        variant="tls-first",
        about="It takes no sender without TLS, which the question does not speak: no recipient was refused.",
        evidence=(usual(v4=()), relay(V6, *offered("local", 530), *first)),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="REFUSES",
        variant="log-in-first",
        about="Exchange without leave for strangers: nobody sends anything without a log-in.",
        evidence=(usual(v4=()), relay(V6, *offered("plain", 530, 530, text="530 5.7.57 Client not authenticated"))),
        expect=(("REFUSES", V6),),
    )
    yield case(
        code="REFUSES",
        variant="any-mailbox",
        about="A catch-all takes any mailbox of its own domain; that is no relay.",
        evidence=(usual(v4=()), relay(V6, *denied, *offered("local", 250))),
        expect=(("REFUSES", V6),),
    )
    for form in ("plain", "own-sender", "percent"):
        yield case(
            code="RELAYS",
            variant="" if form == "plain" else form,
            about="Two recipients of two other domains accepted, and nobody's mailbox refused.",
            evidence=(usual(v4=()), relay(V6, *offered("local", 550), *offered(form, 250, 250))),
            expect=(("RELAYS", V6),),
        )
    unnamed = (replace(one, sender="") for one in (*offered("local", 550), *offered("plain", 250, 250)))
    yield case(
        code="RELAYS",
        variant="empty-sender",
        about="It refuses the domain of the first sender, as one without mail, and relays for nobody by name.",
        evidence=(usual(v4=()), relay(V6, *unnamed)),
        expect=(("RELAYS", V6),),
    )
    for code, source in (("INSIDE", "2001:db8:a:7::53"), ("RELAYS", "2001:db8:ffff::53")):
        yield case(
            code=code,
            variant="near" if code == "INSIDE" else "far",
            about="Postfix lets its own networks relay; the vantage stands in one of them, or does not.",
            evidence=(usual(v4=()), relay(V6, *offered("local", 550), *offered("plain", 250, 250))),
            sources=(source, "192.0.2.7"),
            expect=((code, V6),),
        )
    yield case(
        code="BEHIND_NAT",
        about="A prefix of the vantage's own inside is translated (NPTv6): nobody knows to what.",
        evidence=(usual(v4=()), relay(V6, *offered("local", 550), *offered("plain", 250, 250))),
        sources=("fd00:7::53", "192.0.2.7"),
        expect=(("BEHIND_NAT", V6),),
    )
    for variant, tries in (("", offered("local", 250)), ("not-asked", ()), ("252", offered("local", 252))):
        yield case(
            code="ANYTHING",
            variant=variant,
            about="A gateway that takes every recipient may refuse behind the message.",
            trap="M13",
            evidence=(usual(v4=()), relay(V6, *tries, *offered("plain", 250, 250))),
            expect=(("ANYTHING", V6),),
        )
    yield case(
        code="TEMPORARY",
        about="What Postfix says without reject_unauth_destination.",
        evidence=(usual(v4=()), relay(V6, *offered("plain", 454, 454, text="454 4.7.1 Relay access denied"))),
        expect=(("TEMPORARY", V6),),
    )
    yield case(
        code="TEMPORARY",
        variant="again",
        about="A temporary error half an hour later too.",
        evidence=(
            usual(v4=()),
            relay(V6, *offered("local", 550), *offered("plain", 451, 451)),
            relay(V6, *offered("local", 550), *offered("plain", 451, 451), attempt=2),
        ),
        expect=(("TEMPORARY", V6),),
    )
    for variant, about, text in (
        (
            "nameless-again",
            "Postfix takes no recipient at all from an address without a name, half an hour later too.",
            "450 4.7.25 Client host rejected: cannot find your hostname, [2001:db8:2::2]",
        ),
        (
            "postscreen-again",
            "postscreen takes no recipient from a client that it does not know.",
            "450 4.3.2 Service currently unavailable",
        ),
    ):
        put_off = (*offered("local", 450, text=text), *offered("plain", 450, 450, text=text))
        yield case(
            code="LIMITED",
            variant=variant,
            about=about,
            trap="M1",
            evidence=(usual(v4=()), relay(V6, *put_off), relay(V6, *put_off, attempt=2)),
            expect=(("LIMITED", V6),),
        )
    yield case(
        code="LIMITED",
        about="Greylisting is no relay and no refusal (trap M1).",
        trap="M1",
        evidence=(usual(v4=()), relay(V6, *offered("plain", 451, 451))),
        expect=(("LIMITED", V6),),
    )
    yield case(
        code="LIMITED",
        variant="denied-by-postscreen",
        about="postscreen turns clients of a deny list away in the greeting; that is no host without SMTP.",
        trap="M1",
        evidence=(usual(v4=()), relay(V6, replies=(reply(521, "", "521 5.3.2 Service currently unavailable"),))),
        expect=(("LIMITED", V6),),
    )
    yield case(
        code="LIMITED",
        variant="greeting",
        about="Put off at the greeting.",
        trap="M1",
        evidence=(usual(v4=()), relay(V6, replies=(GREYLISTED,))),
        expect=(("LIMITED", V6),),
    )
    yield case(
        code="MIXED",
        about="One accepted, the other not.",
        evidence=(usual(v4=()), relay(V6, *offered("plain", 250, 554))),
        expect=(("MIXED", V6),),
    )
    yield case(
        code="MIXED",
        variant="252",
        about="252 promises nothing.",
        evidence=(usual(v4=()), relay(V6, *offered("plain", 252, 252))),
        expect=(("MIXED", V6),),
    )
    elsewhere = names(look(ZONE, "MX", "mx", "10 mx.provider.example"), *address("mx.provider.example", [V6]))
    yield case(
        code="FOREIGN",
        about="The provider's server is not the domain owner's to authorise.",
        evidence=(elsewhere, relay(V6B, *denied)),
        expect=(("FOREIGN", "mx.provider.example"),),
    )
    led = [replace(name_lookup, chain=("mx.provider.example",)) for name_lookup in address(MX1, [V6])]
    yield case(
        code="FOREIGN",
        variant="alias",
        about="A name of the domain's own that leads to the provider's server.",
        evidence=(names(look(ZONE, "MX", "mx", f"10 {MX1}"), *led), relay(V6, *denied)),
        expect=(("FOREIGN", MX1),),
    )
    yield case(
        code="NO_SMTP",
        about="Refused, and a greeting 554.",
        evidence=(usual(), relay(V6, failure=REFUSED, connected=False), relay(V4, replies=(NO_SERVICE,))),
        expect=(("NO_SMTP", V6), ("NO_SMTP", V4)),
    )
    yield case(
        code="NOT_DECIDED",
        about="Silence without control is no proof that nothing is exposed (trap T5).",
        trap="T5",
        controls=("tcp/443",),
        evidence=(usual(v4=()), relay(V6, failure=TIMEOUT, connected=False)),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="NO_ADDRESS",
        about="The exchanger has no address.",
        evidence=(usual(v6=(), v4=()), relay(V6B, *denied)),
        expect=(("NO_ADDRESS", None),),
    )


def client_endpoints() -> Iterator[Case]:
    case = partial(Case, check="ipv6.mail.client-endpoints", subject=lab.mail())
    imaps, both_named = srv("imaps", 993), (*srv("imaps", 993), *srv("submissions", 465))
    dual = host([V6], [V4])

    def asked(*looks: NameLookup) -> Evidence:
        """Return the look-ups; those of the other services have no record."""
        known = {look.name for look in looks}
        rest = [look(f"{label}.{ZONE}", "SRV", "client-srv") for label in LABELS.values()]
        return names(ONLY, *(name_lookup for name_lookup in rest if name_lookup.name not in known), *looks)

    def one(code: str, about: str, *found: Evidence, variant: str = "", trap: str = "", **more: Any) -> Case:
        return case(code=code, variant=variant, about=about, trap=trap, evidence=found, expect=((code, None),), **more)

    yield one("ALL", "IMAP over IPv4 and IPv6.", asked(*imaps, *dual), tcp(V4, 993), tcp(V6, 993))
    yield one("IPV6_ONLY", "Over IPv6 alone.", asked(*imaps, *host([V6], [])), tcp(V6, 993))
    yield one(
        "ALL",
        "One of two IPv6 addresses is enough to connect.",
        asked(*imaps, *host([V6, V6B], [V4])),
        tcp(V4, 993),
        tcp(V6, 993, REFUSED),
        tcp(V6B, 993),
        variant="one-address",
    )
    yield one(
        "MISSING",
        "Submission is refused over IPv6.",
        asked(*both_named, *dual),
        *(tcp(V4, port) for port in (465, 993)),
        tcp(V6, 465, REFUSED),
        tcp(V6, 993),
    )
    yield one(
        "MISSING",
        "What is not known yet may be there: a warning.",
        asked(*both_named, *dual),
        *(tcp(V4, port) for port in (465, 993)),
        tcp(V6, 465, REFUSED),
        variant="rest-unknown",
    )
    yield one("NONE_ON_IPV6", "No AAAA.", asked(*imaps, *host([], [V4])), tcp(V4, 993))
    yield one(
        "NONE_ON_IPV6",
        "Silence over IPv6 while a control answers there.",
        asked(*imaps, *dual),
        tcp(V4, 993),
        tcp(V6, 993, TIMEOUT),
        variant="silent",
        controls=("tcp/993",),
    )
    yield case(
        code="NONE_ON_IPV6",
        variant="declared",
        about="A service that the inventory declares, at the address of the row.",
        evidence=(asked(), tcp(V4, 587)),
        subject=replace(lab.mail(), services=lab.services(("submission", 587)), addresses=(ip_address(V4),)),
        expect=(("NONE_ON_IPV6", None),),
    )
    yield one(
        "NOT_DECIDED",
        "Silence without control proves nothing (trap T5).",
        asked(*imaps, *dual),
        tcp(V4, 993),
        tcp(V6, 993, TIMEOUT),
        trap="T5",
        controls=("tcp/443",),
    )
    yield one(
        "NOT_DECIDED",
        "A host outside what may be audited is looked up and not connected to.",
        asked(*imaps, *dual),
        tcp(V4, 993, FailureKind.OUT_OF_SCOPE),
        tcp(V6, 993, FailureKind.OUT_OF_SCOPE),
        variant="scope",
    )
    yield one("NOT_CONNECTED", "A port that nobody may make us knock at.", asked(*srv("imaps", 22), *dual))
    yield one("ALL_CLOSED", "Nothing listens.", asked(*imaps, *dual), tcp(V4, 993, REFUSED), tcp(V6, 993, REFUSED))
    yield one("NO_ENDPOINT", "No SRV record, and a target that is none.", asked(*srv("imaps", 0, target="")))
    yield one("NULL_MX", "Takes no mail (trap M5).", names(look(ZONE, "MX", "mx", "0 ."), *imaps), trap="M5")
    silent = unanswered("SRV", "client-srv", f"_imaps._tcp.{ZONE}")
    yield one("NO_DNS_ANSWER", "Nobody answers for the SRV records.", asked(silent))
    contrary = look(f"_imaps._tcp.{ZONE}", "SRV", "client-srv", status=LookupStatus.NO_DATA)
    yield one("DNS_CONTRADICTS", "Two answers about IMAP contradict each other.", asked(*imaps, contrary, *dual))
    yield one("DNS_NOT_ASKED", "The SRV records were never looked up.", names(ONLY))


def cases() -> Iterator[Case]:
    for group in (mx_reach, starttls, parity, open_relay, client_endpoints):
        yield from group()
