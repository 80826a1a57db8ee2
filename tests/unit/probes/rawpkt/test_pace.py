"""Tests how long packets wait for their turn, together with those of another program."""

import os
from types import SimpleNamespace

import pytest

from probes.rawpkt import pace as pacing
from probes.rawpkt.pace import PacketPace
from tests.unit.probes.framework.virtual import monotonic, run


@pytest.fixture
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock, so that no time passes between two packets on a busy machine."""
    monkeypatch.setattr(pacing, "time", SimpleNamespace(monotonic=lambda: 1_000.0))


@pytest.mark.usefixtures("_still")
def test_charge_lets_a_burst_leave_at_once_and_makes_the_rest_wait() -> None:
    pace = PacketPace(rate=100)
    waits = [pace.charge() for _ in range(100)]
    assert waits[:20] == [0.0] * 20
    assert waits[20:] == pytest.approx([number / 100 for number in range(80)])


def test_turn_keeps_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "time", SimpleNamespace(monotonic=monotonic))

    async def main() -> float:
        pace = PacketPace(rate=200)
        for _ in range(10):
            await pace.turn(10)
        return monotonic()

    assert run(main()) == pytest.approx(90 / 200 - 0.2)


@pytest.mark.usefixtures("_still")
def test_programs_of_one_keeper_share_the_rate() -> None:
    pace = PacketPace(rate=100)
    child = os.fork()
    if child == 0:
        pace.charge(100)
        os._exit(0)
    os.waitpid(child, 0)
    assert pace.charge() == pytest.approx(0.8)
