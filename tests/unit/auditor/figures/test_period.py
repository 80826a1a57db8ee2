"""Tests calendar periods, and which counts of a year represent its beginning and its end."""

import re
from dataclasses import replace
from datetime import date

import pytest

from auditor.figures.compliance import judge_framework
from auditor.figures.kpis import KPIS
from auditor.figures.period import (
    Extent,
    PeriodPoint,
    fuller,
    parse_period,
    periods_of,
    previous_period,
    progress,
    small,
)
from auditor.figures.rollup import Summing
from auditor.regulations.loading import parse
from inventory.model import Kind
from tests.unit.auditor.figured import ORGANISATION, facts

FRAMEWORK = parse(
    """
id = "plan"
title_vi = "Kế hoạch"
title_en = "Plan"
source_vi = "QĐ 1"
source_en = "Decision 1"
legal_status = "V"
[[requirement]]
id = "1"
article = "Điều 1"
text_vi = "Một"
text_en = "One"
rule = "kpi:K08>=100"
""",
    source="plan.toml",
)


def point(day: date, *, works: bool) -> PeriodPoint:
    summing = Summing(ORGANISATION, day, KPIS.values())
    summing.add(facts("www.tinh.vn", Kind.PORTAL, "S1", ladder=(2 if works else 0, False)))
    rollup = summing.rollup()
    return PeriodPoint(run=str(day), day=day, rollup=rollup, frameworks=(judge_framework(FRAMEWORK, rollup),))


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_parse_period_gives_its_first_and_last_day(name: str, first: date, last: date) -> None:
    period = parse_period(name)
    assert (period.first, period.last) == (first, last)


@pytest.mark.parametrize("text", ["", "26", "2026-Q5", "2026-13", "2026-1", "1999", "2026-Q1 ", "٢٠٢٦"])
def test_parse_period_of_anything_else_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        parse_period(text)


def test_progress_begins_with_the_last_count_before_the_period() -> None:
    days = [date(2025, 6, 1), date(2025, 12, 20), date(2026, 3, 1), date(2026, 11, 1), date(2027, 1, 5)]
    made = progress(parse_period("2026"), [point(day, works=day.year > 2025) for day in days])
    assert made is not None
    assert made.start is not None
    assert (made.start.day, made.end.day, made.counts) == (date(2025, 12, 20), date(2026, 11, 1), 2)


def test_progress_of_a_single_count_has_no_beginning() -> None:
    made = progress(parse_period("2026-03"), [point(date(2026, 3, 1), works=True)])
    assert made is not None
    assert made.start is None


def test_progress_without_a_count_in_the_period_is_none() -> None:
    assert progress(parse_period("2026-02"), [point(date(2026, 3, 1), works=True)]) is None
    assert progress(parse_period("2026-04"), [point(date(2026, 3, 1), works=True)]) is None


@pytest.mark.parametrize(
    ("works", "since"),
    [
        ((True, True, True), date(2026, 1, 1)),
        ((True, False, True), date(2026, 3, 1)),
        ((False, True, True), date(2026, 2, 1)),
        ((True, True, False), None),
    ],
)
def test_target_is_met_since_the_first_count_of_the_unbroken_end(works: tuple[bool, ...], since: date | None) -> None:
    points = [point(date(2026, month, 1), works=works[month - 1]) for month in (1, 2, 3)]
    made = progress(parse_period("2026"), points)
    assert made is not None
    (target,) = made.targets
    assert target.met_since == since


def _extent(month: int, decided: int | None, *, year: int = 2026, part: bool = False) -> Extent:
    day = date(year, month, 1)
    return Extent(run=f"{day:%Y-%m}", day=day, decided=decided, part=part)


@pytest.mark.parametrize(
    ("extents", "names"),
    [
        ((_extent(1, 100), _extent(2, 50)), ()),
        ((_extent(1, 100), _extent(2, 49)), ("2026-02",)),
        ((_extent(1, 10), _extent(2, 100)), ("2026-01",)),
        ((_extent(1, None), _extent(2, 3)), ()),
        ((_extent(1, 10), _extent(2, 100), _extent(3, 90)), ("2026-01",)),
        ((_extent(1, 100), _extent(2, 40), _extent(3, 41)), ("2026-02", "2026-03")),
        ((_extent(1, 100), _extent(2, 40), _extent(3, 41), _extent(4, 40)), ()),
        ((_extent(1, 100), _extent(2, 40), _extent(3, 41), _extent(4, 40), _extent(5, 2)), ("2026-05",)),
        (
            (_extent(1, 100), _extent(2, 2), _extent(3, 100), _extent(4, 40), _extent(5, 40)),
            ("2026-02", "2026-04", "2026-05"),
        ),
        (
            (_extent(1, 100), _extent(2, 2), _extent(3, 99), _extent(4, 40), _extent(5, 41), _extent(6, 40)),
            ("2026-02",),
        ),
        ((_extent(1, 100), *(replace(_extent(2, 3), run=str(n)) for n in range(4))), ("0", "1", "2", "3")),
        ((_extent(1, 100, part=True), _extent(2, 40)), ("2026-01",)),
        ((_extent(1, 100, part=True), _extent(2, 90, part=True)), ()),
        ((_extent(1, 100), _extent(12, 40, year=2025)), ()),
        ((_extent(1, 100), _extent(11, 90, year=2025), _extent(12, 40, year=2025)), ("2025-12",)),
    ],
)
def test_small_counts_are_those_of_a_part_of_what_others_of_their_time_decided(
    extents: tuple[Extent, ...], names: tuple[str, ...]
) -> None:
    assert small(extents, parse_period("2026")) == set(names)


def test_fuller_is_a_count_of_the_year_before_that_decided_more_than_twice_as_much() -> None:
    counts = [_extent(6, 900, year=2024), _extent(3, 300, year=2025), _extent(1, 201), _extent(2, 100)]
    assert fuller(counts, "2026-02") == counts[1]
    assert fuller(counts[2:], "2026-02") == counts[2]
    assert fuller(counts[3:], "2026-02") is None
    assert fuller(counts, "2026-01") is None


def test_periods_of_days_are_years_then_quarters_then_months_the_latest_first() -> None:
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 10, 5), date(2026, 10, 6)]
    assert periods_of(days) == (
        *("2026", "2025"),
        *("2026-Q4", "2026-Q1", "2025-Q4"),
        *("2026-10", "2026-01", "2025-12"),
    )
    assert periods_of([]) == ()


@pytest.mark.parametrize(
    ("name", "before"),
    [("2026", "2025"), ("2026-Q1", "2025-Q4"), ("2026-Q3", "2026-Q2"), ("2026-01", "2025-12"), ("2026-11", "2026-10")],
)
def test_previous_period_has_the_same_length_and_ends_the_day_before(name: str, before: str) -> None:
    period = parse_period(name)
    earlier = previous_period(period)
    assert earlier == parse_period(before)
    assert (period.first - earlier.last).days == 1
