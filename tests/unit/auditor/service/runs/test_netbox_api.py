"""Tests the addresses of a NetBox that a token may be sent to."""

import pytest

from auditor.service.runs.netbox_api import is_address


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("https://netbox.example.vn/", True),
        ("https://[2001:db8::1]:8443/netbox", True),
        ("http://netbox.example.vn", False),
        ("https://a:b@netbox.example.vn", False),
        ("https://", False),
        ("https://[", False),
        ("file:///etc/passwd", False),
    ],
)
def test_is_address_takes_https_without_secrets(text: str, is_one: bool) -> None:
    assert is_address(text) is is_one
