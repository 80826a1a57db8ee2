"""Bounds the memory, time and rights of a program of ours before it reads foreign input.

A mistake in a parser or a hostile file then cannot take what others need.
"""

import resource
import signal
import sys

MEGABYTE = 2**20


def confine(megabytes: int) -> None:
    """Bounds this process for good: its memory, no files written, no core dump. Ctrl-C is for its parent to pass on."""
    sys.dont_write_bytecode = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for what, most in (
        (resource.RLIMIT_AS, megabytes * MEGABYTE),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))


def allow_seconds(seconds: float) -> None:
    """From now on so much time of the processor; then the kernel ends this process, whatever it is in the midst of."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
