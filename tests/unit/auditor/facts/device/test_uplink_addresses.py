"""Tests which addresses of a device the provider may have numbered: those on its uplink, and not of its networks."""

from dataclasses import replace
from ipaddress import ip_network

import pytest

from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.uplink_addresses import of_provider
from auditor.framework.context import ReferenceData
from inventory.model import Network
from probes.observations.snmp import SnmpWalk
from probes.wire.snmp.addresses import addresses
from probes.wire.snmp.tree import Tree
from tests.golden.cases_device_addresses import routed
from tests.golden.lab import NOW
from tests.golden.lab_snmp import CORE, INTERFACES, UPLINK, address_table, router
from tests.unit.auditor.contexts import context

LINK, LAN = "2001:db8:ee::1", "2001:db8:c1::1"
STATIC, ADVERTISED = 2, 5


def numbered(*tags: str, origin: int = STATIC, tslcd: str | None = None, more: tuple[SnmpWalk, ...] = ()) -> list[str]:
    """Return what counts as the provider's on a router with one address on its uplink and one on its LAN."""
    walks = (*INTERFACES, address_table((LINK, UPLINK, origin, 1), (LAN, CORE, origin, 1)), *more)
    tree = Tree([row for walk in walks for row in walk.rows])
    found = addresses(tree)
    device = SeenDevice("router-1", tree, walks, (), (), NOW)
    subject = router(tags=tags)
    subject = subject if tslcd is None else replace(subject, network=Network.TSLCD)
    networks = {Network.TSLCD: (ip_network(tslcd),)} if tslcd else {}
    ctx = replace(context(), reference=ReferenceData(networks=networks))
    return [str(one.address) for one in of_provider(subject, device, ctx, found)]


@pytest.mark.parametrize("origin", [STATIC, ADVERTISED])
def test_declared_uplink_to_the_internet_is_the_providers(origin: int) -> None:
    assert numbered("wan=ge-0/0/2", origin=origin) == [LINK]


def test_undeclared_uplink_is_found_by_the_default_route_and_counts_where_it_was_assigned() -> None:
    assert numbered(origin=ADVERTISED, more=routed(1)) == [LINK]
    assert numbered(origin=STATIC, more=routed(1)) == []
    assert numbered(origin=ADVERTISED) == []


def test_network_of_users_is_never_the_providers() -> None:
    assert numbered("wan=ge-0/0/2", "lan=ge-0/0/2", origin=ADVERTISED) == []


@pytest.mark.parametrize(("tslcd", "found"), [("fd75::/48", [LINK]), ("2001:db8:ee::/48", []), ("", [])])
def test_in_tslcd_only_what_was_assigned_from_outside_counts(tslcd: str, found: list[str]) -> None:
    assert numbered("wan=ge-0/0/2", origin=ADVERTISED, tslcd=tslcd) == found
    assert numbered("wan=ge-0/0/2", origin=STATIC, tslcd=tslcd) == []
