"""Tests that an agency's problems are counted from its systems, and that the agency is not one of them."""

from dataclasses import replace
from ipaddress import ip_address

from auditor.framework.findings import Outcome
from inventory.model import Kind
from reports.agency_problems import AgencyProblems, by_place, gather
from tests.unit.reports.sample import province


def test_the_agency_itself_is_not_counted_among_its_systems() -> None:
    subjects = tuple(province(()).groups[0].subjects)
    alone = gather(subjects)
    assert alone.systems == len(subjects)
    unit = replace(subjects[0], subject=replace(subjects[0].subject, kind=Kind.UNIT))
    both = gather((*subjects, unit))
    assert (both.systems, both.failing_subjects) == (alone.systems, alone.failing_subjects)
    assert both.subjects == len(subjects) + 1


def test_places_and_not_findings_are_kept_and_left_out() -> None:
    subject = next(each for each in province(()).groups[0].subjects if each.subject.kind is not Kind.UNIT)
    failed = replace(subject.findings[0], outcome=Outcome.FAIL, waived=None, detail=None)
    addresses = [ip_address("192.0.2.1"), ip_address("2001:db8::1")]
    problems = AgencyProblems(most=3)
    for _ in range(5):  # subjects with one part of two addresses, and another part
        parts = [*(replace(failed, address=each) for each in addresses), replace(failed, detail="khác")]
        problems.add(replace(subject, findings=tuple(parts)))
    (problem,) = problems.ranked()
    assert (problem.total, problem.left_out, problem.systems) == (15, 7, 5)
    assert [(number, len(findings)) for number, findings in by_place(problem)] == [(1, 2), (1, 1), (2, 2)]
