"""The lines that ``auditor sample`` ends with."""

import pytest

from auditor.service.cli.commands.sample import lines
from auditor.service.sampling.rounds import RoundResult
from auditor.service.sampling.sampler import SamplerVisit
from tests.unit.auditor.service.sampling.world import START


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITOR_LANG", "en")


def test_a_quiet_round_is_one_line() -> None:
    done = RoundResult(slot=START, taken=True, points=3, reached=2, silent=1, samples=40)
    (line,) = lines(SamplerVisit(round=done))
    assert "3 points and devices: 2 answered, 1 did not, 0 set aside; 40 samples." in line


def test_what_is_unusual_is_told() -> None:
    done = RoundResult(slot=START, taken=True, sick=frozenset({0, 6}), clock_step=-3_600.4, missed=12)
    assert list(lines(SamplerVisit(round=done, pages=7)))[1:] == [
        "7 web sites (over IPv6) and shared systems were looked at.",
        "Too much was silent at once: this is held against the vantage, and nobody else.",
        "IPv6 did not work from here: what is silent over it is set aside.",
        "12 slots before this one were not sampled; they count as gaps.",
        "The clock of this machine was set by -3,600 seconds since the last round.",
    ]


def test_a_slot_that_was_sampled() -> None:
    (line,) = lines(SamplerVisit(round=RoundResult(slot=START, taken=False)))
    assert line.endswith("was sampled already.")
