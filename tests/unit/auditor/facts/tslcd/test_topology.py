"""Tests which subjects are reachable only through nodes that are down."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from auditor.facts.tslcd.topology import nodes, parents_of, seen_before, shadows
from inventory.model import AgencyId, DeclaredFacts, SubjectId
from probes.observations.series import EarlierConnections
from tests.golden.lab import NOW
from tests.golden.lab_tslcd import point


def ids(*names: str) -> frozenset[SubjectId]:
    return frozenset(map(SubjectId, names))


def tree(**named: str) -> dict[SubjectId, tuple[SubjectId, ...]]:
    return {SubjectId(one): tuple(map(SubjectId, above.split())) for one, above in named.items()}


@pytest.mark.parametrize(
    ("parents", "asked", "alive", "expected"),
    [
        pytest.param(tree(xa="nut"), "xa nut", "", tree(xa="nut"), id="both-silent"),
        pytest.param(tree(xa="nut"), "xa nut", "nut", {}, id="node-answers"),
        pytest.param(tree(xa="nut"), "xa", "", {}, id="node-was-not-asked"),
        pytest.param(tree(xa="nut", xb="nut"), "xa xb nut", "xb", {}, id="node-forwards-to-another"),
        pytest.param(tree(xa="nut", nut="lon"), "xa nut lon", "", tree(xa="lon", nut="lon"), id="the-first"),
        pytest.param(tree(xa="nut", nut="lon"), "xa nut lon", "lon", tree(xa="nut"), id="the-second"),
        pytest.param(tree(xa="n1 n2"), "xa n1 n2", "n2", {}, id="ring-with-a-way-left"),
        pytest.param(tree(xa="n1 n2"), "xa n1 n2", "", tree(xa="n1 n2"), id="ring-without"),
        pytest.param(tree(xa="n1 n2", xb="n1 n2"), "xa xb n1 n2", "xb", {}, id="ring-that-forwards"),
        pytest.param(tree(xa="nut", nut="xa"), "xa nut", "", {}, id="circle"),
    ],
)
def test_shadows_name_the_nodes_that_close_every_way(
    parents: dict[SubjectId, tuple[SubjectId, ...]],
    asked: str,
    alive: str,
    expected: dict[SubjectId, tuple[SubjectId, ...]],
) -> None:
    assert shadows(parents, ids(*asked.split()), ids(*alive.split())) == expected


def test_shadows_of_a_chain_without_end_are_none_and_take_no_time() -> None:
    names = [SubjectId(f"n{at}") for at in range(3_000)]
    lattice = {name: tuple(names[at + 1 : at + 4]) for at, name in enumerate(names) if at < 2_990}
    assert len(shadows(lattice, frozenset(names), frozenset())) < 100


def test_parents_are_found_by_id_or_name_and_unknown_ones_are_left_out() -> None:
    node = replace(point(), id=SubjectId("n-1"), name="Nut-Huyen.tslcd")
    others = [
        replace(point(tags=(f"parent={text}",)), id=SubjectId(f"p-{at}"), name=f"p-{at}")
        for at, text in enumerate(("N-1", "nut-huyen", "nobody", "p-3"))
    ]
    parents = parents_of([node, *others])
    assert parents == {SubjectId("p-0"): (SubjectId("n-1"),), SubjectId("p-1"): (SubjectId("n-1"),)}
    assert nodes(parents) == {SubjectId("n-1")}


def test_parents_by_name_are_those_of_the_own_agency() -> None:
    nodes_named = [
        replace(point(), id=SubjectId(f"{agency}/nut"), name="nut", agency=AgencyId(agency)) for agency in ("a", "b")
    ]
    below = [
        replace(point(), id=SubjectId(agency), name=agency, agency=AgencyId(agency), tags=("parent=nut",))
        for agency in ("a", "b", "c")
    ]
    assert parents_of([*nodes_named, *below]) == tree(a="a/nut", b="b/nut")


def way(*, before: str = "", neighbours: tuple[str, ...] = (), own: str = "") -> EarlierConnections:
    return EarlierConnections(
        measured=NOW,
        before=tuple(map(ip_address, before.split())),
        neighbours=neighbours,
        own=tuple(map(ip_address, own.split())),
    )


NODE = replace(point("10.64.0.9"), id=SubjectId("nut"), name="nut-huyen", agency=AgencyId("TINH"))
OWN = replace(point("10.64.3.2"), id=SubjectId("rt-a"), name="rt-a")
POINT = point("10.64.3.1")


@pytest.mark.parametrize(
    ("ways", "expected"),
    [
        pytest.param({"xa-a": way(before="10.64.0.9")}, tree(**{"xa-a": "nut"}), id="hop-is-its-address"),
        pytest.param(
            {"xa-a": way(before="10.64.9.1"), "nut": way(own="10.64.9.1")}, tree(**{"xa-a": "nut"}), id="hop-it-showed"
        ),
        pytest.param({"xa-a": way(neighbours=("Nut-Huyen.vnpt.vn",))}, tree(**{"xa-a": "nut"}), id="neighbour-by-name"),
        pytest.param({"xa-a": way(neighbours=("10.64.0.9",))}, tree(**{"xa-a": "nut"}), id="neighbour-by-address"),
        pytest.param({"xa-a": way(before="10.64.3.2", neighbours=("rt-a",))}, {}, id="its-own-router"),
        pytest.param({"xa-a": way(before="203.0.113.1", neighbours=("p-1",))}, {}, id="of-the-operator"),
        pytest.param({"xa-z": way(before="10.64.0.9")}, {}, id="not-in-the-inventory"),
    ],
)
def test_ways_of_earlier_runs_name_the_nodes_of_others(
    ways: dict[str, EarlierConnections], expected: dict[SubjectId, tuple[SubjectId, ...]]
) -> None:
    assert seen_before([NODE, OWN, POINT], {SubjectId(id_): way for id_, way in ways.items()}) == expected


def test_equipment_of_another_site_of_the_same_agency_is_a_node() -> None:
    here = replace(POINT, declared=DeclaredFacts(site="Xã A"))
    there = replace(OWN, declared=DeclaredFacts(site="Huyện"))
    subjects_by_subject = seen_before([here, there], {SubjectId("xa-a"): way(before="10.64.3.2")})
    assert subjects_by_subject == tree(**{"xa-a": "rt-a"})
