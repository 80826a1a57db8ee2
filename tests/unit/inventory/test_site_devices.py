"""A connection point is the router that stands there, where that router has no row of its own."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from inventory.model import DeclaredFacts, Kind, Network, Service, Subject, SubjectId
from inventory.site_devices import with_equipment

POINT, ROUTER = frozenset({Kind.CONNECTION_POINT}), frozenset({Kind.ROUTER})
XA = Subject(
    id=SubjectId("xa-a"),
    kind=Kind.CONNECTION_POINT,
    kinds=POINT,
    network=Network.TSLCD,
    services=(Service(name="snmp", port=161),),
)
DEVICE = Subject(id=SubjectId("rt-a"), kind=Kind.ROUTER, kinds=ROUTER, network=Network.TSLCD)


@pytest.mark.parametrize("device", ["", "SL-1000"], ids=["unnamed", "a-model"])
def test_with_equipment_a_point_with_snmp_is_a_router_too(device: str) -> None:
    (point,) = with_equipment([replace(XA, declared=DeclaredFacts(device=device))])
    assert point.kinds == POINT | ROUTER
    assert point.kind is Kind.CONNECTION_POINT


def test_with_equipment_a_device_with_a_row_is_judged_there() -> None:
    named = replace(XA, declared=DeclaredFacts(device="rt-a"))
    assert with_equipment([named, DEVICE]) == (named, DEVICE)


def test_with_equipment_a_device_at_the_same_address_is_judged_there() -> None:
    address = ip_address("10.64.3.1")
    point = replace(XA, addresses=(address,), declared=DeclaredFacts(device="SL-1000"))
    device = replace(DEVICE, addresses=(address,))
    assert with_equipment([point, device]) == (point, device)


def test_with_equipment_a_point_without_snmp_stays_a_point() -> None:
    closed = replace(XA, services=(Service(name="ssh", port=22),))
    assert with_equipment([closed, DEVICE]) == (closed, DEVICE)
