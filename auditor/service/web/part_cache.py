"""Keeps rendered parts of pages, which many readers share."""

import asyncio
from collections import OrderedDict
from weakref import WeakValueDictionary

from markupsafe import Markup

Key = tuple[str, ...]


class Part(Markup):
    """Holds a rendered part of a page with its bytes."""

    encoded: bytes

    @classmethod
    def of(cls, rendered: bytes) -> "Part":
        part = cls(rendered.decode())  # by a template that escapes
        part.encoded = rendered
        return part


class PartCache:
    """The latest parts of pages, by key. Only for the event loop."""

    def __init__(self, most: int = 400) -> None:
        self._most = most
        self._held: OrderedDict[Key, Part] = OrderedDict()
        self._turns: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()

    def turn(self, key: Key) -> asyncio.Lock:
        """Return the lock for making a part; others that want it wait and find it made."""
        return self._turns.setdefault(key, asyncio.Lock())

    def get(self, key: Key) -> Part | None:
        part = self._held.get(key)
        if part is not None:
            self._held.move_to_end(key)
        return part

    def keep(self, key: Key, part: Part) -> None:
        self._held[key] = part
        while len(self._held) > self._most:
            self._held.popitem(last=False)
