"""QueueGate: how many at a time, in which order, and what waiting does to a deadline."""

import asyncio
import gc
import weakref

from probes.framework.limits import Deadline
from probes.net.core.gate import QueueGate, deadline_held
from tests.unit.probes.framework.virtual import run


def test_who_waits_long_keeps_the_whole_deadline() -> None:
    """Ten wait for one place of which each needs 40 s; nobody has more than 60 s for what he does himself."""
    done: list[int] = []

    async def enter(gate: QueueGate, number: int) -> None:
        async with Deadline(60), gate.slot():
            await asyncio.sleep(40)
        done.append(number)

    async def main() -> None:
        gate = QueueGate(1)
        async with asyncio.TaskGroup() as group:
            for number in range(10):
                group.create_task(enter(gate, number))
        assert asyncio.get_running_loop().time() < 500

    run(main())
    assert done == list(range(10))


def test_so_many_at_a_time_also_after_one_was_cancelled() -> None:
    async def main() -> None:
        gate, inside, most = QueueGate(2), 0, 0

        async def work() -> None:
            nonlocal inside, most
            async with gate.slot():
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(1)
                inside -= 1

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work()) for _ in range(6)]
            await asyncio.sleep(0.5)
            tasks[3].cancel()
        assert (inside, most) == (0, 2)

    run(main())


def test_who_waited_is_held_by_nothing_afterwards() -> None:
    """Cycles of thousands of subjects would wait for a collection, each with the context of its probe."""
    known: list[weakref.ref[Deadline]] = []

    async def wait() -> None:
        async with Deadline(60) as deadline:
            known.append(weakref.ref(deadline))
            with deadline_held():
                await asyncio.sleep(2.5)

    gc.disable()
    try:
        run(wait())
        assert [deadline() for deadline in known] == [None]
    finally:
        gc.enable()
