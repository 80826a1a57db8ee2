"""Tests that NAT64 prefixes are found only from addresses that the resolver made up, in every form of RFC 6052."""

from ipaddress import IPv6Network, ip_address

import pytest

from auditor.facts.nat64 import is_translated, nat64_prefixes
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceSet
from probes.observations.vantage import ResolverFact
from tests.golden.lab import evidence


def told(*texts: str, step: str = "dns64") -> tuple[str, ...]:
    addresses: tuple[IPAddress, ...] = tuple(map(ip_address, texts))
    fact = ResolverFact(step=step, answered=True, records=len(texts), addresses=addresses)
    return tuple(map(str, nat64_prefixes(EvidenceSet([evidence("selftest", fact)]))))


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("64:ff9b::192.0.0.170", "64:ff9b::/96"),
        ("64:ff9b::192.0.0.171", "64:ff9b::/96"),
        ("2001:db8:64::c000:aa", "2001:db8:64::/96"),
        ("2001:db8:c000:aa::", "2001:db8::/32"),
        ("2001:db8:1c0:0:aa::", "2001:db8:100::/40"),
        ("2001:db8:122:c000:0:aa00::", "2001:db8:122::/48"),
        ("2001:db8:122:3c0:0:aa::", "2001:db8:122:300::/56"),
        ("2001:db8:122:344:c0:0:aa00::", "2001:db8:122:344::/64"),
    ],
)
def test_prefix_of_every_form_is_found(address: str, prefix: str) -> None:
    assert told(address) == (prefix,)


@pytest.mark.parametrize("address", ["2001:db8::1", "64:ff9b::192.0.2.1", "::", "192.0.0.170", "2001:db8::c000:ab:1"])
def test_address_that_holds_no_known_one_shows_no_prefix(address: str) -> None:
    assert told(address) == ()


def test_prefixes_are_told_once_and_only_by_the_discovery() -> None:
    assert told("64:ff9b::c000:aa", "64:ff9b::c000:ab", "2001:db8:64::c000:aa") == ("64:ff9b::/96", "2001:db8:64::/96")
    assert told("64:ff9b::c000:aa", step="signed") == ()


def test_address_under_a_prefix_is_translated_and_ipv4_never() -> None:
    prefixes = (IPv6Network("2001:db8:64::/96"),)
    assert is_translated(ip_address("2001:db8:64::c633:640a"), prefixes)
    assert not is_translated(ip_address("2001:db8::1"), prefixes)
    assert not is_translated(ip_address("198.51.100.10"), prefixes)
    assert not is_translated(ip_address("64:ff9b::1"), ())
