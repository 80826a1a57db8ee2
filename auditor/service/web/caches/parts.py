"""Keeps rendered parts of pages, which many readers share."""

import asyncio
from weakref import WeakValueDictionary

from markupsafe import Markup

from auditor.service.web.caches.recently_used import RecentlyUsed

Key = tuple[str, ...]


class CachedPart(Markup):
    """Holds a rendered part of a page with its bytes."""

    encoded: bytes

    @classmethod
    def of(cls, rendered: bytes) -> "CachedPart":
        part = cls(rendered.decode())  # escaped by its template
        part.encoded = rendered
        return part


class PartCache(RecentlyUsed[Key, CachedPart]):
    """Keeps the latest parts of pages, by key. Only for the event loop."""

    def __init__(self, most: int = 400) -> None:
        super().__init__(most)
        self._turns: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()

    def turn(self, key: Key) -> asyncio.Lock:
        """Return the lock for making a part; other callers wait and then find it made."""
        return self._turns.setdefault(key, asyncio.Lock())
