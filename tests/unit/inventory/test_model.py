"""The text of an address does not depend on the Python that writes it."""

from ipaddress import ip_address

import pytest

from inventory.model import written


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("::ffff:198.51.100.9", "::ffff:198.51.100.9"),
        ("::ffff:c633:6409", "::ffff:198.51.100.9"),
        ("::ffff:0.0.0.0", "::ffff:0.0.0.0"),
        ("::198.51.100.9", "::c633:6409"),
        ("2001:DB8::0:1", "2001:db8::1"),
        ("198.51.100.9", "198.51.100.9"),
    ],
)
def test_mapped_addresses_are_dotted(address: str, text: str) -> None:
    assert written(ip_address(address)) == text
    assert ip_address(written(ip_address(address))) == ip_address(address)
