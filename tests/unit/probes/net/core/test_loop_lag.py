"""The pulse knows when this machine stood still, and only then."""

import asyncio
import time

import pytest

from probes.net.core.loop_lag import BEAT, TOLERATED, Pulse
from tests.unit.probes.framework.virtual import run


def test_a_loop_that_keeps_up_has_no_stall() -> None:
    async def main() -> float:
        pulse = Pulse()
        pulse.start()
        since = asyncio.get_running_loop().time()
        await asyncio.sleep(20.0)
        pulse.stop()
        return pulse.stalled(since)

    assert run(main()) == 0.0


@pytest.mark.real_clock
def test_a_stall_counts_for_what_waited_through_it_and_not_for_what_came_later() -> None:
    async def main() -> tuple[float, float, float]:
        pulse = Pulse()
        pulse.start()
        loop = asyncio.get_running_loop()
        since = loop.time()
        await asyncio.sleep(BEAT)
        time.sleep(TOLERATED + 2 * BEAT)  # noqa: ASYNC251 - that is the fault to be seen
        during = pulse.stalled(since)  # before the loop could look
        await asyncio.sleep(BEAT)
        after = pulse.stalled(since)
        later = pulse.stalled(loop.time())
        pulse.stop()
        return during, after, later

    during, after, later = asyncio.run(main())
    assert during >= TOLERATED
    assert after >= TOLERATED
    assert later == 0.0
