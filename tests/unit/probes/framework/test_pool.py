"""Tests that the pool hands out everything exactly once, and ends."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.framework.pool import Overtaking, Pool
from tests.unit.probes.framework.virtual import Stuck, cancelled_after, monotonic, run

Tree = tuple[float, list["Tree"]]
TREES: st.SearchStrategy[Tree] = st.recursive(
    st.tuples(st.sampled_from([0.0, 1.0, 2.5]), st.just([])),
    lambda children: st.tuples(st.sampled_from([0.0, 1.0]), st.lists(children, max_size=3)),
    max_leaves=12,
)


def _size(tree: Tree) -> int:
    return 1 + sum(_size(child) for child in tree[1])


@given(trees=st.lists(TREES, max_size=6), workers=st.integers(1, 8))
def test_everything_found_is_done_once(trees: list[Tree], workers: int) -> None:
    done: list[int] = []

    async def main() -> None:
        pool = Pool(trees)

        async def work(tree: Tree) -> None:
            for child in tree[1]:
                await pool.add(child)
            await asyncio.sleep(tree[0])
            done.append(id(tree))

        await pool.run(workers, work)

    run(main())
    assert len(done) == sum(map(_size, trees))


async def _seconds(source: list[float], workers: int, found: dict[float, list[float]] | None = None) -> float:
    pool = Pool(source)

    async def work(seconds: float) -> None:
        await asyncio.sleep(seconds)
        for item in (found or {}).get(seconds, []):
            await pool.add(item)
        await asyncio.sleep(seconds if found else 0)

    await pool.run(workers, work)
    return monotonic()


def test_as_many_at_once_as_there_are_workers() -> None:
    assert run(_seconds([1.0] * 6, workers=3)) == 2.0


def test_idle_workers_wait_for_what_others_still_find() -> None:
    """The source is empty at once; the three found after 5 s are done side by side, while their finder goes on."""
    assert run(_seconds([5.0], workers=4, found={5.0: [2.5, 2.5, 2.5]})) == 10.0


def test_what_is_found_goes_before_more_of_the_source() -> None:
    order: list[str] = []

    async def main() -> None:
        pool = Pool(["a", "b"])

        async def work(item: str) -> None:
            order.append(item)
            if item == "a":
                await pool.add("a1")

        await pool.run(1, work)

    run(main())
    assert order == ["a", "a1", "b"]


def test_the_source_is_pulled_no_faster_than_workers_work() -> None:
    pulled, done, ahead = 0, 0, 0

    def source() -> Iterator[int]:
        nonlocal pulled
        for number in range(50):
            pulled += 1
            yield number

    async def work(number: int) -> None:
        nonlocal done, ahead
        ahead = max(ahead, pulled - done)
        await asyncio.sleep(1 + number % 3)
        done += 1

    run(Pool(source()).run(4, work))
    assert (done, ahead) == (50, 4)


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_an_exception_ends_everybody(workers: int) -> None:
    ended: list[str] = []

    async def work(item: int) -> None:
        try:
            await asyncio.sleep(1)
            if item == 2:
                raise KeyError(item)
            await asyncio.sleep(1_000)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    with pytest.raises(ExceptionGroup) as caught:
        run(Pool([2, *range(5, 20)]).run(workers, work))
    assert [type(exception) for exception in caught.value.exceptions] == [KeyError]
    assert len(ended) == workers - 1


def test_a_source_that_breaks_ends_everybody() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise OSError("the inventory went away")

    with pytest.raises(ExceptionGroup) as caught:
        run(Pool(source()).run(3, lambda item: asyncio.sleep(1_000)))
    assert [str(exception) for exception in caught.value.exceptions] == ["the inventory went away"]


def test_cancelled_at_each_await() -> None:
    """Nobody is left behind, and an item that was begun has ended one way or the other."""
    steps = 0
    while run(_cancelled(steps)):
        steps += 1
    assert steps > 8


async def _cancelled(steps: int) -> bool:
    begun: list[int] = []
    ended: list[int] = []
    pool = Pool(range(5))

    async def work(item: int) -> None:
        begun.append(item)
        try:
            await asyncio.sleep(0)
            if item < 3:
                await pool.add(item + 10)
            await asyncio.sleep(0)
        finally:
            ended.append(item)

    cancelled = await cancelled_after(steps, pool.run(3, work))
    assert begun == sorted(set(begun), key=begun.index)
    assert sorted(begun) == sorted(ended)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert cancelled or sorted(ended) == [0, 1, 2, 3, 4, 10, 11, 12]
    return cancelled


def test_a_pool_that_forgets_to_wake_its_workers_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The virtual loop turns a lost wake-up, which would hang, into an error."""

    def silent(condition: asyncio.Condition, n: int = 1) -> None:
        """Wakes nobody."""

    monkeypatch.setattr(asyncio.Condition, "notify", silent)
    with pytest.raises((Stuck, ExceptionGroup)):
        run(_seconds([5.0], workers=2))


def test_pool_slow_pieces_go_aside_and_are_waited_for_at_the_end() -> None:
    """Two workers, three slow pieces in front: two of them aside at most."""

    async def main() -> dict[str, float]:
        ends: dict[str, float] = {}
        pool = Pool(["slow1", "slow2", "slow3", "quick1", "quick2"])

        async def work(item: str) -> None:
            await asyncio.sleep(100 if item.startswith("slow") else 1)
            ends[item] = monotonic()

        await pool.run(2, work, Overtaking(seconds=10, is_slow=lambda item: item.startswith("slow"), most=2))
        return ends

    ends = run(main())
    assert ends == {"slow1": 100, "slow2": 100, "slow3": 110, "quick1": 11, "quick2": 12}


def test_pool_exception_of_a_piece_that_is_aside_ends_all() -> None:
    async def main() -> None:
        async def work(item: int) -> None:
            await asyncio.sleep(100)
            raise ValueError(item)

        with pytest.raises(ExceptionGroup):
            await Pool([1]).run(1, work, Overtaking(seconds=10, is_slow=lambda item: True, most=1))

    run(main())
