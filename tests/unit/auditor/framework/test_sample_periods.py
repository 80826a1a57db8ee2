"""Tests percentiles and periods against results counted by hand."""

from hypothesis import given
from hypothesis import strategies as st

from auditor.framework.sample_periods import nearest_rank, period
from tests.unit.auditor.contexts import NOON


def test_the_ranks_of_the_regulation() -> None:
    day, week = [float(n) for n in range(1, 289)], [float(n) for n in range(1, 2_017)]
    assert (nearest_rank(day, 0.95), nearest_rank(week, 0.95)) == (274, 1_916)
    assert nearest_rank([float(n) for n in range(1, 101)], 0.95) == 95
    assert (nearest_rank([7.0], 0.95), nearest_rank([1.0, 2.0], 0.5), nearest_rank([1.0, 2.0], 0)) == (7, 1, 1)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=400), st.integers(1, 100))
def test_a_rank_is_the_smallest_value_that_enough_do_not_exceed(values: list[int], percent: int) -> None:
    value = nearest_rank(sorted(map(float, values)), percent / 100)
    assert 100 * sum(number <= value for number in values) >= percent * len(values)
    assert 100 * sum(number < value for number in values) < percent * len(values)


def test_nothing_that_counts_is_nothing_and_not_zero() -> None:
    empty = period(NOON, [], gaps=3)
    assert (empty.counted, empty.due, empty.mean, empty.total, empty.p95) == (0, 3, None, None, None)
