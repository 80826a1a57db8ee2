"""The problems of an agency are counted of its systems, and the agency itself is none of them."""

from dataclasses import replace

from inventory.model import Kind
from reports.agency_problems import gather
from tests.unit.reports.sample import province


def test_the_agency_itself_is_not_counted_among_its_systems() -> None:
    subjects = tuple(province(()).groups[0].subjects)
    alone = gather(subjects)
    assert alone.systems == len(subjects)
    unit = replace(subjects[0], subject=replace(subjects[0].subject, kind=Kind.UNIT))
    both = gather((*subjects, unit))
    assert (both.systems, both.failing_subjects) == (alone.systems, alone.failing_subjects)
    assert both.subjects == len(subjects) + 1
