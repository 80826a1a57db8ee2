"""Tests the scope of a plan as the network receives it: targets named in the configuration, and our own addresses."""

from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from unittest.mock import Mock

import pytest

from auditor.service.pipeline.measuring import network
from auditor.service.pipeline.measuring.network import _ImpliedScope
from inventory.model import Endpoint, IPAddress
from inventory.scope import Reach, Scope, ScopeDecision
from probes.framework.reach import within
from probes.net.core.rules import CRAFTED, SWEEP, refusal
from probes.net.exposure import accepting

CONTROL, DENIED, OTHER = (ip_address(text) for text in ("2001:db8:ffff::1", "192.0.2.1", "2001:db8:ffff::2"))
OURS = ip_address("2001:db8:1::9")
PLAIN = Scope(allow=(ip_network("2001:db8:1::/48"),), deny=(ip_network("192.0.2.1/32"),))
ITSELF = Reach(for_itself=True)


def _scope(ways: set[tuple[IPAddress, str]], controls: set[tuple[IPAddress, str]] | None = None) -> _ImpliedScope:
    return _ImpliedScope(PLAIN, frozenset(ways), frozenset(controls or ()))


def test_what_is_denied_stays_denied_whatever_the_configuration_names() -> None:
    scope = _scope({(DENIED, "icmp")}, {(DENIED, "tcp/443")})
    with within(ITSELF):
        assert scope.permits(DENIED, "icmp") is scope.permits(DENIED, "tcp/443") is ScopeDecision.DENIED
        assert refusal(scope, DENIED, implied=True, transport="icmp") is not None


def test_an_anchor_is_open_for_its_own_transport_alone() -> None:
    scope = _scope({(CONTROL, "tcp/443")})
    assert refusal(scope, CONTROL, transport="tcp/443") is None
    for transport in ("", "tcp/80", "udp/443", "icmp", SWEEP):
        assert refusal(scope, CONTROL, transport=transport) is not None
    assert refusal(scope, OTHER, transport="tcp/443") is not None


def test_an_anchor_of_the_internet_is_open_for_all_that_its_probe_asks() -> None:
    made = Mock(resolvers=(), inside=(), downloads=None, mesh=(), lans={})
    made.hints.addresses, made.vantage.internet_anchors = (), (Endpoint(address=CONTROL),)
    asked = {"icmp", "tcp/443", f"tcp/{accepting.UNUSED_PORT}"}
    assert network._ways(made) == {(CONTROL, transport) for transport in asked}


@pytest.mark.parametrize("transport", ["icmp", "tcp/443", SWEEP, CRAFTED])
def test_a_control_is_open_to_the_self_test_alone(transport: str) -> None:
    """A portal with DNS records that point at a control is not swept there."""
    scope = _scope(set(), {(CONTROL, transport)})
    assert refusal(scope, CONTROL, transport=transport) is not None
    with within(ITSELF):
        assert refusal(scope, CONTROL, transport=transport) is None


@dataclass
class _Machine:
    """Simulates a machine with changing addresses, and its clock."""

    now: float = 0.0
    addresses: frozenset[IPAddress] = field(default_factory=frozenset)


def test_own_addresses_are_read_again_while_a_run_goes_on() -> None:
    machine = _Machine()
    scope = _ImpliedScope(PLAIN, frozenset(), own=lambda: machine.addresses, clock=lambda: machine.now)
    assert scope.permits(OURS)
    machine.addresses = frozenset({OURS})
    assert scope.permits(OURS)  # not looked at again yet
    machine.now = 11.0
    assert scope.permits(OURS) is ScopeDecision.SPECIAL


def test_a_listed_address_of_ours_is_open_to_the_target_that_it_is_and_to_no_redirect() -> None:
    listed = Scope(allow=(ip_network(f"{OURS}/128"), *(PLAIN.allow or ())), own=frozenset({OURS}))
    scope = _ImpliedScope(listed, frozenset())
    with within(Reach(at=frozenset({OURS}))):
        assert refusal(scope, OURS) is None
    with within(Reach(at=frozenset({ip_address("2001:db8:1::1")}))):
        assert refusal(scope, OURS) is not None
        assert refusal(scope, OURS, implied=True, transport="udp/53") is None


@pytest.mark.parametrize("address", ["10.9.9.9", "fd00::9", "100.64.0.9", "192.168.0.9"])
def test_without_allow_a_private_hop_is_open_to_targets_inside_alone(address: str) -> None:
    scope, there = _ImpliedScope(Scope(), frozenset()), ip_address(address)
    assert refusal(scope, there, implied=True) is not None  # nor is it asked as the name server of a delegation
    with within(Reach(own=frozenset({ip_address("10.0.0.1")}))):
        assert refusal(scope, there) is not None
    with within(
        Reach(
            inside=(
                ip_network("10.0.0.0/8"),
                ip_network("192.168.0.0/16"),
                ip_network("100.64.0.0/10"),
                ip_network("fc00::/7"),
            )
        )
    ):
        assert refusal(scope, there) is None


@pytest.mark.parametrize("allow", [None, ("2001:db8::/32",)])
@pytest.mark.parametrize("address", ["10.9.9.9", "fd00::9", "192.168.0.53"])
def test_a_delegation_does_not_lead_to_the_inside(allow: tuple[str, ...] | None, address: str) -> None:
    scope = Scope(allow=None if allow is None else tuple(map(ip_network, allow)))
    assert refusal(scope, ip_address(address), implied=True) is not None
    assert refusal(scope, ip_address("198.41.0.4"), implied=True) is None


def test_decisions_on_many_addresses_are_right_and_do_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "_REMEMBERED", 10)
    scope = _ImpliedScope(PLAIN, frozenset())
    many = [ip_address(f"{prefix}{number:x}") for number in range(1, 40) for prefix in ("2001:db8:1::", "fd00::")]
    for _ in range(2):
        assert [scope.permits(address) for address in many] == [PLAIN.permits(address) for address in many]
    assert len(scope._decided) <= 10
