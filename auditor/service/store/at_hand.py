"""Runs cached look-ups on the event loop; raises ``MustWait`` where one would block.

The database raises it before it is asked anything, and so does whatever else takes time. An event loop thus tries at
once what is nearly always cached, and goes to a thread only where something has to be read or computed.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
_mine = threading.local()


class MustWait(Exception):
    """What was asked for is not at hand. Nothing was done."""


@contextmanager
def at_once() -> Iterator[None]:
    """Within this, what would keep this thread waiting is refused with ``MustWait``. For work that only looks up: what
    it did before it was refused is done again by who then waits."""
    _mine.hurries, _mine.asked = True, {}
    try:
        yield
    finally:
        _mine.hurries, _mine.asked = False, {}


def asked_once(ask: Callable[[], T]) -> T:
    """Return an answer that is the same for as long as work is done at once, which is shorter than anybody notices."""
    if not getattr(_mine, "hurries", False):
        return ask()
    if ask not in _mine.asked:
        _mine.asked[ask] = ask()
    answer: T = _mine.asked[ask]
    return answer


def may_wait() -> None:
    """Called before what takes its time; MustWait where the caller cannot wait."""
    if getattr(_mine, "hurries", False):
        raise MustWait
