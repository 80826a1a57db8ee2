"""Tests that a selection is read from an address, written back to it, and restricts by each of its fields."""

import pytest

from auditor.service.web.problems.filter import NO_AGENCY, ProblemFilter, chosen
from auditor.service.web.problems.lists import grouped
from auditor.texts.translate import Texts
from inventory.model import AgencyId
from inventory.organisation import Organisation, Unit
from tests.unit.auditor.service.web.problems.test_lists import FIRST, LINES, ORDER, SECOND, finding

ORGANISATION = Organisation(
    units=(Unit(code=FIRST, name="Sở Y tế"), Unit(code=SECOND, name="Bệnh viện Đa khoa", parent=FIRST))
)
PROBLEMS = grouped(
    LINES,
    ORDER,
    [
        finding("none.vn", "ipv6.dns.aaaa", tested=False),
        finding("a.vn", "ipv6.web.aaaa", address="192.0.2.1"),
        finding("b.vn", "ipv6.web.aaaa", address="2001:db8::1"),
    ],
)


def subjects(**fields: str) -> set[str]:
    wanted = ProblemFilter(**fields)
    return {problem.line.id for problem in chosen(PROBLEMS, wanted, ORGANISATION, [Texts("vi"), Texts("en")])}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {"a.vn", "b.vn", "none.vn"}),
        ({"agency": FIRST}, {"a.vn", "b.vn"}),
        ({"agency": FIRST, "own": "1"}, {"b.vn"}),
        ({"agency": AgencyId("X")}, set()),
        ({"agency": NO_AGENCY}, {"none.vn"}),
        ({"family": "4"}, {"a.vn"}),
        ({"family": "none"}, {"none.vn"}),
        ({"check": "ipv6.web.*"}, {"a.vn", "b.vn"}),
        ({"text": "benh vien da khoa"}, {"a.vn"}),
        ({"text": "2001:db8::1"}, {"b.vn"}),
        ({"text": "ipv6.dns"}, {"none.vn"}),
        ({"outcome": "unknown"}, set()),
        ({"reason": "U-SCOPE"}, set()),
        ({"reason": "measured"}, {"a.vn", "b.vn"}),
        ({"reason": "untested"}, {"none.vn"}),
    ],
)
def test_chosen_problems_have_what_is_asked_for(fields: dict[str, str], expected: set[str]) -> None:
    assert subjects(**fields) == expected


def test_problem_filter_is_read_and_written_with_its_own_fields_alone() -> None:
    read = ProblemFilter.of({"text": f" {'a' * 200} ", "agency": "S&X", "page": "3", "severity": ""})
    assert read == ProblemFilter(text="a" * 100, agency="S&X")
    assert read.query == f"agency=S%26X&text={'a' * 100}"
