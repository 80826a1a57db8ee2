"""Asks the system for as many open files as a run may need: each socket is one.

A shell gives 1,024, of which hosts that answer nothing use up every one for seconds; what cannot be opened then is not
measured. The limit that no process may raise stays.
"""

import resource
from contextlib import suppress

MOST = 65_536


def allow_many_files() -> None:
    """Raise this process's own limit as far as it may; where it may not, what it cannot open is not measured."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
