"""Tests the dates on the answers of web servers, and the conclusions about our clock."""

from datetime import timedelta
from email.utils import format_datetime
from ipaddress import ip_address

import pytest

from auditor.facts.web_time import WebDates
from auditor.framework.gathered import WebTime
from probes.framework.evidence import Evidence
from probes.observations.web import HttpExchange
from tests.unit.auditor.contexts import NOON, evidence


def answer(network: int, hours: float, *fields: tuple[str, str], probe: str = "http") -> Evidence:
    date = format_datetime(NOON + timedelta(hours=hours), usegmt=True)
    step = HttpExchange(
        address=ip_address(f"192.0.{network}.1"),
        port=443,
        url="https://www.example.vn/",
        status=200,
        headers=(("Date", date), *fields),
    )
    return evidence(step, probe=probe)


def seen(*found: Evidence) -> WebTime | None:
    dates = WebDates()
    for one in found:
        dates.add(one)
    return dates.seen()


def test_the_median_of_several_networks_tells() -> None:
    liars = (answer(1, 9_000), answer(2, -70))
    told = seen(*liars, *(answer(n, 30) for n in range(3, 8)))
    assert told is not None
    assert (round(told.ahead / 3_600), told.owners) == (30, 7)


def test_a_few_networks_tell_nothing() -> None:
    assert seen(*(answer(n % 4, 30) for n in range(20))) is None
    assert seen(*(answer(n, 30, probe="security_txt") for n in range(9))) is None


def test_an_answer_out_of_a_cache_says_how_old_it_is() -> None:
    told = seen(*(answer(n, -48, ("Age", str(48 * 3_600))) for n in range(5)))
    assert told == WebTime(ahead=0.0, owners=5)


@pytest.mark.parametrize("text", ["", "yesterday", "Mon, 99 Foo 2026 99:99:99 GMT", "Mon, 01 Jan 0000 00:00:00 GMT"])
def test_a_date_that_is_none_is_left_out(text: str) -> None:
    step = HttpExchange(address=ip_address("192.0.2.1"), port=80, url="http://x/", headers=(("date", text),))
    assert seen(*(evidence(step, probe="http") for _ in range(9))) is None


def test_an_age_that_is_none_is_left_out() -> None:
    told = seen(*(answer(n, 0, ("Age", "9" * 400)) for n in range(5)))
    assert told == WebTime(ahead=0.0, owners=5)
