"""Reads the content of a mapping when it is first looked at."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class ReadOnDemand(Mapping[K, V]):
    """Call ``read`` once, on the first access. A report that shows no evidence thus never reads it."""

    def __init__(self, read: Callable[[], Mapping[K, V]]) -> None:
        self._read = read
        self._content: Mapping[K, V] | None = None

    def __getitem__(self, key: K) -> V:
        return self._all()[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> Mapping[K, V]:
        if self._content is None:
            self._content = self._read()
        return self._content
