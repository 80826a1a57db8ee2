from ipaddress import ip_address, ip_network

import pytest

from inventory.model import Kind, Network, Service, Subject, SubjectId
from inventory.scope import Scope, ScopeDecision, reach_of

ALLOWED, DENIED = ScopeDecision.ALLOWED, ScopeDecision.DENIED
NOT_ALLOWED, SPECIAL = ScopeDecision.NOT_ALLOWED, ScopeDecision.SPECIAL
INSIDE, PRIVATE = ScopeDecision.INSIDE, ScopeDecision.PRIVATE


def _scope(allow: str | None, deny: str = "", own: str = "") -> Scope:
    return Scope(
        allow=None if allow is None else tuple(map(ip_network, allow.split())),
        deny=tuple(map(ip_network, deny.split())),
        own=frozenset(map(ip_address, own.split())),
    )


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.0.9",
        "0.0.0.0",
        "0.1.2.3",
        "169.254.1.1",
        "169.254.169.254",
        "168.63.129.16",
        "224.0.0.251",
        "239.1.1.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "fe80::1",
        "febf::1",
        "ff02::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::1",
        "100.100.100.200",
        "192.0.0.192",
        "64:ff9b:1::1",
        "::ffff:0:7f00:1",
        "64:ff9b:1::7f00:1",
        "2001:0:7f00:1::80ff:fffe",
        "2001:0:c000:201::80ff:fffe",
        "2001:db8::5efe:7f00:1",
        "2001:db8::200:5efe:a9fe:a9fe",
        "fec0::1",
        "feff::1",
        "100::1",
        "100:0:0:1::1",
        "192.0.2.99",
        "2001:db8::99",
        "::ffff:192.0.2.99",
        "2002:c000:263::",
    ],
)
@pytest.mark.parametrize("allow", [None, "0.0.0.0/0 ::/0", "192.0.2.0/24 2001:db8::/32 2002::/16"])
def test_special_and_own_addresses_need_an_entry_that_means_them(allow: str | None, address: str) -> None:
    scope = _scope(allow, own="192.0.2.99 2001:db8::99")
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
        (None, "", "8.8.8.8", ALLOWED),
        (None, "", "2400:cb00::1", ALLOWED),
        (None, "", "::ffff:8.8.8.8", ALLOWED),
        (None, "", "64:ff9b::808:808", ALLOWED),
        (None, "", "192.0.2.1", PRIVATE),
        (None, "", "10.0.0.1", PRIVATE),
        (None, "", "::ffff:10.0.0.1", PRIVATE),
        (None, "", "64:ff9b::a00:1", PRIVATE),
        (None, "", "172.31.0.1", PRIVATE),
        (None, "", "192.168.1.1", PRIVATE),
        (None, "", "100.64.0.1", PRIVATE),
        (None, "", "198.18.0.1", PRIVATE),
        (None, "", "240.0.0.1", PRIVATE),
        (None, "", "fd00::1", PRIVATE),
        (None, "", "2001:db8::1", PRIVATE),
        (None, "", "2002:808:808::1", PRIVATE),
        (None, "", "4000::1", PRIVATE),
        (None, "8.8.8.0/25", "8.8.8.8", DENIED),
        (None, "8.8.8.0/25", "8.8.8.128", ALLOWED),
        ("", "", "8.8.8.8", NOT_ALLOWED),
        ("", "", "192.0.2.1", INSIDE),
        ("10.64.0.0/10", "", "10.0.0.1", INSIDE),
        ("10.64.0.0/10", "", "10.64.0.1", ALLOWED),
        ("192.0.2.0/24", "", "192.0.2.1", ALLOWED),
        ("192.0.2.0/24", "", "192.0.3.1", NOT_ALLOWED),
        ("192.0.2.0/24", "", "2001:db8::1", INSIDE),
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
    assert Scope(own=frozenset({ip_address("fe80::2%eth0")})).permits(ip_address("2400:cb00::1")) is ALLOWED


def test_documentation_prefixes_are_public_in_a_laboratory_alone() -> None:
    for address in ("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"):
        assert Scope(documentation=True).permits(ip_address(address)) is ALLOWED
        assert Scope(allow=(), documentation=True).permits(ip_address(address)) is NOT_ALLOWED
    assert Scope(documentation=True).permits(ip_address("10.0.0.1")) is PRIVATE


def test_a_translator_that_is_listed_does_not_open_what_it_leads_to() -> None:
    scope = _scope("64:ff9b:1::/48")
    assert scope.permits(ip_address("64:ff9b:1::808:808")) is ALLOWED
    assert scope.permits(ip_address("64:ff9b:1::7f00:1")) is SPECIAL


def _subject(network: Network, *addresses: str, derived: bool = False) -> Subject:
    return Subject(
        id=SubjectId("one"),
        kind=Kind.PORTAL,
        kinds=frozenset({Kind.PORTAL}),
        addresses=tuple(map(ip_address, addresses)),
        services=(Service(name="https", port=9443),),
        network=network,
        derived_from=(SubjectId("owner"),) if derived else (),
    )


@pytest.mark.parametrize(
    ("subject", "inside", "led", "held", "kept"),
    [
        (_subject(Network.INTERNET, "203.0.113.5"), "", "", "203.0.113.5", "10.0.0.1 fd00::1 203.0.113.6"),
        (_subject(Network.INTERNET), "", "10.0.0.5", "10.0.0.5 ::ffff:10.0.0.5", "10.0.0.6"),
        (_subject(Network.INTERNET, derived=True), "", "10.0.0.5", "", "10.0.0.5"),
        (_subject(Network.INTERNET, "10.0.0.5"), "", "", "10.0.0.5 10.9.9.9", "192.168.1.1 fd00::1 100.64.0.1"),
        (_subject(Network.TSLCD), "", "", "10.9.9.9 192.168.1.1 100.64.0.1 172.16.0.1 fd00::1", "198.18.0.1"),
        (_subject(Network.TSLCD), "10.64.0.0/10", "", "10.64.0.9", "10.9.9.9 192.168.1.1"),
        (_subject(Network.TSLCD, derived=True), "10.64.0.0/10", "10.1.0.1", "10.64.0.9", "10.1.0.1"),
    ],
)
def test_reach_of_a_subject_is_its_own_addresses_and_the_network_it_stands_in(
    subject: Subject, inside: str, led: str, held: str, kept: str
) -> None:
    reach = reach_of(subject, map(ip_network, inside.split()), map(ip_address, led.split()))
    assert all(reach.holds(ip_address(part)) for part in held.split())
    assert not any(reach.holds(ip_address(part)) for part in kept.split())
    assert reach.ports == {9443}


def test_a_decision_that_is_kept_stays_what_it_is() -> None:
    scope = _scope("2001:db8::/32 192.0.2.0/24", deny="2001:db8:1::/48")
    asked = ("2001:db8::1", "2001:db8:1::1", "::ffff:192.0.2.1", "192.0.2.1", "0.0.0.1", "::1", "fe80::1%1")
    for _ in range(2):
        assert [scope.permits(ip_address(text)) for text in asked] == [
            ALLOWED,
            DENIED,
            ALLOWED,
            ALLOWED,
            SPECIAL,
            SPECIAL,
            SPECIAL,
        ]


def test_what_is_kept_of_decisions_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inventory.scope._KEPT", 3)
    scope = _scope("192.0.2.0/24")
    for address in ip_network("192.0.2.0/28"):
        assert scope.permits(address) is ALLOWED
    assert len(scope._decided) <= 3
    assert scope == _scope("192.0.2.0/24")
