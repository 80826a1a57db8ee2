"""Tests that deadlines are extended on a vantage that is short of processor time."""

import asyncio

import pytest

from probes.framework import extended_deadline
from probes.framework.extended_deadline import DeadlineExtender
from probes.framework.limits import Deadline
from tests.unit.probes.framework.virtual import Stuck, monotonic, run, stand_still


async def _fires(allowed: float, still: list[float]) -> tuple[float, float]:
    """Block the loop for ``still`` seconds, one second apart; return when a deadline fires and by how much it moved."""
    beats = DeadlineExtender()
    deadline = Deadline(allowed)
    try:
        async with deadline:
            beats.watch(deadline)
            for seconds in still:
                await asyncio.sleep(1.0)
                stand_still(seconds)
            await asyncio.sleep(100_000)
    except TimeoutError:
        beats.forget(deadline)
    return monotonic(), deadline.held


@pytest.mark.parametrize(
    ("still", "fires"),
    [([], 10.0), ([5.0], 15.0), ([5.0, 5.0, 5.0], 25.0), ([0.01] * 5, 10.0), ([1_000.0], 1_001.0)],
    ids=["never", "once", "longer than the deadline", "noise", "for ever"],
)
def test_a_deadline_moves_by_the_time_in_which_the_loop_stood_still(still: list[float], fires: float) -> None:
    when, held = run(_fires(10.0, still))
    assert when == pytest.approx(fires, abs=extended_deadline.EVERY * (1 + len(still)))
    assert held == 0.0  # nobody waited for admission: evidence says nothing else


def test_it_beats_only_while_a_deadline_runs() -> None:
    async def main() -> None:
        beats = DeadlineExtender()
        async with Deadline(10.0) as deadline:
            beats.watch(deadline)
            await asyncio.sleep(1.0)
            beats.forget(deadline)
        await asyncio.get_running_loop().create_future()  # the loop notices that nothing is left to wait for

    with pytest.raises(Stuck):
        run(main())


def test_it_is_behind_while_it_is_late_again_and_again() -> None:
    async def main() -> list[bool]:
        beats, told = DeadlineExtender(), []
        async with Deadline(1_000.0) as deadline:
            beats.watch(deadline)
            for still in (0.01, 1.0, 0.0):
                for _ in range(100):
                    stand_still(still)
                    await asyncio.sleep(extended_deadline.EVERY)
                told.append(beats.is_behind)
            beats.forget(deadline)
        return told

    assert run(main()) == [False, True, False]
