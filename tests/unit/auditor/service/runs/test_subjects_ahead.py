"""Tests that subjects of a report come in order, and are read together across agencies."""

from collections.abc import Iterator, Sequence

from auditor.service.runs.subjects_ahead import SubjectsAhead
from auditor.service.store.api import AT_ONCE
from inventory.model import Kind, SubjectId
from reports.document import SubjectReport
from tests.unit.auditor.stored import row

IDS = [SubjectId(f"s{number:03}") for number in range(AT_ONCE + 5)]


def test_subjects_of_several_agencies_are_read_together() -> None:
    asked: list[int] = []

    def read(ids: Sequence[SubjectId]) -> Iterator[SubjectReport]:
        asked.append(len(ids))
        for each in ids:
            yield SubjectReport(
                subject=row(each, Kind.PORTAL, "S1"), addresses=(), findings=(), scores={}, ladders={}, derived=False
            )

    ahead = SubjectsAhead(IDS, read)
    found = [[each.subject.id for each in ahead.part(first, first + 2)] for first in range(0, len(IDS), 2)]
    assert [each for part in found for each in part] == IDS
    assert asked == [AT_ONCE, 5]
