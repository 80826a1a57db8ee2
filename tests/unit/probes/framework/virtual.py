"""Provides an event loop with virtual time: sleeps take no time, and a wait without a timer is an error, not a hang."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Stuck(Exception):
    """Raised when every task waits and no timer is set: a real loop would hang."""


class _Selector(selectors.SelectSelector):
    now = 0.0
    rounds = 0
    alarm: tuple[int, Callable[[], object]] | None = None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        self.rounds += 1
        if self.alarm is not None and self.rounds >= self.alarm[0]:
            call, self.alarm = self.alarm[1], None
            call()
            return ready
        if not ready and timeout is None:
            raise Stuck
        if not ready and timeout:
            self.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """``time()`` is 0 at first and moves only when everybody waits."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now

    def pass_by(self, seconds: float) -> None:
        """Time passes in which nobody runs: the loop stands still."""
        self._virtual.now += seconds

    def after_rounds(self, rounds: int, call: Callable[[], object]) -> None:
        """Call once the loop has gone round that often from now."""
        self._virtual.alarm = (self._virtual.rounds + rounds, call)


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run ``main`` in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


def stand_still(seconds: float) -> None:
    """Let time pass while the running loop is blocked, as by work that never awaits."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop.pass_by(seconds)


def monotonic() -> float:
    """Return the time of the running virtual loop."""
    return asyncio.get_running_loop().time()


async def cancelled_after(steps: int, main: Coroutine[Any, Any, object]) -> bool:
    """Run ``main`` and cancel it when the loop has gone round ``steps`` times; False once it ends before that.

    With every number of steps in turn, each await of the work is cancelled once.
    """
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    task = loop.create_task(main)
    loop.after_rounds(steps + 1, task.cancel)
    await asyncio.wait([task])
    loop.after_rounds(1, lambda: None)
    if task.cancelled():
        return True
    task.result()
    return False
