"""Tests the sampler over time: web sites by the hour, slots one after the other, failures that end nothing."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import pytest

from auditor.framework.catalogue import Catalogue
from auditor.service.config.model import VantageSection
from auditor.service.pipeline.plan.plan import Plan
from auditor.service.sampling import pages
from auditor.service.sampling.rounds import OpenNet
from auditor.service.sampling.sampler import Sampler, SamplerVisit
from auditor.service.sampling.settings import SamplerSettings
from auditor.service.store.api import Store
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import Sample, Series
from inventory.maintenance import Maintenance
from inventory.model import Kind, Network
from probes.observations.series import WEB_OK
from tests.unit.auditor.service.sampling.world import HUB, START, Hands, World, held, machines, point, rounds

ONE = point(1)
SITE = point(2, kind=Kind.PORTAL, kinds=frozenset({Kind.PORTAL}), network=Network.INTERNET)
WORK = Maintenance(since=START + timedelta(hours=1), until=START + timedelta(hours=2), subject=SITE.id)


@pytest.fixture
def store() -> Iterator[Store]:
    with MemoryStore() as made:
        yield made


@dataclass
class Looks:
    """Simulates a look at the web sites."""

    taken: list[datetime]

    async def __call__(self, made: Plan, catalogue: Catalogue, open_net: OpenNet, at: datetime) -> pages.Samples:
        self.taken.append(at)
        series = Series(subject=SITE.id, metric=WEB_OK, vantage=HUB, family=6)
        return ((series, Sample(time=at, value=1.0)),)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    found = Looks([])
    monkeypatch.setattr(pages, "look", found)
    return found


def sampler(store: Store, hands: Hands, told: list[SamplerVisit], failed: list[Exception] | None = None) -> Sampler:
    taking = rounds(World(machines(ONE)), store, hands, ONE, SITE, settings=SamplerSettings(maintenance=(WORK,)))
    object.__setattr__(taking.plan, "subjects", (ONE, SITE))
    vantage = VantageSection(name=HUB, networks=(Network.TSLCD.value, Network.INTERNET.value))
    object.__setattr__(taking.plan, "vantage", vantage)
    return Sampler(
        plan=lambda: (taking.plan, taking.settings),
        store=store,
        catalogue=cast(Catalogue, None),
        open_net=taking.open_net,
        clock=hands,
        told=told.append,
        failed=None if failed is None else failed.append,
    )


async def test_web_sites_are_looked_at_once_an_hour(store: Store, looks: Looks) -> None:
    hands, told = Hands(), list[SamplerVisit]()
    sampling = sampler(store, hands, told)
    for _ in range(25):
        await sampling.once()
        hands.turn(300)
    assert looks.taken == [START + timedelta(hours=hour) for hour in range(3)]
    assert [sampler_visit.pages for sampler_visit in told if sampler_visit.pages is not None] == [1, 1, 1]
    assert held(store, SITE, WEB_OK, 6) == [(1.0, "ok"), (1.0, "maintenance"), (1.0, "ok")]
    assert len(held(store, ONE)) == 25


async def test_a_visit_in_a_slot_that_was_sampled_still_looks_at_what_is_due(store: Store, looks: Looks) -> None:
    hands, told = Hands(), list[SamplerVisit]()
    sampling = sampler(store, hands, told)
    await sampling.once()
    await sampling.once()
    assert [(sampler_visit.round.taken, sampler_visit.pages) for sampler_visit in told] == [(True, 1), (False, None)]


async def test_run_continues_after_failures(store: Store, looks: Looks, monkeypatch: pytest.MonkeyPatch) -> None:
    hands, told, failed = Hands(wall=START + timedelta(seconds=17)), list[SamplerVisit](), list[Exception]()
    sampling = sampler(store, hands, told, failed)
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        hands.turn(seconds)
        if len(waits) == 2:
            monkeypatch.setattr(store, "add_round", _full)
        if len(waits) == 3:
            monkeypatch.undo()
            monkeypatch.setattr(asyncio, "sleep", sleep)
            monkeypatch.setattr(pages, "look", looks)
        if len(waits) == 5:
            raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        await sampling.run()
    assert waits == [284, 300, 300, 300, 300]
    assert [sampler_visit.round.slot for sampler_visit in told] == [
        START + timedelta(seconds=300 * n) for n in (1, 3, 4)
    ]
    assert [type(exception) for exception in failed] == [OSError]


def _full(samples: object) -> None:
    raise OSError("no space left")


async def test_run_without_failure_handler_raises(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    hands = Hands()
    sampling = sampler(store, hands, [])

    async def sleep(seconds: float) -> None:
        hands.turn(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(store, "add_round", _full)
    with pytest.raises(OSError, match="no space left"):
        await sampling.run()
