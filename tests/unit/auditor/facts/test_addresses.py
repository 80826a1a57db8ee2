"""Tests the rejection list of CHECKS, ipv6.dns.ns-addr-sane, range by range, and RFC 6052's own examples."""

from ipaddress import IPv4Address, IPv6Address

import pytest

from auditor.facts.addresses import FlawKind, embedded, flaw


@pytest.mark.parametrize(
    ("address", "network", "kind"),
    [
        ("::", "::/128", FlawKind.RESERVED),
        ("::1", "::1/128", FlawKind.RESERVED),
        ("::ffff:198.51.100.1", "::ffff:0:0/96", FlawKind.IPV4),
        ("::198.51.100.1", "::/96", FlawKind.IPV4),
        ("64:ff9b::c633:6401", "64:ff9b::/96", FlawKind.IPV4),
        ("64:ff9b:1::1", "64:ff9b:1::/48", FlawKind.IPV4),
        ("fe80::1", "fe80::/10", FlawKind.LOCAL),
        ("febf:ffff::1", "fe80::/10", FlawKind.LOCAL),
        ("fec0::1", "fec0::/10", FlawKind.LOCAL),
        ("fc00::1", "fc00::/7", FlawKind.LOCAL),
        ("fdff::1", "fc00::/7", FlawKind.LOCAL),
        ("ff02::1", "ff00::/8", FlawKind.RESERVED),
        ("2001:db8::1", "2001:db8::/32", FlawKind.DOCUMENTATION),
        ("3fff:fff::1", "3fff::/20", FlawKind.DOCUMENTATION),
        ("2001::1", "2001::/32", FlawKind.TUNNEL),
        ("2002:c633:6401::1", "2002::/16", FlawKind.TUNNEL),
        ("100::1", "100::/64", FlawKind.RESERVED),
        ("4000::1", "not in 2000::/3", FlawKind.RESERVED),
    ],
)
def test_flaw_names_the_reserved_network_of_an_address(address: str, network: str, kind: FlawKind) -> None:
    found = flaw(IPv6Address(address), documentation_is_global=False)
    assert found is not None
    assert (found.network, found.kind) == (network, kind)


@pytest.mark.parametrize("address", ["2400:cb00::1", "2001:ee0:1::1", "2001:1::1", "2a10::1", "2620:fe::fe"])
def test_flaw_of_a_global_address_is_none(address: str) -> None:
    assert flaw(IPv6Address(address), documentation_is_global=False) is None


@pytest.mark.parametrize("address", ["2001:db8::1", "3fff::1"])
def test_documentation_may_count_as_global_in_a_laboratory(address: str) -> None:
    assert flaw(IPv6Address(address), documentation_is_global=True) is None
    assert flaw(IPv6Address("fd00::1"), documentation_is_global=True) is not None


@pytest.mark.parametrize(
    "address",
    [
        "2001:db8:c000:221::",
        "2001:db8:1c0:2:21::",
        "2001:db8:122:c000:2:2100::",
        "2001:db8:122:3c0:0:221::",
        "2001:db8:122:344:c0:2:2100::",
        "2001:db8:122:344::192.0.2.33",
        "64:ff9b::192.0.2.33",
    ],
)
def test_rfc_6052_section_2_4(address: str) -> None:
    """The examples of RFC 6052 §2.4 (text representation) embed the address 192.0.2.33."""
    mine = IPv4Address("192.0.2.33")
    assert embedded(IPv6Address(address), [IPv4Address("192.0.2.1"), mine]) == mine
    assert embedded(IPv6Address(address), [IPv4Address("192.0.2.34")]) is None


def test_an_address_that_merely_holds_the_digits_is_no_embedding() -> None:
    """The address 198.51.100.10 written as decimal groups is a way to number hosts; DNS64 does not produce it."""
    assert embedded(IPv6Address("2001:db8::198:51:100:10"), [IPv4Address("198.51.100.10")]) is None
    assert embedded(IPv6Address("2001:db8:0:0:ff00::c633:640a"), [IPv4Address("198.51.100.10")]) is None
