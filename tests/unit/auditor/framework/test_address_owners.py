"""Tests the owner of an address: a prefix on the Internet, a site inside TSLCD."""

from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest

from auditor.framework.address_owners import ANYWHERE, DeviceSites, Location, internet_owner
from inventory.model import AgencyId, DeclaredFacts, Kind, Network, Subject, SubjectId

INSIDE = frozenset({Network.TSLCD})
UNPLACED = Location(network=Network.TSLCD)


def row(name: str, kind: Kind, declared: DeclaredFacts | None = None, agency: str = "xa") -> Subject:
    return Subject(
        id=SubjectId(name),
        kind=kind,
        kinds=frozenset({kind}),
        network=Network.TSLCD,
        agency=AgencyId(agency),
        declared=declared or DeclaredFacts(),
    )


@pytest.mark.parametrize(
    ("location", "address", "prefix"),
    [
        (ANYWHERE, "2001:db8:1:2::3", "2001:db8:1::/48"),
        (ANYWHERE, "192.0.2.77", "192.0.2.0/24"),
        (ANYWHERE, "::ffff:192.0.2.1", "::/48"),
        (UNPLACED, "2001:db8:1:2::3", "2001:db8:1:2::/64"),
        (UNPLACED, "10.64.0.77", "10.64.0.72/29"),
    ],
)
def test_owner_without_a_site_is_a_prefix_of_the_network(location: Location, address: str, prefix: str) -> None:
    owner = location.owner(ip_address(address))
    assert (owner.prefix, owner.site) == (ip_network(prefix), "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::3", "2001:db8:1:3::9"),
        ("2001:db8:1::1", "2001:db8:2::1"),
        ("192.0.2.77", "192.0.2.1"),
        ("192.0.2.77", "192.0.3.77"),
        ("0.0.2.1", "::2:1"),
        ("0.0.0.1", "::1"),
    ],
)
def test_number_of_an_owner_is_the_same_where_the_owner_is(one: str, other: str) -> None:
    first, second = ip_address(one), ip_address(other)
    same = ANYWHERE.owner(first) == ANYWHERE.owner(second)
    assert (internet_owner(first) == internet_owner(second)) == same


def test_owner_of_a_site_is_the_same_for_every_address() -> None:
    here = Location(network=Network.TSLCD, site="xa-a")
    address_owner, other = here.owner(ip_address("10.64.0.1")), here.owner(ip_address("2001:db8:9::1"))
    assert address_owner == other
    assert not address_owner.is_apart_from(other)


def test_location_is_that_of_the_point_that_names_the_device() -> None:
    point = row("xa-a", Kind.CONNECTION_POINT, DeclaredFacts(device="rt-a"))
    device = row("rt-a", Kind.ROUTER, DeclaredFacts(site="office"), agency="provider")
    places = DeviceSites.of([point, device])
    assert places.location(point, INSIDE) == places.location(device, INSIDE) == replace(UNPLACED, site="xa-a")


def test_location_of_the_same_column_at_two_agencies_is_two_sites() -> None:
    """The same site name at two agencies is two sites: any commune may name its own site "head office"."""
    office = DeclaredFacts(site="head office")
    subject = row("xa-a", Kind.CONNECTION_POINT, office, agency="a")
    other = row("xa-b", Kind.CONNECTION_POINT, office, agency="b")
    router = row("rt-a", Kind.ROUTER, office, agency="a")
    places = DeviceSites.of([subject, other, router])
    assert places.location(subject, INSIDE) == places.location(router, INSIDE) != places.location(other, INSIDE)


def test_location_of_other_rows_without_a_site_is_unknown() -> None:
    assert DeviceSites().location(row("lgsp", Kind.HOST), INSIDE) == UNPLACED


def test_location_is_anywhere_where_tslcd_is_not_the_way() -> None:
    point = row("xa-a", Kind.CONNECTION_POINT)
    assert DeviceSites().location(point, frozenset({Network.INTERNET})) == ANYWHERE
    assert DeviceSites().location(replace(point, network=Network.INTERNET), INSIDE) == ANYWHERE
