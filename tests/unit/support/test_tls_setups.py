"""Places that another program is asked about once are set up alike; peculiar ones are asked about separately."""

from collections import Counter
from collections.abc import Iterator

from containers.rehearsal.addressing import lay_out
from containers.rehearsal.model import PortalSpec, TlsSetup
from containers.rehearsal.province import PROVINCE
from inventory.model import IPAddress
from probes.observations.tls import TlsSupport
from tests.support.tls_setups import Setup, setup

LAYOUT = lay_out(PROVINCE)


def places(portal: PortalSpec) -> Iterator[TlsSupport]:
    name = PROVINCE.fqdn(portal.label)
    for address in LAYOUT.portals[name].every():
        yield at(name, address)


def at(name: str, address: IPAddress, port: int = 443) -> TlsSupport:
    return TlsSupport(address=address, port=port, server_name=name, protocol="tls")


def test_most_portals_of_a_site_are_alike_and_each_family_by_itself() -> None:
    counted = Counter[Setup](setup(place) for portal in PROVINCE.portals for place in places(portal))
    alike = {one for one, number in counted.items() if number > 1}
    assert {one[0] for one in alike} == {"portal"}
    assert {one[-1] for one in alike} == {4, 6}
    assert sum(counted[one] for one in alike) > 80


def test_a_portal_with_other_tls_or_a_way_with_a_defect_is_like_no_other() -> None:
    found = 0
    for portal in PROVINCE.portals:
        for place in places(portal):
            over_v6 = place.address.version == 6
            face = (over_v6 and portal.face_v6) or portal.face
            if face.tls is not TlsSetup.GOOD or portal.flaw or portal.quirk or (over_v6 and portal.second_lost):
                assert setup(place) == (place.address, place.port, place.server_name)
                found += 1
    assert found > 30


def test_portals_with_different_kinds_of_certificates_are_not_alike() -> None:
    kinds: dict[Setup, set[object]] = {}
    for portal in PROVINCE.portals:
        for place in places(portal):
            face = (place.address.version == 6 and portal.face_v6) or portal.face
            kinds.setdefault(setup(place), set()).add(face.certificate)
    assert {len(found) for found in kinds.values()} == {1}


def test_a_name_elsewhere_is_like_no_other() -> None:
    first, other = (portal for portal in PROVINCE.portals if portal.label in ("cong", "dichvucong"))
    name = PROVINCE.fqdn(first.label)
    address = LAYOUT.portals[PROVINCE.fqdn(other.label)].v4[0]
    assert setup(at(name, address)) == (address, 443, name)
    own = LAYOUT.portals[name].v4[0]
    assert setup(at(name, own, 8443)) == (own, 8443, name)
    assert setup(at(name, own))[0] == "portal"


def test_exchangers_of_the_scripted_peer_are_alike_and_a_postfix_is_not() -> None:
    of_postfix = {
        f"{one.label}.{PROVINCE.fqdn(mail.label)}": one.postfix for mail in PROVINCE.mails for one in mail.exchangers
    }
    counted = Counter[Setup]()
    for name, seat in LAYOUT.exchangers.items():
        for address in seat.every():
            said = setup(at(name, address, 25))
            counted[said] += 1
            if of_postfix.get(name):
                assert said == (address, 25, name)
    assert {one[0] for one, number in counted.items() if number > 1} == {"exchanger"}
    assert sum(number for one, number in counted.items() if one[0] == "exchanger") > 20
