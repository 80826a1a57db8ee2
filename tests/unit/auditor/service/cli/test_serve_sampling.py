"""The sampler that `auditor serve` makes: a bug of ours with one device costs that device's sample and no round."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from auditor.framework import catalogue
from auditor.service.cli.commands.sample import sampler
from auditor.service.config.model import Config
from auditor.service.store.memory import MemoryStore
from tests.unit.auditor.service.sampling.world import Hands, World, held, machines, point, rounds

FEW = tuple(point(number) for number in range(1, 4))


async def test_a_bug_with_one_subject_is_logged_and_is_nobody_else_s(caplog: pytest.LogCaptureFixture) -> None:
    world, hands = World(machines(*FEW), stop_at=ip_address("10.64.2.1")), Hands()
    with MemoryStore() as store:
        taking = rounds(world, store, hands, *FEW)
        object.__setattr__(taking.made, "subjects", FEW)
        made = sampler(("points.csv",), Config(), store, catalogue.load())
        ours = replace(made, plan=lambda: (taking.made, taking.settings), open_net=taking.open_net, clock=hands)
        visit = await ours.once()
        assert (visit.round.points, visit.round.reached) == (2, 2)
        assert [len(held(store, one)) for one in FEW] == [1, 0, 1]
    (said,) = caplog.records
    assert "xa-2 could not be sampled" in said.getMessage()
