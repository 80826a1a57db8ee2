"""Tests which of several attempts gives the result, and when each of them starts."""

import asyncio
from functools import partial

import pytest

from probes.framework.ended_or import LYING
from probes.framework.first_of import first_of
from probes.framework.limits import DEADLINE, Deadline
from tests.unit.probes.framework.virtual import monotonic, run


@pytest.mark.parametrize(
    ("seconds", "found", "begun", "ended"),
    [
        (["1+", "1+"], 0, [0.0], 1.0),
        (["1-", "1+"], 1, [0.0, 1.0], 2.0),
        (["10-", "1+"], 1, [0.0, LYING], 10.0),  # not before it is known that the first has nothing
        (["5+", "1+"], 0, [0.0, LYING], 5.0),
        (["5+", "100+"], 0, [0.0, LYING], 2 * LYING),  # and the second is cut once it lies too
        (["10-", "10-", "10-"], None, [0.0, LYING, 2 * LYING], 2 * LYING + 10.0),
        ([], None, [], 0.0),
    ],
)
def test_the_first_in_order_is_taken_and_silence_is_waited_for_side_by_side(
    seconds: list[str], found: int | None, begun: list[float], ended: float
) -> None:
    at = list[float]()

    async def ask(number: int, text: str) -> int | None:
        at.append(monotonic())
        await asyncio.sleep(float(text[:-1]))
        return number if text.endswith("+") else None

    async def main() -> tuple[int | None, float]:
        return await first_of(partial(ask, *each) for each in enumerate(seconds)), monotonic()

    assert (run(main()), at) == ((found, ended), begun)


def test_waiting_for_admission_is_not_lying() -> None:
    begun = list[float]()

    async def polite(seconds: float) -> str | None:
        begun.append(monotonic())
        deadline = DEADLINE.get()
        assert deadline is not None
        deadline.hold(monotonic(), seconds)
        await asyncio.sleep(seconds + 1.0)
        return "answer"

    async def main() -> float:
        async with Deadline(100.0):
            assert await first_of(partial(polite, 10.0) for _ in range(2)) == "answer"
        return monotonic()

    assert (run(main()), begun) == (11.0, [0.0])


def test_who_breaks_is_heard() -> None:
    async def breaks() -> str | None:
        raise KeyError("x")

    with pytest.raises(ExceptionGroup):
        run(first_of([breaks]))
