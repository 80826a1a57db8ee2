"""Runs cached look-ups on the event loop; raises ``MustWait`` where one would block.

The database raises it before it is asked anything, and so does whatever else takes time. An event loop thus tries at
once what is nearly always cached, and goes to a thread only where something has to be read or computed.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_mine = threading.local()


class MustWait(Exception):
    """What was asked for is not at hand. Nothing was done."""


@contextmanager
def at_once() -> Iterator[None]:
    """Within this, what would keep this thread waiting is refused with ``MustWait``. For work that only looks up: what
    it did before it was refused is done again by who then waits."""
    _mine.hurries = True
    try:
        yield
    finally:
        _mine.hurries = False


def may_wait() -> None:
    """Called before what takes its time; MustWait where the caller cannot wait."""
    if getattr(_mine, "hurries", False):
        raise MustWait
