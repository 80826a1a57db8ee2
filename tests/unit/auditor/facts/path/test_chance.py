"""Tests Fisher's exact test against values by hand and by scipy.stats.fisher_exact (alternative='greater')."""

import random

import pytest

from auditor.facts.path import chance


@pytest.mark.parametrize(
    ("failed", "tried", "failed_other", "tried_other", "explained"),
    [
        (2, 30, 0, 30, True),  # 0.246
        (5, 30, 0, 30, True),  # 0.0261
        (8, 30, 0, 30, True),  # 0.00229
        (9, 30, 0, 30, False),  # 0.000968
        (10, 30, 5, 30, True),  # 0.116
        (5, 100, 0, 100, True),  # 0.0297
        (11, 100, 0, 100, False),  # 0.000349
        (0, 30, 5, 30, True),
        (30, 30, 0, 30, False),
        (0, 0, 0, 0, True),
        (600, 2_000, 590, 2_000, True),
        (700, 2_000, 500, 2_000, False),
    ],
)
def test_explains_what_comes_about_more_often_than_one_time_in_a_thousand(
    failed: int, tried: int, failed_other: int, tried_other: int, explained: bool
) -> None:
    assert chance.explains(failed, tried, failed_other, tried_other, unlikely=chance.SELDOM) is explained


@pytest.mark.parametrize(
    ("lost", "lost_others", "others", "may_be"),
    [
        (3, 8, 20, True),  # 0.0932
        (3, 1, 20, True),  # 0.00226
        (4, 1, 20, False),  # 0.000471
        (3, 0, 20, False),  # nothing else is lost: no line that loses
        (3, 20, 20, False),  # nothing else arrives: this says nothing
        (0, 8, 20, False),
    ],
)
def test_lost_all_is_chance_only_on_what_loses_others_too(
    lost: int, lost_others: int, others: int, may_be: bool
) -> None:
    assert chance.lost_all(lost, lost_others, others) is may_be


STEADY = tuple(10.0 + n / 100 for n in range(20))


@pytest.mark.parametrize(("more", "longer"), [(0.0, False), (9.9, False), (10.3, True), (60.0, True)])
def test_surely_longer_on_a_steady_line_is_what_the_clock_says(more: float, longer: bool) -> None:
    assert chance.surely_longer([delay + more for delay in STEADY], STEADY, 10.0) is longer


def test_surely_longer_is_nothing_where_nothing_came() -> None:
    assert not chance.surely_longer([], STEADY, 10.0)
    assert not chance.surely_longer(STEADY, [], 10.0)


def test_surely_longer_accuses_no_line_whose_delays_vary() -> None:
    line = random.Random(1)

    def delays() -> list[float]:
        return [800 + line.uniform(-100, 100) + line.uniform(-100, 100) for _ in range(20)]

    assert sum(chance.surely_longer(delays(), delays(), 10.0) for _ in range(1_000)) <= 1
    assert sum(chance.surely_longer([delay + 250 for delay in delays()], delays(), 50.0) for _ in range(100)) >= 99
