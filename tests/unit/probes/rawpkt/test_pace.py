"""How long packets wait for their turn, also those of another program."""

import asyncio
import os
import time

import pytest

from probes.rawpkt.pace import Pace

pytestmark = pytest.mark.real_clock


def test_charge_lets_a_burst_leave_at_once_and_makes_the_rest_wait() -> None:
    pace = Pace(rate=100)
    waits = [pace.charge() for _ in range(100)]
    assert waits[:20] == [0.0] * 20
    assert 0.6 < waits[-1] <= 0.8


def test_turn_keeps_the_rate() -> None:
    async def main() -> float:
        pace, began = Pace(rate=200), time.monotonic()
        for _ in range(10):
            await pace.turn(10)
        return time.monotonic() - began

    assert asyncio.run(main()) > 0.2


def test_programs_of_one_keeper_share_the_rate() -> None:
    pace = Pace(rate=100)
    child = os.fork()
    if child == 0:
        pace.charge(100)
        os._exit(0)
    os.waitpid(child, 0)
    assert pace.charge() > 0.5
