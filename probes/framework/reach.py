"""Holds the addresses and ports that the current task may dial beyond the general scope."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from inventory.scope import Reach
from probes.framework.evidence import Failure, FailureKind

REACH: ContextVar[Reach] = ContextVar("reach", default=Reach())  # noqa: B039 - frozen


WEB_PORTS = frozenset({80, 443, 8080, 8443})
"""The ports that any redirect or part of a page may lead to, besides the ports that the inventory names."""


def odd_port(port: int) -> Failure | None:
    """Return the failure for a port that must not be dialled, else None: a page must not choose the ports we dial."""
    if port in WEB_PORTS or port in REACH.get().ports:
        return None
    return Failure(kind=FailureKind.OUT_OF_SCOPE, detail=f"port {port}")


@contextmanager
def within(reach: Reach) -> Iterator[None]:
    """Apply ``reach`` to everything dialled in this block and in tasks started in it."""
    token = REACH.set(reach)
    try:
        yield
    finally:
        REACH.reset(token)
