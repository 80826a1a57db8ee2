"""Reads the content of mappings when it is first looked at."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeVar, cast

from probes.framework.evidence import Evidence, EvidenceById, Observation, holding

K = TypeVar("K")
V = TypeVar("V")


class ReadOnDemand(Mapping[K, V]):
    """Call ``read`` once, on the first access. A report that shows no evidence thus never reads it."""

    def __init__(self, read: Callable[[], Mapping[K, V]]) -> None:
        self._read = read
        self._content: Mapping[K, V] | None = None

    def __getitem__(self, key: K) -> V:
        return self._all()[key]

    def __contains__(self, key: object) -> bool:
        return key in self._all()

    def __iter__(self) -> Iterator[K]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def holding(self, kinds: Collection[type[Observation]]) -> Iterator[Evidence]:
        """Yield evidence as ``probes.framework.evidence.holding`` does, if the values are evidence."""
        return holding(cast(EvidenceById, self._all()), kinds)

    def _all(self) -> Mapping[K, V]:
        if self._content is None:
            self._content = self._read()
        return self._content


class CombinedMapping(Mapping[K, V]):
    """Looks keys up in several mappings of different keys, and reads no value that is not asked for."""

    def __init__(self, *mappings: Mapping[K, V]) -> None:
        self._mappings = mappings

    def __getitem__(self, key: K) -> V:
        for mapping in self._mappings:
            if key in mapping:
                return mapping[key]
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return any(key in mapping for mapping in self._mappings)

    def __iter__(self) -> Iterator[K]:
        return iter(dict.fromkeys(key for mapping in self._mappings for key in mapping))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def holding(self, kinds: Collection[type[Observation]]) -> Iterator[Evidence]:
        """Yield evidence as ``probes.framework.evidence.holding`` does, if the values are evidence."""
        for mapping in self._mappings:
            yield from holding(cast(EvidenceById, mapping), kinds)
