"""Tests the list of resources that a page loads from other hosts, for every way HTML and CSS have."""

import pytest

from probes.wire.web.page import PARTS_KEPT, SHEETS_KEPT, of_css, of_html

URL = "https://www.vn/vi/"


def hosts(text: str) -> set[tuple[str, str, int]]:
    return {tuple(part) for part in of_html(text, URL).parts}  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "kind", "host", "port"),
    [
        ('<script src="//a.vn/x.js"></script>', "script", "a.vn", 443),
        ("<SCRIPT SRC=http://A.vn:8080/x.js></SCRIPT>", "script", "a.vn", 8080),
        ('<link rel="preload stylesheet" href="https://a.vn/x.css">', "style", "a.vn", 443),
        ('<link rel="shortcut icon" href="https://a.vn/i.ico">', "image", "a.vn", 443),
        ('<link rel=preload as=font href="https://a.vn/f.woff2">', "font", "a.vn", 443),
        ('<img src="https://a.vn/1.png">', "image", "a.vn", 443),
        ('<img srcset="https://a.vn/1.png 2x, /2.png 1x">', "image", "a.vn", 443),
        ('<iframe src="https://a.vn/"></iframe>', "frame", "a.vn", 443),
        ('<form action="https://a.vn/login">', "form", "a.vn", 443),
        ('<video poster="https://a.vn/p.png">', "image", "a.vn", 443),
        ('<audio><source src="https://a.vn/a.mp3"></audio>', "media", "a.vn", 443),
        ("<p style=\"background: url( 'https://a.vn/b.png' )\">", "image", "a.vn", 443),
        ("<style>@import url(https://a.vn/i.css);</style>", "style", "a.vn", 443),
        ("<style>@font-face { src: url(https://a.vn/f.woff2) }</style>", "font", "a.vn", 443),
        ('<base href="https://a.vn/"><img src="x.png">', "image", "a.vn", 443),
        ('<img src="https://tỉnh.vn/x">', "image", "xn--tnh-dlz.vn", 443),
        ('<img src="https://straße.vn/x">', "image", "xn--strae-oqa.vn", 443),
        ('<img src="http://192.0.2.1/x">', "image", "192.0.2.1", 80),
        ('<img src="http://[2001:db8::1]/x">', "image", "2001:db8::1", 80),
        ('<img src="https://a.vn&#47;x">', "image", "a.vn", 443),
    ],
)
def test_ways_to_say_it(text: str, kind: str, host: str, port: int) -> None:
    assert (kind, host, port) in hosts(text)


@pytest.mark.parametrize(
    "text",
    [
        '<a href="https://a.vn/">x</a>',
        '<!-- <img src="https://a.vn/x"> -->',
        '<script>var x = "<img src=https://a.vn/x>"</script>',
        '<img src="data:image/png;base64,AAAA">',
        '<link rel="canonical" href="https://a.vn/">',
        '<link rel="alternate stylesheet" href="https://a.vn/x.css">',
        '<link rel="preconnect" href="https://a.vn/">',
        '<form action="javascript:void(0)">',
        '<img src="https://a.vn:99999/">',
        "<p>url(https://a.vn/x)</p>",
    ],
)
def test_what_is_not_taken(text: str) -> None:
    assert hosts(text) == set()


def test_style_sheets() -> None:
    contents = of_css('@import "a.css"; @import url(b.css) screen; p { background: url(//a.vn/c.png) }', f"{URL}x.css")
    assert list(contents.sheets) == [f"{URL}a.css", f"{URL}b.css"]
    assert ("image", "a.vn", 443) in contents.parts


def test_page_keeps_a_bounded_number_of_parts() -> None:
    text = "".join(f"<link rel=stylesheet href=//h{number}.vn/x.css>" for number in range(2 * PARTS_KEPT))
    contents = of_html(text, URL)
    assert (len(contents.parts), len(contents.sheets), contents.full) == (PARTS_KEPT, SHEETS_KEPT, True)
