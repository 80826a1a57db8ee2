"""Tests time limits of one constant length, which need no timer each."""

import asyncio

import pytest

from probes.net.core.time_limits import TimeLimits

SHORT, LONG = 0.05, 30.0


async def test_what_takes_longer_is_ended_and_told() -> None:
    limits = TimeLimits(SHORT)
    with pytest.raises(TimeoutError), limits.limited():
        await asyncio.sleep(LONG)
    await asyncio.sleep(0)  # the task goes on uncancelled
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()


async def test_what_is_done_in_time_is_left_alone_when_the_time_is_over() -> None:
    limits = TimeLimits(SHORT)
    with limits.limited():
        await asyncio.sleep(0)
    await asyncio.sleep(2 * SHORT)


async def test_each_limit_counts_from_its_own_beginning() -> None:
    limits = TimeLimits(0.2)
    ended: list[str] = []

    async def limited(name: str, after: float) -> None:
        await asyncio.sleep(after)
        with pytest.raises(TimeoutError), limits.limited():
            await asyncio.sleep(LONG)
        ended.append(name)

    began = asyncio.get_running_loop().time()
    await asyncio.gather(limited("later", 0.1), limited("first", 0.0))
    assert ended == ["first", "later"]
    assert asyncio.get_running_loop().time() - began >= 0.3


async def test_who_is_cancelled_by_others_is_cancelled() -> None:
    limits = TimeLimits(LONG)

    async def limited() -> None:
        with limits.limited():
            await asyncio.sleep(LONG)

    task = asyncio.create_task(limited())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_who_is_cancelled_at_the_end_of_the_time_is_cancelled() -> None:
    limits, reached = TimeLimits(SHORT), asyncio.Event()

    async def limited() -> None:
        with limits.limited():
            try:
                await asyncio.sleep(LONG)
            except asyncio.CancelledError:
                reached.set()
                await asyncio.sleep(LONG)  # still inside when others cancel as well

    task = asyncio.create_task(limited())
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_inside_stays_what_it_is() -> None:
    with pytest.raises(ConnectionResetError), TimeLimits(LONG).limited():
        raise ConnectionResetError


async def test_a_limit_within_another_ends_alone() -> None:
    outer, inner = TimeLimits(LONG), TimeLimits(SHORT)
    with outer.limited():
        with pytest.raises(TimeoutError), inner.limited():
            await asyncio.sleep(LONG)
        await asyncio.sleep(0)
