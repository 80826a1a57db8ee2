"""Tests the last line of ``auditor sample``, and the errors that the sampler of ``auditor serve`` survives."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from auditor.framework import catalogue
from auditor.service.cli.commands.measuring.sample import lines, sampler
from auditor.service.config.model import Config
from auditor.service.sampling.rounds import RoundResult
from auditor.service.sampling.sampler import SamplerVisit
from auditor.service.store.memory.store import MemoryStore
from tests.unit.auditor.service.sampling.world import START, Hands, World, held, machines, point, rounds


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITOR_LANG", "en")


def test_a_quiet_round_is_one_line() -> None:
    done = RoundResult(slot=START, taken=True, points=3, reached=2, silent=1, samples=40)
    (line,) = lines(SamplerVisit(round=done))
    assert "3 points and devices: 2 answered, 1 did not, 0 set aside; 40 samples." in line


def test_sample_unusual_round_is_reported() -> None:
    done = RoundResult(slot=START, taken=True, sick=frozenset({0, 6}), clock_step=-3_600.4, missed=12)
    assert list(lines(SamplerVisit(round=done, pages=7)))[1:] == [
        "7 web sites (over IPv6) and shared systems were looked at.",
        "Too many subjects were silent at once: this counts as a fault of the vantage only.",
        "IPv6 did not work from here: what is silent over it is set aside.",
        "12 slots before this one were not sampled; they count as gaps.",
        "The clock of this machine was set by -3,600 seconds since the last round.",
    ]


def test_sample_slot_already_sampled_says_so() -> None:
    (line,) = lines(SamplerVisit(round=RoundResult(slot=START, taken=False)))
    assert line.endswith("was sampled already.")


FEW = tuple(point(number) for number in range(1, 4))


async def test_a_bug_with_one_subject_is_logged_and_is_nobody_else_s(caplog: pytest.LogCaptureFixture) -> None:
    world, hands = World(machines(*FEW), stop_at=ip_address("10.64.2.1")), Hands()
    with MemoryStore() as store:
        taking = rounds(world, store, hands, *FEW)
        object.__setattr__(taking.plan, "subjects", FEW)
        made = sampler(("points.csv",), Config(), store, catalogue.load())
        ours = replace(made, plan=lambda: (taking.plan, taking.settings), open_net=taking.open_net, clock=hands)
        visit = await ours.once()
        assert (visit.round.points, visit.round.reached) == (2, 2)
        assert [len(held(store, subject)) for subject in FEW] == [1, 0, 1]
    (record,) = caplog.records
    assert "xa-2 could not be sampled" in record.getMessage()
