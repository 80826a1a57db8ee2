"""Keeps the names that runs show and no row of an inventory has: finding them reads all evidence of a run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from auditor.service.runs.forgotten import ForgottenNames

_KEPT = 4
Key = tuple[str, str]
"""The run, and the digest of the inventory."""


@dataclass(slots=True)
class ForgottenLists:
    """Caches the lists of the few most recently viewed runs and inventories."""

    _lists: dict[Key, ForgottenNames] = field(default_factory=dict)
    _turn: Lock = field(default_factory=Lock)

    def of(self, key: Key, find: Callable[[], ForgottenNames]) -> ForgottenNames:
        """Return the cached list, else find it; simultaneous calls wait for one search."""
        with self._turn:
            if key not in self._lists:
                self._lists[key] = find()
            while len(self._lists) > _KEPT:
                del self._lists[next(iter(self._lists))]
            return self._lists[key]
