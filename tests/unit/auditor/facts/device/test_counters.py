"""Tests counters against a device simulated second by second: statements are true, and no traffic is invented."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.facts.device.counters import SLACK, CounterReading, Increase, UnknownIncrease, increase, passed

BITS = st.sampled_from([32, 64])
TICKS = 1 << 32
DAY = 86_400
START = CounterReading(value=1_000, at=0.0, uptime=40 * DAY * 100, discontinuity=0)


def after(seconds: float, value: int, **changed: int | None) -> CounterReading:
    assert START.uptime is not None
    reading = CounterReading(value=value, at=seconds, uptime=START.uptime + round(seconds * 100), discontinuity=0)
    return replace(reading, **changed)  # type: ignore[arg-type]  # of the test's own making


def test_what_it_grew_by() -> None:
    found = increase(START, after(300, 38_500), bits=64)
    assert found == Increase(amount=37_500, seconds=300.0)
    assert found.rate == 125


@pytest.mark.parametrize(
    ("later", "bits", "fastest", "doubt"),
    [
        (after(300, 5_000, uptime=12_000), 64, None, UnknownIncrease.RESTART),
        (after(300, 5_000, discontinuity=77), 64, None, UnknownIncrease.DISCONTINUITY),
        (after(300, 999), 64, None, UnknownIncrease.BACKWARDS),
        (after(300, 999), 32, None, UnknownIncrease.BACKWARDS),
        (after(300, 5, uptime=None), 32, None, UnknownIncrease.BACKWARDS),
        (after(300, 5_000), 32, 1e9 / 8, UnknownIncrease.WRAPS),
        (after(-1, 5_000), 64, None, UnknownIncrease.CLOCK),
        (after(300, 5_000, uptime=START.uptime), 64, None, UnknownIncrease.CLOCK),
        (after(300, 5_000, uptime=40 * DAY * 100 + 3_600 * 100), 64, None, UnknownIncrease.CLOCK),
        (after(300, 1 << 63), 64, None, UnknownIncrease.IMPOSSIBLE),
    ],
)
def test_what_is_not_told(later: CounterReading, bits: int, fastest: float | None, doubt: UnknownIncrease) -> None:
    assert increase(START, later, bits=bits, fastest=fastest) is doubt


def test_a_wrap_is_a_wrap_and_497_days_are_no_restart() -> None:
    before = replace(START, value=TICKS - 100, uptime=TICKS - 10_000)
    later = CounterReading(value=50, at=300.0, uptime=20_000, discontinuity=0)
    assert increase(before, later, bits=32) == Increase(amount=150, seconds=300.0)
    assert passed(TICKS - 10_000, 20_000, 300.0) == 300.0
    assert passed(TICKS - 10_000, 20_000, 900.0) is UnknownIncrease.RESTART


def test_a_fast_port_makes_a_wrap_of_32_bits_uncertain_and_a_slow_one_does_not() -> None:
    before = replace(START, value=TICKS - 100)
    assert increase(before, after(300, 50), bits=32, fastest=114e6 / 8) == Increase(amount=150, seconds=300.0)
    assert increase(before, after(300, 50), bits=32, fastest=115e6 / 8) is UnknownIncrease.WRAPS


@dataclass(frozen=True)
class Truth:
    """The actual events on a device between two readings."""

    bits: int
    before: CounterReading
    after: CounterReading
    amount: int
    restarted: bool


@st.composite
def devices(draw: st.DrawFn) -> Truth:
    """Draw a growing counter of a device that may restart, with clocks that drift and answers that are late."""
    bits = draw(BITS)
    elapsed = draw(st.floats(30, 900))
    late = draw(st.floats(0, SLACK - 1))
    up = draw(st.integers(0, TICKS - 1_000 * 100))  # a restart just as sysUpTime wraps cannot be recognised
    held = draw(st.integers(0, (1 << bits) - 1))
    grown = draw(st.integers(0, 1 << 30))
    restarted = draw(st.booleans())
    first = CounterReading(value=held, at=0.0, uptime=up, discontinuity=0)
    if restarted:
        since = draw(st.floats(0, elapsed))
        second = CounterReading(
            value=round(grown * since / elapsed), at=elapsed, uptime=round(since * 100), discontinuity=0
        )
    else:
        up = draw(st.just(up) | st.integers(TICKS - 1_000 * 100, TICKS - 1))
        first = replace(first, uptime=up)
        drift = draw(st.floats(-0.02, 0.02))
        ticks = round((elapsed * (1 + drift) + late) * 100)
        second = CounterReading(
            value=(held + grown) % (1 << bits), at=elapsed, uptime=(up + ticks) % TICKS, discontinuity=0
        )
    return Truth(bits, first, second, grown, restarted)


@given(devices())
def test_what_is_told_is_true(truth: Truth) -> None:
    found = increase(truth.before, truth.after, bits=truth.bits)
    if isinstance(found, Increase):
        assert not truth.restarted
        assert found.amount == truth.amount
        assert abs(found.seconds - truth.after.at) <= SLACK + 0.05 * truth.after.at


@given(devices())
def test_a_device_that_did_not_restart_is_not_said_to_have(truth: Truth) -> None:
    found = passed(truth.before.uptime, truth.after.uptime, truth.after.at)
    if not truth.restarted:
        assert found is not UnknownIncrease.RESTART


READINGS = st.builds(
    CounterReading,
    value=st.integers(0, (1 << 64) - 1),
    at=st.floats(-1e9, 1e9),
    uptime=st.none() | st.integers(0, TICKS - 1),
    discontinuity=st.none() | st.integers(0, TICKS - 1),
)


@given(READINGS, READINGS, BITS, st.none() | st.floats(1, 1e11))
def test_whatever_a_device_says_nothing_raises_and_nothing_shrinks(
    before: CounterReading, later: CounterReading, bits: int, fastest: float | None
) -> None:
    found = increase(before, later, bits=bits, fastest=fastest)
    if isinstance(found, Increase):
        assert found.amount >= 0
        assert found.seconds > 0
