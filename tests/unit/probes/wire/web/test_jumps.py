"""Tests that pages that only redirect browsers are told apart from all others."""

import time

import pytest

from probes.wire.web import jumps

HERE = "https://www.tinh-a.example/"
HSTS = ("Strict-Transport-Security", "max-age=31536000")


def target(html: str, *headers: tuple[str, str], url: str = HERE) -> str | None:
    return jumps.target(url, headers, html.encode())


@pytest.mark.parametrize(
    ("html", "place"),
    [
        ('<html><head><meta http-equiv="refresh" content="0; URL=/web/guest"></head></html>', "/web/guest"),
        ("<META HTTP-EQUIV=Refresh CONTENT=0;url='vi/index.html'>", "/vi/index.html"),
        ('<meta http-equiv="refresh" content="3;url=/vi">Đang chuyển tới cổng thông tin&hellip;', "/vi"),
        ("<script>window.location.href = '/Pages/default.aspx';</script>", "/Pages/default.aspx"),
        ('<script type="text/javascript"><!--\nlocation.replace("/vi")\n//--></script>', "/vi"),
        ("<body><script>/* on */ top.document.location = '/vi' // there\n</script></body>", "/vi"),
        ('<script>location.assign("/vi")</script><noscript><a href="/vi">Go on</a></noscript>', "/vi"),
        ("<meta http-equiv=refresh content='0;url=/vi'><script>location='/vi'</script>", "/vi"),
        ("<script>setTimeout(function () { window.location.href = '/vi'; }, 3000);</script>", "/vi"),
        ("""<script>window.setTimeout("location.href='/vi'", 0)</script>""", "/vi"),
        ("<script>window.onload = function() { location.replace('/vi') };</script>", "/vi"),
        ("<script>setTimeout(() => { location = '/vi' }, 500)</script>", "/vi"),
        ("<body onload=\"window.location='/vi'\"></body>", "/vi"),
        ("<script>var url = '/vi/url';\nwindow.location.href = url;</script>", "/vi/url"),
        ("<script>function go() { location.replace('/vi') } go();</script>", "/vi"),
        ('<title>Cổng</title><style>p{}</style><p><a href="/vi"><img src="/logo.png">Vào trang</a><script>'
         'location="/vi"</script>', "/vi"),
    ],
)  # fmt: skip
def test_a_page_that_only_sends_browsers_on_is_told_with_its_target(html: str, place: str) -> None:
    assert target(html) == f"https://www.tinh-a.example{place}"


@pytest.mark.parametrize(
    "script",
    [
        "if (window.location.protocol != 'https:') { window.location.href = 'https:' +"
        " window.location.href.substring(window.location.protocol.length); }",
        'if (location.protocol !== "https:") location.replace("https:" + location.href.substring(5));',
        "if (location.protocol == 'http:') { location.href = location.href.replace('http:', 'https:'); }",
        "if ('https:' != document.location.protocol) window.location = window.location.toString()"
        ".replace(/^http:/, 'https:')",
        'window.location.href = window.location.href.replace("http://", "https://");',
        'window.location = "https://" + window.location.host + window.location.pathname + window.location.search;',
        "location.assign('https://' + location.hostname + location.pathname)",
        "location.protocol = 'https:';",
        "if (location.protocol != 'https:') location.protocol = 'https'",
        "window.onload = function () { location.protocol = 'https:' };",
        'if (location.protocol != "https:") { location.href = "https://www.tinh-a.example/vi"; }',
        "function redirectToHttps()\r\n{\r\nvar httpURL = window.location.hostname+window.location.pathname;\r\n"
        'var httpsURL = "https://" + httpURL ;\r\nwindow.location = httpsURL ;\r\n}\r\nredirectToHttps();',
        'function go() { location.href = "https://" + location.host + location.pathname } go()',
    ],
)
def test_a_script_that_makes_the_address_with_https_is_followed_from_http_alone(script: str) -> None:
    page = f"<html><head><script>{script}</script></head><body></body></html>"
    there = "https://www.tinh-a.example/vi"
    assert target(page, url="http://www.tinh-a.example/vi") == there
    assert target(page, url="http://www.tinh-a.example:80/vi") == there
    assert target(page, url="http://www.tinh-a.example:8080/vi") is None
    assert target(page, url=there) is None
    assert target(f"{page}<script src='/a.js'></script>", url="http://www.tinh-a.example/vi") is None


@pytest.mark.parametrize(
    "script",
    [
        "if (location.protocol != 'https:') { check() }",
        "if (location.protocol != 'https:') { }",
        "if (location.protocol != 'http:') { location.protocol = 'https:' }",
        "if (location.hostname != 'a.example') { location.protocol = 'https:' }",
        "if (location.protocol == 'https:') { location.href = location.href.replace('https:', 'http:') }",
        "location.href = location.href.replace('http:', 'https:') + '?a=1'",
        "location.href = 'https://' + location.hostname + ':8443' + location.pathname",
        "location.href = 'https://' + location.hostname",
        "function go() { location.protocol = 'https:' }",
        "function go() { location.protocol = 'https:' } stay()",
        "function go() { if (a) { location.protocol = 'https:' } } go()",
        "var a = location.hostname; var b = 'https://' + a; location = b;",
        "var a = 'https://' + location.host + location.pathname; a = a + '?b=1'; location = a",
        "var a = check(); location.protocol = 'https:'",
    ],
)
def test_a_script_with_another_condition_or_another_address_is_not_followed(script: str) -> None:
    assert target(f"<script>{script}</script>", url="http://www.tinh-a.example/vi") is None


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<p>refresh your location</p>",
        '<meta http-equiv="refresh" content="30">',
        '<meta http-equiv="refresh" content="5;url=/vi">',
        '<meta http-equiv="refresh" content="300;url=/vi">',
        '<meta http-equiv="refresh" content="url=/vi">',
        '<meta http-equiv="refresh" content="0;url=/">',
        '<meta http-equiv="refresh" content="0;url=#top">',
        '<meta http-equiv="refresh" content="0;url=javascript:location=1">',
        '<meta http-equiv="refresh" content="0;url=zalo://chat">',
        '<meta http-equiv="refresh" content="0;url=https://[bad/">',
        '<meta http-equiv="refresh" content="0;url=https://a.example:port/">',
        '<meta http-equiv="refresh" content="0;url=https://who@a.example/">',
        '<meta http-equiv="refresh" content="0;url=/a"><meta http-equiv="refresh" content="0;url=/b">',
        '<noscript><meta http-equiv="refresh" content="0;url=/no-script"></noscript><div id="app"></div>',
        '<!-- <meta http-equiv="refresh" content="0;url=/vi"> -->',
        '<meta http-equiv="refresh" content="0;url=/vi"><form action="/login"><input name="user"></form>',
        '<base href="/x/"><meta http-equiv="refresh" content="0;url=vi">',
        "<frameset><frame src='/vi'></frameset><script>location='/vi'</script>",
        "<script>if (screen.width < 700) location.href='/m'</script>",
        "<script>if (top != self) top.location='/vi'</script>",
        "<script>function out() { location.href='/logout' }</script><div id=app></div>",
        "<script>location.href = '/vi' + location.search</script>",
        "<script>location.href = '/vi'\n+ 1</script>",
        "<script>location.hash = '/vi'</script>",
        "<script>setTimeout(function () { location.href = '/vi' }, 5000)</script>",
        "<script>setTimeout(function () { if (a) { location.href = '/vi' } }, 0)</script>",
        "<script>setTimeout(function () { check() }, 0)</script>",
        "<script>setTimeout(function () { }, 0); location = '/vi'</script>",
        "<script>setTimeout(go, 0)</script>",
        "<script>window.onload = function (e) { location = '/vi' }</script>",
        "<script>location = '/vi'</script><body onload='start()'>",
        "<script>location = '/vi'</script><img src='/a.png' onload='location=1'>",
        "<script>document.cookie='a=1';location.href='/web/guest'</script>",
        "<script src='/check.js'></script><script>location.href='/web/guest'</script>",
        "<script>location.href='/?token=4711'</script>",
        "<script>location.href='/captcha?token=4711'</script>",
        "<script>location='https://captcha.example/?from=4711'</script>",
        "<script>location='/vi'</script>" + "Tin tức " * 40,
        "<script>location='/vi'</script>" + " " * jumps.LONGEST,
    ],
)
def test_a_page_that_does_anything_else_or_may_be_a_filters_is_none(html: str) -> None:
    assert target(html) is None


@pytest.mark.parametrize(
    ("html", "value"),
    [
        ("", "0; url=/vi"),
        ("", "0;URL='/vi'"),
        ("", "3; /vi"),
        ("<p>Đang chuyển tới cổng thông tin</p>", "0; url=/vi"),
        ("<script>location='/vi'</script>", "1; url=/vi"),
    ],
)
def test_the_header_refresh_sends_browsers_on(html: str, value: str) -> None:
    assert target(html, ("Refresh", value)) == f"{HERE}vi"


@pytest.mark.parametrize(
    ("html", "value"),
    [
        ("", "1800"),
        ("", "0; url=/"),
        ("", "600; url=/logout"),
        ("", "url=/vi"),
        ("", "0; url=/vi?token=4711"),
        ("<script>location='/en'</script>", "0; url=/vi"),
        ("<script>check()</script>", "0; url=/vi"),
        ("Tin tức " * 40, "0; url=/vi"),
    ],
)
def test_a_header_refresh_that_waits_or_is_not_alone_makes_a_page_like_others(html: str, value: str) -> None:
    assert target(html, ("refresh", value)) is None


def test_a_url_without_a_word_before_it_is_taken_as_browsers_take_it() -> None:
    assert target('<meta http-equiv="refresh" content="0; /vi">') == f"{HERE}vi"


@pytest.mark.parametrize(
    "cookie", ["a=1", "ddp=1; Path=/", "D1N=ab12cd", "XPHPSESSID=1", "TSPD_101=1", "acw_sc__v2=1", "", "=1"]
)
def test_a_page_that_sets_a_cookie_is_none(cookie: str) -> None:
    session = ("Set-Cookie", "PHPSESSID=1")
    assert target("<script>location='/vi'</script>", session, ("SET-COOKIE", cookie)) is None


@pytest.mark.parametrize(
    "name",
    [
        *("PHPSESSID", "JSESSIONID", "ASP.NET_SessionId", "BIGipServer~a~pool", "NSC_x", "AWSALB", "laravel_session"),
        *("TS01a2b3c4", "TS01a2b3c4_28", "cookiesession1", "visid_incap_4711", "incap_ses_1_4711", "__cf_bm", "acw_tc"),
    ],
)
def test_a_page_with_the_cookie_of_a_session_or_a_load_balancer_sends_browsers_on(name: str) -> None:
    assert target("<script>location='/vi'</script>", ("Set-Cookie", f"{name}=1; Path=/")) == f"{HERE}vi"


@pytest.mark.parametrize(
    ("there", "headers", "url", "expected"),
    [
        ("http://www.tinh-a.example:80/vi", (HSTS,), HERE, "https://www.tinh-a.example/vi"),
        ("http://www.tinh-a.example/", (HSTS,), HERE, None),
        ("http://www.tinh-a.example/vi", (), HERE, "http://www.tinh-a.example/vi"),
        ("http://www.tinh-a.example/vi", ((HSTS[0], "max-age=0"),), HERE, "http://www.tinh-a.example/vi"),
        ("http://b.example/vi", (HSTS,), HERE, "http://b.example/vi"),
        ("http://www.tinh-a.example/vi", (HSTS,), "http://www.tinh-a.example/", "http://www.tinh-a.example/vi"),
        ("https://www.tinh-a.example/", (), "http://www.tinh-a.example/", "https://www.tinh-a.example/"),
    ],
)
def test_a_browser_that_was_just_told_hsts_goes_on_over_https(
    there: str, headers: tuple[tuple[str, str], ...], url: str, expected: str | None
) -> None:
    assert target(f'<script>location="{there}"</script>', *headers, url=url) == expected


@pytest.mark.parametrize(
    "part",
    [
        "<",
        "<!--",
        "<script>",
        "/*",
        "/**",
        "location=",
        "location.replace('",
        "<meta ",
        "9",
        "setTimeout(",
        "onload=function(){",
        "if(location.protocol!='https:'){",
        "location='https://'+location.host+location.pathname",
        "location=location.href.replace(",
        "window.",
    ],
)
def test_whatever_a_page_says_takes_no_time(part: str) -> None:
    started = time.process_time()
    for text in (part * jumps.LONGEST, f"<script>{part * jumps.LONGEST}", f'<meta http-equiv=refresh content="{part}'):
        target(f"location refresh {text}"[: jumps.LONGEST])
    assert time.process_time() - started < 1


def test_words_that_stand_for_ever_longer_texts_are_given_up() -> None:
    words = "".join(f"var a{number + 1} = a{number} + a{number} + a{number};" for number in range(70))
    started = time.process_time()
    assert target(f"<script>var a0 = '/vi/vi/vi';{words}location = a70</script>") is None
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize(
    ("url", "place", "same"),
    [
        ("http://a.example/x", "https://a.example/x", True),
        ("http://a.example/x", "https://b.example/x", False),
        ("https://a.example/x", "https://a.example/x", False),
        ("http://a.example/x", None, False),
        ("http://[a", "https://a.example/", False),
    ],
)
def test_the_same_address_over_https(url: str, place: str | None, same: bool) -> None:
    assert jumps.is_same_over_tls(url, place) is same
