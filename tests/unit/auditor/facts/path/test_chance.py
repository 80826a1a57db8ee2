"""Fisher's exact test against values worked out by hand and by scipy.stats.fisher_exact (alternative='greater')."""

import pytest

from auditor.facts.path import chance


@pytest.mark.parametrize(
    ("failed", "tried", "failed_other", "tried_other", "explained"),
    [
        (2, 30, 0, 30, True),  # 0.246
        (4, 30, 0, 30, True),  # 0.0562
        (5, 30, 0, 30, False),  # 0.0261
        (10, 30, 5, 30, True),  # 0.116
        (5, 100, 0, 100, False),  # 0.0297
        (0, 30, 5, 30, True),
        (30, 30, 0, 30, False),
        (0, 0, 0, 0, True),
        (600, 2_000, 590, 2_000, True),
        (700, 2_000, 500, 2_000, False),
    ],
)
def test_explains_what_comes_about_more_often_than_one_time_in_twenty(
    failed: int, tried: int, failed_other: int, tried_other: int, explained: bool
) -> None:
    assert chance.explains(failed, tried, failed_other, tried_other) is explained


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
