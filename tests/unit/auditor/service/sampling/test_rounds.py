"""Tests rounds of samples: counted samples, samples set aside, and omitted ones."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from ipaddress import ip_address

import pytest

from auditor.service.sampling import rounds as module
from auditor.service.sampling.settings import SamplerSettings
from auditor.service.sampling.vantage import FamilyHealth
from auditor.service.store.api import Store
from auditor.service.store.memory.store import MemoryStore
from inventory.maintenance import Maintenance
from inventory.model import AgencyId, Clearance, Network, Service, SubjectId
from inventory.organisation import Organisation, Unit
from probes.framework.evidence import Failure, FailureKind
from probes.observations.series import JITTER_P95, LOSS, LOSS_SLOW, RTT_MEDIAN, RTT_P95
from tests.unit.auditor.service.sampling.world import (
    SNMP,
    START,
    Hands,
    Machine,
    World,
    held,
    machines,
    point,
    rounds,
    take,
)

OK, ASIDE, CLOSED, GAP = "ok", "vantage", "maintenance", "gap"
ONE, TWO = point(1), point(2)
MANY = tuple(point(number) for number in range(1, 11))


@pytest.fixture
def store() -> Iterator[Store]:
    with MemoryStore() as made:
        yield made


@pytest.fixture
def hands() -> Hands:
    return Hands()


def near(held: list[tuple[float | None, str]]) -> tuple[float, str]:
    """Return the only sample, rounded to hide binary inexactness."""
    ((value, quality),) = held
    assert value is not None
    return round(value, 9), quality


async def test_a_point_that_answers_over_both_families(store: Store, hands: Hands) -> None:
    rtts = (0.010, 0.030, None, 0.020)
    (done,) = await take(rounds(World(machines(ONE, rtts=rtts)), store, hands, ONE), hands)
    assert (done.taken, done.points, done.reached, done.silent, done.aside) == (True, 1, 1, 0, 0)
    for family in (4, 6):
        assert held(store, ONE, family=family) == [(1.0, OK)]
        assert near(held(store, ONE, LOSS, family)) == (0.25, OK)  # the last of three, then each fourth of 97
        assert held(store, ONE, RTT_MEDIAN, family) == [(0.020, OK)]
        assert held(store, ONE, RTT_P95, family) == [(0.030, OK)]
        assert near(held(store, ONE, JITTER_P95, family)) == (0.02, OK)
    assert held(store, ONE) == [(1.0, OK)]


async def test_a_family_that_is_silent_is_down_alone(store: Store, hands: Hands) -> None:
    v4, v6 = ONE.addresses
    world = World({v4: Machine(), v6: Machine(rtts=(None,))})
    await take(rounds(world, store, hands, ONE, *MANY[1:]), hands)
    await take(rounds(World({**machines(*MANY[1:]), **world.machines}), store, hands, *MANY), hands)
    assert (held(store, ONE, family=6)[-1], held(store, ONE, family=4)[-1]) == ((0.0, OK), (1.0, OK))
    assert held(store, ONE)[-1] == (1.0, OK)
    assert held(store, ONE, LOSS, 6) == []


@pytest.mark.parametrize(
    ("machine", "asked"),
    [
        (Machine(rtts=(None,), objects=lambda: {"1.3.6.1.2.1.1.3.0": 5}), "snmp"),
        (Machine(rtts=(None,), rejects=True), "snmp"),
        (Machine(rtts=(None,), ports={443: None}), "tcp/443"),
        (Machine(rtts=(None,), ports={443: Failure(kind=FailureKind.REFUSED)}), "tcp/443"),
    ],
)
async def test_what_answers_no_echo_may_answer_otherwise(
    store: Store, hands: Hands, machine: Machine, asked: str
) -> None:
    one = point(1, v6=False, services=(*SNMP, Service(name="https", port=443)))
    await take(rounds(World(dict.fromkeys(one.addresses, machine)), store, hands, one), hands)
    assert held(store, one) == [(1.0, OK)]
    assert asked in machine.asked
    assert held(store, one, LOSS, 4) == [(None, GAP)]  # it answers, but its loss cannot be measured


STAMPED = point(1, v6=False, services=(Service(name="stamp", port=8620),))


@pytest.mark.parametrize("rtts", [(0.010, None, None), (None,)])
async def test_where_a_stamp_responder_is_declared_echo_is_not_what_tells(
    store: Store, hands: Hands, rtts: tuple[float | None, ...]
) -> None:
    """A declared STAMP responder replaces echo, which may be limited or dropped; every fourth test packet is lost."""
    world = World(machines(STAMPED, rtts=rtts, stamps=(0.010, 0.030, None, 0.020)))
    await take(rounds(world, store, hands, STAMPED), hands)
    assert [machine.asked for machine in world.machines.values()] == [["stamp/8620"] * 2]
    assert held(store, STAMPED) == [(1.0, OK)]
    assert near(held(store, STAMPED, LOSS, 4)) == (0.25, OK)
    assert held(store, STAMPED, RTT_MEDIAN, 4) == [(0.020, OK)]
    assert [value for value, _ in held(store, STAMPED, LOSS_SLOW, 4)] in ([], [None])


async def test_a_stamp_responder_that_is_silent_leaves_it_to_echo(store: Store, hands: Hands) -> None:
    world = World(machines(STAMPED, rtts=(0.010, 0.030, None, 0.020)))
    await take(rounds(world, store, hands, STAMPED), hands)
    assert [machine.asked for machine in world.machines.values()] == [["stamp/8620", "echo", "echo"]]
    assert near(held(store, STAMPED, LOSS, 4)) == (0.25, OK)
    assert held(store, STAMPED, LOSS_SLOW, 4) != []


async def test_a_point_without_echo_is_asked_for_none(store: Store, hands: Hands) -> None:
    one = point(1, v6=False, tags=("no-echo",), services=(Service(name="https", port=443),))
    world = World(machines(one, ports={443: None}))
    await take(rounds(world, store, hands, one), hands)
    assert [machine.asked for machine in world.machines.values()] == [["tcp/443"]]
    assert held(store, one) == [(1.0, OK)]


async def test_round_point_without_echo_or_anything_else_to_ask_is_not_down(store: Store, hands: Hands) -> None:
    """A point that answers no echo by policy and declares nothing else has no sample: its state cannot be measured."""
    one = point(1, tags=("no-echo",), services=())
    world = World(machines(one, rtts=(None,)))
    (done,) = await take(rounds(world, store, hands, one), hands)
    assert [machine.asked for machine in world.machines.values()] == [[], []]
    assert held(store, one) == held(store, one, family=4) == []
    assert (done.reached, done.silent) == (0, 0)


async def test_round_point_without_echo_whose_service_is_silent_is_down(store: Store, hands: Hands) -> None:
    one = point(1, v6=False, tags=("no-echo",), services=(Service(name="https", port=443),))
    await take(rounds(World(machines(*MANY)), store, hands, *MANY), hands)
    await take(rounds(World(machines(*MANY[1:])), store, hands, one, *MANY[1:]), hands)
    assert held(store, one)[-1] == (0.0, OK)


async def test_a_passive_point_is_asked_over_snmp_alone_and_its_silence_says_nothing(
    store: Store, hands: Hands
) -> None:
    one = point(1, clearance=Clearance.PASSIVE, services=(*SNMP, Service(name="https", port=443)))
    world = World(machines(one))
    await take(rounds(world, store, hands, one), hands)
    assert {method for machine in world.machines.values() for method in machine.asked} == {"snmp"}
    assert held(store, one) == []


@pytest.mark.parametrize("kind", [FailureKind.NO_PERMISSION, FailureKind.NO_ROUTE_HERE, FailureKind.CUT_SHORT])
async def test_round_own_failure_counts_for_no_subject(store: Store, hands: Hands, kind: FailureKind) -> None:
    world = World({**machines(*MANY), **machines(ONE, failure=Failure(kind=kind))})
    (done,) = await take(rounds(world, store, hands, *MANY), hands)
    assert held(store, ONE) == [(None, ASIDE)]
    assert (done.reached, done.silent, done.aside) == (9, 0, 1)


async def test_more_than_thirty_percent_at_once_are_our_own_outage(store: Store, hands: Hands) -> None:
    world = World(machines(*MANY))
    sampler = rounds(world, store, hands, *MANY)
    await take(sampler, hands, 300)  # more than a day
    for address in (a for one in MANY[:4] for a in one.addresses):
        world.machines[address] = Machine(rtts=(None,))
    sick = await take(sampler, hands, 3)
    assert [(one.sick, one.aside) for one in sick] == [(frozenset({0}), 10)] * 3
    for address in MANY[0].addresses:
        world.machines[address] = Machine()
    (three,) = await take(sampler, hands)
    assert (three.sick, three.silent, three.reached) == (frozenset(), 3, 7)
    assert [one[1] for one in held(store, MANY[9])[-4:]] == [ASIDE, ASIDE, ASIDE, OK]
    assert held(store, MANY[1])[-4:] == [(0.0, ASIDE)] * 3 + [(0.0, OK)]


@pytest.mark.parametrize(("answered", "quality"), [({4, 6}, OK), (set(), ASIDE)])
async def test_outage_among_few_points_counts_where_a_control_answers(
    store: Store, hands: Hands, monkeypatch: pytest.MonkeyPatch, answered: set[int], quality: str
) -> None:
    async def seen(*args: object) -> FamilyHealth:
        return FamilyHealth(answered=frozenset(answered))

    monkeypatch.setattr(module, "families", seen)
    world = World(machines(*MANY[:3]))
    sampler = rounds(world, store, hands, *MANY[:3])
    await take(sampler, hands, 300)
    for address in ONE.addresses:
        world.machines[address] = Machine(rtts=(None,))
    await take(sampler, hands)
    assert held(store, ONE)[-1] == (0.0, OK)  # the others answer
    for address in (a for one in MANY[:3] for a in one.addresses):
        world.machines[address] = Machine(rtts=(None,))
    await take(sampler, hands)
    assert held(store, TWO)[-1] == (0.0, quality)


async def test_outage_ignores_never_reached_points_after_a_day(store: Store, hands: Hands) -> None:
    world = World(machines(*MANY[:5]))
    sampler = rounds(world, store, hands, *MANY)
    day = await take(sampler, hands, 288)
    assert {one.sick for one in day} == {frozenset({0})}  # half of all, and nothing known of any
    later = await take(sampler, hands, 2)
    assert [(one.sick, one.reached, one.silent) for one in later] == [(frozenset(), 5, 5)] * 2
    for address in (a for one in MANY[:2] for a in one.addresses):
        world.machines[address] = Machine(rtts=(None,))
    (hit,) = await take(sampler, hands)
    assert hit.sick == {0}


async def test_a_family_without_controls_is_set_aside_and_the_other_counts(
    store: Store, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def sick(*args: object) -> FamilyHealth:
        return FamilyHealth(sick=frozenset({6}))

    monkeypatch.setattr(module, "families", sick)
    v4_of_two, _ = TWO.addresses
    world = World({**machines(ONE), v4_of_two: Machine(rtts=(None,)), **machines(*MANY[2:])})
    await take(rounds(world, store, hands, *MANY), hands)
    assert (held(store, ONE), held(store, ONE, family=6), held(store, ONE, family=4)) == (
        [(1.0, OK)],
        [(1.0, ASIDE)],
        [(1.0, OK)],
    )
    assert (held(store, TWO), held(store, TWO, family=4)) == ([(0.0, ASIDE)], [(0.0, OK)])


WORK = Maintenance(since=START + timedelta(minutes=6), until=START + timedelta(minutes=11), subject=SubjectId("xa-1"))


@pytest.mark.parametrize("work", [WORK, replace(WORK, subject=None, agency=AgencyId("X1"))])
async def test_announced_work_counts_for_nobody(store: Store, hands: Hands, work: Maintenance) -> None:
    world = World(machines(*MANY[1:]))
    settings = SamplerSettings(maintenance=(work,))
    sampler = rounds(world, store, hands, *MANY, settings=settings)
    await take(sampler, hands, 4)
    assert held(store, ONE) == [(0.0, OK), (0.0, CLOSED), (0.0, CLOSED), (0.0, OK)]
    assert held(store, TWO) == [(1.0, OK)] * 4


async def test_work_on_many_is_no_outage_of_ours(store: Store, hands: Hands) -> None:
    works = tuple(replace(WORK, since=START, subject=one.id) for one in MANY[:5])
    world = World(machines(*MANY[5:]))
    (done,) = await take(rounds(world, store, hands, *MANY, settings=SamplerSettings(maintenance=works)), hands)
    assert (done.sick, done.reached, done.aside) == (frozenset(), 5, 5)


async def test_closed_communes_are_not_sampled(store: Store, hands: Hands) -> None:
    hands.wall = datetime.fromisoformat("2026-07-01T00:00:00+07:00") - timedelta(minutes=5)
    old, new = point(1, valid_to=date(2026, 6, 30)), point(2, valid_from=date(2026, 7, 1))
    merged, elsewhere = point(3, v6=False), point(4, network=Network.INTERNET)
    units = Organisation(units=(Unit(code=AgencyId("X3"), name="Xã 3", valid_to=date(2026, 6, 30)),))
    world = World(machines(old, new, merged, elsewhere))
    sampler = rounds(world, store, hands, old, new, merged, elsewhere, organisation=units)
    done = await take(sampler, hands, 2)
    assert [one.points for one in done] == [2, 1]
    assert [len(held(store, one)) for one in (old, new, merged, elsewhere)] == [1, 1, 1, 0]


async def test_a_slot_is_sampled_once(store: Store, hands: Hands) -> None:
    world = World(machines(ONE))
    sampler = rounds(world, store, hands, ONE)
    first = await sampler.take()
    hands.turn(299)
    world.machines.clear()
    second = await sampler.take()
    hands.turn(1)
    assert (first.taken, second.taken) == (True, False)
    assert held(store, ONE) == [(1.0, OK)]


async def test_round_cancelled_stores_nothing(store: Store, hands: Hands) -> None:
    world = World(machines(*MANY))
    sampler = rounds(world, store, hands, *MANY)
    await take(sampler, hands)
    world.stop_at = ip_address("10.64.7.1")
    with pytest.raises(ExceptionGroup):
        await sampler.take()
    world.stop_at = None
    hands.turn(300)
    (done,) = await take(sampler, hands)
    assert {len(held(store, one)) for one in MANY} == {2}
    assert done.missed == 1


async def test_a_clock_that_was_set_is_noticed(store: Store, hands: Hands) -> None:
    sampler = rounds(World(machines(ONE)), store, hands, ONE)
    await take(sampler, hands)
    hands.set_wall(3_600)
    (forward,) = await take(sampler, hands)
    hands.set_wall(-7_200)
    (back,) = await take(sampler, hands)
    (even,) = await take(sampler, hands)
    assert [one.clock_step for one in (forward, back, even)] == [3_600, -7_200, 0]
    assert (forward.missed, back.missed) == (12, 0)
    hands.set_wall(86_400)
    hands.boot = "two"
    (anew,) = await take(sampler, hands)
    assert anew.clock_step == 0  # the step cannot be known


async def test_round_bug_at_one_point_is_only_its_gap(store: Store, hands: Hands) -> None:
    world, bugs = World(machines(*MANY)), list[str]()
    sampler = replace(rounds(world, store, hands, *MANY), on_bug=lambda subject, error: bugs.append(subject.id))
    await take(sampler, hands)
    world.stop_at = ip_address("10.64.7.1")
    (done,) = await take(sampler, hands)
    assert (bugs, done.points, done.reached) == (["xa-7"], 9, 9)
    assert [len(held(store, one)) for one in (MANY[5], MANY[6], MANY[7])] == [2, 1, 2]
