"""Tests that hidden and shown content of a page are told apart, within bounds."""

import pytest

from probes.wire.web.page_content import LINKS_KEPT, TEXT_KEPT, Link, hiding, of_html

HERE = "https://www.tinh-a.example/"


@pytest.mark.parametrize(
    ("style", "how"),
    [
        ("display:none", "display"),
        ("DISPLAY : None !important", "display"),
        ("visibility:hidden", "display"),
        ("position:absolute;left:-9999px", "place"),
        ("text-indent:-5000px", "place"),
        ("height:0;overflow:hidden", "size"),
        ("width:1px;height:1px;overflow:hidden", "size"),
        ("font-size:0", "size"),
        ("opacity:0", "size"),
        ("color:#fff;background:#fff", "colour"),
        ("", ""),
        ("height:0", ""),
        ("left:-10px", ""),
        ("color:#fff;background:#000", ""),
        ("opacity:0.5", ""),
    ],
)
def test_hiding_of_a_style_says_how(style: str, how: str) -> None:
    assert hiding(style) == how


def test_of_html_reads_title_headings_text_and_links_to_others() -> None:
    looks = of_html(
        '<title> Tinh &amp; A </title><h1>Tin <b>moi</b></h1><p>Mot<p>Hai<a href="//b.example/x">B <i>b</i></a>'
        '<a href="/vi">own</a><script>var x="<p>no</p>"</script><noscript>no</noscript><!-- <p>no</p> -->',
        HERE,
    )
    assert (looks.title, looks.headings) == ("Tinh & A", ["Tin moi"])
    assert looks.text == ["Tin", "moi", "Mot", "Hai", "B", "b", "own"]
    assert list(looks.links) == [Link("b.example", "B b", "")]


def test_of_html_closes_what_is_not_closed() -> None:
    looks = of_html(
        '<p style="display:none">a<p><a href="//b.example/">b</a><div hidden><a href="//c.example/">c', HERE
    )
    assert list(looks.links) == [Link("b.example", "b", ""), Link("c.example", "c", "display")]


def test_of_html_shows_the_text_of_classes_that_scripts_open() -> None:
    menu = '<style>.menu{display:none}</style><ul class="menu"><a href="//b.example/">b</a></ul>'
    looks = of_html(menu, HERE)
    assert (list(looks.links), looks.text) == ([Link("b.example", "b", "display")], ["b"])


@pytest.mark.parametrize(
    "script",
    [
        "document.getElementById('x1').style.display='none'",
        'document.querySelector("#x1").style.left = "-9999px"',
        "$('.x2').hide()",
        "jQuery('.x2').css('display', 'none')",
    ],
)
def test_of_html_sees_what_a_script_hides(script: str) -> None:
    looks = of_html(f'<div id="x1" class="x2"><a href="//b.example/">b</a></div><script>{script}</script>', HERE)
    assert list(looks.links) == [Link("b.example", "b", "display")]


@pytest.mark.parametrize(
    "script",
    [
        "document.write('<a href=//b.example/>b</a>')",
        "document.body.insertAdjacentHTML('beforeend', '<a href=//b.example/>b</a>')",
        "e.innerHTML += '<a href=//b.example/>b</a>'",
        "$('body').append('<a href=//b.example/>b</a>')",
    ],
)
def test_of_html_reads_what_a_script_writes(script: str) -> None:
    assert list(of_html(f"<script>{script}</script>", HERE).links) == [Link("b.example", "b", "")]


@pytest.mark.parametrize(
    ("html", "how"),
    [
        ('<meta http-equiv="Refresh" content="0; URL=https://b.example/x">', "refresh"),
        ("<script>if(/google/.test(document.referrer)) window.location.href='https://b.example/'</script>", "script"),
        ("<script>location.replace('//b.example/')</script>", "script"),
    ],
)
def test_of_html_takes_where_a_page_sends_its_visitors_as_a_link(html: str, how: str) -> None:
    assert list(of_html(html, HERE).links) == [Link("b.example", "", how)]


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 100_000,
        "<a href=//b.example/>" * 20_000,
        "</div>" * 100_000,
        "<style>" + ".a{left:-999px}" * 20_000,
        "<script>document.write('" + "<div>" * 50_000,
        "x " * 200_000,
        "<style>" + "{" * 200_000,
    ],
)
def test_of_html_is_bounded(text: str) -> None:
    looks = of_html(text, HERE)
    assert len(looks.links) <= LINKS_KEPT
    assert sum(map(len, looks.text)) <= TEXT_KEPT


def test_of_html_keeps_hidden_links_behind_many_shown_ones() -> None:
    shown = "".join(f'<a href="//h{number}.example/">x</a>' for number in range(LINKS_KEPT + 5))
    looks = of_html(shown + '<div style="left:-9999px"><a href="//bet.example/">x</a></div>', HERE)
    assert Link("bet.example", "x", "place") in looks.links
    assert (len(looks.links), looks.full) == (LINKS_KEPT, True)
