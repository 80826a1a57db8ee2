"""Limits the memory, time and rights of a program of ours before it reads foreign input.

A mistake in a parser or a hostile file then cannot take resources that others need.
"""

import resource
import signal
import sys

MEGABYTE = 2**20


def confine(megabytes: int) -> None:
    """Limit this process permanently: its memory, no files written, no core dump. It leaves Ctrl-C to its parent."""
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
    """Limit this process to ``seconds`` of processor time from now on; the kernel then ends it at any point."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
