"""Asks the system for as many open files as a run may need: each socket is one.

A shell gives 1,024, all of which silent hosts use up for seconds; connections that cannot be opened then are not
measured. The hard limit, which no process may raise, stays.
"""

import resource
from contextlib import suppress

MOST = 65_536


def allow_many_files() -> None:
    """Raise this process's limit of open files to ``MOST``, or as far as is permitted.

    A refusal is ignored; connections that then cannot be opened are not measured.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def most_files() -> int:
    """Return how many files this process may have open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == resource.RLIM_INFINITY else soft
