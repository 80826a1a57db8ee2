"""Distinguishes linear work from faster growth by the time that work of ten times the size takes on this machine."""

import time
from collections.abc import Callable

_TIMES = 10
_NOTHING = 0.02
"""Seconds of this thread below which the clock is too coarse to compare."""


def linear(work: Callable[[int], object], size: int) -> bool:
    """True if work takes about ten times as long as a tenth of it; quadratic work takes a hundred times as long."""

    def seconds(length: int) -> float:
        began = time.thread_time()
        work(length)
        return time.thread_time() - began

    for _ in range(3):
        took = seconds(size)
        if took < _NOTHING or took <= 3 * _TIMES * seconds(size // _TIMES):
            return True
    return False
