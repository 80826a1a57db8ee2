"""Tests which URLs name a file and which a page, and where references lead."""

import pytest

from probes.wire.web.urls import is_file, resolved


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.vn/ban-do.svg", True),
        ("https://a.vn/tai-lieu/VB.PDF?tai=1", True),
        ("http://a.vn:8081/100MB.bin#x", True),
        ("https://a.vn/", False),
        ("https://a.vn", False),
        ("https://a.vn/trang-chu.aspx", False),
        ("https://a.vn/index.html", False),
        ("https://a.vn/v1.0/app/", False),
        ("https://a.vn/a.zip/app", False),
        ("https://a.vn/app?file=a.zip", False),
        ("https://a.vn/zip", False),
        ("https://[a.vn/a.zip", False),
        ("", False),
    ],
)
def test_is_file_goes_by_the_ending_of_the_path(url: str, *, expected: bool) -> None:
    assert is_file(url) is expected


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("https:\\\\x.vn\\vi", "https://x.vn/vi"),
        ("\\vi\\index.aspx?u=a\\b", "http://www.vn/vi/index.aspx?u=a\\b"),
        ("\\\\x.vn/vi", "http://x.vn/vi"),
        ("https:/x.vn/vi", "https://x.vn/vi"),
        ("https:///x.vn/vi", "https://x.vn/vi"),
        ("///x.vn/vi", "http://x.vn/vi"),
        ("http:/vi", "http://www.vn/vi"),
        ("http:vi", "http://www.vn/a/vi"),
        ("/trang-chủ#a\\b", "http://www.vn/trang-chủ#a\\b"),
        ("?a=//b", "http://www.vn/a/b?a=//b"),
        ("/vi//en", "http://www.vn/vi//en"),
        ("", "http://www.vn/a/b"),
        ("javascript:a\\b", "javascript:a\\b"),
    ],
)
def test_references_are_resolved_as_browsers_do(reference: str, url: str) -> None:
    assert resolved("http://www.vn/a/b", reference) == url
