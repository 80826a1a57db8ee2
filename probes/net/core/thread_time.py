"""Reads how long this thread worked or waited for a processor: its time measurements may be too long by that."""

_PATH = "/proc/thread-self/schedstat"
_NANOSECONDS = 1e9


def thread_time(path: str = _PATH) -> float:
    """Return the seconds that this thread has had a processor or waited for one; 0 where the kernel does not tell.

    The kernel counts both in nanoseconds (Documentation/scheduler/sched-stats.rst, /proc/<pid>/schedstat).
    """
    try:
        with open(path, encoding="ascii") as counted:
            ran, waited, *_ = counted.read().split()
    except OSError:
        return 0.0
    return (int(ran) + int(waited)) / _NANOSECONDS
