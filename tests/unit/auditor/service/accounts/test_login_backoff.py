"""Tests the keys by which password guesses are counted."""

from datetime import UTC, datetime, timedelta

import pytest

from auditor.service.accounts.login_backoff import FORGIVEN, failure_keys, remaining_failures

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("address", "kinds"),
    [
        ("192.0.2.7", ["pair 192.0.2.7/32 lan", "from 192.0.2.7/32", "name lan"]),
        (
            "2001:db8:1:2:3::4",
            ["pair 2001:db8:1:2::/64 lan", "from 2001:db8:1:2::/64", "around 2001:db8:1::/48", "name lan"],
        ),
        ("", ["name lan"]),  # the client's address is unknown
    ],
)
def test_counted_by_name_network_and_both(address: str, kinds: list[str]) -> None:
    assert list(failure_keys("lan", address)) == kinds


def test_counted_known_browser_by_itself_alone() -> None:
    assert list(failure_keys("lan", "192.0.2.7", "ab12")) == ["browser ab12"]


@pytest.mark.parametrize(
    ("since", "left"), [(timedelta(), 7), (FORGIVEN * 3, 4), (FORGIVEN * 90, 0), (-timedelta(seconds=1), 0)]
)
def test_standing_fades_and_ignores_future_failures(since: timedelta, left: int) -> None:
    assert remaining_failures(7, NOW - since, NOW) == left
