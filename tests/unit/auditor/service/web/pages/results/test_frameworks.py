"""Tests that the address of the page of frameworks names a period, and that an unknown one is not found."""

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from auditor.service.web.pages.results.frameworks import asked_period


@pytest.mark.parametrize(("query", "name"), [("", None), ("?period=", None), ("?period=2026-Q3", "2026-Q3")])
def test_asked_period_is_the_one_of_the_address_or_none(query: str, name: str | None) -> None:
    period = asked_period(make_mocked_request("GET", f"/frameworks{query}"))
    assert (None if period is None else period.name) == name


@pytest.mark.parametrize("word", ["x", "2026-13", "2026-Q5", "9999999"])
def test_asked_period_of_no_period_is_not_found(word: str) -> None:
    with pytest.raises(web.HTTPNotFound):
        asked_period(make_mocked_request("GET", f"/frameworks?period={word}"))
