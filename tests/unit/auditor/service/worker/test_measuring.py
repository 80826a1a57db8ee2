"""Tests that a worker keeps to the narrower of both scopes."""

from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from auditor.service.leases.order import Order
from auditor.service.leases.ordering import order_of
from auditor.service.worker.measuring import narrowed
from inventory.scope import Scope
from tests.unit.auditor.service.leases.deliveries import desk


@pytest.fixture
def order(tmp_path: Path) -> Order:
    with desk(tmp_path) as centre:
        return order_of(centre.lease, centre.store, allow=None, deny=())


@pytest.mark.parametrize(
    ("own", "theirs", "allowed"),
    [
        (None, None, None),
        (None, ("10.0.0.0/8",), ("10.0.0.0/8",)),
        (("10.0.0.0/8",), None, ("10.0.0.0/8",)),
        (("10.0.0.0/8", "2001:db8::/32"), ("10.64.0.0/10", "::/0"), ("10.64.0.0/10", "2001:db8::/32")),
        (("10.0.0.0/8",), ("192.0.2.0/24",), ()),
    ],
)
def test_scope_is_what_both_sides_allow(
    order: Order, own: tuple[str, ...] | None, theirs: tuple[str, ...] | None, allowed: tuple[str, ...] | None
) -> None:
    held = Scope(allow=None if own is None else tuple(map(ip_network, own)), deny=())
    made = narrowed(held, replace(order, allow=theirs)).allow
    assert made == (None if allowed is None else tuple(map(ip_network, allowed)))


def test_scope_denies_what_either_side_denies(order: Order) -> None:
    held = Scope(allow=None, deny=(ip_network("10.1.0.0/16"),))
    made = narrowed(held, replace(order, deny=("10.2.0.0/16",))).deny
    assert made == (ip_network("10.1.0.0/16"), ip_network("10.2.0.0/16"))
