"""Tests long work: a few pieces run at once, and a caller is told to come again if many wait."""

import asyncio
import threading

import pytest
from aiohttp import web

from auditor.service.web.background.bounded_pool import BoundedPool


async def test_run_bounds_what_works_and_what_waits() -> None:
    lane, go, running, most = BoundedPool("x", threads=2, waiting=3), threading.Event(), [0], [0]
    lock, both = threading.Lock(), threading.Event()

    def work() -> int:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
            if running[0] == 2:
                both.set()
        go.wait(60)
        with lock:
            running[0] -= 1
        return 7

    async with asyncio.TaskGroup() as group:
        under_way = [group.create_task(lane.run(work)) for _ in range(5)]
        assert await asyncio.to_thread(both.wait, 60)
        await asyncio.sleep(0.1)  # for a third one, which there must not be
        with pytest.raises(web.HTTPServiceUnavailable) as refused:
            await lane.run(work)
        assert refused.value.headers["Retry-After"] == "30"
        go.set()
    assert ([task.result() for task in under_way], most) == ([7] * 5, [2])
    assert await lane.run(work) == 7
    lane.close()
