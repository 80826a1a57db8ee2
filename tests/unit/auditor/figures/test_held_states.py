"""Tests that states change after three rounds half an hour apart, or a day; undecided rounds change nothing."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from auditor.figures.held_states import RoundOutcome, held, monthly, months, states
from auditor.framework.findings import Outcome

START = datetime(2026, 11, 1, tzinfo=UTC)
P, F, U = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE


def rounds(*outcomes: Outcome, every: timedelta = timedelta(hours=1)) -> list[RoundOutcome]:
    return [RoundOutcome(at=START + number * every, outcome=outcome) for number, outcome in enumerate(outcomes)]


def test_three_rounds_change_a_state_and_two_do_not() -> None:
    two, three = held(rounds(P, F, F)), held(rounds(P, F, F, F))
    assert two is not None
    assert three is not None
    assert (two.outcome, two.pending, two.rounds) == (P, F, 2)
    assert (three.outcome, three.pending, three.since) == (F, None, START + timedelta(hours=1))


def test_rounds_close_together_are_one() -> None:
    held_state = held(rounds(P, F, F, F, F, every=timedelta(minutes=9)))
    assert held_state is not None
    assert (held_state.outcome, held_state.rounds) == (P, 1)


def test_states_change_after_a_day_of_the_new_outcome() -> None:
    held_state = held(rounds(P, F, F, every=timedelta(hours=24)))
    assert held_state is not None
    assert held_state.outcome is F


def test_states_passing_round_in_between_restarts_the_count() -> None:
    held_state = held(rounds(P, F, F, P, F, F))
    assert held_state is not None
    assert (held_state.outcome, held_state.rounds) == (P, 2)


def test_states_undecided_rounds_are_ignored() -> None:
    held_state = held(rounds(P, F, U, F, U, F))
    assert held_state is not None
    assert held_state.outcome is F
    assert held(rounds(U, U)) is None


def test_a_month_is_as_most_of_its_days() -> None:
    days = rounds(*[P] * 10, *[F] * 20, every=timedelta(days=1))
    assert monthly(days, date(2026, 11, 1), date(2026, 11, 30)) is F
    assert monthly(days, date(2026, 11, 1), date(2026, 11, 15)) is P
    assert monthly(days, date(2026, 10, 1), date(2026, 10, 31)) is None


@given(st.lists(st.sampled_from([P, F, U]), max_size=20))
def test_unknown_rounds_can_be_left_out(outcomes: list[Outcome]) -> None:
    listed = rounds(*outcomes)
    assert states(listed) == states([outcome for outcome in listed if outcome.outcome is not U])


@given(st.lists(st.sampled_from([P, F, U]), max_size=20))
def test_states_outcome_is_one_that_occurred(outcomes: list[Outcome]) -> None:
    held_state = held(rounds(*outcomes))
    if held_state is not None:
        assert held_state.outcome in outcomes
        assert held_state.since <= held_state.seen


def test_each_month_has_the_state_that_most_of_its_days_had() -> None:
    pairs = [(date(2026, 8, 20), P), (date(2026, 9, 5), F), (date(2026, 9, 6), F), (date(2026, 9, 7), F)]
    seen = [
        RoundOutcome(at=datetime(day.year, day.month, day.day, tzinfo=UTC), outcome=outcome) for day, outcome in pairs
    ]
    assert months(seen, date(2026, 10, 3)) == [(date(2026, 10, 1), F), (date(2026, 9, 1), F), (date(2026, 8, 1), P)]
    assert months(seen[:1], date(2026, 8, 31)) == [(date(2026, 8, 1), P)]
    assert months([], date(2026, 8, 31)) == []
