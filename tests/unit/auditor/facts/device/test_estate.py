"""Tests facts that need two devices together: an address of both, a link with two MTUs."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_network

import pytest

from auditor.facts.device.estate import DeviceGathering
from auditor.framework.estate import Estate
from inventory.model import DeclaredFacts, Kind, Network, Subject, SubjectId
from probes.framework.evidence import Evidence, Observation
from probes.observations.snmp import SnmpWalk
from probes.wire.snmp import oids
from tests.golden.cases_device_addresses import prefixes
from tests.golden.cases_device_links import lldp
from tests.golden.lab_snmp import CORE, INTERFACES, LOOPBACK, UPLINK, polled, router, scalars, walk

SHARED = "2001:db8:c1:9::1"


def device(name: str, *, site: str = "", tags: tuple[str, ...] = (), network: Network = Network.INTERNET) -> Subject:
    made = router(f"198.51.100.{ord(name[-1])}", tags=tags)
    return replace(made, id=SubjectId(name), name=name, declared=DeclaredFacts(site=site), network=network)


def shows(name: str, *rows: tuple[str, int, int], mtu: int = 1_500, virtual: int = 0, chassis: str = "") -> Evidence:
    mtus = walk(oids.IF_MTU, {oids.IF_MTU: {(UPLINK,): mtu, (CORE,): mtu}})
    vrrp = walk(oids.VRRP_STATUS, {oids.VRRP_STATUS: {(virtual, 7, 2): 3}} if virtual else {})
    local = scalars({oids.LLDP_LOC_CHASSIS: chassis} if chassis else {})
    return replace(polled(local, *INTERFACES, mtus, vrrp, prefixes(*rows)), subject=SubjectId(name))


def seen(subjects: list[Subject], *evidence: Evidence, plan: tuple[IPv4Network | IPv6Network, ...] = ()) -> Estate:
    gathering = DeviceGathering(subjects, plan)
    for envelope in evidence:
        gathering.add(envelope)
    return gathering.seen()


def both(first: Subject, second: Subject, **changes: object) -> Estate:
    row = (SHARED, CORE, 64)
    return seen([first, second], shows(first.id, row, **changes), shows(second.id, row))  # type: ignore[arg-type]


def test_an_address_at_two_sites_is_shared_for_certain() -> None:
    estate = both(device("rt-a", site="A"), device("rt-b", site="B"))
    assert {
        id_: [
            (str(shared_address.address), shared_address.others, shared_address.is_certain)
            for shared_address in shared_addresses
        ]
        for id_, shared_addresses in estate.shared.items()
    } == {"rt-a": [(SHARED, ("rt-b",), True)], "rt-b": [(SHARED, ("rt-a",), True)]}


@pytest.mark.parametrize("hidden", [oids.IF_DESCR, oids.IF_TYPE])
def test_what_a_view_hides_may_be_an_inside_or_a_loopback_and_is_not_shared(hidden: tuple[int, ...]) -> None:
    first, second = device("rt-a", site="A"), device("rt-b", site="B")
    row = (SHARED, CORE, 64)
    assert not seen([first, second], *(_without(shows(id_, row), hidden) for id_ in (first.id, second.id))).shared


def _without(envelope: Evidence, hidden: tuple[int, ...]) -> Evidence:
    root = oids.dotted(hidden)
    steps = (
        replace(step, rows=()) if isinstance(step, SnmpWalk) and step.root == root else step for step in envelope.steps
    )
    return replace(envelope, steps=tuple(steps))


def test_a_device_is_known_by_its_chassis_and_by_what_no_other_one_has() -> None:
    estate = seen(
        [device("rt-a", site="A"), device("rt-b", site="B")],
        shows("rt-a", (SHARED, CORE, 64), ("2001:db8:c1:a::1", UPLINK, 64), ("10.64.0.1", CORE, 24), chassis="\0abcde"),
        shows("rt-b", (SHARED, CORE, 64), ("192.168.88.1", CORE, 24), ("fe80::1", CORE, 64), chassis="rt-b"),
        plan=(ip_network("10.64.0.0/16"),),
    )
    assert estate.chassis == {"00:61:62:63:64:65"}
    assert {str(address) for address in estate.addresses} == {"2001:db8:c1:a::1", "10.64.0.1"}


def test_networks_are_advertised_where_a_device_sends_and_has_an_address() -> None:
    sends = walk(oids.IPV6_ROUTER_ADVERT_ENTRY, {(*oids.IPV6_ROUTER_ADVERT_ENTRY, 2): {(CORE,): 1, (UPLINK,): 2}})
    shown = shows("rt-a", ("2001:db8:c1:7::1", CORE, 64), ("2001:db8:c1:a::1", UPLINK, 64), ("fe80::1", CORE, 64))
    estate = seen([device("rt-a")], replace(shown, steps=(*shown.steps, sends)))
    assert estate.advertised == {IPv6Network("2001:db8:c1:7::/64")}


def test_who_says_that_it_is_no_default_router_is_none_in_a_network() -> None:
    entry = oids.IPV6_ROUTER_ADVERT_ENTRY
    sends = walk(entry, {(*entry, 2): {(CORE,): 1, (UPLINK,): 1}, (*entry, 11): {(CORE,): 0, (UPLINK,): 1_800}})
    shown = shows("rt-a", ("2001:db8:c1:7::1", CORE, 64), ("2001:db8:c1:a::1", UPLINK, 64))
    estate = seen([device("rt-a")], replace(shown, steps=(*shown.steps, sends)))
    assert estate.advertised == {IPv6Network("2001:db8:c1:a::/64")}


def test_an_address_of_two_devices_without_a_site_is_shared_perhaps() -> None:
    estate = both(device("rt-a"), device("rt-b", site="B"))
    assert [shared_address.is_certain for shared_address in estate.shared[SubjectId("rt-a")]] == [False]


@pytest.mark.parametrize(
    ("first", "second", "changes"),
    [
        pytest.param(device("rt-a", site="A"), device("rt-b", site="A"), {}, id="pair-of-one-site"),
        pytest.param(device("rt-a", site="A"), device("rt-b", site="B", tags=("anycast",)), {}, id="anycast"),
        pytest.param(device("rt-a", site="A"), device("rt-b", site="B"), {"virtual": CORE}, id="virtual-router"),
        pytest.param(device("rt-a", site="A"), replace(device("rt-a", site="B"), id=SubjectId("b")), {}, id="one-row"),
        pytest.param(
            device("rt-a", site="A", network=Network.TSLCD),
            device("rt-b", site="B", network=Network.TSLCD),
            {},
            id="said-by-the-plan",
        ),
    ],
)
def test_addresses_that_are_shared_by_design_are_left_out(
    first: Subject, second: Subject, changes: dict[str, object]
) -> None:
    assert both(first, second, **changes).shared == {}


def test_addresses_of_loopbacks_ipv4_and_one_chassis_are_left_out() -> None:
    subjects = [device("rt-a", site="A"), device("rt-b", site="B")]
    for row in ((SHARED, LOOPBACK, 128), ("192.168.1.1", CORE, 24), ("fe80::1", CORE, 64)):
        assert seen(subjects, shows("rt-a", row), shows("rt-b", row)).shared == {}
    row = (SHARED, CORE, 64)
    same = [shows(name, row, chassis="abcdef") for name in ("rt-a", "rt-b")]
    assert seen(subjects, *same).shared == {}


@pytest.mark.parametrize("network", Network)
def test_a_unique_local_address_of_two_sites_is_no_shared_one(network: Network) -> None:
    subjects = [device("rt-a", site="A"), device("rt-b", site="B", network=network)]
    assert seen(subjects, *(shows(subject.id, ("fd00::1", CORE, 64)) for subject in subjects)).shared == {}


def test_an_address_in_two_routing_tables_is_not_shared() -> None:
    assert both(device("rt-a", site="A", tags=("vrf=camera",)), device("rt-b", site="B")).shared == {}


GLOBAL, LOCAL, IPV4 = ("2001:db8:c1:fe::", "2001:db8:c1:fe::1"), ("fd00::", "fd00::1"), ("10.64.0.4", "10.64.0.5")
PLAN = ip_network("10.64.0.0/16")


def ends(
    first: int,
    second: int,
    *,
    length: int = 127,
    network: Network = Network.INTERNET,
    addresses: tuple[str, str] = GLOBAL,
    tags: tuple[str, ...] = (),
    plan: tuple[IPv4Network | IPv6Network, ...] = (),
    neighbours: Sequence[Observation] = (),
    makers: tuple[tuple[int, ...], tuple[int, ...]] = ((), ()),
) -> Estate:
    subjects = [device("rt-a", network=network, tags=tags), device("rt-b", network=network)]
    a, b = addresses
    length = 31 if addresses == IPV4 else length
    here = shows("rt-a", (a, UPLINK, length), mtu=first)
    here = replace(here, steps=(*here.steps, *neighbours, *made_by(makers[0])))
    there = shows("rt-b", (b, UPLINK, length), mtu=second)
    return seen(subjects, here, replace(there, steps=(*there.steps, *made_by(makers[1]))), plan=plan)


def made_by(maker: tuple[int, ...]) -> list[Observation]:
    """Return the answer with sysObjectID, below the number for enterprises; none without a maker."""
    return [scalars({oids.SYS_OBJECT_ID: (1, 3, 6, 1, 4, 1, *maker)})] if maker else []


def test_a_link_with_two_mtus_is_said_of_the_end_that_takes_less() -> None:
    estate = ends(9_000, 1_500)
    (link,) = estate.mtus[SubjectId("rt-b")]
    assert set(estate.mtus) == {"rt-b"}
    assert (link.interface, link.mtu, link.other, link.theirs) == ("ge-0/0/2", 1_500, "rt-a", 9_000)
    assert link.network == "2001:db8:c1:fe::/127"


@pytest.mark.parametrize(
    ("larger", "smaller", "is_certain"),
    [
        ((8072, 3, 2, 10), (9, 1, 1), True),
        ((14988, 1), (9, 1, 1), True),
        ((9, 1, 1), (8072, 3, 2, 10), False),
        ((2636, 1), (2636, 1), False),
        ((), (8072, 3, 2, 10), False),
    ],
)
def test_a_larger_mtu_is_certain_only_where_it_is_that_of_ip_and_not_of_frames(
    larger: tuple[int, ...], smaller: tuple[int, ...], is_certain: bool
) -> None:
    """Cisco and Juniper report the size of frames, 9000 or 9216, where the MTU of IPv6 is set to 1500 apart."""
    (link,) = ends(9_000, 1_500, makers=(larger, smaller)).mtus[SubjectId("rt-b")]
    assert link.is_certain is is_certain


@pytest.mark.parametrize(("first", "second"), [(1_500, 1_500), (1_500, 1_514), (1_500, 1_526), (1_500, 0)])
def test_mtus_that_differ_by_the_header_or_are_not_known_are_equal(first: int, second: int) -> None:
    assert ends(first, second).mtus == {}


def test_mtus_are_compared_on_links_of_two_alone() -> None:
    assert ends(1_500, 9_000, length=64).mtus == {}
    assert ends(1_500, 9_000, addresses=IPV4, plan=(PLAN,)).mtus == {}
    assert set(ends(1_500, 9_000, addresses=IPV4, network=Network.TSLCD, plan=(PLAN,)).mtus) == {"rt-a"}


def test_ends_in_two_routing_tables_are_not_of_one_link() -> None:
    assert ends(1_500, 9_000, tags=("vrf=camera",)).mtus == {}


def test_ends_with_unique_local_addresses_are_of_one_link_inside_tslcd_alone() -> None:
    assert ends(1_500, 9_000, addresses=LOCAL).mtus == {}
    assert set(ends(1_500, 9_000, addresses=LOCAL, network=Network.TSLCD).mtus) == {"rt-a"}


def test_ends_with_private_addresses_out_of_the_plan_are_of_one_link_where_one_names_the_other() -> None:
    elsewhere = (ip_network("10.65.0.0/16"),)
    unplanned = partial(ends, 1_500, 9_000, addresses=IPV4, network=Network.TSLCD, plan=elsewhere)
    assert unplanned().mtus == {}
    assert unplanned(neighbours=lldp(("rt-c", b"\x28"))).mtus == {}
    assert set(unplanned(neighbours=lldp(("RT-B.daklak.gov.vn", b"\x28"))).mtus) == {"rt-a"}
    assert set(unplanned(neighbours=lldp(("", b"\x28"), address=IPV4[1])).mtus) == {"rt-a"}


def test_hosts_are_no_devices() -> None:
    host = replace(device("rt-a", site="A"), kind=Kind.HOST, kinds=frozenset({Kind.HOST}))
    assert both(host, device("rt-b", site="B")).shared == {}


@pytest.mark.parametrize(("count", "shared"), [(8, 8), (9, 0)])
def test_an_address_of_many_devices_is_one_they_came_with(count: int, shared: int) -> None:
    names = [f"rt-{letter}" for letter in "abcdefghi"[:count]]
    subjects = [device(name, site=name) for name in names]
    assert len(seen(subjects, *(shows(name, (SHARED, CORE, 64)) for name in names)).shared) == shared
