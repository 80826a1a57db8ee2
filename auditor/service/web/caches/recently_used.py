"""Keeps the most recently used values, and drops the others."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class RecentlyUsed(Generic[K, V]):
    """Holds at most ``most`` values by key, the most recently stored or read; any number of threads may use it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[K, V] = OrderedDict()
        self._turn = Lock()

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, key: K) -> bool:
        return key in self._held

    def get(self, key: K) -> V | None:
        with self._turn:
            value = self._held.get(key)
            if value is not None:
                self._held.move_to_end(key)
            return value

    def keep(self, key: K, value: V) -> V:
        """Keep a value in place of an earlier one of the key, and return it."""
        with self._turn:
            self._held[key] = value
            self._held.move_to_end(key)
            while len(self) > self._most:
                self._held.popitem(last=False)
        return value
