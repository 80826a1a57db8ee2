"""Tests that numbers, dates and lists follow the Unicode locale data, without that data being installed."""

from datetime import date

import pytest
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

from auditor.framework.message_format import day, fill, listing, number

NUMBERS = (
    0.0,
    0.0005,
    0.0015,
    0.5,
    2.5,
    99.9995,
    1284.5,
    99_999.9999,
    -1_234_567.125,
    1e-9,
    1e21,
    0,
    7,
    1284,
    -1_234_567,
)


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("value", NUMBERS)
def test_number_written_as_in_the_locale_data(value: float, lang: str) -> None:
    assert number(value, lang) == format_decimal(value, locale=lang)


@pytest.mark.parametrize("value", [1e30, float("inf"), float("nan")])
def test_number_out_of_measure_as_it_stands(value: float) -> None:
    assert number(value, "vi") == str(value)


@pytest.mark.parametrize("month", range(1, 13))
def test_day_written_as_in_the_locale_data(month: int) -> None:
    for when in (date(2026, month, 1), date(2027, month, 28)):
        assert day(when, "en") == format_date(when, "d MMM yyyy", locale="en")
        assert day(when, "vi") == format_date(when, "dd/MM/yyyy", locale="vi")


@pytest.mark.parametrize("month", range(1, 13))
def test_month_written_as_in_the_locale_data(month: int) -> None:
    when, said = date(2026, month, 1), {"of": f"2026-{month:02}"}
    assert fill("{of:month}", said, "en") == format_date(when, "MMM yyyy", locale="en")
    assert fill("{of:month}", said, "vi") == format_date(when, "MM/yyyy", locale="vi")


@pytest.mark.parametrize("said", ["2026-13", "2026", "", "soon", "2026-10-01"])
def test_month_that_is_none_stands_as_it_is(said: str) -> None:
    assert fill("{of:month}", {"of": said}, "vi") == (said or "–")


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("length", range(5))
def test_list_written_as_in_the_locale_data(length: int, lang: str) -> None:
    items = ["một", "hai", "ba", "bốn"][:length]
    assert listing(tuple(items), lang) == format_list(items, locale=lang)
