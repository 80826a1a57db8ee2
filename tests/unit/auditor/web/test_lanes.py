"""Work that takes long: a little at once, and whoever comes when many wait is told to come again."""

import asyncio
import threading

import pytest
from aiohttp import web

from auditor.web.lanes import Lane


async def test_run_bounds_what_works_and_what_waits() -> None:
    lane, go, running, most = Lane("x", threads=2, waiting=3), threading.Event(), [0], [0]
    lock = threading.Lock()

    def work() -> int:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        go.wait(10)
        with lock:
            running[0] -= 1
        return 7

    async with asyncio.TaskGroup() as group:
        under_way = [group.create_task(lane.run(work)) for _ in range(5)]
        await asyncio.sleep(0.1)
        with pytest.raises(web.HTTPServiceUnavailable) as refused:
            await lane.run(work)
        assert refused.value.headers["Retry-After"] == "30"
        go.set()
    assert ([one.result() for one in under_way], most) == ([7] * 5, [2])
    assert await lane.run(work) == 7
    lane.close()
