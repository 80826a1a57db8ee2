"""Golden cases of name servers that answer with errors at times, as rate limits do, beside those that always do."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address

import dns.flags
import dns.message
import dns.rcode

from inventory.model import Endpoint
from probes.framework.evidence import Evidence, Failure, FailureKind
from probes.observations.dns import EdnsAnswer
from probes.observations.dnspath import Unanswered
from tests.golden import lab
from tests.golden.case import Case
from tests.golden.cases_delegation import C4, works
from tests.golden.cases_dns import NS1, NS2, TWO, A, B
from tests.golden.cases_dnspath import FOUR, PARENT6, SIX, cut, referral, referred, walked
from tests.golden.cases_nameservers import A4, B4, CONTROLS, DUAL
from tests.golden.cases_zone import BOTH, HOST, answered, seen
from tests.golden.lab import TIMEOUT, ZONE, asked, soa

_LIMITS = ("REFUSED", "SERVFAIL")
tcp = partial(soa, transport="tcp")
lame = partial(soa, aa=False, answer=None)
Steps = tuple[Evidence, ...]


def _ns(server: str, rcode: str = "NOERROR", *, attempt: int = 1, transport: str = "udp", edns: int = 1232) -> Evidence:
    """Return a question for the servers of the zone, answered with authority or with an error."""
    answer = (f"{ZONE} NS {NS1}.",) if rcode == "NOERROR" else ()
    how = "AA" if answer else ""
    question = (ZONE, "NS")
    return asked(
        *("zone_data", server, question),
        *answer,
        flags=how,
        rcode=rcode,
        transport=transport,
        attempt=attempt,
        edns_size=edns,
    )


def at_times(server: str, rcode: str) -> Steps:
    """Return one and the same question, answered with an error and then correctly."""
    return _ns(server, rcode), _ns(server, attempt=2)


def _always(server: str, rcode: str) -> Iterator[tuple[str, str, Steps]]:
    """Yield what does not show that a server gives an error only at times: variant, what it is, evidence."""
    other = "REFUSED" if rcode == "SERVFAIL" else "SERVFAIL"
    away = asked("zone_data", server, ("tinh-b.example", "NS"), "tinh-b.example NS ns1.tinh-b.example.", flags="AA")
    yield "other-zone", "It answers for another zone, and never for this one.", (_ns(server, rcode), away)
    yield "other-type", "It answers for NS, and never for SOA.", (_ns(server),)
    yield "other-code", "What it gives at times is another error.", at_times(server, other)
    yield "with-edns", "It answers without EDNS alone.", (_ns(server, rcode), _ns(server, attempt=2, edns=0))
    yield (
        "without-authority",
        "The answer at another time has no authority.",
        (_ns(server, rcode), asked("zone_data", server, (ZONE, "NS"), f"{ZONE} NS {NS1}.", attempt=2)),
    )
    sent = asked("zone_data", server, (ZONE, "NS"), flags="AA TC", attempt=2)
    yield "sent-to-tcp", "At another time it only sends to TCP.", (_ns(server, rcode), sent)


def ns_reach() -> Iterator[Case]:
    case = partial(Case, check="ipv6.dns.ns-reach", subject=lab.zone())
    for rcode in _LIMITS:
        yield case(
            code="ERRS_AT_TIMES",
            variant=rcode.lower(),
            about="A rate limit answers with an error, also to what it answers at another time.",
            evidence=(TWO, soa(A), lame(B, rcode=rcode), *at_times(B, rcode)),
            expect=(("ANSWERS", A), ("ERRS_AT_TIMES", B)),
        )
    for variant, about, beside in _always(B, "REFUSED"):
        yield case(
            code="BAD_RCODE",
            variant=variant,
            about=about,
            evidence=(TWO, soa(A), lame(B, rcode="REFUSED"), *beside),
            expect=(("ANSWERS", A), ("BAD_RCODE", B)),
        )
    yield case(
        code="BAD_RCODE",
        variant="of-another",
        about="One limits the rate, the other has never loaded the zone.",
        evidence=(TWO, soa(A), *at_times(A, "REFUSED"), lame(B, rcode="REFUSED"), _ns(B, "REFUSED")),
        expect=(("ANSWERS", A), ("BAD_RCODE", B)),
    )


def ns_reach_tcp() -> Iterator[Case]:
    case = partial(Case, check="ipv6.dns.ns-reach-tcp", subject=lab.zone(), controls=CONTROLS)
    for rcode in _LIMITS:
        bad = partial(tcp, rcode=rcode, aa=False, answer=None)
        yield case(
            code="ERRS_AT_TIMES",
            variant=rcode.lower(),
            about="A rate limit answers with an error, over whatever transport.",
            evidence=(TWO, tcp(A), bad(B), *at_times(B, rcode)),
            expect=(("ANSWERS", A), ("ERRS_AT_TIMES", B)),
        )
        yield case(
            code="ONLY_BAD_RCODE",
            variant=rcode.lower(),
            about="It answers with an error over TCP, always, and never over UDP.",
            evidence=(TWO, tcp(A), bad(B), soa(B), _ns(B)),
            expect=(("ANSWERS", A), ("ONLY_BAD_RCODE", B)),
        )
    yield case(
        code="NOT_DECIDED",
        variant="beside-an-error-limit",
        about="One gives errors, one does so at times: whether two fail is not known.",
        evidence=(TWO, *(tcp(x, rcode="REFUSED", aa=False, answer=None) for x in (A, B)), *at_times(B, "REFUSED")),
        expect=(("NOT_DECIDED", A), ("ERRS_AT_TIMES", B)),
    )


def ns_ipv4() -> Iterator[Case]:
    case = partial(Case, check="security.dns.ns-ipv4", subject=lab.zone(), controls=CONTROLS)
    for rcode in _LIMITS:
        limited: tuple[tuple[str, Steps], ...] = (
            ("udp", (lame(B4, rcode=rcode), tcp(B4))),
            ("tcp", (soa(B4), lame(B4, rcode=rcode, transport="tcp"))),
        )
        for transport, steps in limited:
            yield case(
                code="ERRS_AT_TIMES",
                variant=f"{rcode.lower()}-{transport}",
                about=f"A rate limit answers with an error over {transport.upper()}.",
                evidence=(BOTH, *works(A4), *steps, *at_times(B4, rcode)),
                expect=(("ANSWERS", A4), ("ERRS_AT_TIMES", B4)),
            )
    yield case(
        code="NO_TCP",
        variant="error",
        about="It answers with an error over TCP, always, and never over UDP.",
        evidence=(BOTH, *works(A4), soa(B4), _ns(B4), lame(B4, rcode="SERVFAIL", transport="tcp")),
        expect=(("ANSWERS", A4), ("NO_TCP", B4)),
    )


def delegation() -> Iterator[Case]:
    stale = referral(PARENT6, f"{NS1} A {A4}", f"{NS2} A {C4}")
    for code, variant, about, beside in (
        ("OTHER_GLUE", "errs-at-times", "The old address gives errors at times.", at_times(C4, "REFUSED")),
        ("DEAD_GLUE", "errs-always", "The old address gives errors, always.", (_ns(C4, "REFUSED"),)),
    ):
        yield Case(
            check="security.dns.delegation",
            subject=lab.zone(),
            code=code,
            variant=variant,
            about=about,
            evidence=(BOTH, referred(stale), lame(C4, rcode="REFUSED"), *beside),
            expect=(("NO_DNS_ANSWER", None), (code, "glue")),
        )


def aaaa_behaviour() -> Iterator[Case]:
    case = partial(Case, check="ipv6.dns.aaaa-behaviour", subject=lab.zone(), controls=CONTROLS)

    def told(server: str, rtype: str, rcode: str) -> Evidence:
        """Return questions about a host with A records; the one for ``rtype`` gets an error, A before and after not."""
        good = answered(server, HOST, "A", "198.51.100.10")
        steps = [good]
        for one in ("AAAA", "HTTPS"):
            steps += [answered(server, HOST, one, rcode=rcode, flags="", soa=None), good] if one == rtype else []
            steps += [] if one == rtype else [answered(server, HOST, one)]
        return seen("aaaa_answers", server, *steps)

    right = [told(x, "", "") for x in (A, A4)]
    for rcode in _LIMITS:
        for rtype, broken in (("AAAA", "BAD_RCODE"), ("HTTPS", "HTTPS_BAD_RCODE")):
            for code, about, beside in (
                ("ERRS_AT_TIMES", "A rate limit takes each second question.", at_times(B, rcode)),
                (broken, "It knows A alone.", (_ns(B),)),
            ):
                yield case(
                    code=code,
                    variant=f"limit-{rcode.lower()}-{rtype.lower()}",
                    about=about,
                    evidence=(DUAL, *right, told(B, rtype, rcode), *beside),
                    expect=(("HANDLED", A), (code, B), ("HANDLED", A4)),
                )
        nothing = seen("aaaa_answers", B, *(answered(B, HOST, x, rcode=rcode, flags="") for x in ("A", "AAAA")))
        for code, about, beside in (
            ("NOT_DECIDED", "A got an error that it gives only at times.", at_times(B, rcode)),
            ("NO_BASIS", "Each question gets an error, always: ns-reach says so.", (_ns(B, rcode),)),
        ):
            yield case(
                code=code,
                variant=f"limit-{rcode.lower()}-a",
                about=about,
                evidence=(DUAL, *right, nothing, *beside),
                expect=(("HANDLED", A), (code, B), ("HANDLED", A4)),
            )


def _trials(server: str, *errs: str, rcode: str = "NOERROR") -> Evidence:
    """Return all trials of EDNS, answered as they should be but for ``errs``."""
    steps = []
    for trial in ("plain", "option", "flag", "version", "both", "small"):
        message = dns.message.make_response(dns.message.make_query(ZONE, "SOA", id=4711))
        message.use_edns(0, payload=1232)
        said = rcode if trial in errs else "BADVERS" if trial in ("version", "both") else "NOERROR"
        message.flags |= 0 if trial in errs else dns.flags.AA
        message.set_rcode(dns.rcode.from_text(said))
        steps.append(EdnsAnswer(server=ip_address(server), zone=ZONE, trial=trial, response=message.to_wire()))
    endpoint = Endpoint(address=ip_address(server), port=53)
    return lab.evidence("edns", *steps, task=f"{server}#53 {ZONE}", endpoint=endpoint)


def edns() -> Iterator[Case]:
    case = partial(Case, check="security.dns.edns", subject=lab.zone(), controls=CONTROLS)
    for rcode in _LIMITS:
        for trial in ("version", "both", "plain"):
            yield case(
                code="ERRS_AT_TIMES",
                variant=f"{rcode.lower()}-{trial}",
                about="A rate limit answers one of the trials with an error.",
                evidence=(DUAL, _trials(A), _trials(A4), _trials(B, trial, rcode=rcode), *at_times(B, rcode)),
                expect=(("RIGHT", A), ("ERRS_AT_TIMES", B), ("RIGHT", A4)),
            )
        yield case(
            code="OTHERWISE",
            variant=f"always-{rcode.lower()}",
            about="An unknown version gets an error that no other question gets.",
            evidence=(DUAL, _trials(A), _trials(A4), _trials(B, "version", rcode=rcode), _ns(B)),
            expect=(("RIGHT", A), ("OTHERWISE", B), ("RIGHT", A4)),
        )


def open_resolver() -> Iterator[Case]:
    case = partial(Case, check="security.dns.open-resolver", subject=lab.zone(), controls=CONTROLS)
    ask = partial(asked, "recursion", question=("ipv4only.arpa", "A"), recursion=True)
    refused = [ask(x, rcode="REFUSED") for x in (A, A4)]
    for rcode in _LIMITS:
        for flags in ("RA", ""):
            yield case(
                code="ERRS_AT_TIMES",
                variant=f"{rcode.lower()}{flags and '-ra'}",
                about="A rate limit answered in place of the server.",
                evidence=(DUAL, *refused, ask(B, rcode=rcode, flags=flags), *at_times(B, rcode)),
                expect=(("NOT_OFFERED", A), ("ERRS_AT_TIMES", B), ("NOT_OFFERED", A4)),
            )
    yield case(
        code="OFFERED",
        variant="error",
        about="It tries to resolve for strangers and fails; questions about its own zone get no error.",
        evidence=(DUAL, *refused, ask(B, rcode="SERVFAIL", flags="RA"), _ns(B)),
        expect=(("NOT_OFFERED", A), ("OFFERED", B), ("NOT_OFFERED", A4)),
    )


def sent_to_tcp() -> Iterator[Case]:
    """Yield servers whose rate limit sends a stranger's question to TCP, by what they answer there."""
    case = partial(Case, check="security.dns.open-resolver", subject=lab.zone(), controls=CONTROLS)
    question = ("ipv4only.arpa", "A")
    ask = partial(asked, "recursion", recursion=True)
    over_tcp = partial(ask, B, question, transport="tcp")
    refused = [ask(x, question, rcode="REFUSED") for x in (A, A4)]
    record = "ipv4only.arpa A 192.0.0.170"
    twice = (over_tcp(record, flags="RA"), over_tcp(record, flags="RA", attempt=2, minutes=11))
    there: tuple[tuple[str, str, Steps], ...] = (
        ("OPEN", "", twice),
        ("REFUSED", "", (over_tcp(rcode="REFUSED", flags="RA"),)),
        ("NOT_OFFERED", "", (over_tcp(rcode="REFUSED"),)),
        ("NOT_DECIDED", "-silent", (over_tcp(failure=TIMEOUT),)),
        ("NOT_DECIDED", "", ()),
    )
    for flags, mark in (("RA TC", "-ra"), ("TC", "")):
        for code, how, steps in there:
            yield case(
                code=code,
                variant=f"sent-to-tcp{mark}{how}",
                about="A rate limit sends to TCP, where the server itself answers, or nobody does.",
                evidence=(DUAL, *refused, ask(B, question, flags=flags), *steps),
                expect=(("NOT_OFFERED", A), (code, B), ("NOT_OFFERED", A4)),
            )


def axfr() -> Iterator[Case]:
    case = partial(Case, check="security.dns.axfr", subject=lab.zone(), controls=CONTROLS)
    ask = partial(asked, "zone_transfer", question=(ZONE, "AXFR"), transport="tcp")
    refused = [ask(x, rcode="REFUSED") for x in (A, A4)]
    for rcode in _LIMITS:
        for code, about, beside in (
            ("ERRS_AT_TIMES", "A rate limit answered in place of the server.", at_times(B, rcode)),
            ("REFUSED", "It gives the error to no other question.", (_ns(B),)),
        ):
            yield case(
                code=code,
                variant=f"limit-{rcode.lower()}",
                about=about,
                evidence=(DUAL, *refused, ask(B, rcode=rcode), *beside),
                expect=(("REFUSED", A), (code, B), ("REFUSED", A4)),
            )


def v6_only_resolve() -> Iterator[Case]:
    case = partial(Case, check="ipv6.dns.v6-only-resolve", subject=lab.zone())
    failure = Failure(kind=FailureKind.NAME_ERROR, detail="REFUSED")
    lost = replace(SIX, unanswered=(Unanswered(question=f"{ZONE} NS", failure=failure),))
    silent = cut(6, (NS1, A, FailureKind.NAME_ERROR), (NS2, B, FailureKind.NAME_ERROR))
    silent = replace(silent, replies=tuple(replace(one, failure=failure) for one in silent.replies), failure=failure)
    for step, code in ((lost, "UNANSWERED"), (silent, "SILENT")):
        for said, about, beside in (
            ("OPEN", "A rate limit answers with errors over IPv6.", at_times(B, "REFUSED")),
            (code, "The servers answer with errors over IPv6, always.", (_ns(B, "REFUSED"),)),
        ):
            yield case(
                code=said,
                variant=f"errors-{code.lower()}",
                about=about,
                evidence=(TWO, walked(step, FOUR), *beside),
                expect=((said, None),),
            )


def cases() -> Iterator[Case]:
    of_zones = (ns_reach, ns_reach_tcp, ns_ipv4, delegation, aaaa_behaviour, edns)
    for group in (*of_zones, open_resolver, sent_to_tcp, axfr, v6_only_resolve):
        yield from group()
