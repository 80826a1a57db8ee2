"""Tests the sentence of the overview: the number of agencies with something to fix, and of problems."""

from dataclasses import replace

import pytest

from auditor.framework.findings import Outcome, Severity
from auditor.service.pipeline.summaries.subject_lines import SubjectLine
from auditor.service.web.figures.overview import state_of
from inventory.model import AgencyId, Kind, SubjectId


def _line(agency: str | None, *fails: Severity) -> SubjectLine:
    return SubjectLine(
        id=SubjectId(f"{agency}-{len(fails)}"),
        kind=Kind.PORTAL,
        agency=None if agency is None else AgencyId(agency),
        outcomes={},
        ladders={},
        open_fails=dict.fromkeys(fails, 1),
    )


@pytest.mark.parametrize(
    ("lines", "agencies", "failing", "fails"),
    [
        ((_line("a", Severity.HIGH), _line("a"), _line("b"), _line(None)), 2, 1, 1),
        ((_line("a", Severity.HIGH), _line(None, Severity.LOW)), 1, 1, 2),
        ((_line(None, Severity.CRITICAL, Severity.LOW),), 0, 0, 2),
    ],
)
def test_state_counts_only_agencies_as_agencies(
    lines: tuple[SubjectLine, ...], agencies: int, failing: int, fails: int
) -> None:
    state = state_of(lines)
    assert (state.agencies, state.failing, state.fails) == (agencies, failing, fails)


def test_state_counts_the_findings_that_a_report_counts() -> None:
    both = replace(_line("a", Severity.HIGH), outcomes={Outcome.FAIL: 2, Outcome.PASS: 3})
    state = state_of((both, replace(_line("b"), outcomes={Outcome.FAIL: 1, Outcome.WARN: 1})))
    assert (state.fails, state.results) == (1, 3)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((), "nothing_here"),
        ((replace(_line("a"), outcomes={Outcome.INCONCLUSIVE: 3, Outcome.NOT_APPLICABLE: 1}),), "nothing_decided"),
        ((replace(_line("a"), outcomes={Outcome.PASS: 1}),), "nobody_must_act"),
        ((replace(_line("a"), outcomes={Outcome.FAIL: 1}),), "all_accepted"),
    ],
)
def test_state_says_that_all_is_well_only_where_something_was_decided(
    lines: tuple[SubjectLine, ...], said: str
) -> None:
    assert state_of(lines).nothing_open == said


def test_state_tells_that_all_that_fails_is_accepted() -> None:
    fine, accepted = _line("a"), replace(_line("b"), outcomes={Outcome.FAIL: 1})
    assert not state_of((fine,)).accepted
    assert state_of((fine, accepted)).accepted
    assert not state_of((replace(accepted, open_fails={Severity.HIGH: 1}), accepted)).accepted
