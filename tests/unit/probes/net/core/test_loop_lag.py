"""Tests that LoopLag reports when this machine stood still or slept, and at no other time."""

import asyncio
import time
from dataclasses import replace
from ipaddress import ip_address

import pytest

from probes.framework.evidence import Failure, FailureKind, O
from probes.net.core.loop_lag import BEAT, SETTLING, TOLERATED, LoopLag
from probes.observations.transport import EchoSeries, TcpConnect
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


ADDRESS = ip_address("2001:db8::1")
TIMEOUT, RESET = (Failure(kind=kind) for kind in (FailureKind.TIMEOUT, FailureKind.RESET))
FAILED = TcpConnect(address=ADDRESS, port=443, failure=TIMEOUT)
OPEN = TcpConnect(address=ADDRESS, port=443)
LOSING = EchoSeries(address=ADDRESS, interval=1.0, payload_size=56, rtts=(0.01, None))


async def after_sleep(step: O, *, begun: float, seconds: float = 60.0) -> FailureKind | None:
    """Return the failure of a step that started ``begun`` seconds after this machine woke up and has just ended."""
    asleep = [0.0]
    loop_lag = LoopLag(asleep=lambda: asleep[0])
    loop_lag.start()
    loop = asyncio.get_running_loop()
    await asyncio.sleep(5.0)
    asleep[0] = seconds
    since = loop.time() + begun
    await asyncio.sleep(max(begun, 0.0) + 5.0)
    loop_lag.stop()
    believed = loop_lag.believed(step, since)
    return None if believed.failure is None else believed.failure.kind


@pytest.mark.parametrize("step", [FAILED, replace(FAILED, failure=RESET), LOSING], ids=["timeout", "reset", "loss"])
@pytest.mark.parametrize("begun", [-4.0, 3.0], ids=["before", "while the network comes back"])
def test_what_went_wrong_around_a_sleep_of_this_machine_is_our_own_failure(step: O, begun: float) -> None:
    assert run(after_sleep(step, begun=begun)) is FailureKind.CUT_SHORT


def test_what_went_well_or_came_later_is_believed() -> None:
    assert run(after_sleep(OPEN, begun=-4.0)) is None
    assert run(after_sleep(FAILED, begun=SETTLING + 1.0)) is FailureKind.TIMEOUT
    assert run(after_sleep(FAILED, begun=-4.0, seconds=0.5)) is FailureKind.TIMEOUT


def test_a_sleep_that_the_loop_has_not_seen_yet_counts() -> None:
    async def main() -> float:
        asleep = [0.0]
        loop_lag = LoopLag(asleep=lambda: asleep[0])
        loop_lag.start()
        await asyncio.sleep(1.0)
        asleep[0] = 30.0
        slept = loop_lag.slept(asyncio.get_running_loop().time())
        loop_lag.stop()
        return slept

    assert run(main()) == 30.0


def test_tolerated_of_waits_as_short_as_an_operator_wants_is_less_than_they_are() -> None:
    assert LoopLag().tolerated == LoopLag(30.0).tolerated == TOLERATED
    assert LoopLag(1.0).tolerated < 1.0
    assert LoopLag(0.3).tolerated < 0.3
