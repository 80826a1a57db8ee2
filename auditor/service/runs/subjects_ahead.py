"""Reads the subjects of a report in batches, across agencies."""

from collections.abc import Callable, Iterator, Sequence

from auditor.service.store.api import AT_ONCE
from inventory.model import SubjectId
from reports.document import SubjectReport


class SubjectsAhead:
    """Reads subjects in their order, in batches across agencies: most communes have only two or three."""

    def __init__(
        self, ids: Sequence[SubjectId], read: Callable[[Sequence[SubjectId]], Iterator[SubjectReport]]
    ) -> None:
        self._ids, self._read = ids, read
        self._first = 0
        self._held: list[SubjectReport] = []

    def part(self, first: int, last: int) -> Iterator[SubjectReport]:
        """Yield the subjects from index ``first`` to before ``last``, read when they are needed."""
        for number in range(first, last):
            if not self._first <= number < self._first + len(self._held):
                self._held = list(self._read(self._ids[number : number + AT_ONCE]))
                self._first = number
            yield self._held[number - self._first]
