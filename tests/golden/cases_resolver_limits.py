"""Makes golden cases of recursive resolvers that limit the rate, beside those with a defect of their own."""

from collections.abc import Iterator
from functools import partial

from tests.golden.case import Case
from tests.golden.cases_resolver import IN_V6, PLAIN, PLAIN6, R4, R6, asked, case_of, resolver, said
from tests.golden.lab import TIMEOUT

_LIMITS = ("REFUSED", "SERVFAIL")
fails, plain = partial(said, R6, IN_V6), partial(said, R6, PLAIN)


def cases() -> Iterator[Case]:
    case = partial(case_of, "ipv6.dns.resolver-dual", resolver(R6, R4))
    good = ("RESOLVES", R4)
    right = plain(PLAIN6)
    for rcode in _LIMITS:
        bad = (fails(rcode=rcode), fails(rcode=rcode, transport="tcp"))
        for variant, beside in (("", plain(rcode=rcode)), ("-over-tcp", plain(rcode=rcode, transport="tcp"))):
            over_tcp = (plain(PLAIN6, transport="tcp"),) if variant else ()
            yield case(
                "ERRS_AT_TIMES",
                "A load balancer in front of it answers the rest of a burst with an error, of whatever name.",
                asked(R6, *bad, right, beside, *over_tcp),
                asked(R4),
                variant=f"{rcode.lower()}{variant}",
                expect=(("ERRS_AT_TIMES", R6), good),
            )
        yield case(
            "ERRS_AT_TIMES",
            "The same limit, met by the questions over TCP alone.",
            asked(R6, right, plain(rcode=rcode), *(said(R6, x, rcode=rcode, transport="tcp") for x in (PLAIN, IN_V6))),
            asked(R4),
            variant=f"tcp-{rcode.lower()}",
            expect=(("ERRS_AT_TIMES", R6), good),
        )
    bad = (fails(rcode="SERVFAIL"), fails(rcode="SERVFAIL", transport="tcp"))
    yield case(
        "FAILS",
        "No way out over IPv6; what it gives at times is another error.",
        asked(R6, *bad, right, plain(rcode="REFUSED")),
        asked(R4),
        variant="other-error",
        expect=(("FAILS", R6), good),
    )
    yield case(
        "FAILS",
        "No way out over IPv6, behind a limit that met the other address alone.",
        asked(R6, *bad),
        asked(R4, said(R4, PLAIN, PLAIN6), said(R4, PLAIN, rcode="SERVFAIL")),
        variant="other-address",
        expect=(("FAILS", R6), good),
    )
    lost = (fails(failure=TIMEOUT), fails(failure=TIMEOUT, transport="tcp"))
    yield case(
        "NOT_DECIDED",
        "It loses every second question, of whatever name.",
        asked(R6, *lost, right, plain(failure=TIMEOUT)),
        asked(R4),
        variant="loses-some",
        expect=(("NOT_DECIDED", R6), good),
    )
    silent = fails(failure=TIMEOUT, transport="tcp")
    yield case(
        "NOT_DECIDED",
        "It answers over TCP for one name, and left the question for the other unanswered.",
        asked(R6, silent),
        asked(R4),
        variant="tcp-once",
        expect=(("NOT_DECIDED", R6), good),
    )
    yield case(
        "RESOLVES",
        "Over TCP it answered for the name in question.",
        asked(R6, plain(failure=TIMEOUT, transport="tcp")),
        asked(R4),
        variant="tcp-of-the-zone",
        expect=(("RESOLVES", R6), good),
    )
    yield case(
        "NO_TCP",
        "Over TCP whatever answers gives an error each time.",
        asked(R6, *(said(R6, name, rcode="SERVFAIL", transport="tcp") for name in (PLAIN, IN_V6))),
        asked(R4),
        variant="error",
        expect=(("NO_TCP", R6), good),
    )
