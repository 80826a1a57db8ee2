"""Explains why a port of this machine could not be opened, and how to fix it."""

import errno
import os

from auditor.framework.operator_problems import OperatorProblem, problem


def port_not_opened(error: OSError, *, at: str) -> OperatorProblem:
    """Return the problem of a port of this machine that could not be opened, with its cause and the fix, if known."""
    match error.errno:
        case errno.EADDRINUSE:
            return problem("another program listens there; end it, or name another port", at=at)
        case errno.EADDRNOTAVAIL:
            return problem("this machine has no such address; `ip addr` lists those it has", at=at)
        case errno.EACCES | errno.EPERM:
            return problem("no permission; ports below 1024 take the capability CAP_NET_BIND_SERVICE", at=at)
        case _:  # asyncio puts a sentence of its own in place of the system's words
            why = os.strerror(error.errno) if error.errno else str(error)
            return problem("cannot listen there: {why}", at=at, why=why)
