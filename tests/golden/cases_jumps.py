"""Golden cases of pages that do nothing but send browsers on, and that the probe followed as it follows redirects."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address

from probes.framework.evidence import Evidence, FailureKind, Observation
from probes.observations.pages import Copy, LandingPage, PageParts, Part, PartKind
from probes.observations.web import HttpExchange
from tests.golden import lab
from tests.golden.case import Case
from tests.golden.cases_filters import HTML, shown
from tests.golden.cases_landing import BANK, BET, HEAD, ZONE, read, twice
from tests.golden.cases_web import AWAY, DUAL, HTTP_DEFAULT
from tests.golden.lab import REFUSED, V4, V6, WEB, answer, evidence, http, look, names, page, ports

PORTAL, HOME, LOGIN = "portal.tinh-b.example", f"https://{WEB}/web/guest", f"https://{WEB}/login"
OFF_IPV6 = (look(PORTAL, "A", "redirect", "203.0.113.5"), look(PORTAL, "AAAA", "redirect"))
PLAIN = (names(), *ports(V4, 80, 443))


def sends(address: str, target: str, port: int = 443, hop: int = 0, url: str | None = None) -> HttpExchange:
    """Return a page that only sends browsers on, as the probe records it."""
    body = f'<meta http-equiv="refresh" content="0; url={target}">'.encode()
    seen = replace(shown(address, 200, body, port), hop=hop, leads_to=target)
    return seen if url is None else replace(seen, url=url)


def after(address: str, status: int | None = 200, url: str = HOME, **changes: object) -> HttpExchange:
    return answer(address, status, hop=1, url=url, **changes)  # type: ignore[arg-type]


def visits() -> Iterator[Case]:
    """Yield the cases of visit checks."""
    case = partial(Case, subject=lab.site(), variant="jump-followed")
    there = http(V4, sends(V4, AWAY), replace(after(V4, url=AWAY), address=ip_address("203.0.113.5")))
    off = (DUAL, *HTTP_DEFAULT, there, http(V6, sends(V6, AWAY), *OFF_IPV6))
    for check, code in (
        ("ipv6.web.redirect-chain", "IPV4_ONLY"),
        ("ipv6.web.http-ok", "LEADS_OFF_IPV6"),
        ("ipv6.web.same-content", "NO_PAGE"),
    ):
        yield case(
            check=check,
            code=code,
            about="The page at / sends browsers on to a host without IPv6.",
            evidence=off,
            expect=((code, V6),),
        )
    wants_tls = b"<h2>HTTP Error 403.4 - Forbidden: SSL is required to view this resource.</h2>"
    yield Case(
        check="ipv6.web.redirect-chain",
        code="COMPLETES",
        variant="iis",
        about="IIS that demands TLS turns plain HTTP away itself and leads nowhere: no filter hides where.",
        subject=lab.site(),
        evidence=(DUAL, *HTTP_DEFAULT, http(V6, shown(V6, 403, wants_tls, 80), port=80), page(V6, 200)),
        expect=(("COMPLETES", V6),),
    )
    within = (
        *(DUAL, *HTTP_DEFAULT, page(V6, 200, port=80)),
        *(http(address, sends(address, HOME), after(address)) for address in (V4, V6)),
    )
    for check, code in (
        ("ipv6.web.redirect-chain", "COMPLETES"),
        ("ipv6.web.http-ok", "SERVED"),
        ("ipv6.web.same-content", "SAME"),
    ):
        yield case(
            check=check,
            code=code,
            variant="jump-within",
            about="The page at / sends browsers on to the site's own page.",
            evidence=within,
            expect=((code, V6),),
        )
    for variant, about, code, steps in (
        ("jump-to-a-filter", "A filter hides the page that / leads to.", "LIMITED", (after(V6, 403),)),
        (
            "jump-in-a-circle",
            "/ and /web/guest lead to each other: perhaps a test that browsers pass.",
            "NOT_DECIDED",
            (sends(V6, f"https://{WEB}/", hop=1, url=HOME),),
        ),
        (
            "jump-and-back",
            "/web/guest redirects to /, which sends on to it.",
            "NOT_DECIDED",
            (after(V6, 302, location=f"https://{WEB}/"),),
        ),
        ("jump-to-an-error", "The page that / leads to fails over IPv6.", "ERROR", (after(V6, 500),)),
    ):
        yield case(
            check="ipv6.web.http-ok",
            code=code,
            variant=variant,
            about=about,
            evidence=(DUAL, *HTTP_DEFAULT, page(V4, 200), http(V6, sends(V6, HOME), *steps)),
            expect=((code, V6),),
        )
    zalo = "https://zalo.example/"
    unseen = answer(V6, None, hop=1, url=zalo, failure=FailureKind.OUT_OF_SCOPE)
    for check in ("ipv6.web.redirect-chain", "ipv6.web.http-ok"):
        yield case(
            check=check,
            code="NOT_DECIDED",
            variant="jump-out-of-scope",
            about="The page at / leads to a host that may not be audited.",
            evidence=(DUAL, *HTTP_DEFAULT, page(V4, 200), http(V6, sends(V6, zalo), unseen)),
            expect=(("NOT_DECIDED", V6),),
        )
    yield from _old_names()


def _old_names() -> Iterator[Case]:
    host = "tinh-a.vn"
    subject = lab.site(host=host, name=host)
    unseen = answer(V4, None, hop=1, url=AWAY, failure=FailureKind.OUT_OF_SCOPE)
    first = sends(V4, AWAY, url=f"https://{host}/")
    yield Case(
        check="ipv6.web.domain-scheme",
        code="NOT_DECIDED",
        variant="jump-out-of-scope",
        about="Its page only leads to another name, which was not asked: no site was seen.",
        subject=subject,
        evidence=(names(name=host), *ports(V4, 443), http(V4, first, unseen)),
        expect=(("NOT_DECIDED", None),),
    )


def headers() -> Iterator[Case]:
    """Yield the cases of header checks for pages that jump to another one."""
    case = partial(Case, subject=lab.site())
    cookie = (("Set-Cookie", "PHPSESSID=4f2c; Path=/; HttpOnly; SameSite=Lax"), *HTML)
    within = http(V4, sends(V4, LOGIN), after(V4, url=LOGIN, headers=cookie))
    beyond = http(V4, sends(V4, AWAY), replace(after(V4, url=AWAY), address=ip_address("203.0.113.5")))
    unseen = http(V4, sends(V4, AWAY), replace(after(V4, None, AWAY, failure=REFUSED)))
    ended = http(V4, sends(V4, AWAY), look(PORTAL, "A", "redirect"), look(PORTAL, "AAAA", "redirect"))
    for variant, about, seen, codes in (
        (
            "jump-to-log-in",
            "The page that citizens see is judged, not the one at / that leads to it.",
            within,
            {"cookies": "UNPROTECTED", "csp": "ABSENT", "headers": "MISSING", "hsts": "ABSENT"},
        ),
        (
            "jump-elsewhere",
            "The site has no page of its own.",
            beyond,
            {"cookies": "NONE", "csp": "NO_PAGE", "headers": "LEADS_ELSEWHERE", "hsts": "ABSENT"},
        ),
        ("jump-to-nobody", "What / leads to was not seen.", unseen, {"csp": "NO_PAGE", "headers": "LEADS_ELSEWHERE"}),
        ("jump-unfollowed", "There is nowhere to go.", ended, {"csp": "NO_PAGE", "headers": "LEADS_ELSEWHERE"}),
    ):
        for check, code in codes.items():
            yield case(
                check=f"security.http.{check}",
                code=code,
                variant=variant,
                about=about,
                evidence=(*PLAIN, seen),
                expect=((code, V4),),
            )
    for variant, target, code in (
        ("jump-followed", f"https://{WEB}/", "BY_PAGE"),
        ("jump-to-another-host", AWAY, "OTHER_HOST"),
        ("jump-over-http", f"http://{WEB}/vi", "CONTENT"),
    ):
        plain = http(V4, sends(V4, target, 80), after(V4, url=target), port=80)
        yield case(
            check="security.http.https-forced",
            code=code,
            variant=variant,
            about="A page over plain HTTP that only sends browsers on.",
            evidence=(*PLAIN, page(V4, 200), plain),
            expect=((code, V4),),
        )

    yield case(
        check="security.http.https-forced",
        code="BY_PAGE",
        variant="jump-of-forbidden",
        about="IIS says no to plain HTTP (403.4) with a page that leads to the same address over HTTPS.",
        evidence=(
            *PLAIN,
            page(V4, 200),
            http(V4, replace(sends(V4, f"https://{WEB}/", 80), status=403), after(V4, url=f"https://{WEB}/"), port=80),
        ),
        expect=(("BY_PAGE", V4),),
    )
    with_query = f"https://{WEB}/trang-chu?lang=vi"
    body = f'<title>Cổng thông tin</title><meta http-equiv="refresh" content="0; url={with_query}">'.encode()
    for set_anyway in ("JSESSIONID=4f2c; Path=/", "ddp=1"):
        led = replace(shown(V4, 200, body, 80), headers=(*HTML, ("Set-Cookie", set_anyway)))
        yield case(
            check="security.http.https-forced",
            code="BY_PAGE",
            variant=f"jump-with-{set_anyway.partition('=')[0].lower()}",
            about="A page over plain HTTP that sends browsers on, with a query, and gives them a cookie.",
            evidence=(*PLAIN, page(V4, 200), http(V4, led, port=80)),
            expect=(("BY_PAGE", V4),),
        )
    for variant, target, code in (
        ("refresh-header", f"https://{WEB}/?lang=vi", "BY_PAGE"),
        ("refresh-header-elsewhere", f"{AWAY}?lang=vi", "OTHER_HOST"),
    ):
        refresh = replace(shown(V4, 200, b"", 80), headers=(("Refresh", f"0; url={target}"),))
        yield case(
            check="security.http.https-forced",
            code=code,
            variant=variant,
            about="An answer without a body, whose header Refresh sends browsers on.",
            evidence=(*PLAIN, page(V4, 200), http(V4, refresh, port=80)),
            expect=((code, V4),),
        )


def leading(target: str, copy: Copy = Copy.PLAIN, url: str = f"https://{WEB}/", hop: int = 0) -> LandingPage:
    return read(f"<script>location.replace('{target}')</script>", copy, url, hop=hop, leads_to=target)


def unread(url: str, copy: Copy = Copy.PLAIN, **changes: object) -> LandingPage:
    fields = {"hop": 1, "status": None, "headers": (), "body_size": 0, "failure": lab.why(FailureKind.OUT_OF_SCOPE)}
    return read("", copy, url, **{**fields, **changes})


def landing() -> Iterator[Case]:
    """Yield the cases of landing page checks."""
    script = '<script src="http://js.example/a.js"></script>'
    jump, home = leading(HOME), read(HEAD + script, url=HOME, hop=1)
    for check, code in (("mixed-content", "ACTIVE"), ("third-party", "UNPINNED"), ("injected-content", "NONE")):
        yield _landing(check, code, "jump-followed", "The page that / leads to is read.", jump, home)
    yield _landing(
        "injected-content",
        "HIDDEN_LINKS",
        "jump-followed",
        "The page that / leads to has hidden links.",
        jump,
        read(HEAD + f'<div style="display:none"><a href="{BET}">Link</a></div>', url=HOME, hop=1),
    )
    yield _landing(
        "injected-content",
        "HIDDEN_LINKS",
        "jump-with-links",
        "The page at / has hidden links, and sends browsers on to a clean one.",
        read(f'<i style="display:none"><a href="{BET}">Link</a></i><script>location="{HOME}"</script>', leads_to=HOME),
        read(HEAD, url=HOME, hop=1),
    )
    for variant, about, steps in (
        ("jump-out-of-scope", "It leads to a casino, which is not asked.", (unread(BET),)),
        (
            "jump-and-on",
            "It leads to a casino, which shows the auditor another page.",
            (unread(BET, status=302, failure=None, location=BANK), read(HEAD, url=BANK, hop=2)),
        ),
        ("jump-and-refused", "The casino leads on to where is not asked.", (unread(BET), unread(BANK, hop=2))),
        ("jump-to-the-page", "The casino shows its page.", (read("<title>BET</title><p>Casino", url=BET, hop=1),)),
    ):
        yield _landing("injected-content", "LED_AWAY", variant, about, leading(BET), *steps)
    refresh = read(HEAD + "<p>Tin tức</p>" * 100, headers=(("Refresh", f"0; url={BET}"),))
    about = "The page is the site's own, and its header Refresh leads on."
    yield _landing("injected-content", "LED_AWAY", "refresh-header", about, refresh)
    once_loaded = read(f"<body onload=\"location='{BET}'\">", leads_to=BET)
    about = "It leads to a casino once it is loaded."
    yield _landing("injected-content", "LED_AWAY", "jump-once-loaded", about, once_loaded, unread(BET))
    for check in ("mixed-content", "third-party", "injected-content"):
        yield _landing(
            check,
            "NOT_READ",
            "jump-out-of-scope",
            "What the page at / leads to was not read: it is not said to be clean.",
            leading(BANK),
            unread(BANK),
        )
    yield from _copies()
    yield from _parts()


def _copies() -> Iterator[Case]:
    """Yield the cases of copies served to search engines."""
    plain = leading(HOME), read(HEAD, url=HOME, hop=1)
    crawler = Copy.CRAWLER
    for code, variant, about, copy in (
        ("CLOAKED", "jump", "Search engines alone are led to a casino.", (leading(BET, crawler), unread(BET, crawler))),
        (
            "CLOAKED",
            "jump-to-a-page",
            "Search engines alone are led to a page of a casino, under a name that says nothing.",
            (leading(BANK, crawler), read("<title>SLOT GACOR: Situs Toto Terpercaya</title>", crawler, BANK, hop=1)),
        ),
        ("NONE", "jump", "Search engines are led where all are.", (leading(HOME, crawler), plain[1])),
        (
            "NONE",
            "jump-of-a-filter",
            "A page that shows nothing leads search engines to a stranger's: it may be a filter's.",
            (leading(BANK, crawler), unread(BANK, crawler)),
        ),
    ):
        steps = (*plain, *(replace(step, copy=crawler) for step in copy))
        yield _landing("injected-content", code, f"{variant}-of-the-copy", about, *steps)
    both = leading(BANK), read(HEAD, url=BANK, hop=1), leading(BANK, crawler), unread(BANK, crawler)
    yield _landing("injected-content", "NONE", "jump-of-both", "Search engines are led to the same stranger.", *both)


def _landing(check: str, code: str, variant: str, about: str, *steps: LandingPage) -> Case:
    return Case(
        check=f"security.http.{check}",
        code=code,
        variant=variant,
        about=about,
        subject=lab.site(),
        evidence=(names(), ZONE, *twice(*steps)),
        expect=((code, None),),
    )


def _parts() -> Iterator[Case]:
    jump = PageParts(address=ip_address(V6), port=443, url=f"https://{WEB}/", status=200, leads_to=HOME)
    literal = Part(kind=PartKind.IMAGE, host="198.51.100.30", port=443)
    home = replace(jump, url=HOME, hop=1, leads_to=None, parts=(literal,))
    for code, about, steps, said in (
        ("LITERAL", "The page that / leads to takes a part from an IPv4 address.", (jump, home), "own"),
        ("NO_PAGE", "What / leads to has no IPv6.", (replace(jump, leads_to=AWAY), *OFF_IPV6), None),
    ):
        taken: tuple[Observation, ...] = steps
        seen: tuple[Evidence, ...] = (DUAL, *HTTP_DEFAULT, evidence("page_parts", *taken, task=f"https#443 {WEB}"))
        yield Case(
            check="ipv6.web.resources",
            code=code,
            variant="jump",
            about=about,
            subject=lab.site(),
            evidence=seen,
            expect=((code, said),),
        )


def cases() -> Iterator[Case]:
    for group in (visits, headers, landing):
        yield from group()
