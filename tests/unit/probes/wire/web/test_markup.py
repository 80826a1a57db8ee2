"""Start tags as browsers cut them, and no text by which that takes longer than its length."""

import pytest

from probes.wire.web.markup import tags
from probes.wire.web.page import of_html, unescaped
from tests.support.growth import linear

URL = "https://www.vn/"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<IMG SRC=a>", [("img", {"src": "a"})]),
        ("<img/src='a'/href = \"b\">", [("img", {"src": "a", "href": "b"})]),
        ("<img src=a src=b>", [("img", {"src": "a"})]),
        ("<img src=>", [("img", {"src": ""})]),
        ("<img src>", [("img", {})]),
        ("<img alt='>' src=a>", [("img", {"src": "a"})]),
        ("<img src=a/>", [("img", {"src": "a/"})]),
        ("<img =src=a src=b>", [("img", {"src": "b"})]),
        ("a < b <img src=a>", [("img", {"src": "a"})]),
        ("<!-- <img src=a> --><p>", [("p", {})]),
        ("<!--><p>", [("p", {})]),
        ("<!-- --!><p>", [("p", {})]),
        ("<!doctype html><?php <p ?><b>", [("b", {})]),
        ("</p title='<b>'><i>", [("i", {})]),
        ("<textarea><img src=a></textarea><p>", [("textarea", {}), ("p", {})]),
        ("<script>'</scripting>'</SCRIPT ><p>", [("script", {}), ("p", {})]),
    ],
)
def test_tags_as_browsers_cut_them(text: str, expected: list[tuple[str, dict[str, str]]]) -> None:
    assert [(tag.name, dict(tag.attributes)) for tag in tags(text)] == expected


@pytest.mark.parametrize("text", ["<img src='a", "<img src=a", "<img", "<!-- <p>", "<", "</", "<!", "</p <b>"[:4]])
def test_tags_left_open_ends_the_page(text: str) -> None:
    assert list(tags(text)) == []


def test_tags_style_without_end_holds_the_rest() -> None:
    (style,) = tags("<style>p { }<img src=a>")
    assert style.text == "p { }<img src=a>"


def test_unescaped_number_without_end_is_replaced() -> None:
    assert unescaped(f"a&#{'1' * 9_000};b&amp;c&#47;") == "a\ufffdb&c/"


def test_of_html_second_base_is_ignored() -> None:
    contents = of_html('<base href="https://a.vn/"><base href="https://b.vn/"><img src=x>', URL)
    assert [part.host for part in contents.parts] == ["a.vn"]


@pytest.mark.parametrize(
    "part",
    [
        "<a ",
        '<a x="',
        "<!--",
        "<!--x--!",
        "</a ",
        "<",
        "<style></styl",
        "<base href=x/>",
        "<p style='url(",
        "<img src=../",
        "<style>@font-face {",
        "<style>@import url( ",
        "<script>",
        "&#1",
        "<img srcset=,",
        "=\"'",
        "<!",
        "<?",
        "<a/",
    ],
)
def test_of_html_hostile_page_takes_linear_time(part: str) -> None:
    assert linear(lambda length: of_html(part * (length // len(part)), URL), 200_000)
