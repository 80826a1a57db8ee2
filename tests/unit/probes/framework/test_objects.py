"""Tests the paths of objects in requests."""

import pytest

from probes.framework.objects import path_of


@pytest.mark.parametrize(
    ("url", "path"), [("https://a.vn", "/"), ("https://a.vn/bản đồ?x=1", "/b%E1%BA%A3n%20%C4%91%E1%BB%93?x=1")]
)
def test_the_path_of_a_url_is_ascii(url: str, path: str) -> None:
    assert path_of(url) == path
