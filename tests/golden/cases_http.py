"""Makes golden cases of the checks of response headers, ``security.http.*``."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from probes.framework.evidence import Failure, FailureKind
from tests.golden import lab
from tests.golden.case import Case
from tests.golden.cases_filters import filtered
from tests.golden.cases_web import DUAL, HTTP_DEFAULT, undecided_names
from tests.golden.lab import TIMEOUT, V4, V6, WEB, answer, http, names, page, ports, tcp

Headers = tuple[tuple[str, str], ...]
NO_CERTIFICATE = Failure(kind=FailureKind.TLS_ALERT, detail="TLSV13_ALERT_CERTIFICATE_REQUIRED")
ONE = (names(), *ports(V4, 80, 443))


def _common(check: str, good: str, headers: Headers) -> Iterator[Case]:
    """Yield the cases of every header check without an answer to judge."""
    case = partial(Case, check=check, subject=lab.site())
    good4 = http(V4, answer(V4, 200, headers=headers))
    for one in undecided_names(check):
        yield Case(
            check=check,
            code=one.code,
            about=one.about + " IPv4 is judged all the same.",
            trap=one.trap,
            subject=one.subject,
            evidence=(*one.evidence, *ports(V4, 80, 443), good4),
            expect=((one.code, "AAAA"), (good, V4)),
        )
    yield case(
        code=good,
        about="Both addresses send them.",
        evidence=(DUAL, *HTTP_DEFAULT, good4, http(V6, answer(V6, 200, headers=headers))),
        expect=((good, V4), (good, V6)),
    )
    yield case(
        code="NO_HTTPS",
        about="443 is shut over IPv6: reach's finding.",
        evidence=(DUAL, *ports(V4, 80, 443), good4, *ports(V6, 80)),
        expect=((good, V4), ("NO_HTTPS", V6)),
    )
    yield case(
        code="NO_HTTPS",
        variant="no-http-inside",
        about="443 accepts and resets: http-ok's finding.",
        evidence=(DUAL, *HTTP_DEFAULT, good4, page(V6, None, failure=FailureKind.RESET)),
        expect=((good, V4), ("NO_HTTPS", V6)),
    )
    for variant, failure in (("", FailureKind.PROTOCOL), ("reset", FailureKind.RESET)):
        yield case(
            code="UNANSWERED",
            variant=variant,
            trap="W2",
            about="TLS is spoken, and the request ends without an answer: a filter may do so to the auditor alone.",
            evidence=(DUAL, *HTTP_DEFAULT, good4, lab.tls(V6, lab.GOOD), page(V6, None, failure=failure)),
            expect=((good, V4), ("UNANSWERED", V6)),
        )
    yield case(
        code="CERTIFICATE_WANTED",
        about="Only who has a certificate of their own sees a page: HTTPS is there.",
        evidence=(DUAL, *HTTP_DEFAULT, good4, http(V6, replace(answer(V6, None), failure=NO_CERTIFICATE))),
        expect=((good, V4), ("CERTIFICATE_WANTED", V6)),
    )
    yield case(
        code="NO_ADDRESS", about="The name has no address.", evidence=(names((), ()),), expect=(("NO_ADDRESS", None),)
    )
    yield case(
        code="LIMITED",
        trap="W2",
        about="403 over IPv6 may be a filter that knows the auditor.",
        evidence=(DUAL, *HTTP_DEFAULT, good4, page(V6, 403)),
        expect=((good, V4), ("LIMITED", V6)),
    )
    yield case(
        code="LIMITED",
        variant="rate",
        about="429 over IPv6.",
        evidence=(DUAL, *HTTP_DEFAULT, good4, page(V6, 429)),
        expect=((good, V4), ("LIMITED", V6)),
    )
    yield from filtered(check, (good4,), (good, V4))
    yield case(
        code="SERVER_ERROR",
        about="502 over IPv6: http-ok's finding, and error pages lack headers.",
        evidence=(DUAL, *HTTP_DEFAULT, good4, page(V6, 502)),
        expect=((good, V4), ("SERVER_ERROR", V6)),
    )
    yield case(
        code="NOT_DECIDED",
        trap="R3",
        about="The request over IPv6 was cut short.",
        evidence=(DUAL, *HTTP_DEFAULT, good4, page(V6, None, failure=FailureKind.CUT_SHORT)),
        expect=((good, V4), ("NOT_DECIDED", V6)),
    )
    yield case(
        code="NOT_DECIDED",
        variant="no-control",
        trap="T5",
        about="443 is silent over IPv6, and nothing showed that 443 leaves the vantage.",
        controls=("tcp/80",),
        evidence=(DUAL, tcp(V4, 443), good4, tcp(V6, 443, TIMEOUT)),
        expect=((good, V4), ("NOT_DECIDED", V6)),
    )
    yield case(
        code="U_V4",
        trap="T7",
        gated=True,
        families=frozenset({6}),
        about="A sick family of the auditor takes its own addresses out.",
        evidence=(DUAL, *HTTP_DEFAULT, good4, http(V6, answer(V6, 200, headers=headers))),
        expect=(("U_V4", V4), (good, V6)),
    )


def _shown(check: str, code: str, about: str, *headers: tuple[str, str], variant: str = "", status: int = 200) -> Case:
    return Case(
        check=check,
        subject=lab.site(),
        code=code,
        variant=variant,
        about=about,
        evidence=(*ONE, http(V4, answer(V4, status, headers=headers))),
        expect=((code, V4),),
    )


def _error_alone(check: str, lacking: str) -> Iterator[Case]:
    """Yield cases of header checks for an error page without the headers: nginx leaves them out without ``always``."""
    for variant, status, about in (
        ("log-in", 401, "Who has not logged in sees no page."),
        ("certificate", 400, "Who shows no certificate of their own sees no page."),
        ("api", 404, "Nothing is at the root of an API."),
    ):
        yield _shown(check, "ERROR_ALONE", about, variant=variant, status=status)
    yield _shown(check, lacking, "A page that was shown.", variant="of-a-page")


def _turned_away(check: str) -> Iterator[Case]:
    """Yield cases of page checks for a redirect to a page that is an error or a filter's."""
    for code, status, variant in (
        ("LIMITED", 429, "page"),
        ("LIMITED", 403, "page-filter"),
        ("SERVER_ERROR", 500, "page"),
        ("LIMITED", 503, "page-busy"),
    ):
        there = answer(V4, status, hop=1, url=f"https://{WEB}/vi")
        yield Case(
            check=check,
            subject=lab.site(),
            code=code,
            variant=variant,
            trap="W2",
            about=f"The first answer leads to another page of the site, which answers {status}.",
            evidence=(*ONE, http(V4, answer(V4, 302, location=f"https://{WEB}/vi"), there)),
            expect=((code, V4),),
        )


def hsts() -> Iterator[Case]:
    check, name = "security.http.hsts", "Strict-Transport-Security"
    shown = partial(_shown, check)
    yield from _common(check, "LONG", ((name, "max-age=31536000"),))
    yield shown(
        "LONG",
        "On the redirect, quoted, in any order and case.",
        (name, 'preload; Max-Age="31536000"'),
        variant="spelling",
        status=301,
    )
    yield shown(
        "LONG", "Sent twice, the same.", (name, "max-age=31536000"), (name, "max-age=31536000"), variant="twice"
    )
    yield shown("SHORT", "Half a year.", (name, "max-age=15768000; includeSubDomains"))
    yield shown("ABSENT", "No such header.", ("Server", "nginx"))
    yield shown("SWITCHED_OFF", "max-age=0.", (name, "max-age=0"))
    yield shown("CONTRADICTS", "Two differ.", (name, "max-age=31536000"), (name, "max-age=300"))
    yield shown(
        "LONG",
        "The application's and the proxy's differ, and either is long enough: browsers take the first (RFC 6797 §8.1).",
        (name, "max-age=63072000; includeSubDomains"),
        (name, "max-age=31536000"),
        variant="two-long",
    )
    yield shown("MALFORMED", "No max-age.", (name, "includeSubDomains"))
    yield shown("MALFORMED", "max-age is no number.", (name, "max-age=1y"), variant="no-number")
    yield Case(
        check=check,
        subject=lab.site(),
        code="ABSENT",
        variant="second-address",
        trap="W4",
        about="IPv6 was forgotten.",
        evidence=(DUAL, *HTTP_DEFAULT, http(V4, answer(V4, 200, headers=((name, "max-age=31536000"),))), page(V6, 200)),
        expect=(("LONG", V4), ("ABSENT", V6)),
    )
    yield Case(
        check=check,
        subject=lab.site(),
        code="ABSENT",
        variant="after-redirect",
        about="The first answer counts, not the one that a redirect leads to.",
        evidence=(
            *ONE,
            http(
                V4,
                answer(V4, 302, location=f"https://{WEB}/vi"),
                answer(V4, 200, hop=1, url=f"https://{WEB}/vi", headers=((name, "max-age=31536000"),)),
            ),
        ),
        expect=(("ABSENT", V4),),
    )
    yield Case(
        check=check,
        subject=lab.site(),
        code="ONLY_OVER_HTTP",
        about="The header stands on the redirect of port 80, where it means nothing.",
        evidence=(
            *ONE,
            page(V4, 200),
            http(
                V4, answer(V4, 301, port=80, location=f"https://{WEB}/", headers=((name, "max-age=31536000"),)), port=80
            ),
        ),
        expect=(("ONLY_OVER_HTTP", V4),),
    )
    yield Case(
        check=check,
        subject=lab.site(host=None, name=V6),
        code="NO_NAME",
        about="Listed by address.",
        evidence=(page(V6, 200),),
        expect=(("NO_NAME", None),),
    )


FRAME, REFERRER = ("X-Frame-Options", "SAMEORIGIN"), ("Referrer-Policy", "no-referrer, strict-origin")
BASIC = (("X-Content-Type-Options", "nosniff"), FRAME, REFERRER)


def headers() -> Iterator[Case]:
    check = "security.http.headers"
    shown = partial(_shown, check)
    yield from _common(check, "COMPLETE", BASIC)
    yield from _turned_away(check)
    yield shown(
        "COMPLETE",
        "A proxy adds its headers to the application's.",
        ("X-Content-Type-Options", "nosniff, nosniff"),
        ("X-Frame-Options", "SAMEORIGIN, SAMEORIGIN"),
        REFERRER,
        variant="joined",
    )
    yield shown(
        "COMPLETE",
        "frame-ancestors instead of X-Frame-Options.",
        BASIC[0],
        REFERRER,
        ("Content-Security-Policy", "frame-ancestors 'self'"),
        variant="frame-ancestors",
    )
    yield shown(
        "MISSING",
        "frame-ancestors with every host in it lets everybody frame the page.",
        BASIC[0],
        REFERRER,
        ("Content-Security-Policy", "frame-ancestors *"),
        variant="framed-by-all",
    )
    yield shown(
        "MISSING",
        "A bare scheme as well, and X-Frame-Options counts no more beside it.",
        *BASIC,
        ("Content-Security-Policy", "frame-ancestors https:"),
        variant="framed-by-a-scheme",
    )
    yield shown(
        "COMPLETE", "JSON needs nosniff alone.", BASIC[0], ("Content-Type", "application/json"), variant="no-page"
    )
    yield shown("MISSING", "Nothing but the page.")
    yield shown(
        "MISSING", "A policy that tells everybody.", BASIC[0], FRAME, ("Referrer-Policy", "unsafe-url"), variant="lax"
    )
    yield Case(
        check=check,
        subject=lab.site(),
        code="LEADS_ELSEWHERE",
        about="The page is another host's.",
        evidence=(
            *ONE,
            http(
                V4,
                answer(V4, 301, location="https://tinh-b.example/"),
                answer("198.51.100.99", 200, hop=1, url="https://tinh-b.example/"),
            ),
        ),
        expect=(("LEADS_ELSEWHERE", V4),),
    )


def _in_the_page(check: str) -> Iterator[Case]:
    """Yield cases of policies in the page instead of a header."""
    for code, variant, html, about in (
        (
            "USEFUL",
            "",
            '<meta http-equiv=Content-Security-Policy content="default-src &#39;self&#39;">',
            "In the head.",
        ),
        (
            "OPEN",
            "",
            '<meta http-equiv="content-security-policy" content="upgrade-insecure-requests">',
            "No word of scripts.",
        ),
        (
            "ABSENT",
            "-body",
            "<body><meta http-equiv=Content-Security-Policy content=\"default-src 'self'\">",
            "In the body.",
        ),
        (
            "ABSENT",
            "-frames",
            '<meta http-equiv=Content-Security-Policy content="frame-ancestors *">',
            "Not for pages.",
        ),
    ):
        shown = replace(answer(V4, 200), body=f"<title>A</title>{html}<h1>Tin</h1>".encode())
        yield Case(
            check=check,
            subject=lab.site(),
            code=code,
            variant=f"in-the-page{variant}",
            about=about,
            evidence=(*ONE, http(V4, shown)),
            expect=((code, V4),),
        )


def csp() -> Iterator[Case]:
    check, name = "security.http.csp", "Content-Security-Policy"
    shown = partial(_shown, check)
    yield from _common(check, "USEFUL", ((name, "default-src 'self'"),))
    yield shown(
        "USEFUL",
        "A nonce switches 'unsafe-inline' off, 'strict-dynamic' the schemes.",
        (name, "script-src 'nonce-abc' 'strict-dynamic' 'unsafe-inline' https:; object-src 'none'"),
        variant="nonce",
    )
    yield shown(
        "USEFUL", "Of two policies the stricter one holds.", (name, "script-src *, script-src 'self'"), variant="two"
    )
    yield from _turned_away(check)
    yield shown(
        "USEFUL",
        "'strict-dynamic' alone switches 'unsafe-inline' off.",
        (name, "script-src 'strict-dynamic' 'unsafe-inline'"),
        variant="strict-dynamic",
    )
    yield shown(
        "UNSAFE",
        "A proxy's policy about frames says nothing of scripts; the application's does.",
        (name, "frame-ancestors 'self'"),
        (name, "script-src 'self' 'unsafe-inline' 'unsafe-eval'"),
        variant="frames",
    )
    yield shown(
        "USEFUL",
        "What the proxy's policy lets through the application's stops, and the other way round.",
        (name, "script-src https:; object-src 'none'; base-uri 'none'"),
        (name, "script-src 'self' 'unsafe-inline'"),
        variant="together",
    )
    yield shown(
        "UNSAFE",
        "Objects and the base of URLs from anywhere.",
        (name, "default-src 'self'; object-src *; base-uri *"),
        variant="objects",
    )
    yield shown(
        "UNSAFE",
        "Objects fall back to default-src.",
        (name, "default-src https:; script-src 'self'"),
        variant="objects-by-default",
    )
    yield shown("UNSAFE", "A bare scheme.", (name, "script-src 'self' http:"), variant="scheme")
    yield shown("UNSAFE", "Any host at a port.", (name, "script-src *:443"), variant="port")
    yield shown(
        "UNSAFE",
        "What runs in attributes.",
        (name, "script-src 'unsafe-inline'; script-src-elem 'self'"),
        variant="attributes",
    )
    yield shown("UNSAFE", "'unsafe-inline'.", (name, "default-src 'self' 'unsafe-inline'"))
    yield shown(
        "UNSAFE", "Any host, and eval.", (name, "default-src 'none'; script-src * 'unsafe-eval'"), variant="wildcard"
    )
    yield shown("OPEN", "About frames alone.", (name, "frame-ancestors 'none'"))
    yield shown("REPORT_ONLY", "Reported, not stopped.", (f"{name}-Report-Only", "default-src 'self'"))
    yield shown("ABSENT", "No such header.")
    yield from _in_the_page(check)
    yield shown("NO_PAGE", "JSON.", ("Content-Type", "application/json; charset=utf-8"))


def cases() -> Iterator[Case]:
    for check, lacking in (("hsts", "ABSENT"), ("headers", "MISSING"), ("csp", "ABSENT")):
        yield from _error_alone(f"security.http.{check}", lacking)
    for group in (hsts, headers, csp):
        yield from group()
