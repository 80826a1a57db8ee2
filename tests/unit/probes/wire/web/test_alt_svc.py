"""Tests the reading of announcements of HTTP/3."""

import pytest

from probes.wire.web.alt_svc import Alternative, http3


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('h3=":443"; ma=86400, h3-29=":443"', [("", 443)]),
        ('h3-29=":4433",h3=":8443"', [("", 8443)]),
        ('h2=":444", h3="Alt.Example:443"', [("alt.example", 443)]),
        ('h3="[2001:db8::1]:443"', [("2001:db8::1", 443)]),
        ("h3=:443", [("", 443)]),
        ('h3=":8443", h3=":443"', [("", 8443), ("", 443)]),
        ('x-h3=":443"', []),
        ('h3=":0", h3=":65536", h3=":123456"', []),
        ("clear", []),
        ("", []),
    ],
)
def test_alternatives_of_a_header_are_read_in_order(value: str, expected: list[tuple[str, int]]) -> None:
    assert list(http3(value)) == [Alternative(host=host, port=port) for host, port in expected]
