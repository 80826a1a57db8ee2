"""Tests which client address counts behind a proxy."""

from ipaddress import ip_network

import pytest

from auditor.service.web.security.client_address import client

PROXIES = (ip_network("2001:db8::5/128"), ip_network("192.0.2.0/28"))
OURS, OTHERS = "2001:db8::5", "2001:db8:bad::1"


@pytest.mark.parametrize(
    ("peer", "forwarded", "who"),
    [
        ("2001:db8:1::7", [], "2001:db8:1::7"),
        (OTHERS, ["198.51.100.7"], OTHERS),  # any client can send such a header
        (OURS, ["198.51.100.7"], "198.51.100.7"),
        (OURS, ["203.0.113.1, 198.51.100.7"], "198.51.100.7"),  # the first one was sent by the client itself
        (OURS, ["203.0.113.1", "198.51.100.7"], "198.51.100.7"),
        (OURS, ["198.51.100.7, 192.0.2.3"], "198.51.100.7"),  # two proxies, one behind the other
        (OURS, [], ""),  # no address from the proxy: clients do not wait for each other
        (OURS, ["198.51.100.7, unknown"], ""),
        (OURS, [""], ""),
        ("::ffff:192.0.2.3", ["198.51.100.7"], "198.51.100.7"),
        ("fe80::1%eth0", [], "fe80::1"),
        ("", ["198.51.100.7"], ""),
    ],
)
def test_client_behind_proxies_is_the_last_unnamed_address(peer: str, forwarded: list[str], who: str) -> None:
    assert client(peer, forwarded, PROXIES) == who


def test_client_without_proxies_is_the_connection() -> None:
    assert client(OURS, ["198.51.100.7"], ()) == OURS
