"""The loop_lag knows when this machine stood still, and only then."""

import asyncio
import time

import pytest

from probes.net.core.loop_lag import BEAT, TOLERATED, LoopLag
from tests.unit.probes.framework.virtual import run


def test_a_loop_that_keeps_up_has_no_stall() -> None:
    async def main() -> float:
        loop_lag = LoopLag()
        loop_lag.start()
        since = asyncio.get_running_loop().time()
        await asyncio.sleep(20.0)
        loop_lag.stop()
        return loop_lag.stalled(since)

    assert run(main()) == 0.0


@pytest.mark.real_clock
def test_a_stall_counts_for_what_waited_through_it_and_not_for_what_came_later() -> None:
    async def main() -> tuple[float, float, float]:
        loop_lag = LoopLag()
        loop_lag.start()
        loop = asyncio.get_running_loop()
        since = loop.time()
        await asyncio.sleep(BEAT)
        time.sleep(TOLERATED + 2 * BEAT)  # noqa: ASYNC251 - that is the fault to be seen
        during = loop_lag.stalled(since)  # before the loop could look
        await asyncio.sleep(BEAT)
        after = loop_lag.stalled(since)
        later = loop_lag.stalled(loop.time())
        loop_lag.stop()
        return during, after, later

    during, after, later = asyncio.run(main())
    assert during >= TOLERATED
    assert after >= TOLERATED
    assert later == 0.0


def test_tolerated_of_waits_as_short_as_an_operator_wants_is_less_than_they_are() -> None:
    assert LoopLag().tolerated == LoopLag(30.0).tolerated == TOLERATED
    assert LoopLag(1.0).tolerated < 1.0
    assert LoopLag(0.3).tolerated < 0.3
