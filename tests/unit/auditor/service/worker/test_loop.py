"""Tests that pauses grow, have a bound, and are not the same for all workers."""

from auditor.service.worker.loop import Backoff


def test_backoff_doubles_up_to_its_bound_and_begins_anew() -> None:
    pauses = Backoff(chance=lambda: 1.0)
    grown = [pauses.grown() for _ in range(12)]
    assert grown[:4] == [1.0, 2.0, 4.0, 8.0]
    assert grown[-1] == 300.0
    pauses.reset()
    assert pauses.grown() == 1.0


def test_backoff_is_at_least_half_of_its_pause() -> None:
    assert Backoff(chance=lambda: 0.0).grown() == 0.5
