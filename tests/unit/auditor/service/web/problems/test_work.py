"""Tests that only permitted readers see the work on a problem, and that claims a later run contradicts are marked."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from auditor.service.store.kept.problem_states import ProblemChange, ProblemState, WantedChange
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.problems.lists import grouped
from auditor.service.web.problems.work import (
    BadChange,
    ProblemWork,
    fields_of,
    key_text,
    marked,
    problem_key,
    wanted_change,
)
from inventory.model import AgencyId
from tests.unit.auditor.service.web.problems.test_lists import FIRST, LINES, ORDER, SECOND, finding

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
(PROBLEM,) = grouped(LINES, ORDER, [finding("b.vn")])


def view(*, whole: bool = True, sees: AgencyId = FIRST) -> AccountView:
    run = SimpleNamespace(started=NOW)
    made = SimpleNamespace(whole=whole, sees=lambda agency: agency == sees, digest=SimpleNamespace(run=run))
    return cast(AccountView, made)


def change(state: ProblemState, *, days: int = 0, deadline: date | None = None) -> ProblemChange:
    made = NOW + timedelta(days=days)
    return ProblemChange(state=state, deadline=deadline, agency=FIRST, made=made, who="an")


def work(held: ProblemChange, seen: AccountView | None = None) -> ProblemWork:
    return ProblemWork(seen or view(), {problem_key(PROBLEM): held}, NOW)


@pytest.mark.parametrize(
    ("state", "days", "expected"),
    [(ProblemState.FIXED, -1, True), (ProblemState.FIXED, 1, False), (ProblemState.IN_WORK, -1, False)],
)
def test_claim_of_a_fix_is_contradicted_only_by_a_later_run(state: ProblemState, days: int, expected: bool) -> None:
    assert work(change(state, days=days)).is_contradicted(PROBLEM) is expected


@pytest.mark.parametrize(
    ("state", "deadline", "expected"),
    [
        (ProblemState.IN_WORK, date(2026, 3, 1), True),
        (ProblemState.IN_WORK, date(2026, 3, 2), False),
        (ProblemState.ACCEPTED, date(2026, 3, 1), False),
        (ProblemState.NEW, None, False),
    ],
)
def test_deadline_is_overdue_from_the_day_after_while_open(
    state: ProblemState, deadline: date | None, expected: bool
) -> None:
    assert work(change(state, deadline=deadline)).is_overdue(PROBLEM) is expected


def test_work_from_when_a_subject_was_another_agency_s_is_not_shown() -> None:
    held = change(ProblemState.FIXED)
    assert work(held, view(whole=False)).state(PROBLEM) is ProblemState.FIXED
    other = work(held, view(whole=False, sees=SECOND))
    assert (other.state(PROBLEM), other.change(PROBLEM), other.visible([held])) == (ProblemState.NEW, None, [])


def test_wanted_change_is_read_from_a_form() -> None:
    given = {"state": "in_work", "owner": " ông Ba ", "deadline": "2026-04-01", "comment": "gọi lại"}
    assert wanted_change(given) == WantedChange(
        state=ProblemState.IN_WORK, owner="ông Ba", deadline=date(2026, 4, 1), comment="gọi lại"
    )


@pytest.mark.parametrize(
    ("given", "code"), [({}, "NO_CHANGE"), ({"state": "gone"}, "BAD_STATE"), ({"deadline": "01/04/2026"}, "BAD_DAY")]
)
def test_wanted_change_that_cannot_be_read_says_why(given: dict[str, str], code: str) -> None:
    with pytest.raises(BadChange) as caught:
        wanted_change(given)
    assert caught.value.code == code


def test_marked_problems_are_those_of_the_list_alone() -> None:
    assert marked([PROBLEM], [key_text(PROBLEM), "internet ipv6.web.reach other.vn"]) == {problem_key(PROBLEM): FIRST}


def test_fields_of_a_query_are_the_first_of_each() -> None:
    assert fields_of("a=1&b=x%26y&a=2") == {"a": "1", "b": "x&y"}
