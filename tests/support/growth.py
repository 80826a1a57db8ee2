"""Tells linear work from what grows faster, by the time that more of it takes on the machine that it runs on."""

import time
from collections.abc import Callable

_TIMES = 10
_NOTHING = 0.02
"""Seconds of this thread below which the clock is too coarse to compare."""


def linear(work: Callable[[int], object], size: int) -> bool:
    """Return whether work of a size takes about ten times what a tenth of it takes; a quadratic one takes a hundred."""

    def seconds(length: int) -> float:
        began = time.thread_time()
        work(length)
        return time.thread_time() - began

    for _ in range(3):
        took = seconds(size)
        if took < _NOTHING or took <= 3 * _TIMES * seconds(size // _TIMES):
            return True
    return False
