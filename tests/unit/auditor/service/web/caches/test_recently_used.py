"""Tests the values that a bounded cache keeps, and the order in which they are dropped."""

from auditor.service.web.caches.recently_used import RecentlyUsed


def test_what_was_asked_for_last_stays() -> None:
    latest = RecentlyUsed[str, int](2)
    assert latest.keep("a", 1) == 1
    latest.keep("b", 2)
    assert latest.get("a") == 1
    latest.keep("c", 3)
    assert (latest.get("a"), latest.get("b"), "b" in latest, latest.get("c")) == (1, None, False, 3)


def test_a_value_takes_the_place_of_an_earlier_one() -> None:
    latest = RecentlyUsed[str, int](2)
    latest.keep("a", 1)
    latest.keep("b", 2)
    latest.keep("a", 3)
    latest.keep("c", 4)
    assert (latest.get("a"), latest.get("b")) == (3, None)
