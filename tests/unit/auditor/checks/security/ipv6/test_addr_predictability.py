"""Tests how the last 64 bits of an address are classified by their origin."""

from ipaddress import IPv4Address, IPv6Address

import pytest

from auditor.checks.security.ipv6.addr_predictability import Pattern, pattern

FOURS = (IPv4Address("192.0.2.17"), IPv4Address("192.0.2.18"))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2001:db8::21a:2bff:fe3c:4d5e", Pattern.EUI64),
        ("2001:db8::1", Pattern.LOW),
        ("2001:db8::1:25", Pattern.LOW),
        ("2001:db8:0:1::1", Pattern.LOW),
        ("2001:db8::1:0:0", Pattern.OPAQUE),
        ("2001:db8::443", Pattern.PORT),
        ("2001:db8::1:0", Pattern.LOW),
        ("2001:db8::c000:211", Pattern.IPV4),
        ("2001:db8::192:0:2:17", Pattern.IPV4),
        ("2001:db8:0:1:9b1d:77c2:e0a4:153f", Pattern.OPAQUE),
    ],
)
def test_pattern_of_an_address_is_recognised(text: str, wanted: Pattern) -> None:
    assert pattern(IPv6Address(text), FOURS, (443, 10000)) is wanted
