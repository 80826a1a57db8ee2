"""Tests that choices in a form become a cron expression and come back as the same choices."""

from collections.abc import Mapping

import pytest

from auditor.service.web.forms.cron_forms import BadTime, Often, cron_of, often_of

MONTHLY = {"often": "monthly", "day": "1", "weekday": "mon", "time": "01:00", "cron": ""}
CHOICES = [
    ({}, "0 1 1 * *", Often(often="monthly", day=1, time="01:00")),
    ({"often": "daily", "time": "23:05"}, "5 23 * * *", Often(often="daily", time="23:05")),
    ({"often": "weekly", "weekday": "sun"}, "0 1 * * sun", Often(often="weekly", weekday="sun", time="01:00")),
    ({"often": "quarterly", "day": "28"}, "0 1 28 1,4,7,10 *", Often(often="quarterly", day=28, time="01:00")),
]


@pytest.mark.parametrize(("given", "expression", "often"), CHOICES)
def test_cron_of_form_reads_back_as_the_form(given: Mapping[str, str], expression: str, often: Often) -> None:
    assert cron_of({**MONTHLY, **given}) == expression
    assert often_of(expression) == often


def test_cron_of_expert_s_field_takes_precedence() -> None:
    assert cron_of({**MONTHLY, "cron": "*/5 8-17 * * mon-fri"}) == "*/5 8-17 * * mon-fri"


@pytest.mark.parametrize(
    "expression", ["*/5 * * * *", "0 1 31 * *", "0 1 1 1 *", "99 1 1 * *", "0 1 1 * mon", "@monthly"]
)
def test_often_of_anything_else_is_the_expression(expression: str) -> None:
    assert often_of(expression) == Often(cron=expression)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"cron": "every day"}, "BAD_CRON"),
        ({"cron": "0 0 30 2 *"}, "BAD_CRON"),
        ({"time": "25:00"}, "BAD_TIME"),
        ({"time": ""}, "BAD_TIME"),
        ({"often": "hourly"}, "BAD_TIME"),
        ({"often": "weekly", "weekday": "x"}, "BAD_TIME"),
        ({"day": "31"}, "BAD_DAY_OF_MONTH"),
        ({"day": "0"}, "BAD_DAY_OF_MONTH"),
        ({"day": "9" * 5_000}, "BAD_DAY_OF_MONTH"),
        ({"often": "quarterly", "day": ""}, "BAD_DAY_OF_MONTH"),
    ],
)
def test_cron_of_wrong_form_is_refused(given: Mapping[str, str], code: str) -> None:
    with pytest.raises(BadTime) as caught:
        cron_of({**MONTHLY, **given})
    assert caught.value.code == code
