"""What is remembered can be had at once, without a thread for it: who cannot wait says so, and is told where they must.

The database says it before it is asked anything, and so does whatever else takes its time. An event loop thus tries at
once what is nearly always remembered, and goes to a thread only where something has to be found.
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
