"""Holds what the current task may dial beside what the scope allows everybody; set where the task begins."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from inventory.scope import Reach
from probes.framework.evidence import Failure, FailureKind

REACH: ContextVar[Reach] = ContextVar("reach", default=Reach())  # noqa: B039 - frozen


WEB_PORTS = frozenset({80, 443, 8080, 8443})
"""Where a redirect or a part of a page may lead, whoever wrote it; beside the ports that the inventory names."""


def odd_port(port: int) -> Failure | None:
    """Why a port that a page named is not asked: a page must not choose what we knock at."""
    if port in WEB_PORTS or port in REACH.get().ports:
        return None
    return Failure(kind=FailureKind.OUT_OF_SCOPE, detail=f"port {port}")


@contextmanager
def within(reach: Reach) -> Iterator[None]:
    """Everything that is dialled in this block, and in tasks that begin in it, is dialled for this work."""
    token = REACH.set(reach)
    try:
        yield
    finally:
        REACH.reset(token)
