"""Tests facts that need all sites together: simultaneous silence, conflicting addresses, overlapping networks."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address, ip_network

import pytest

from auditor.facts.tslcd.gathering import SiteGathering
from auditor.framework.check import load as load_checks
from auditor.framework.context import Sites
from auditor.framework.findings import Outcome, Reason
from inventory.model import AgencyId, DeclaredFacts, Kind, Network, Subject, SubjectId
from probes.framework.evidence import Evidence, Failure, FailureKind, Observation
from probes.observations.dns import DnsExchange
from probes.observations.series import EarlierConnections
from probes.observations.snmp import SnmpSession, SnmpWalk
from probes.observations.transport import TcpConnect
from probes.wire.snmp import oids
from probes.wire.snmp.tree import Oid
from tests.golden import lab
from tests.golden.case import dump, findings, load
from tests.golden.cases_device_addresses import prefixes
from tests.golden.lab_snmp import polled, scalars, silent, walk
from tests.golden.lab_tslcd import echoes, inside, point

REACH = "tslcd.site.reach"
CHECKS = {str(id_): check for id_, check in load_checks().items()}
BEHIND = (("a", "10.64.1.1"), ("bb", "10.64.2.1"))
HOUR = timedelta(hours=1)
LAN = walk(oids.IF_NAME, {oids.IF_NAME: {(3,): "lan0"}})


def site(name: str, *addresses: str, **changes: object) -> Subject:
    return replace(point(*(addresses or (f"10.64.{len(name)}.1",)), tags=("lan=lan0",)), id=SubjectId(name), **changes)  # type: ignore[arg-type]


def of(name: str, *found: Evidence) -> list[Evidence]:
    return [replace(one, subject=SubjectId(name)) for one in found]


def seen(subjects: list[Subject], evidence: list[Evidence]) -> Sites:
    gathering = SiteGathering(iter(subjects))
    for one in evidence:
        gathering.add(one)
    return gathering.seen()


def shows(address: str, length: int = 24) -> Evidence:
    """Return the evidence of a device that shows one address on its LAN."""
    table: SnmpWalk = prefixes((address, 3, length))
    return polled(LAN, table)


def test_a_site_is_silent_where_it_was_asked_and_nothing_answered() -> None:
    subjects = [site("a"), site("bb"), site("ccc"), site("dddd")]
    found = [
        *of("a", echoes("10.64.1.1", 0)),
        *of("bb", echoes("10.64.2.1", 50)),
        *of("ccc", echoes("10.64.3.1", 50), lab.tcp("10.64.3.1", 22, lab.REFUSED)),
        *of("dddd", lab.echo("10.64.4.1", 0, failure=FailureKind.NO_PERMISSION)),
    ]
    both = seen(subjects, found)
    assert (both.asked, both.silent) == (3, 1)


@pytest.mark.parametrize(
    "step",
    [
        TcpConnect(address=ip_address("10.64.1.1"), port=22, failure=Failure(kind=FailureKind.RESET)),
        SnmpSession(address=ip_address("10.64.1.1"), port=161, failure=Failure(kind=FailureKind.REFUSED)),
    ],
)
def test_gathering_a_site_that_resets_or_refuses_is_not_silent(step: Observation) -> None:
    found = [
        *of("a", echoes("10.64.1.1", 50), replace(echoes("10.64.1.1", 0), steps=(step,))),
        *of("bb", echoes("10.64.2.1", 50)),
    ]
    both = seen([site("a"), site("bb")], found)
    assert (both.asked, both.silent) == (2, 1)


def test_gathering_what_others_answer_is_no_life_of_a_site() -> None:
    """An answer of another host, such as a name server that a probe of the site asks, does not show the site is up."""
    elsewhere = DnsExchange(server=ip_address("10.64.99.1"), qname=".", qtype="NS", response=b"x")
    found = [
        *of("a", echoes("10.64.1.1", 50), replace(echoes("10.64.1.1", 0), steps=(elsewhere,))),
        *of("bb", echoes("10.64.2.1", 0)),
    ]
    both = seen([site("a"), site("bb")], found)
    assert (both.asked, both.silent) == (2, 1)


def test_silent_sites_are_counted_and_not_their_rows() -> None:
    """A site with two connection points that are both down counts once."""
    office = DeclaredFacts(site="office")
    subjects = [site("a", declared=office), site("bb", declared=office), site("ccc")]
    found = [*of("a", echoes("10.64.1.1", 50)), *of("bb", echoes("10.64.2.1", 50)), *of("ccc", echoes("10.64.3.1", 0))]
    both = seen(subjects, found)
    assert (both.asked, both.silent) == (2, 1)


def test_snmp_that_rejects_us_is_a_sign_of_life_and_silence_is_none() -> None:
    assert (seen([site("a")], of("a", polled())).silent, seen([site("a")], of("a", silent())).silent) == (0, 1)


def test_sites_of_the_internet_and_other_kinds_do_not_count() -> None:
    elsewhere = replace(site("a"), network=Network.INTERNET)
    server = replace(site("bb"), kind=Kind.HOST, kinds=frozenset({Kind.HOST}))
    assert seen([elsewhere, server], [*of("a", echoes("10.64.1.1", 50)), *of("bb", echoes("10.64.2.1", 50))]) == Sites()


def test_an_address_of_two_is_shared_declared_or_shown() -> None:
    address = ip_address("10.64.1.1")
    assert seen([site("a", "10.64.1.1"), site("bb", "10.64.1.1")], []).shared == {address: ("a", "bb")}
    assert seen([site("a", "10.64.1.1"), site("bb")], of("bb", shows("10.64.1.1"))).shared == {address: ("a", "bb")}
    assert seen([site("a", "10.64.1.1"), site("bb")], of("a", shows("10.64.1.1"))).shared == {}


def test_a_point_and_the_row_of_its_device_are_one_but_a_model_makes_nobody_one() -> None:
    device = replace(site("rt", "10.64.1.1"), kind=Kind.ROUTER, kinds=frozenset({Kind.ROUTER}))
    assert seen([site("a", "10.64.1.1", declared=DeclaredFacts(device="rt")), device], []).shared == {}
    alike = [site(name, "10.64.1.1", declared=DeclaredFacts(device="SL-1000")) for name in ("a", "bb")]
    assert list(seen(alike, []).shared.values()) == [("a", "bb")]


def test_two_tables_may_use_one_address() -> None:
    other = site("bb", "10.64.1.1", tags=("vrf=camera",))
    assert seen([site("a", "10.64.1.1"), other], []).shared == {}


def test_networks_of_users_overlap_where_one_holds_the_other() -> None:
    subjects = [site("a"), site("bb"), site("ccc")]
    whole, part, apart = shows("fd75:0:1::1", 48), shows("fd75:0:1:7::1", 64), shows("fd75:0:2::1", 64)
    found = [*of("a", whole), *of("bb", part), *of("ccc", apart)]
    assert seen(subjects, found).overlapping == {
        ip_network("fd75:0:1::/48"): ("a", "bb"),
        ip_network("fd75:0:1:7::/64"): ("a", "bb"),
    }


def test_two_routers_of_one_site_share_its_network_and_the_address_of_either() -> None:
    here, there = DeclaredFacts(site="ubnd-a"), DeclaredFacts(site="ubnd-b")
    found = [*of("a", shows("fd75:0:1:7::1", 64)), *of("bb", shows("fd75:0:1:7::1", 64))]
    together = seen([site("a", declared=here), site("bb", declared=here)], found)
    assert (together.overlapping, together.shared) == ({}, {})
    apart = seen([site("a", declared=here), site("bb", declared=there)], found)
    assert list(apart.overlapping.values()) == list(apart.shared.values()) == [("a", "bb")]
    other = [site("a", declared=here), replace(site("bb", declared=here), agency=AgencyId("XA-B"))]
    assert list(seen(other, found).shared.values()) == [("a", "bb")]  # the same word, and two communes


def test_a_block_is_that_of_the_row_that_names_it() -> None:
    (block,) = seen([site("a", tags=("prefix=10.64.3.0/24",))], []).blocks
    assert (block.network, block.agency) == (ip_network("10.64.3.0/24"), "XA-A")


def test_addresses_inside_the_machine_are_nobody_s() -> None:
    """Junos gives all devices the same internal addresses on ``em`` interfaces; on other devices ``em1`` is a port."""
    names = walk(oids.IF_DESCR, {oids.IF_DESCR: {(3,): "em1.0"}})

    def told(maker: int) -> Evidence:
        return polled(
            scalars({oids.SYS_OBJECT_ID: (*oids.ENTERPRISES, maker, 1)}), names, prefixes(("10.64.0.16", 3, 32))
        )

    subjects = [site("a"), site("bb")]
    of_junos = [*of("a", told(2636)), *of("bb", told(2636))]
    assert seen(subjects, of_junos).shared == {}
    assert list(seen(subjects, [*of("a", told(8072)), *of("bb", told(8072))]).shared) == [ip_address("10.64.0.16")]


def test_addresses_on_interfaces_that_a_view_hides_are_nobody_s() -> None:
    rows = prefixes(("10.64.9.9", 3, 24))
    hidden = seen([site("a"), site("bb")], [*of("a", polled(rows)), *of("bb", polled(rows))])
    assert ip_address("10.64.9.9") not in hidden.shared


def test_points_behind_a_dead_node_are_in_its_shadow_and_not_counted_as_silent() -> None:
    node = replace(site("node", "10.64.0.9"), kind=Kind.ROUTER, kinds=frozenset({Kind.ROUTER}), name="nut-huyen")
    subjects = [node, site("ccc"), *(site(name, address, tags=("parent=node",)) for name, address in BEHIND)]
    found = [
        *of("node", lab.echo("10.64.0.9", 0)),
        *(one for name, address in BEHIND for one in of(name, echoes(address, 50))),
        *of("ccc", echoes("10.64.3.1", 0)),
    ]
    both = seen(subjects, found)
    assert both.shadows == {SubjectId("a"): ("nut-huyen",), SubjectId("bb"): ("nut-huyen",)}
    assert (both.asked, both.silent, both.nodes) == (3, 0, frozenset({SubjectId("node")}))


def test_points_behind_a_silent_node_count_as_silent_where_no_point_answers() -> None:
    behind_it = [site("p" * length, tags=("parent=node",)) for length in range(1, 9)]
    evidence = [one for point_ in behind_it for one in of(point_.id, echoes(str(point_.addresses[0]), 50))]
    found = seen([NODE, *behind_it], [*evidence, *of("node", lab.echo("10.64.0.9", 0))])
    assert (found.asked, found.silent, len(found.shadows)) == (8, 8, 8)
    made = inside(
        check=REACH, code="", about="", subject=NODE, evidence=(lab.echo("10.64.0.9", 0),), expect=(), sites=found
    )
    (finding,) = findings(load(REACH, dump(made, CHECKS)), CHECKS[REACH])
    assert (finding.outcome, finding.reason) == (Outcome.INCONCLUSIVE, Reason.EGR)


def test_points_are_not_in_the_shadow_of_a_node_behind_which_another_answers() -> None:
    node = replace(site("node", "10.64.0.9"), kind=Kind.ROUTER, kinds=frozenset({Kind.ROUTER}))
    subjects = [node, *(site(name, address, tags=("parent=node",)) for name, address in BEHIND)]
    found = [
        *of("node", lab.echo("10.64.0.9", 0)),
        *of("a", echoes("10.64.1.1", 50)),
        *of("bb", echoes("10.64.2.1", 0)),
    ]
    assert seen(subjects, found).shadows == {}


def test_points_are_in_the_shadow_of_the_node_on_their_way_in_an_earlier_run() -> None:
    node = replace(site("node", "10.64.0.9"), kind=Kind.ROUTER, kinds=frozenset({Kind.ROUTER}), agency=AgencyId("TINH"))
    way = EarlierConnections(measured=lab.NOW, before=(ip_address("10.64.0.9"),))
    found = [
        *of("node", lab.echo("10.64.0.9", 0)),
        *of("a", echoes("10.64.1.1", 50), lab.evidence("series", way)),
        *of("bb", echoes("10.64.2.1", 50)),
        *of("ccc", echoes("10.64.3.1", 0)),
    ]
    both = seen([node, site("ccc"), *(site(name, address) for name, address in BEHIND)], found)
    assert both.shadows == {SubjectId("a"): ("xa-a",)}
    assert (both.asked, both.silent) == (3, 1)


@pytest.mark.parametrize("column", [oids.VRRP_STATUS, oids.HSRP_STATE])
def test_addresses_where_routers_stand_in_for_each_other_are_not_shared(column: Oid) -> None:
    index = (3, 7, 1) if column == oids.VRRP_STATUS else (3, 7)
    pair = polled(LAN, walk(column, {column: {index: 3}}), prefixes(("10.64.1.254", 3, 24)))
    subjects = [site("a", "10.64.1.2"), site("bb", "10.64.1.3")]
    assert seen(subjects, [*of("a", pair), *of("bb", pair)]).shared == {}
    alone = polled(LAN, prefixes(("10.64.1.254", 3, 24)))
    assert set(seen(subjects, [*of("a", alone), *of("bb", alone)]).shared) == {ip_address("10.64.1.254")}


def test_anycast_addresses_are_not_shared() -> None:
    subjects = [site("a", "10.64.1.2", tags=("anycast",)), site("bb", "10.64.1.3")]
    assert seen(subjects, [*of("a", shows("10.64.1.254")), *of("bb", shows("10.64.1.254"))]).shared == {}


def behind(node: Subject, *found: Evidence) -> Sites:
    subjects = [node, site("a", "10.64.1.1", tags=("parent=node",))]
    return seen(subjects, [*of("a", echoes("10.64.1.1", 50)), *of("node", *found)])


NODE = replace(site("node", "10.64.0.9"), kind=Kind.ROUTER, kinds=frozenset({Kind.ROUTER}), tags=())
SSH = lab.tcp("10.64.0.9", 22, FailureKind.TIMEOUT)


def test_a_router_that_keeps_ssh_for_its_managers_is_not_taken_for_down() -> None:
    assert behind(NODE, SSH, silent()).shadows == {}
    assert behind(replace(NODE, tags=("no-echo",)), lab.echo("10.64.0.9", 0)).shadows == {}


def test_seen_points_without_echo_are_none_of_the_silent() -> None:
    """Points without echo by policy make no outage of ours, which would excuse the outages of other points."""
    quiet = site("a", "10.64.1.1", tags=("no-echo",))
    both = [quiet, site("bb", "10.64.1.2")]
    run = [*of("a", echoes("10.64.1.1", 50)), *of("bb", echoes("10.64.1.2", 50))]
    assert (seen(both, run).asked, seen(both, run).silent) == (1, 1)
    knocked = [*of("a", lab.tcp("10.64.1.1", 443, FailureKind.TIMEOUT))]
    assert (seen(both, [*run, *knocked]).asked, seen(both, [*run, *knocked]).silent) == (2, 2)


def test_a_router_that_was_read_before_and_is_silent_now_is_down() -> None:
    way = EarlierConnections(measured=lab.NOW, own=(ip_address("10.64.0.10"),))
    found = behind(NODE, SSH, lab.evidence("series", way))
    assert (sorted(found.shadows), sorted(found.down)) == (["a"], ["node"])


def test_points_behind_a_node_under_announced_work_are_in_its_shadow() -> None:
    begin, end = (lab.NOW + timedelta(hours=hours) for hours in (-1, 1))
    worked_on = replace(NODE, tags=(f"maintenance={begin.isoformat()}/{end.isoformat()}",))
    assert set(behind(worked_on, lab.echo("10.64.0.9", 0)).shadows) == {"a"}


@pytest.mark.parametrize(
    "excused",
    [
        {"tags": ("parent=node", f"maintenance={lab.NOW - HOUR:%Y-%m-%dT%H:%MZ}/{lab.NOW + HOUR:%Y-%m-%dT%H:%MZ}")},
        {"declared": DeclaredFacts(activated=(lab.NOW + timedelta(days=30)).date())},
        {"declared": DeclaredFacts(activated=lab.NOW.date())},
    ],
    ids=["announced-work", "not-in-operation", "first-day"],
)
def test_a_node_is_not_down_for_the_silence_of_a_point_that_is_excused(excused: dict[str, object]) -> None:
    found = seen(
        [NODE, site("a", **{"tags": ("parent=node",), **excused})],
        [*of("a", echoes("10.64.1.1", 50)), *of("node", lab.echo("10.64.0.9", 0))],
    )
    assert (set(found.shadows), found.down) == ({"a"}, frozenset())


def test_an_outage_of_a_node_has_one_finding() -> None:
    node = replace(NODE, name="nut-huyen")
    reached = [site(f"up-{n}", f"10.64.2{n}.1") for n in range(4)]
    behind_it = [site(name, address, tags=("parent=node",)) for name, address in BEHIND]
    evidence = {
        node.id: [lab.echo("10.64.0.9", 0)],
        **{one.id: [echoes(str(one.addresses[0]), 50), lab.echo(str(one.addresses[0]), 0)] for one in behind_it},
        **{one.id: [echoes(str(one.addresses[0]), 0)] for one in reached},
    }
    every = [node, *behind_it, *reached]
    sites = seen(every, [one for id_, found in evidence.items() for one in of(id_, *found)])
    said = {}
    for subject in every:
        made = inside(
            check=REACH,
            code="",
            about="",
            subject=subject,
            evidence=tuple(evidence[subject.id]),
            expect=(),
            sites=sites,
        )
        (finding,) = findings(load(REACH, dump(made, CHECKS)), CHECKS[REACH])
        said[subject.id] = finding.code
    assert said == {
        "node": "SILENT",
        "a": "IN_SHADOW",
        "bb": "IN_SHADOW",
        "up-0": "ANSWERS",
        "up-1": "ANSWERS",
        "up-2": "ANSWERS",
        "up-3": "ANSWERS",
    }
