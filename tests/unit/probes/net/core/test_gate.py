"""Tests QueueGate: its limit, its order, and that time spent waiting does not count against a deadline."""

import asyncio
import gc
import weakref

from probes.framework.limits import Deadline
from probes.net.core.gate import QueueGate, deadline_held
from tests.unit.probes.framework.virtual import run


def test_who_waits_long_keeps_the_whole_deadline() -> None:
    """Ten tasks share one place and need 40 s each; each has a deadline of 60 s for its own work."""
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


def test_tasks_take_places_in_turn_and_no_more_than_there_are() -> None:
    """Small tasks do not overtake a large one; a task larger than the gate gets all its places."""
    gate, began = QueueGate(10), []

    async def work(places: int) -> None:
        async with gate.slot(places):
            began.append((places, asyncio.get_running_loop().time()))
            await asyncio.sleep(1)

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            for places in (6, 4, 8, 2, 30, 1):
                group.create_task(work(places))
        assert not gate.is_full

    run(main())
    assert began == [(6, 0), (4, 0), (8, 1), (2, 1), (30, 2), (1, 3)]


def test_those_behind_a_cancelled_task_take_its_places() -> None:
    async def main() -> list[int]:
        gate, began = QueueGate(10), []

        async def work(places: int) -> None:
            async with gate.slot(places):
                began.append(places)
                await asyncio.sleep(10)

        async with asyncio.TaskGroup() as group:
            _, large, _ = [group.create_task(work(places)) for places in (6, 8, 4)]
            await asyncio.sleep(1)
            large.cancel()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert asyncio.get_running_loop().time() < 2
            return [*began]

    assert run(main()) == [6, 4]


def test_a_place_that_was_lent_is_taken_again_ahead_of_those_that_wait() -> None:
    """A task waits 3 s for an answer and lends its place after 1 s; two others, of 3 s each, wait for it."""
    gate, began = QueueGate(1), []

    async def slow() -> None:
        async with gate.slot() as place:
            with place.lent_if_slow(1.0):
                await asyncio.sleep(3)
            await place.regain()
            began.append(("slow", asyncio.get_running_loop().time()))
            await asyncio.sleep(1)

    async def other(name: str) -> None:
        async with gate.slot():
            began.append((name, asyncio.get_running_loop().time()))
            await asyncio.sleep(3)

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            for task in (slow(), other("first"), other("second")):
                group.create_task(task)
        assert not gate.is_full

    run(main())
    assert began == [("first", 1), ("slow", 4), ("second", 5)]


def test_a_place_is_not_lent_for_a_short_wait_nor_given_back_twice() -> None:
    async def main() -> None:
        gate = QueueGate(1)
        async with gate.slot() as place:
            with place.lent_if_slow(1.0):
                await asyncio.sleep(0.5)
            await asyncio.sleep(3)
            full = [gate.is_full]
            with place.lent_if_slow(1.0):
                await asyncio.sleep(3)
            full.append(gate.is_full)
        async with gate.slot():
            full.append(gate.is_full)
        assert full == [True, False, True]

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
