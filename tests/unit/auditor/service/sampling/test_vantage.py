"""Tests the sampler's memory of its vantage, and when its controls show that a family is sick."""

import asyncio
from datetime import timedelta
from ipaddress import ip_address
from typing import cast

import pytest

from auditor.service.sampling.clock import Moment, machine, slot, today
from auditor.service.sampling.vantage import FamilyHealth, VantageMemory, families, outage, sites
from inventory.model import AgencyId, DeclaredFacts, Endpoint, Kind, Subject, SubjectId
from probes.framework import vantage as selftest
from probes.framework.evidence import Failure, FailureKind
from probes.framework.vantage import SelfTest
from probes.net.api import Net
from tests.unit.auditor.service.sampling.world import START, Machine, World

MOMENT = Moment(wall=START, steady=5.5, boot="b")
KNOWN = VantageMemory(began=START, slot=START, moment=MOMENT, up=frozenset({SubjectId("xa-1")}), pages=START)
V4, V6 = ip_address("192.0.2.1"), ip_address("2001:db8::1")
NO_ROUTE = Failure(kind=FailureKind.NO_ROUTE_HERE)


def test_vantage_memory_round_trips_as_json() -> None:
    assert VantageMemory.from_json(KNOWN.to_json()) == KNOWN


@pytest.mark.parametrize("written", [b"", b"{}", b"[]", b"7", b'{"began": 1}', KNOWN.to_json().replace(b"2026", b"x")])
def test_vantage_memory_unreadable_is_none(written: bytes) -> None:
    assert VantageMemory.from_json(written) is None


@pytest.mark.parametrize(
    ("down", "total", "expected"),
    [(3, 10, False), (4, 10, True), (0, 0, False), (1, 3, False), (3, 3, False), (2, 4, False), (2, 5, True)],
)
def test_outage_above_thirty_percent_is_the_vantage(down: int, total: int, expected: bool) -> None:
    reached = {SubjectId(str(number)): number >= down for number in range(total)}
    assert outage(reached, None, START) is expected
    old = VantageMemory(began=START - timedelta(days=2), slot=START, moment=MOMENT, up=frozenset(reached))
    assert outage(reached, old, START) is expected


def test_what_was_down_before_is_no_outage() -> None:
    reached = {SubjectId(str(number)): number >= 9 for number in range(10)}
    old = VantageMemory(began=START - timedelta(days=2), slot=START, moment=MOMENT, up=frozenset({SubjectId("9")}))
    assert not outage(reached, old, START)


@pytest.mark.parametrize(("down", "expected"), [(0, False), (1, False), (2, False), (3, True)])
def test_outage_of_few_sites_without_a_control_is_ours_only_where_all_are_silent(down: int, expected: bool) -> None:
    reached = {SubjectId(str(number)): number >= down for number in range(3)}
    assert outage(reached, None, START, controlled=False) is expected


def test_outage_counts_sites_and_not_rows() -> None:
    reached = {SubjectId(f"xa-{site}-{row}"): site > 0 for site in range(6) for row in ("point", "router", "switch")}
    where = {subject: subject[:4] for subject in reached}
    assert not outage(reached, None, START, sites=where)
    assert outage({**reached, **{subject: False for subject in reached if "-1-" in subject}}, None, START, sites=where)


def test_outage_of_one_row_leaves_its_site_alive() -> None:
    reached = {SubjectId(f"xa-{site}-{row}"): row > 0 for site in range(6) for row in range(3)}
    assert not outage(reached, None, START, sites={subject: subject[:4] for subject in reached})


def row(name: str, kind: Kind, *, site: str = "", device: str = "") -> Subject:
    declared = DeclaredFacts(site=site, device=device)
    return Subject(id=SubjectId(name), kind=kind, kinds=frozenset({kind}), agency=AgencyId("X1"), declared=declared)


def test_sites_are_those_of_the_rows_or_of_the_points_devices() -> None:
    rows = [
        row("a", Kind.CONNECTION_POINT, site="HQ"),
        row("b", Kind.ROUTER, site="HQ"),
        row("c", Kind.CONNECTION_POINT, device="d"),
        row("d", Kind.ROUTER),
        row("e", Kind.CONNECTION_POINT, device="ISR 1100"),
    ]
    assert sites(rows) == {"a": "X1\nHQ", "b": "X1\nHQ", "c": "d", "d": "d", "e": "e"}


async def seen_families(
    monkeypatch: pytest.MonkeyPatch, machines: dict[str, Machine], own: dict[int, object] | None = None
) -> FamilyHealth:
    found = own or {4: V4, 6: V6}
    monkeypatch.setattr(selftest, "source_toward", lambda address: found[address.version])
    world = World({ip_address(text): machine for text, machine in machines.items()})
    controls = tuple(Endpoint(address=ip_address(text)) for text in machines)
    test = SelfTest(controls=controls, roots=(), own_way=False, transports=frozenset({"icmp"}))
    return await families(test, cast(Net, world))


async def test_a_family_is_sick_when_none_of_its_controls_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    dead, alive = Machine(rtts=(None,)), Machine()
    both = {"192.0.2.9": alive, "192.0.2.10": dead, "2001:db8::9": dead, "2001:db8::10": dead}
    assert await seen_families(monkeypatch, both) == FamilyHealth(sick=frozenset({6}), answered=frozenset({4}))
    assert await seen_families(monkeypatch, {"192.0.2.9": dead}) == FamilyHealth(sick=frozenset({4}))
    assert await seen_families(monkeypatch, {}) == FamilyHealth()


async def test_a_family_that_cannot_be_sent_from_is_sick(monkeypatch: pytest.MonkeyPatch) -> None:
    unsent = Machine(failure=NO_ROUTE)
    assert (await seen_families(monkeypatch, {"2001:db8::9": unsent}, {4: V4, 6: NO_ROUTE})).sick == {6}


async def test_a_self_test_without_end_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*args: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("auditor.service.sampling.vantage.self_test", never)
    monkeypatch.setattr("auditor.service.sampling.vantage.DEADLINE", 0.01)
    assert await families(SelfTest(controls=(), roots=(), own_way=False), cast(Net, World())) == FamilyHealth()


@pytest.mark.real_clock
def test_this_machine_s_clocks_run() -> None:
    moment, two = machine(), machine()
    assert moment.boot == two.boot
    assert 0 <= two.since(moment) < 60
    assert two.step(moment) == 0


def test_slots_and_days() -> None:
    assert slot(START + timedelta(seconds=299.9), 300) == START
    assert slot(START + timedelta(seconds=300), 300) == START + timedelta(seconds=300)
    assert today(START.replace(hour=16, minute=59)).day == START.day
    assert today(START.replace(hour=17)).day == START.day + 1
