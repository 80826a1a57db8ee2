"""Tests samples of a day in slots: reading those of many subjects, and the time since which the state has lasted."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import Quality, Sample, Series
from auditor.service.web.connection_points.slot_series import SampledSubject, SlotSeries, slots_together
from inventory.model import SubjectId

SINCE = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "slot"),
    [
        ((1.0, 1.0, 1.0), None),
        ((None, None, 1.0), 2),
        ((None, 1.0, 1.0), 1),
        ((0.0, 1.0, 1.0), 1),
        ((0.0, None, 1.0), 2),
        ((1.0, None, 1.0), None),
        ((None, None, None), None),
    ],
)
def test_held_counts_from_the_first_sample_and_not_from_the_gap_before_it(
    values: tuple[float | None, ...], slot: int | None
) -> None:
    series = SlotSeries(metric="m", family=6, interface="", since=SINCE, values=values, qualities=())
    assert series.held == (None if slot is None else SINCE + slot * timedelta(minutes=5))


def test_slots_of_many_subjects_are_read_in_one_query_from_when_each_is_visible() -> None:
    store = CountingStore()
    for name in ("a", "b", "c"):
        series = Series(subject=SubjectId(name), metric="m", vantage="v", family=6)
        samples = [
            Sample(time=SINCE + slot * timedelta(minutes=5), value=float(slot), quality=Quality.OK) for slot in range(3)
        ]
        store.add_samples(series, samples)
    since = {"b": SINCE + timedelta(minutes=10)}
    subjects = [SampledSubject(store, SubjectId(name), "v", since.get(name)) for name in ("a", "b", "c")]
    slots = list(slots_together(subjects, [("m", 6, "")], SINCE + timedelta(minutes=15), timedelta(minutes=15)))
    assert [each["m", 6, ""].values for each in slots] == [(0.0, 1.0, 2.0), (None, None, 2.0), (0.0, 1.0, 2.0)]
    assert store.queries == 2  # one for all without a limit, one for each limit
    (alone,) = slots_together(subjects[1:2], [("m", 6, "")], SINCE + timedelta(minutes=15), timedelta(minutes=15))
    assert alone == slots[1]


class CountingStore(MemoryStore):
    """Counts the queries for samples."""

    def __init__(self) -> None:
        super().__init__()
        self.queries = 0

    def samples_together(
        self, series: Sequence[Series], since: datetime, until: datetime
    ) -> Mapping[Series, Sequence[Sample]]:
        self.queries += 1
        return super().samples_together(series, since, until)
