"""Which URLs name a file and which a page."""

import pytest

from probes.wire.urls import is_file


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
