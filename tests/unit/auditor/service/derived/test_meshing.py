"""Tests that other vantages are sampled, probed once in a run, and recorded with it for every path in the store."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import cast

import pytest

from auditor.figures.mesh import CellState, Grid, grid
from auditor.judging.vantage import vantage_subject
from auditor.service.config.model import Config
from auditor.service.derived.meshing import MESH, Meshing, peers
from auditor.service.runs.path_events import path_changes_of
from auditor.service.store.api import Store
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import Quality, Sample, Series
from inventory.model import Subject
from probes.framework.evidence import EvidenceSet, Failure, FailureKind, RunId
from probes.net.api import Net
from probes.observations.mesh import MeshPath
from probes.observations.series import LOSS, REACH, RTT_MEDIAN
from probes.observations.transport import EchoSeries
from tests.unit.auditor.service.sampling.world import DEAD, HUB, Hands, Machine, World, machines, point, rounds, take
from tests.unit.auditor.service.store.examples import run

REFUSED = Failure(kind=FailureKind.REFUSED)
OURS = Failure(kind=FailureKind.NO_ROUTE_HERE)
MESHES: dict[str, dict[str, object]] = {
    HUB: {"addresses": ["10.64.0.10", "fd75::10"]},
    "so-gd": {"addresses": ["10.64.1.10", "fd75:1::10"], "ports": [8443]},
    "so-yt": {"addresses": "10.64.2.10"},
}
WITH_DNS = peers(Config.model_validate({"mesh": {"so-gd": MESHES["so-gd"] | {"dns": 53}}}))[0]
GD, YT = peers(Config.model_validate({"vantage": {"name": HUB}, "mesh": MESHES}))


@pytest.fixture
def store() -> Iterator[Store]:
    with MemoryStore() as made:
        made.create_run(run(RunId("r")))
        yield made


def meshing(*mesh: Subject) -> Meshing:
    return Meshing(run=RunId("r"), vantage=HUB, mesh=mesh or (GD, YT), clock=lambda: 0.0)


async def seen(world: World, store: Store, *mesh: Subject) -> EvidenceSet:
    found = await meshing(*mesh).evidence(cast(Net, world), store)
    assert {one.subject for one in found} <= {MESH}
    assert len({one.id for one in found}) == len(found)
    return EvidenceSet(found)


def state(found: Grid, source: str, target: str, family: int) -> CellState:
    table = found.families[0 if family == 6 else 1]
    return table.rows[found.names.index(source)].cells[found.names.index(target)].state


def test_we_ourselves_are_none_of_the_others() -> None:
    assert [(one.id, one.name, len(one.addresses)) for one in (GD, YT)] == [
        ("vantage:so-gd", "so-gd", 2),
        ("vantage:so-yt", "so-yt", 1),
    ]
    assert [one.port for one in GD.services] == [8443]


async def test_one_round_of_a_run(store: Store) -> None:
    found = await seen(World(machines(GD, YT)), store)
    shown = grid(found)
    assert [state(shown, HUB, one, 4) for one in ("so-gd", "so-yt")] == [CellState.GOOD] * 2
    assert (state(shown, HUB, "so-gd", 6), state(shown, HUB, "so-yt", 6)) == (CellState.GOOD, CellState.NO_ADDRESS)
    assert state(shown, "so-gd", HUB, 6) is CellState.UNKNOWN
    assert all(step.round for _, step in found.of(MeshPath) if step.addressed)
    usual = [step for _, step in found.of(EchoSeries) if step.payload_size == 56]
    assert len(usual) == 3  # what was seen stands beside what it comes to


async def test_a_port_that_answers_is_life_and_what_is_ours_is_nobodys(store: Store) -> None:
    mute = Machine(rtts=(None,), ports={8443: REFUSED})
    assert state(
        grid(await seen(World(machines(GD) | dict.fromkeys(GD.addresses, mute)), store, GD)), HUB, "so-gd", 6
    ) is (CellState.GOOD)
    dead = World(dict.fromkeys(GD.addresses, DEAD))
    assert state(grid(await seen(dead, store, GD)), HUB, "so-gd", 6) is CellState.DOWN
    kept = World({a: Machine(failure=OURS, ports={8443: OURS}) for a in GD.addresses})
    assert state(grid(await seen(kept, store, GD)), HUB, "so-gd", 6) is CellState.UNKNOWN


async def test_loss_is_that_of_the_addresses_that_answer_echo(store: Store) -> None:
    first, second = (ip_address(f"2001:db8::{number}") for number in (1, 2))
    twofold = replace(GD, addresses=(first, second))
    world = World({first: DEAD, second: Machine(rtts=(0.01,), ports={8443: None})})
    found = await seen(world, store, twofold)
    (way,) = (step for _, step in found.of(MeshPath) if step.round and step.family == 6)
    assert (way.loss, way.rtt) == (0.0, 0.01)


def add(
    store: Store, source: str, target: str, metric: str, family: int, values: list[float | None], ago: int = 0
) -> None:
    now = datetime.now(UTC) - timedelta(minutes=ago)
    series = Series(subject=vantage_subject(target).id, metric=metric, vantage=source, family=family)
    for number, value in enumerate(values):
        quality = Quality.OK if value is not None else Quality.VANTAGE
        sample = Sample(time=now - timedelta(minutes=5 * number), value=value, quality=quality)
        store.add_samples(series, [sample])


async def test_samples_of_every_point_that_reached_the_store(store: Store) -> None:
    add(store, "so-gd", HUB, REACH, 6, [1.0] * 12)
    add(store, "so-gd", HUB, LOSS, 6, [0.5] * 12)
    add(store, "so-gd", HUB, RTT_MEDIAN, 6, [0.03] * 12)
    add(store, "so-yt", "so-gd", REACH, 4, [0.0] * 10)
    add(store, "so-yt", HUB, REACH, 4, [None] * 10)
    add(store, HUB, "so-gd", REACH, 6, [1.0] * 12, ago=120)
    dead = World({address: DEAD for one in (GD, YT) for address in one.addresses})
    found = grid(await seen(dead, store))
    assert state(found, "so-gd", HUB, 6) is CellState.LOSSY
    cell = found.families[0].rows[found.names.index("so-gd")].cells[found.names.index(HUB)]
    assert (cell.loss, cell.rtt, cell.round, cell.samples) == (0.5, 0.03, False, 12)
    assert state(found, "so-yt", "so-gd", 4) is CellState.DOWN
    assert state(found, "so-yt", HUB, 4) is CellState.UNKNOWN
    # Samples from two hours ago are too old: for them the round of the run counts.
    assert state(found, HUB, "so-gd", 6) is CellState.DOWN
    day = found.families[0].rows[found.names.index(HUB)].cells[found.names.index("so-gd")]
    assert day.round


async def test_a_resumed_run_writes_it_down_once(store: Store) -> None:
    store.add_evidence(await meshing().evidence(cast(Net, World(machines(GD, YT))), store))
    assert await meshing().evidence(cast(Net, World(machines(GD, YT))), store) == ()


async def test_too_much_that_is_silent_says_nothing_of_points_that_answer(store: Store) -> None:
    hands, world = Hands(), World(machines(YT))
    sampler = rounds(world, store, hands, point(1), point(2))
    sampler = replace(sampler, plan=replace(sampler.plan, mesh=(GD, YT)))
    (done,) = await take(sampler, hands)
    assert (done.sick, done.reached, done.silent, done.aside) == (frozenset({0}), 1, 1, 2)
    world.machines.clear()  # now no vantage answers at all: the fault is ours
    (done,) = await take(sampler, hands)
    assert (done.sick, done.reached, done.silent, done.aside) == (frozenset({0}), 0, 0, 4)


async def test_the_sampler_samples_the_other_points_and_one_cut_off_is_not_our_outage(store: Store) -> None:
    hands, world = Hands(), World(machines(point(1), GD, YT))
    sampler = rounds(world, store, hands, point(1))
    sampler = replace(sampler, plan=replace(sampler.plan, mesh=(GD, YT)))
    await take(sampler, hands)
    for address in GD.addresses:
        world.machines[address] = DEAD
    (done,) = await take(sampler, hands)
    assert (done.sick, done.points, done.silent) == (frozenset(), 3, 1)
    series = Series(subject=GD.id, metric=REACH, vantage=HUB, family=6)
    held = list(store.samples(series, hands.wall - timedelta(hours=1), hands.wall))
    assert [(one.value, one.quality) for one in held] == [(1.0, Quality.OK), (0.0, Quality.OK)]


async def test_meshing_look_tells_full_packets_ports_dns_and_path(store: Store) -> None:
    ports = {8443: None, 53: REFUSED}
    world = World({a: Machine(mtu=1420, ports=ports, hops=("10.64.0.1", None)) for a in WITH_DNS.addresses})
    six, four = grid(await seen(world, store, WITH_DNS)).ways
    assert (six.family, four.family, six.source, six.target) == (6, 4, HUB, "so-gd")
    assert six.mtu == 1420
    assert [(one.name, one.state.value) for one in six.ports] == [
        ("tcp/8443", "open"),
        ("dns/udp", "closed"),
        ("dns/tcp", "closed"),
    ]
    assert six.path is not None
    assert six.path.reached
    assert [list(map(str, hop.sources)) for hop in six.path.hops] == [["10.64.0.1"], [], ["fd75:1::10"]]


async def test_meshing_look_of_a_silent_point_tells_no_size_and_accuses_nothing_of_ours(store: Store) -> None:
    failing = World({a: Machine(failure=OURS, ports={8443: OURS, 53: OURS}) for a in WITH_DNS.addresses})
    ways = grid(await seen(failing, store, WITH_DNS)).ways
    assert [one.mtu for one in ways] == [None, None]
    assert {port.state.value for one in ways for port in one.ports} == {"unknown"}
    assert [one.path for one in ways] == [None, None]


async def test_meshing_of_the_next_run_tells_the_path_that_changed(store: Store) -> None:
    def world(hop: str) -> World:
        return World({a: Machine(hops=("10.64.0.1", hop)) for a in GD.addresses})

    for name, ago, hop in (("r1", 2, "10.64.0.2"), ("r2", 1, "10.64.0.9")):
        begun = datetime.now(UTC) - timedelta(days=ago)
        store.create_run(replace(run(RunId(name)), vantage=HUB, started=begun))
        mesh = replace(meshing(GD), run=RunId(name))
        store.add_evidence(await mesh.evidence(cast(Net, world(hop)), store))
        store.finish_run(RunId(name), begun + timedelta(hours=1))
    first, second = (store.run(RunId(name)) for name in ("r1", "r2"))
    changes = path_changes_of(second, store)
    assert sorted((one.target, str(one.address), one.hop, one.mesh) for one in changes) == [
        ("so-gd", "10.64.1.10", 2, True),
        ("so-gd", "fd75:1::10", 2, True),
    ]
    assert path_changes_of(second, store, since=first) == changes
    assert path_changes_of(first, store) == ()
    assert path_changes_of(second, store, since=replace(first, vantage="so-yt")) == ()
