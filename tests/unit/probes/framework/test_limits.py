"""Tests admission: never faster than allowed, never slower than needed, and waiting uses up no deadline."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.framework import limits
from probes.framework.limits import Bucket, Deadline, Limits
from probes.framework.profile import Pace
from tests.unit.probes.framework.virtual import monotonic, run

WIDE = Pace(
    packets_per_second=1e6,
    per_address_per_second=1e6,
    per_address_burst=10**6,
    per_prefix_per_second=1e6,
    per_prefix_burst=10**6,
)
A = ip_address("2001:db8:1::1")


def test_a_burst_then_one_in_each_interval() -> None:
    bucket = Bucket(rate=10, burst=4)
    assert [bucket.reserve(100.0, 1) for _ in range(7)] == pytest.approx([0, 0, 0, 0, 0.1, 0.2, 0.3])


def test_idle_time_fills_the_burst_and_no_more() -> None:
    bucket = Bucket(rate=10, burst=4)
    for _ in range(6):
        bucket.reserve(0.0, 1)
    assert [bucket.reserve(1_000.0, 1) for _ in range(5)] == pytest.approx([0, 0, 0, 0, 0.1])


def test_a_reservation_of_many_waits_until_the_burst_has_room_for_all() -> None:
    bucket = Bucket(rate=10, burst=40)
    assert bucket.reserve(0.0, 39) == 0.0
    assert bucket.reserve(0.0, 40) == pytest.approx(3.9)


@given(
    burst=st.integers(1, 10),
    asked=st.lists(st.tuples(st.sampled_from([0.0, 0.05, 0.1, 0.3, 2.0]), st.integers(1, 4)), min_size=1, max_size=60),
)
def test_no_window_holds_more_than_burst_and_rate(burst: int, asked: list[tuple[float, int]]) -> None:
    rate, now = 10, 1_000.0
    bucket = Bucket(rate=rate, burst=burst)
    started: list[tuple[float, int]] = []
    for gap, wanted in asked:
        now, amount = now + gap, min(wanted, burst)
        started.append((now + bucket.reserve(now, amount), amount))
    for first, (begin, _) in enumerate(started):
        sent = 0
        for end, amount in started[first:]:
            sent += amount
            room = burst + (end - begin) * rate
            assert sent <= room + 1e-3, (begin, end, sent)


@given(gaps=st.lists(st.sampled_from([0.0, 0.1, 0.25, 1.0]), min_size=1, max_size=60))
def test_an_exchange_that_keeps_to_the_rate_never_waits(gaps: list[float]) -> None:
    bucket, now = Bucket(rate=10, burst=1), 0.0
    for gap in gaps:
        now += gap + 0.1
        assert bucket.reserve(now, 1) == 0.0


def _times(pace: Pace, dials: Iterable[str], packets: int = 1) -> list[float]:
    """Return the virtual seconds at which each of several simultaneous dials was admitted."""

    async def main() -> list[float]:
        limits = Limits(pace, clock=monotonic)

        async def dial(address: str) -> float:
            await limits.admit(ip_address(address), packets)
            return round(monotonic(), 4)

        return list(await asyncio.gather(*map(dial, dials)))

    return run(main())


def test_per_address() -> None:
    pace = replace(WIDE, per_address_per_second=10, per_address_burst=2)
    assert _times(pace, ["2001:db8::1"] * 5) == [0, 0, 0.1, 0.2, 0.3]
    assert _times(pace, ["192.0.2.1", "192.0.2.2"] * 2) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        ("2001:db8:1::1", "2001:db8:1:ffff::1", True),
        ("2001:db8:1::1", "2001:db8:2::1", False),
        ("192.0.2.1", "192.0.2.255", True),
        ("192.0.2.1", "192.0.3.1", False),
        ("192.0.2.1", "::ffff:192.0.2.1", False),
    ],
)
def test_per_prefix(first: str, second: str, *, shared: bool) -> None:
    pace = replace(WIDE, per_prefix_per_second=10, per_prefix_burst=1)
    assert _times(pace, [first, second]) == [0, 0.1 if shared else 0]


def test_overall_limit_spaces_packets_to_any_address() -> None:
    pace = replace(WIDE, packets_per_second=10)  # its burst is a tenth of a second: one
    assert _times(pace, ["2001:db8:1::1", "2001:db8:2::1", "192.0.2.1"]) == [0, 0.1, 0.2]


def test_a_slow_target_holds_no_place_that_others_could_use() -> None:
    """Ten dials wait for their one address; the wider gates stay free for somebody else."""
    pace = replace(WIDE, packets_per_second=20, per_address_per_second=1, per_address_burst=1)
    assert _times(pace, ["2001:db8:1::1"] * 10 + ["2001:db8:2::1"])[-1] == 0


def test_several_exchanges_at_once_are_counted_as_that_many() -> None:
    pace = replace(WIDE, per_address_per_second=10, per_address_burst=40)
    assert _times(pace, ["2001:db8::1"] * 2, packets=40) == [0, 4]


def test_forgotten_addresses_do_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_KEPT", 100)
    buckets = limits.Buckets(rate=10, burst=4)
    for number in range(500):
        buckets.reserve(number, 0.0, 1)
    assert len(buckets) == 100


def test_an_address_that_was_left_alone_is_forgotten() -> None:
    buckets = limits.Buckets(rate=10, burst=4)
    for number in range(500):
        buckets.reserve(number, 10.0 + number, 1)
    assert len(buckets) <= 2
    assert [buckets.reserve(499, 509.0, 4), buckets.reserve(0, 509.0, 4)] == pytest.approx([0.1, 0.0])


def test_buckets_by_key_wait_as_a_single_one_does() -> None:
    bucket, many = Bucket(rate=10, burst=4), limits.Buckets(rate=10, burst=4)
    times = [0.0] * 6 + [0.05, 0.31, 2.0, 2.0]
    assert [many.reserve(7, now, 2) for now in times] == [bucket.reserve(now, 2) for now in times]
    assert many.reserve(8, 2.0, 1) == 0.0


def test_limits_delay_is_the_wait_of_an_admission_and_takes_no_place() -> None:
    pace = replace(WIDE, per_address_per_second=10, per_address_burst=4)

    async def main() -> tuple[list[float], float]:
        limits = Limits(pace, clock=monotonic)
        told = [limits.delay(A, 6), limits.delay(A, 6), limits.delay(A, 4)]
        await limits.admit(A, 6)
        return told, monotonic()

    told, waited = run(main())
    assert told == pytest.approx([0.2, 0.2, 0.0])
    assert waited == pytest.approx(0.2)


async def _held(waits: list[tuple[float, float]], allowed: float) -> float:
    """Seconds after which a deadline fires when these waits, (begin, seconds), move it."""
    async with Deadline(allowed) as deadline:

        async def wait(begin: float, seconds: float) -> None:
            await asyncio.sleep(begin)
            deadline.hold(monotonic(), seconds)

        async with asyncio.TaskGroup() as group:
            for begin, seconds in waits:
                group.create_task(wait(begin, seconds))
            group.create_task(asyncio.sleep(10_000))
    return monotonic()


@pytest.mark.parametrize(
    ("waits", "fires"),
    [
        ([], 10.0),
        ([(0.0, 5.0)], 15.0),
        ([(0.0, 5.0)] * 50, 15.0),
        ([(0.0, 5.0), (2.0, 2.0)], 15.0),
        ([(0.0, 5.0), (3.0, 5.0)], 18.0),
        ([(0.0, 1.0), (4.0, 1.0)], 12.0),
    ],
)
def test_a_deadline_moves_by_the_time_in_which_anybody_waited(waits: list[tuple[float, float]], fires: float) -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            await _held(waits, 10.0)
        return monotonic()

    assert run(main()) == pytest.approx(fires)


def test_a_deadline_that_has_fired_stays_where_it_is() -> None:
    async def late(deadline: Deadline) -> None:
        try:
            await asyncio.sleep(5)
        finally:
            held.append(deadline)
            deadline.hold(monotonic(), 5.0)

    async def main() -> None:
        async with Deadline(1.0) as deadline:
            await late(deadline)

    held: list[Deadline] = []
    with pytest.raises(TimeoutError):
        run(main())
    assert held[0].held == 0.0


def test_waiting_for_admission_costs_a_probe_nothing_of_its_deadline() -> None:
    pace = replace(WIDE, per_address_per_second=1, per_address_burst=1)

    async def main() -> float:
        limits = Limits(pace, clock=monotonic)
        async with Deadline(2.0) as deadline:
            for _ in range(10):
                await limits.admit(A)
        return deadline.held

    assert run(main()) == pytest.approx(9.0)


def test_a_wait_moves_a_deadline_and_the_one_around_it() -> None:
    async def part() -> None:
        async with Deadline(5.0) as deadline:
            deadline.hold(monotonic(), 3.0)
            await asyncio.sleep(1_000)

    async def main() -> tuple[float, float]:
        async with Deadline(20.0) as outer:
            with pytest.raises(TimeoutError):
                await part()
            return monotonic(), outer.left

    assert run(main()) == pytest.approx((8.0, 15.0))


def test_a_deadline_that_moves_a_thousand_times_has_one_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        loop, timers = asyncio.get_running_loop(), 0
        call_at = loop.call_at

        def counted(*words: Any, **more: Any) -> asyncio.TimerHandle:
            nonlocal timers
            timers += 1
            return call_at(*words, **more)

        monkeypatch.setattr(loop, "call_at", counted)
        async with Deadline(5.0) as deadline:
            for number in range(1_000):
                deadline.hold(monotonic() + number, 1.0)
        assert timers == 1

    run(main())
