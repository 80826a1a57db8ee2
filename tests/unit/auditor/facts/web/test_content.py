"""Tests the text of a page: parts that change at every visit do not count, and no page takes long to read."""

from dataclasses import replace
from ipaddress import ip_address
from unittest.mock import Mock

import pytest

from auditor.facts.web import content
from auditor.facts.web.strict_transport import max_age
from probes.observations.web import BODY_KEPT, HttpExchange
from tests.support.growth import linear

HOSTILE = [
    b"<script",
    b"<!--",
    b"<",
    b"<title",
    b"<style>",
    b"&#x41;",
    b"a ",
    b"<a <",
    b"\xff",
    b"<title>a</",
    b"<script>-->",
]


def page(body: bytes, text: str = "") -> HttpExchange:
    return HttpExchange(address=ip_address("2001:db8::1"), port=443, url="https://www.vn/", body=body, text=text)


@pytest.mark.parametrize("unit", HOSTILE, ids=repr)
def test_hostile_page_takes_linear_time(unit: bytes) -> None:
    def look(size: int) -> None:
        body = (unit * size)[:size]
        content.title(body)
        content.is_default_page(body)
        content.Likeness().of(page(body), page(body[:-1]))
        content.Likeness().of(page(b"a", body.decode("latin-1")), page(body))

    assert linear(look, BODY_KEPT)


def test_two_empty_pages_are_the_same() -> None:
    assert content.Likeness().of(page(b""), page(b"")) == 1.0
    assert content.Likeness().of(page(b""), page(b" ")) == 1.0
    assert content.Likeness().of(page(b""), page(b"a b c d e")) == 0.0


def test_pages_of_one_digest_are_the_same_whatever_of_them_is_kept() -> None:
    whole, cut = replace(page(b"a b c d e"), body_sha256="d"), replace(page(b"f g h i j"), body_sha256="d")
    assert content.Likeness().of(whole, cut) == 1.0
    assert content.Likeness().of(whole, replace(cut, body_sha256="e")) == 0.0


@pytest.mark.parametrize(("words", "more", "bare"), [(80, b"", True), (81, b"", False), (80, b"<FORM>", False)])
def test_a_page_is_bare_with_few_words_and_nothing_to_fill_in(words: int, more: bytes, *, bare: bool) -> None:
    assert content.is_bare(b"<title>Not Found</title>" + b"word " * words + more) is bare


def test_each_page_is_read_once_however_many_it_is_compared_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are read once each: a site may show a page at each of 64 addresses, thousands of pairs of 64 kB."""
    shown = Mock(side_effect=content._shown)
    monkeypatch.setattr(content, "_shown", shown)
    pages = [page(b"", f"mot hai ba bon nam {word}") for word in ("sau", "bay", "tam", "chin")]
    likeness = content.Likeness()
    for _ in range(3):
        assert {likeness.of(here, there) for here in pages for there in pages if here is not there} == {0.5}
    assert shown.call_count == len(pages)


def test_similarity_compares_the_text_of_pages_that_begin_with_style() -> None:
    style = b"<style>" + b".a{color:red}" * 1_000
    here, there = page(style, "mot hai ba bon nam"), page(style, "sau bay tam chin muoi")
    assert content.Likeness().of(here, here) == 1.0
    assert content.Likeness().of(here, there) == 0.0
    assert content.Likeness().of(here, page(b"<p>Mot hai <b>ba</b> bon nam</p>")) == 1.0


@pytest.mark.parametrize(
    "title",
    [
        "Welcome to nginx!",
        "Apache2 Ubuntu Default Page: It works",
        "IIS Windows Server",
        "Apache Tomcat/9.0.31",
        "Test Page for the HTTP Server on Rocky Linux",
        "Web Server's Default Page",
        "IIS7",
        "IIS Windows",
        "Microsoft Internet Information Services 8",
        "Apache HTTP Server Test Page powered by CentOS",
        "Caddy works!",
        "Welcome to WildFly",
        "Welcome to JBoss EAP 7",
    ],
)
def test_pages_of_a_server_without_a_site(title: str) -> None:
    assert content.is_default_page(f"<html><head><title>{title}</title></head>".encode())


@pytest.mark.parametrize("title", ["", "Cổng thông tin điện tử tỉnh", "Welcome to Sơn Lâm", "It works for citizens"])
def test_pages_of_a_site(title: str) -> None:
    assert not content.is_default_page(f"<title>{title}</title>".encode())


def test_a_bare_apache_says_that_it_works() -> None:
    assert content.is_default_page(b"<html><body><h1>It works!</h1></body></html>\n")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("max-age=31536000", 31_536_000),
        ('includeSubDomains ; MAX-AGE = "5"', 5),
        ("max-age=0", 0),
        ("max-age=-1", None),
        ("max-age=", None),
        ("max-age=²", None),
        ("max-age=1; max-age=2", None),
        ("max-age", None),
        ("", None),
        ("max-age=" + "9" * 5000, 999_999_999_999),
    ],
)
def test_max_age_is_read_only_from_a_valid_header(value: str, seconds: int | None) -> None:
    assert max_age(value) == seconds


def test_content_number_without_end_in_a_page_is_no_bug() -> None:
    body = b"<title>&#" + b"1" * 9_000 + b"; a</title>"
    assert content.title(body) == "\ufffd a"
    assert content.Likeness().of(page(body), page(b"")) == 0.0
