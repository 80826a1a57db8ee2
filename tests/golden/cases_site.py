"""Makes golden cases of whole visits: ``ipv6.web.redirect-chain`` and ``ipv6.web.same-content``."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address

from inventory.model import Kind, Network
from probes.framework.evidence import Evidence, FailureKind
from probes.framework.siblings import beside, sibling
from probes.observations.dns import LookupStatus
from probes.observations.web import BODY_KEPT
from tests.golden import lab
from tests.golden.case import FULL_SIZE, Case
from tests.golden.cases_web import AWAY, DUAL, HTTP_DEFAULT, TWO, undecided_names
from tests.golden.lab import TIMEOUT, V4, V6, V6B, answer, http, look, names, page, ports, tcp, tls, unanswered

AWAY_HOST, AWAY6 = "portal.tinh-b.example", "2001:db8:b::20"
SECURE = (*ports(V4, 80, 443), *ports(V6, 443))


def _stand_back(check: str, *rest: Evidence) -> Iterator[Case]:
    """Yield the cases in which another check has the finding, or nothing is known."""
    case = partial(Case, check=check, subject=lab.site())
    yield from undecided_names(check)
    yield case(code="NO_AAAA", about="No IPv6.", evidence=(names(), *ports(V4, 80, 443)), expect=(("NO_AAAA", None),))
    yield case(
        code="NOT_OPEN",
        about="Nothing is open over IPv6: reach's finding.",
        evidence=(DUAL, *ports(V4, 80, 443), *ports(V6), page(V4, 200)),
        expect=(("NOT_OPEN", V6),),
    )
    yield case(
        code="NO_PAGE",
        about="The connection is reset: http-ok's finding.",
        evidence=(DUAL, *SECURE, page(V4, 200), *rest, page(V6, None, failure=FailureKind.RESET)),
        expect=(("NO_PAGE", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        trap="R3",
        about="The request was cut short: our failure.",
        evidence=(DUAL, *SECURE, page(V4, 200), *rest, page(V6, None, failure=FailureKind.CUT_SHORT)),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="LIMITED",
        trap="W2",
        about="403 over IPv6 alone may be a filter that knows the auditor.",
        evidence=(DUAL, *SECURE, page(V4, 200), page(V6, 403)),
        expect=(("LIMITED", V6),),
    )


def redirect_chain() -> Iterator[Case]:
    check = "ipv6.web.redirect-chain"
    case = partial(Case, check=check, subject=lab.site())
    base = (DUAL, *ports(V4, 80, 443), tcp(V6, 80, lab.REFUSED), tcp(V6, 443), page(V4, 200))
    first = answer(V6, 302, location=AWAY)
    a4, a6 = look(AWAY_HOST, "A", "redirect", "198.51.100.20"), look(AWAY_HOST, "AAAA", "redirect", AWAY6)
    away = answer(AWAY6, 200, hop=1, url=AWAY)
    yield from _stand_back(check)
    yield case(
        code="NOT_DECIDED",
        variant="silent-page",
        about="The page never comes: where it leads was not seen, and the silence is http-ok's finding.",
        evidence=(*base, page(V6, None, failure=TIMEOUT)),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="COMPLETES",
        about="To a host with IPv6.",
        evidence=(*base, http(V6, first, a4, a6, away)),
        expect=(("COMPLETES", V6),),
    )
    other = sibling(lab.WEB)
    four = look(other, "A", "sibling", V4)
    old = lab.evidence("dns", four, look(other, "AAAA", "sibling"), task=other)
    open_ = look(other, "AAAA", "sibling", status=LookupStatus.NO_ANSWER)
    yield case(
        code="SIBLING_WITHOUT",
        about="The site works over IPv6, its name with www has IPv4 alone.",
        evidence=(*base, page(V6, 200), old),
        expect=(("COMPLETES", V6), ("SIBLING_WITHOUT", None)),
    )
    yield case(
        code="COMPLETES",
        variant="sibling-unknown",
        trap="R3",
        about="Nobody answered for the AAAA of the name with www: no word about it.",
        evidence=(*base, page(V6, 200), lab.evidence("dns", four, open_, task=other)),
        expect=(("COMPLETES", V6),),
    )
    with_wildcard = (four, look(other, "AAAA", "sibling"), look(beside(other), "A", "wildcard", V4))
    yield case(
        code="COMPLETES",
        variant="sibling-of-a-wildcard",
        about="A wildcard leads every name to the site's IPv4, the one with www as well: nobody published that.",
        evidence=(*base, page(V6, 200), lab.evidence("dns", *with_wildcard, task=other)),
        expect=(("COMPLETES", V6),),
    )
    elsewhere = look(other, "A", "sibling", "198.51.100.99")
    yield case(
        code="COMPLETES",
        variant="sibling-elsewhere",
        about="The name with www leads to another address, as a wildcard makes every name: no word about it.",
        evidence=(*base, page(V6, 200), lab.evidence("dns", elsewhere, look(other, "AAAA", "sibling"), task=other)),
        expect=(("COMPLETES", V6),),
    )
    yield case(
        code="IPV4_ONLY",
        variant="sibling-as-well",
        about="Where the site itself does not work over IPv6, its other name is the smaller matter.",
        evidence=(*base, http(V6, first, a4, look(AWAY_HOST, "AAAA", "redirect")), old),
        expect=(("IPV4_ONLY", V6),),
    )
    yield case(
        code="IPV4_ONLY",
        about="The login page's host has no AAAA.",
        evidence=(*base, http(V6, first, a4, look(AWAY_HOST, "AAAA", "redirect"))),
        expect=(("IPV4_ONLY", V6),),
    )
    yield case(
        code="IPV4_ONLY",
        variant="from-port-80",
        about="HTTPS is good; who begins at port 80 ends off IPv6.",
        evidence=(
            DUAL,
            *HTTP_DEFAULT,
            page(V4, 200),
            page(V6, 200),
            http(V6, answer(V6, 301, port=80, location=AWAY), a4, look(AWAY_HOST, "AAAA", "redirect"), port=80),
        ),
        expect=(("IPV4_ONLY", V6),),
    )
    yield case(
        code="IPV4_ONLY",
        variant="literal",
        about="A redirect to an IPv4 address.",
        evidence=(*base, http(V6, answer(V6, 302, location="http://198.51.100.20/"))),
        expect=(("IPV4_ONLY", V6),),
    )
    yield case(
        code="HOP_FAILS",
        about="The next host has an AAAA, and nobody answers there.",
        evidence=(*base, http(V6, first, a4, a6, replace(away, status=None, failure=lab.why(TIMEOUT)))),
        controls=FULL_SIZE,
        expect=(("HOP_FAILS", V6),),
    )
    refused = replace(away, status=None, failure=lab.why(lab.REFUSED))
    refused4 = replace(refused, address=ip_address("198.51.100.20"))
    over4 = http(V4, answer(V4, 301, port=80, location=AWAY), a4, a6, refused4, port=80)
    for variant, rest in (
        ("from-port-80", (a4, a6, refused)),
        ("from-port-80-ipv4-only", (a4, look(AWAY_HOST, "AAAA", "redirect"))),
    ):
        yield case(
            code="BROKEN_ALIKE",
            variant=variant,
            about="HTTPS is good; plain HTTP leads to a host that refuses everybody, over IPv4 as well.",
            evidence=(
                *(DUAL, *HTTP_DEFAULT, page(V4, 200), page(V6, 200), over4),
                http(V6, answer(V6, 301, port=80, location=AWAY), *rest, port=80),
            ),
            expect=(("BROKEN_ALIKE", V6),),
        )
    yield case(
        code="BROKEN_ALIKE",
        about="The next name does not exist for anybody.",
        evidence=(
            *base,
            http(
                V6,
                first,
                look(AWAY_HOST, "A", "redirect", status=LookupStatus.NO_SUCH_NAME),
                look(AWAY_HOST, "AAAA", "redirect", status=LookupStatus.NO_SUCH_NAME),
            ),
        ),
        expect=(("BROKEN_ALIKE", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="target-not-known",
        about="The next host has no AAAA; whether it has an A, and IPv4 gets further, is not known.",
        evidence=(
            *base[:-1],
            http(V6, first, unanswered("A", "redirect", AWAY_HOST), look(AWAY_HOST, "AAAA", "redirect")),
        ),
        expect=(("NOT_DECIDED", V6),),
    )
    hop_refused = http(V6, first, a4, a6, replace(away, status=None, failure=lab.why(lab.REFUSED)))
    for code, status, about in (
        ("BROKEN_ALIKE", 500, "The next host refuses, and IPv4 shows no page either."),
        ("NOT_DECIDED", 429, "The next host refuses; what IPv4 shows was withheld from the auditor."),
    ):
        yield case(
            code=code,
            variant="hop-refuses",
            about=about,
            evidence=(*base[:-1], page(V4, status), hop_refused),
            expect=((code, V6),),
        )
    yield case(
        code="NOT_DECIDED",
        variant="silent-page-controlled",
        about="The page never comes, and that is the site's: where it leads was not seen all the same.",
        evidence=(*base, page(V6, None, failure=TIMEOUT)),
        controls=FULL_SIZE,
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="LIMITED",
        variant="busy-over-ipv6",
        trap="W2",
        about="503 over IPv6 alone may be a filter that knows the auditor.",
        evidence=(*base, page(V6, 503)),
        expect=(("LIMITED", V6),),
    )
    yield case(
        code="NO_PAGE",
        variant="busy-alike",
        about="503 over both: the site's own.",
        evidence=(*base[:-1], page(V4, 503), page(V6, 503)),
        expect=(("NO_PAGE", V6),),
    )
    both = (DUAL, *HTTP_DEFAULT, page(V4, 200), page(V6, 200))
    for code, variant, plain, about in (
        ("COMPLETES", "beside-an-error", page(V6, 404, port=80), "Port 80 shows an error, which https-forced tells."),
        ("NO_PAGE", "beside-https", page(V6, None, port=80, failure=FailureKind.RESET), "Where port 80 leads is open."),
    ):
        yield case(code=code, variant=variant, about=about, evidence=(*both, plain), expect=((code, V6),))
    yield case(
        code="SIBLING_WITHOUT",
        variant="beside-an-error",
        about="That port 80 shows an error hides nothing of the name with www.",
        evidence=(*both, page(V6, 404, port=80), old),
        expect=(("COMPLETES", V6), ("SIBLING_WITHOUT", None)),
    )
    yield case(
        code="SIBLING_WITHOUT",
        variant="beside-a-tarpit",
        trap="T5",
        about="Port 80 stays silent after the connect: HTTPS shows that the site works over IPv6.",
        evidence=(*both, page(V6, None, port=80, failure=TIMEOUT), old),
        expect=(("NOT_DECIDED", V6), ("SIBLING_WITHOUT", None)),
    )
    at_80_over4, away4 = answer(V4, 301, port=80, location=AWAY), replace(away, address=ip_address("198.51.100.20"))
    over4_good = http(V4, at_80_over4, a4, away4, port=80)
    at_80 = answer(V6, 301, port=80, location=AWAY)
    gone = http(V6, at_80, a4, a6, replace(away, status=404), port=80)
    back = replace(away, status=302, location=AWAY)
    for variant, over6 in (("an-error", gone), ("a-circle", http(V6, at_80, a4, a6, back, port=80))):
        yield case(
            code="HOP_SHOWS_NONE",
            variant=variant,
            about="HTTPS is good; who begins at port 80 gets no page over IPv6 and one over IPv4.",
            evidence=(*both, over4_good, over6),
            expect=(("HOP_SHOWS_NONE", V6),),
        )
    for variant, fares in (
        ("error-alike", http(V4, at_80_over4, a4, replace(away4, status=404), port=80)),
        ("error-alone", page(V4, None, port=80, failure=TIMEOUT)),
    ):
        yield case(
            code="COMPLETES",
            variant=variant,
            about="Port 80 leads to an error, and not over IPv6 alone: https-forced has the redirect.",
            evidence=(*both, fares, gone),
            expect=(("COMPLETES", V6),),
        )
    yield case(
        code="NO_PAGE",
        variant="error-of-the-site",
        about="HTTPS itself leads to an error over IPv6 alone: http-ok's finding.",
        evidence=(*base, http(V6, first, a4, a6, replace(away, status=404))),
        expect=(("NO_PAGE", V6),),
    )
    secure = f"https://{lab.WEB}/"
    forced4, forced = (answer(family, 301, port=80, location=secure) for family in (V4, V6))
    shown4, shown = (answer(family, status, hop=1, url=secure) for family, status in ((V4, 200), (V6, 404)))
    yield case(
        code="NO_PAGE",
        variant="error-of-the-site-behind-port-80",
        about="HTTPS itself shows an error over IPv6 alone, and port 80 leads there: http-ok's finding, told once.",
        evidence=(*base, page(V6, 404), http(V4, forced4, shown4, port=80), http(V6, forced, shown, port=80)),
        expect=(("NO_PAGE", V6),),
    )
    own_https = answer(V6, None, hop=1, url=secure, failure=lab.REFUSED)
    yield case(
        code="NOT_OPEN",
        variant="own-https",
        about="Port 80 leads to HTTPS, which the address itself does not open: reach's finding.",
        evidence=(
            DUAL,
            *ports(V4, 80, 443),
            *ports(V6, 80),
            page(V4, 200),
            http(V6, answer(V6, 301, port=80, location=secure), own_https, port=80),
        ),
        expect=(("NOT_OPEN", V6),),
    )
    yield case(
        code="SIBLING_WITHOUT",
        variant="second-address",
        about="One address completes, the other shows no page: the site's other name is still without IPv6.",
        evidence=(TWO, *base[1:], *ports(V6B, 443), page(V6, 200), page(V6B, None, failure=FailureKind.RESET), old),
        expect=(("COMPLETES", V6), ("NO_PAGE", V6B), ("SIBLING_WITHOUT", None)),
    )
    yield case(
        code="NOT_DECIDED",
        variant="out-of-scope",
        about="The next host is none that we may visit: no word about it.",
        evidence=(
            *base,
            http(V6, first, a4, a6, replace(away, status=None, failure=lab.why(FailureKind.OUT_OF_SCOPE))),
        ),
        expect=(("NOT_DECIDED", V6),),
    )


def _body(text: str, title: str = "Cổng thông tin") -> bytes:
    return f"<html><head><title>{title}</title></head><body>{text}</body></html>".encode()


def _page(address: str, body: bytes, port: int = 443, url: str | None = None) -> Evidence:
    return http(address, replace(answer(address, 200, port=port, url=url), body=body), port=port)


def _large(address: str, text: str, port: int = 443) -> Evidence:
    """Return a page of which only the beginning is kept."""
    body = _body(f"<style>{'.a{color:red}' * 2_000}")[:BODY_KEPT]
    shown = replace(answer(address, 200, port=port), body=body, body_size=90_000, text=text)
    return http(address, shown, port=port)


WORDS = "Ủy ban nhân dân tỉnh thông báo lịch tiếp công dân và kết quả giải quyết hồ sơ dịch vụ công trực tuyến "
NEWS = (
    "bão lũ mưa gió đồng ruộng mùa vụ",
    "trường lớp học sinh giáo viên thi cử",
    "đường cầu xe cộ giao thông vận tải",
)


def same_content() -> Iterator[Case]:
    check = "ipv6.web.same-content"
    case = partial(Case, check=check, subject=lab.site())
    base, plain = (DUAL, *HTTP_DEFAULT), _body(WORDS)
    yield from _stand_back(check)

    def seen(code: str, about: str, *shown: Evidence, variant: str = "", trap: str = "") -> Case:
        return case(code=code, variant=variant, trap=trap, about=about, evidence=(*base, *shown), expect=((code, V6),))

    yield seen(
        "SAME",
        "A nonce, a view state, a counter and the hour differ.",
        _page(
            V4, _body(f'{WORDS}<script nonce="a1">x=1</script><input name="__VIEWSTATE" value="dDw"> 08:31 lượt 1204')
        ),
        _page(
            V6, _body(f'{WORDS}<script nonce="b2">x=2</script><input name="__VIEWSTATE" value="zZ9"> 08:32 lượt 1205')
        ),
        trap="W1",
    )
    yield seen(
        "SAME",
        "The news change at every visit, over IPv4 as well: the bar is what IPv4 shares with itself.",
        _page(V4, _body(WORDS + NEWS[0])),
        _page(V4, _body(WORDS + NEWS[1]), port=80),
        _page(V6, _body(WORDS + NEWS[2])),
        variant="dynamic",
        trap="W1",
    )
    yield seen(
        "DIFFERENT",
        "Twice the same over IPv4, something else over IPv6: a warning, not a fail.",
        _page(V4, plain),
        _page(V4, plain, port=80),
        _page(V6, _body(" ".join(NEWS))),
        trap="W1",
    )
    yield seen(
        "DIFFERENT",
        "Large pages of one title and other texts, which both begin with the same kilobytes of style.",
        _large(V4, WORDS),
        _large(V4, WORDS, port=80),
        _large(V6, " ".join(NEWS)),
        variant="large",
    )
    yield seen(
        "SAME",
        "Large pages of the same text.",
        _large(V4, WORDS),
        _large(V4, WORDS, port=80),
        _large(V6, f"{WORDS} 1204"),
        variant="large",
    )
    yield seen("ONE_SAMPLE", "One visit over IPv4.", _page(V4, plain), _page(V6, _body(" ".join(NEWS))), trap="W1")
    yield seen(
        "OTHER_TITLE", "Another title.", _page(V4, plain), _page(V6, _body(WORDS, "Thông báo bảo trì")), trap="W1"
    )
    yield seen(
        "OTHER_PLACE",
        "IPv6 is redirected to another host.",
        _page(V4, plain),
        http(
            V6,
            answer(V6, 302, location=AWAY),
            look(AWAY_HOST, "AAAA", "redirect", AWAY6),
            replace(answer(AWAY6, 200, hop=1, url=AWAY), body=plain),
        ),
    )
    yield seen(
        "DEFAULT_PAGE",
        "The web server's own page.",
        _page(V4, plain),
        _page(V6, _body("<h1>Welcome to nginx!</h1>", "Welcome to nginx!")),
        trap="W5",
    )
    yield seen(
        "OTHER_SITE",
        "Another page under another name's certificate.",
        _page(V4, plain),
        tls(V4, lab.GOOD),
        _page(V6, _body(" ".join(NEWS), "Khách sạn")),
        tls(V6, (lab.leaf("khachsan.example"), lab.MIDDLE)),
        trap="W5",
    )
    yield seen(
        "SAME",
        "The same page under another name's certificate is cert-name's finding alone.",
        _page(V4, plain),
        _page(V6, plain),
        tls(V6, (lab.leaf("khachsan.example"), lab.MIDDLE)),
        variant="other-certificate",
    )
    yield from _other_pages(seen, plain)
    yield seen("ERROR_PAGE", "404 over IPv6 alone.", _page(V4, plain), page(V6, 404))
    yield seen(
        "LIMITED",
        "503 over IPv6 alone is what a filter says to whom it does not know.",
        _page(V4, plain),
        page(V6, 503),
        variant="unavailable",
        trap="W2",
    )
    yield case(
        code="ERROR_PAGE",
        variant="second-address",
        trap="W4",
        about="Only the second address was forgotten.",
        evidence=(TWO, *HTTP_DEFAULT, *ports(V6B, 80, 443), _page(V4, plain), _page(V6, plain), page(V6B, 502)),
        expect=(("SAME", V6), ("ERROR_PAGE", V6B)),
    )
    yield case(
        code="NO_COMPARISON",
        trap="W3",
        about="A site with IPv6 alone has nothing to differ from.",
        evidence=(names([V6], ()), *ports(V6, 80, 443), page(V6, 200)),
        expect=(("NO_COMPARISON", None),),
    )
    yield case(
        code="NO_COMPARISON",
        variant="error-alike",
        about="The site answers 500 over both: http-ok's finding.",
        evidence=(*base, page(V4, 500), page(V6, 500)),
        expect=(("NO_COMPARISON", None),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="ipv4-limited",
        about="IPv4 answers 429: nothing to compare with today.",
        evidence=(*base, page(V4, 429), page(V6, 200)),
        expect=(("NOT_DECIDED", V6),),
    )


def _other_pages(seen: Callable[..., Case], plain: bytes) -> Iterator[Case]:
    """Yield cases that tell another site from the same one by the certificate, the port, or similar samples."""
    other = _page(V6, _body(" ".join(NEWS)))
    twice, failed = (_page(V4, plain), _page(V4, plain, port=80)), FailureKind.RESET
    yield seen(
        "NOT_DECIDED",
        "Another page, and the handshake that would have shown whose it is failed.",
        *twice,
        other,
        tls(V6, (), failure=failed),
        variant="no-certificate",
    )
    yield seen(
        "SAME",
        "The same page needs no certificate to be recognised.",
        *twice,
        _page(V6, plain),
        tls(V6, (), failure=failed),
        variant="no-certificate",
    )
    yield seen(
        "DIFFERENT",
        "Handshakes that failed elsewhere tell nothing of this address.",
        *twice,
        other,
        tls(V4, (), failure=failed),
        tls(V6, (), failure=failed, port=8443),
        variant="failed-elsewhere",
    )
    yield seen(
        "DIFFERENT", "Another page under the site's own certificate.", *twice, other, tls(V6, lab.GOOD), variant="own"
    )
    yield seen(
        "SAME",
        "Like one of two pages that IPv4 shows at its two ports.",
        _page(V4, plain),
        _page(V4, _body(" ".join(NEWS)), port=80),
        _page(V6, plain),
        variant="one-of-two",
    )
    empty = _body("<h1>Welcome to nginx!</h1>", "Welcome to nginx!")
    yield seen(
        "DEFAULT_PAGE",
        "The web server's own page over HTTPS; IPv4 shows that one in clear text alone.",
        _page(V4, plain),
        _page(V4, empty, port=80),
        _page(V6, empty),
        variant="in-clear",
    )
    at_another_port = _page(V4, _body(" ".join(NEWS)), port=80, url=AWAY)
    for name, shown in (("place", _page(V6, plain)), ("default", _page(V6, empty)), ("error", page(V6, 404))):
        yield seen(
            "NOT_DECIDED",
            "What IPv4 shows at this port was not seen, and what it shows at another is no comparison.",
            page(V4, None, failure=FailureKind.CUT_SHORT),
            at_another_port,
            shown,
            variant=f"other-port-{name}",
        )
    yield seen(
        "SAME",
        "The page is the one that IPv4 shows at another port.",
        page(V4, None, failure=FailureKind.CUT_SHORT),
        _page(V4, plain, port=80),
        _page(V6, plain),
        variant="other-port",
    )
    yield seen(
        "SAME",
        "The web server's own page is all there is, over both.",
        _page(V4, empty),
        _page(V6, empty),
        variant="default-page",
    )


def domain_scheme() -> Iterator[Case]:
    check = "ipv6.web.domain-scheme"

    def named(code: str, host: str, about: str, *seen: Evidence, kind: Kind = Kind.PORTAL, variant: str = "") -> Case:
        subject = lab.site(host=host, name=host, kind=kind, kinds=frozenset({kind}))
        return Case(
            check=check,
            code=code,
            variant=variant,
            about=about,
            subject=subject,
            evidence=(names([V6], name=host), *seen),
            expect=((code, None),),
        )

    legal, old = "https://tinh-a.gov.vn/", (*ports(V4, 443), *ports(V6, 443))
    yield named("LEGAL", "tinh-a.gov.vn", "A province.")
    yield named("LEGAL", "www.soyte.tinh-a.gov.vn", "A department; www. is no label.", variant="department")
    yield named("LEGAL", "xab.tinh-a.gov.vn", "A commune.", kind=Kind.COMMUNE_SITE, variant="commune")
    yield named("OTHER_PATTERN", "xab.huyenc.tinh-a.gov.vn", "Below a district.", kind=Kind.COMMUNE_SITE)
    yield named("OTHER_PATTERN", "xn--tnh-a-xya.gov.vn", "With diacritics.", variant="diacritics")
    yield named(
        "OLD_NAME",
        "tinh-a.vn",
        "Both families redirect for good.",
        *old,
        http(V4, answer(V4, 301, location=legal)),
        http(V6, answer(V6, 308, location=legal)),
    )
    yield named("OUTSIDE", "tinh-a.com.vn", "The site itself.", *old, page(V4, 200), page(V6, 200))
    yield named(
        "OLD_NAME_FOR_NOW",
        "tinh-a.vn",
        "A temporary redirect keeps the old name in use, but serves no site there.",
        *old,
        http(V4, answer(V4, 302, location=legal)),
        http(V6, answer(V6, 302, location=legal)),
    )
    yield named(
        "OLD_NAME_FOR_NOW",
        "tinh-a.vn",
        "For good over IPv4, for now over IPv6.",
        *old,
        http(V4, answer(V4, 301, location=legal)),
        http(V6, answer(V6, 302, location=legal)),
        variant="one-family",
    )
    yield named(
        "NOT_DECIDED",
        "tinh-a.vn",
        "A choice of pages is no page.",
        *old,
        page(V4, 300),
        page(V6, 300),
        variant="choices",
    )
    body = f"<script>location='{legal}'</script>".encode()
    pages = (
        http(a, replace(answer(a, 200, url="https://tinh-a.vn/"), body=body, body_size=len(body))) for a in (V4, V6)
    )
    yield named("OLD_NAME_FOR_NOW", "tinh-a.vn", "A page that only leads there.", *old, *pages, variant="by-a-page")
    yield named(
        "NOT_DECIDED", "tinh-a.vn", "Cut short: our failure.", *old, page(V4, None, failure=FailureKind.CUT_SHORT)
    )
    yield named(
        "NOT_DECIDED", "tinh-a.vn", "403 may be a filter.", *old, page(V4, 403), page(V6, 403), variant="filter"
    )
    both = (*ports(V4, 80, 443), *ports(V6))
    redirect = http(V4, answer(V4, 301, port=80, location=legal), look("tinh-a.gov.vn", "A", "redirect", V4), port=80)
    yield named(
        "NOT_DECIDED",
        "tinh-a.vn",
        "A redirect to the legal name beside a rate limit is no site.",
        *both,
        redirect,
        page(V4, 429),
        variant="limited-beside-redirect",
    )
    own = answer(V4, 301, port=80, location="https://tinh-a.vn/", url="http://tinh-a.vn/")
    silent = answer(V4, None, hop=1, url="https://tinh-a.vn/", failure=TIMEOUT)
    yield named(
        "NOT_DECIDED",
        "tinh-a.vn",
        "It redirects to its own HTTPS, which gives no page: no site was seen.",
        *both,
        http(V4, own, silent, port=80),
        page(V4, None, failure=TIMEOUT),
        variant="own-https-silent",
    )
    yield named("NOT_SERVED", "tinh-a.vn", "Nothing is open.", *ports(V4), *ports(V6))
    yield Case(
        check=check,
        code="NOT_ASKED",
        about="No look-up was made.",
        subject=lab.site(),
        evidence=(tcp(V4, 443),),
        expect=(("NOT_ASKED", None),),
    )
    yield Case(
        check=check,
        code="BY_ADDRESS",
        about="A host with a web port, named on the command line by its address.",
        subject=replace(lab.site(), name=f"[{V6}]:443", host=None, kinds=frozenset({Kind.HOST, Kind.PORTAL})),
        evidence=(*ports(V6), page(V6, 200)),
        expect=(("BY_ADDRESS", None),),
    )
    yield Case(
        check=check,
        code="INTERNAL",
        about="A service inside TSLCD.",
        subject=lab.site(network=Network.TSLCD),
        networks=frozenset(Network),
        evidence=(DUAL,),
        expect=(("INTERNAL", None),),
    )


def cases() -> Iterator[Case]:
    for group in (redirect_chain, same_content, domain_scheme):
        yield from group()
