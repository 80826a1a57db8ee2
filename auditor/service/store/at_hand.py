"""Runs cached look-ups on the event loop; raises ``MustWait`` if one would block.

The database raises it before a query, and so does any other slow step. An event loop thus tries a look-up that is
nearly always cached at once, and uses a thread only if something has to be read or computed.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
_mine = threading.local()


class MustWait(Exception):
    """Raised instead of a step that would block. Nothing was done."""


@contextmanager
def at_once() -> Iterator[None]:
    """Raise ``MustWait`` inside the block instead of making this thread wait.

    Only for look-ups: the caller that then waits repeats the work done before the refusal.
    """
    _mine.hurries, _mine.asked = True, {}
    try:
        yield
    finally:
        _mine.hurries, _mine.asked = False, {}


def asked_once(ask: Callable[[], T]) -> T:
    """Return the answer of ``ask``, called only once within an ``at_once`` block, which is very short."""
    if not getattr(_mine, "hurries", False):
        return ask()
    if ask not in _mine.asked:
        _mine.asked[ask] = ask()
    answer: T = _mine.asked[ask]
    return answer


def may_wait() -> None:
    """Raise MustWait if the caller cannot wait; to be called before a slow step."""
    if getattr(_mine, "hurries", False):
        raise MustWait
