"""Tests that filters are recognised by status, header and page, and that a site behind one is not mistaken for it."""

from ipaddress import ip_address

import pytest

from auditor.facts.web.filters import filter_of, wants_a_cookie
from probes.observations.web import HttpExchange

LOOKS = b"<html><head><title>Tinh A</title></head><body><p>Lich tiep cong dan thang nay</p></body></html>"


def answer(status: int, body: bytes = LOOKS, *headers: tuple[str, str], location: str | None = None) -> HttpExchange:
    return HttpExchange(
        address=ip_address("198.51.100.10"),
        port=443,
        url="https://tinh-a.example/",
        status=status,
        body=body,
        body_size=len(body),
        headers=headers,
        location=location,
    )


@pytest.mark.parametrize("status", [403, 405, 406, 418, 429, 451])
def test_filter_of_a_status_that_filters_answer_is_unnamed(status: int) -> None:
    assert filter_of(answer(status)) == ""


def test_iis_that_demands_tls_is_no_filter() -> None:
    page = b"<h2>HTTP Error 403.4 - Forbidden: SSL is required to view this resource.</h2>"
    assert filter_of(answer(403, page)) is None
    assert filter_of(answer(406, page)) == ""


@pytest.mark.parametrize("status", [200, 301, 401, 404, 500, 502, 503])
def test_filter_of_a_site_is_none(status: int) -> None:
    assert filter_of(answer(status)) is None


def test_an_answer_that_asks_to_come_back_is_no_page_of_the_site() -> None:
    assert filter_of(answer(503, LOOKS, ("retry-after", "3600"))) == ""
    assert filter_of(answer(500, LOOKS, ("Retry-After", "3600"))) is None


def test_only_the_page_of_haproxy_itself_is_a_tarpit() -> None:
    own = b"<html><body><h1>500 Internal Server Error</h1>\nAn internal server error occurred.\n</body></html>\n"
    assert filter_of(answer(500, own)) == "HAProxy"
    assert filter_of(answer(500, own.replace(b"</h1>\n", b"</h1><p>"))) is None


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"<script>window._cf_chl_opt={}</script>", "Cloudflare"),
        (b"<title>Web Page Blocked</title><p>Attack ID: 20000008 blocked</p>", "Fortinet"),
        (b"<h1>Access Denied</h1>Reference #18.1 https://errors.edgesuite.net/18", "Akamai"),
        (b"<iframe src=/_Incapsula_Resource?x></iframe>", "Imperva"),
        (
            b"<title>Making sure you&#39;re not a bot!</title><p>Loading</p>"
            b'<script src="/.within.website/x/cmd/anubis/static/js/main.mjs"></script>',
            "Anubis",
        ),
        (b'{"message":"Access denied by Imunify360 bot-protection. IPs used for automation should be', "Imunify360"),
        (b"<title>One moment, please...</title><p>Verified</p><script>x.setAttribute('name','wsidchk')", "Imunify360"),
        (
            b"<title>You are being redirected...</title><noscript>Javascript is required.</noscript>"
            b"<script>var s={},u,c,U,r,i,l=0,a,e=eval,w=String.fromCharCode,sucuri_cloudproxy_js='',S='Y2w=';</script>",
            "Sucuri",
        ),
        (
            b'<link rel="stylesheet" href="/TSPD/?type=25" /><p>Please enable JavaScript to view the page content.<br/>'
            b"Your support ID is: 4711.</p>",
            "F5 BIG-IP",
        ),
        (b'<title id="slg-title"></title><div id="slg-bg"></div><div id="slg-box"></div><p>Protected</p>', "SafeLine"),
        (b"<title>Access Denied - Viettel WAF</title><p>Request</p>", "Viettel WAF"),
        (
            b"<title>Bot Verification</title><p>Verifying that you are not a robot...</p>"
            b'<form method="POST" action="/.lsrecap/recaptcha?" id="lsrecaptcha-form"></form>',
            "LiteSpeed",
        ),
        (b"<title>Visitor anti-robot validation</title><h1>Please wait</h1>", "BitNinja"),
        (b"<html><head><title>CrowdSec Captcha</title></head><body><h1>CrowdSec Captcha</h1></body>", "CrowdSec"),
    ],
)
def test_filter_of_a_known_page_is_its_product(body: bytes, name: str) -> None:
    assert filter_of(answer(200, body)) == name


@pytest.mark.parametrize(
    "body",
    [
        LOOKS + b"<noscript>Please enable JavaScript to view the page content.</noscript>",
        LOOKS + b"<script>var newsIDchk=1</script>",
        LOOKS + b"<p>One moment, please</p><img src='/.safeline/static/favicon.png'>",
        LOOKS + b"<p>BitNinja, CrowdSec Captcha: visitor anti-robot validation</p>",
        LOOKS + b"<a href='/.lsrecap/recaptcha'>reCAPTCHA</a>",
        LOOKS + b"<p>Hop tac voi Viettel: tuong lua Viettel WAF cho cong thong tin</p>",
    ],
)
def test_filter_of_pages_that_have_words_of_a_filter_is_none(body: bytes) -> None:
    assert filter_of(answer(200, body)) is None


def test_filter_of_a_page_that_asks_for_a_password_is_none() -> None:
    again = b"<title>Login</title><script>document.cookie='lang=vi';if(old)location.reload()</script><form>"
    assert filter_of(answer(200, again + b"<input name=p>")) == ""
    assert filter_of(answer(200, again + b'<input name="p" TYPE="password">')) is None
    assert filter_of(answer(200, b"<form><input type=password></form><img src=a.png>")) is None


def test_filter_of_a_header_of_its_own_is_its_product() -> None:
    assert filter_of(answer(202, b"", ("X-Amzn-Waf-Action", "challenge"))) == "AWS WAF"


def test_filter_of_what_is_no_page_is_none() -> None:
    assert filter_of(answer(200, b"{}", ("Content-Type", "application/json"))) is None


def test_filter_of_a_page_that_was_not_kept_whole_is_none() -> None:
    cut = HttpExchange(
        address=ip_address("198.51.100.10"),
        port=443,
        url="https://tinh-a.example/",
        status=200,
        body=b"<html><style>" + b" " * 100,
        body_size=20_000,
    )
    assert filter_of(cut) is None


def test_wants_a_cookie_of_a_redirect_to_itself_with_a_cookie_is_true() -> None:
    cookie = ("Set-Cookie", "a=1")
    assert wants_a_cookie(answer(302, b"", cookie, location="https://tinh-a.example/#x"))
    assert not wants_a_cookie(answer(302, b"", location="https://tinh-a.example/"))
    assert not wants_a_cookie(answer(302, b"", cookie, location="https://tinh-a.example/vi"))
