"""Reads the subjects of a report some at a time, whatever agency they are of."""

from collections.abc import Callable, Iterator, Sequence

from auditor.service.store.api import AT_ONCE
from inventory.model import SubjectId
from reports.document import SubjectReport


class SubjectsAhead:
    """Reads subjects in their order, some together whatever agency they are of: most communes have two or three."""

    def __init__(
        self, ids: Sequence[SubjectId], read: Callable[[Sequence[SubjectId]], Iterator[SubjectReport]]
    ) -> None:
        self._ids, self._read = ids, read
        self._first = 0
        self._held: list[SubjectReport] = []

    def part(self, first: int, last: int) -> Iterator[SubjectReport]:
        """Those from ``first`` up to ``last``, read when they are asked for."""
        for number in range(first, last):
            if not self._first <= number < self._first + len(self._held):
                self._held = list(self._read(self._ids[number : number + AT_ONCE]))
                self._first = number
            yield self._held[number - self._first]
