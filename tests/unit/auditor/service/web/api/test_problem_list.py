"""Tests that a program's query for problems is the same selection as in the pages."""

from auditor.framework.findings import Outcome, Severity
from auditor.service.store.kept.problem_states import ProblemState
from auditor.service.web.api.problem_list import ProblemsQuery, filter_of
from auditor.service.web.problems.filter import ProblemFilter
from inventory.model import Kind


def test_filter_of_a_query_has_its_fields_and_nothing_of_its_page() -> None:
    query = ProblemsQuery(
        outcome=Outcome.FAIL, severity=Severity.HIGH, kind=Kind.PORTAL, state=ProblemState.FIXED, text="cổng", limit=7
    )
    assert filter_of(query) == ProblemFilter(outcome="fail", severity="high", kind="portal", state="fixed", text="cổng")
    assert filter_of(ProblemsQuery()) == ProblemFilter()
