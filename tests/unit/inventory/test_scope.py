from ipaddress import ip_address, ip_network

import pytest

from inventory.scope import Scope, ScopeDecision

ALLOWED, DENIED = ScopeDecision.ALLOWED, ScopeDecision.DENIED
NOT_ALLOWED, SPECIAL = ScopeDecision.NOT_ALLOWED, ScopeDecision.SPECIAL


def _scope(allow: str | None, deny: str = "", own: str = "") -> Scope:
    return Scope(
        allow=None if allow is None else tuple(map(ip_network, allow.split())),
        deny=tuple(map(ip_network, deny.split())),
        own=frozenset(map(ip_address, own.split())),
    )


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.0.9", "0.0.0.0", "0.1.2.3", "169.254.1.1", "169.254.169.254", "168.63.129.16",
        "224.0.0.251", "239.1.1.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "fe80::1", "febf::1", "ff02::1",
        "fd00:ec2::254", "fd20:ce::254", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe", "2002:7f00:1::1", "192.0.2.99", "2001:db8::99", "::ffff:192.0.2.99", "2002:c000:263::",
    ],
)  # fmt: skip
@pytest.mark.parametrize("allow", [None, "0.0.0.0/0 ::/0", "192.0.2.0/24 2001:db8::/32 2002::/16"])
def test_special_and_own_addresses_need_an_entry_that_means_them(allow: str | None, address: str) -> None:
    scope = _scope(allow, own="192.0.2.99 2001:db8::99")
    assert scope.permits(ip_address(address)) in (SPECIAL, NOT_ALLOWED)
    if allow != "192.0.2.0/24 2001:db8::/32 2002::/16":
        assert scope.permits(ip_address(address)) is SPECIAL


@pytest.mark.parametrize(
    ("allow", "address"),
    [
        ("127.0.0.1/32", "127.0.0.1"),
        ("127.0.0.0/8", "127.0.0.53"),
        ("::1/128", "::1"),
        ("fe80::/64", "fe80::1"),
        ("169.254.169.254/32", "169.254.169.254"),
        ("192.0.2.99/32", "192.0.2.99"),
        ("127.0.0.1/32", "::ffff:127.0.0.1"),
        ("::ffff:127.0.0.1/128", "127.0.0.1"),
        ("127.0.0.1/32 64:ff9b::/96", "64:ff9b::7f00:1"),
    ],
)
def test_listed_special_addresses_are_allowed(allow: str, address: str) -> None:
    assert _scope(allow, own="192.0.2.99").permits(ip_address(address)) is ALLOWED


@pytest.mark.parametrize(
    ("allow", "deny", "address", "decision"),
    [
        (None, "", "192.0.2.1", ALLOWED),
        (None, "", "10.0.0.1", ALLOWED),
        (None, "", "2001:db8::1", ALLOWED),
        (None, "192.0.2.0/25", "192.0.2.1", DENIED),
        (None, "192.0.2.0/25", "192.0.2.128", ALLOWED),
        ("", "", "192.0.2.1", NOT_ALLOWED),
        ("192.0.2.0/24", "", "192.0.2.1", ALLOWED),
        ("192.0.2.0/24", "", "192.0.3.1", NOT_ALLOWED),
        ("192.0.2.0/24", "", "2001:db8::1", NOT_ALLOWED),
        ("192.0.2.0/24", "", "::ffff:192.0.2.1", ALLOWED),
        ("::ffff:192.0.2.0/120", "", "192.0.2.1", ALLOWED),
        ("192.0.2.1/32", "192.0.2.0/24", "192.0.2.1", DENIED),
        ("127.0.0.1/32", "0.0.0.0/0", "127.0.0.1", DENIED),
        ("::/0", "192.0.2.0/24", "64:ff9b::c000:201", DENIED),
        ("::/0", "192.0.2.0/24", "2002:c000:201::1", DENIED),
        ("::/0", "::ffff:192.0.2.0/120", "::ffff:192.0.2.1", DENIED),
        ("64:ff9b::/96", "", "64:ff9b::c000:201", ALLOWED),
    ],
)
def test_deny_beats_allow_and_allow_bounds(allow: str | None, deny: str, address: str, decision: ScopeDecision) -> None:
    assert _scope(allow, deny).permits(ip_address(address)) is decision


def test_only_allowed_is_true() -> None:
    assert [decision for decision in ScopeDecision if decision] == [ALLOWED]


def test_equal_scopes_are_equal() -> None:
    assert _scope("192.0.2.0/24") == _scope("192.0.2.0/24")
    assert _scope("192.0.2.0/24") != _scope("192.0.2.0/25")


def test_a_link_local_address_with_its_interface_is_special() -> None:
    assert _scope(None, own="fe80::9").permits(ip_address("fe80::1%eth0")) is SPECIAL
    assert Scope(own=frozenset({ip_address("fe80::2%eth0")})).permits(ip_address("2001:db8::1")) is ALLOWED
