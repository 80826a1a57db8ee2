"""Tests that a day of frames reads back unchanged, and is small for samples of ordinary values."""

import math
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.service.store.records import Quality
from auditor.service.store.samples import frame_days, frames
from auditor.service.store.samples.frames import Slot

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
Day = list[tuple[datetime, Mapping[int, Slot]]]

_slot = st.one_of(
    st.tuples(st.none(), st.sampled_from(Quality)),
    st.tuples(
        st.floats() | st.integers(0, 2**60).map(float) | st.decimals(0, 9, places=6).map(float),
        st.sampled_from(Quality),
    ),
)


def read(body: bytes) -> Day:
    return [(time, frames.unpack(frame)) for time, frame in frame_days.unpack(body)]


def packed(day: Sequence[tuple[datetime, Mapping[int, Slot]]]) -> bytes:
    return frame_days.pack([(time, frames.pack(slots)) for time, slots in day])


@given(
    st.lists(
        st.tuples(st.integers(0, 86_399_999_999), st.dictionaries(st.integers(0, 8), _slot, min_size=1)),
        min_size=1,
        max_size=12,
        unique_by=lambda frame: frame[0],
    )
)
def test_unpack_gives_what_was_packed(taken: list[tuple[int, dict[int, Slot]]]) -> None:
    day = [(MIDNIGHT + timedelta(microseconds=at), slots) for at, slots in sorted(taken, key=lambda frame: frame[0])]
    assert repr(read(packed(day))) == repr([(time, dict(sorted(slots.items()))) for time, slots in day])


@given(
    st.lists(st.dictionaries(st.integers(0, 8), _slot, min_size=1), min_size=1, max_size=6),
    st.frozensets(st.integers(0, 12), min_size=1),
)
def test_unpack_gives_the_wanted_series_alone(taken: list[dict[int, Slot]], numbers: frozenset[int]) -> None:
    body = packed([(MIDNIGHT + timedelta(minutes=5 * at), slots) for at, slots in enumerate(taken)])
    found = [(time, frames.unpack(frame)) for time, frame in frame_days.unpack(body, numbers)]
    wanted = [
        (time, {number: slot for number, slot in slots.items() if number in numbers}) for time, slots in read(body)
    ]
    assert repr(found) == repr(wanted)


@pytest.mark.parametrize("value", [math.inf, -math.inf, -0.0, 5e-324, 1e300, 0.1 + 0.2, 2.0**53, -(2.0**60)])
def test_unpack_gives_odd_values_as_they_were(value: float) -> None:
    """An odd value among short ones reads back unchanged: all values of a series are written in one form."""
    day: Day = [(MIDNIGHT + timedelta(minutes=5 * n), {0: (0.25 if n else value, Quality.OK)}) for n in range(3)]
    assert repr(read(packed(day))) == repr(day)


def test_unpack_gives_a_value_that_is_no_number() -> None:
    ((_, slots),) = read(packed([(MIDNIGHT, {0: (math.nan, Quality.OK)})]))
    assert str(slots[0][0]) == "nan"


def test_pack_makes_a_day_small() -> None:
    """A day is packed small: six delays, six rates, ten counts mostly 0, every five minutes; 9 bytes each before."""
    chance = random.Random(1)
    day: Day = []
    for slot in range(288):
        delays = [round(0.012 + chance.expovariate(500), 6) for _ in range(6)]
        rates = [round(chance.uniform(1e6, 1e8), 3) for _ in range(6)]
        counts = [float(chance.random() < 0.02) for _ in range(10)]
        values = [*delays, *rates, *counts]
        day.append((MIDNIGHT + timedelta(minutes=5 * slot), {n: (v, Quality.OK) for n, v in enumerate(values)}))
    body = packed(day)
    assert read(body) == day
    assert len(body) < 2.5 * 288 * 22
