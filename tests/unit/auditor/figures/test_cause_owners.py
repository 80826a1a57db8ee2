"""Tests the owner of a shared cause: it is derived from rows of the inventory, and is unset if no row shows it."""

from dataclasses import replace
from ipaddress import ip_address

from auditor.figures.cause_owners import CauseOwners
from auditor.figures.causes import CauseKey, CauseKind, OwnerBasis, SymptomGroup
from inventory.model import Kind, Subject
from tests.unit.auditor.figures.test_causes import PREFIX, symptom
from tests.unit.auditor.stored import row

SHARED = "192.0.2.7"
KEY = CauseKey(kind=CauseKind.ADDRESS, name=SHARED, vantage="v")


def machine(name: str, kind: Kind, agency: str, *addresses: str, tags: tuple[str, ...] = ()) -> Subject:
    return replace(row(name, kind, agency), addresses=tuple(map(ip_address, addresses)), tags=tags)


def of_two(key: CauseKey = KEY, second: str = "S2") -> SymptomGroup:
    return SymptomGroup(key=key, symptoms=(symptom(1, key), symptom(2, key, agency=second)))


def test_of_row_of_a_machine_tells_whose_its_address_is() -> None:
    assert CauseOwners([machine("m", Kind.HOST, "TT", SHARED)]).of(of_two()) == ("TT", OwnerBasis.ROW)


def test_of_portals_at_a_hosters_address_do_not_own_it() -> None:
    portals = [machine("a", Kind.PORTAL, "S1", SHARED), machine("b", Kind.PORTAL, "S2", SHARED)]
    assert CauseOwners(portals).of(of_two()) == (None, OwnerBasis.UNKNOWN)


def test_of_machines_of_two_agencies_with_one_address_own_nothing() -> None:
    machines = [machine("a", Kind.HOST, "S1", SHARED), machine("b", Kind.FIREWALL, "S2", SHARED)]
    assert CauseOwners(machines).of(of_two()) == (None, OwnerBasis.UNKNOWN)


def test_of_declared_block_tells_whose_an_address_is() -> None:
    point = machine("p", Kind.CONNECTION_POINT, "TT", tags=("prefix=192.0.2.0/24",))
    assert CauseOwners([point]).of(of_two()) == ("TT", OwnerBasis.BLOCK)


def test_of_name_servers_belong_to_the_agency_of_their_zone() -> None:
    zones = [row("tinh.vn", Kind.ZONE, "TT"), row("vn", Kind.ZONE, "X")]
    inside = CauseKey(kind=CauseKind.NAME_SERVERS, name="ns1.tinh.vn, ns2.tinh.vn")
    assert CauseOwners(zones).of(of_two(inside)) == ("TT", OwnerBasis.ZONE)
    outside = CauseKey(kind=CauseKind.NAME_SERVERS, name="ns1.tinh.vn, ns2.hoster.example")
    assert CauseOwners(zones).of(of_two(outside)) == (None, OwnerBasis.UNKNOWN)


def test_of_subjects_of_one_agency_name_it() -> None:
    assert CauseOwners([]).of(of_two(second="S1")) == ("S1", OwnerBasis.MEMBERS)


def test_of_what_is_only_probable_names_no_third_agency() -> None:
    block = machine("p", Kind.CONNECTION_POINT, "TT", tags=("prefix=2001:db8:7::/48",))
    assert CauseOwners([block]).of(of_two(PREFIX)) == (None, OwnerBasis.UNKNOWN)
