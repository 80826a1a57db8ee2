"""Tests reading the series of a subject, over a store that records its queries."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from auditor.service.derived.subject_series import SubjectSeries
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import HOUR, Quality, Sample, Series
from inventory.model import SubjectId
from tests.unit.auditor.contexts import NOON, SITE

SAMPLED = Series(subject=SITE.id, metric="loss", vantage="here", family=6)
OTHERS = (
    Series(subject=SITE.id, metric="loss", vantage="here", family=4),
    Series(subject=SITE.id, metric="reach", vantage="here", family=6),
)
AGO = NOON - timedelta(hours=3)


class AskedStore(MemoryStore):
    """Records the series that were asked for, and how often all of a subject were."""

    def __init__(self) -> None:
        super().__init__()
        self.listed = 0
        self.asked: list[Series] = []

    def series(self, subject: SubjectId, vantage: str) -> tuple[Series, ...]:
        self.listed += 1
        return super().series(subject, vantage)

    def samples(self, series: Series, since: datetime, until: datetime) -> Iterator[Sample]:
        self.asked.append(series)
        return super().samples(series, since, until)

    def samples_together(
        self, series: Sequence[Series], since: datetime, until: datetime
    ) -> Mapping[Series, Sequence[Sample]]:
        self.asked += series
        return super().samples_together(series, since, until)

    def first_sample(self, series: Series) -> datetime | None:
        self.asked.append(series)
        return super().first_sample(series)


def filled() -> AskedStore:
    store = AskedStore()
    store.add_samples(SAMPLED, [Sample(time=AGO, value=0.5, quality=Quality.OK)])
    return store


def test_sampled_series_reads_what_the_store_has() -> None:
    with filled() as store:
        sampled = SubjectSeries(store, SITE.id, "here")
        assert [sample.value for sample in sampled.samples(SAMPLED, AGO, NOON)] == [0.5]
        assert sampled.first_sample(SAMPLED) == AGO
        assert list(sampled.rolled(SAMPLED, HOUR, AGO, NOON)) == list(store.rolled(SAMPLED, HOUR, AGO, NOON))


def test_series_without_samples_is_never_asked_for() -> None:
    with filled() as store:
        sampled = SubjectSeries(store, SITE.id, "here")
        for series in OTHERS:
            assert list(sampled.samples(series, AGO, NOON)) == []
            assert sampled.first_sample(series) is None
            assert list(sampled.rolled(series, HOUR, AGO, NOON)) == []
        assert sampled.samples_together(OTHERS, AGO, NOON) == dict.fromkeys(OTHERS, ())
        assert store.asked == []
        assert store.listed == 1


def test_series_of_another_vantage_is_not_read() -> None:
    with filled() as store:
        assert SubjectSeries(store, SITE.id, "there").known == frozenset()


def test_several_series_are_asked_for_at_once_and_only_those_that_there_are() -> None:
    with MemoryStore() as empty, filled() as store:
        assert SubjectSeries(empty, SITE.id, "here").samples_together([SAMPLED], AGO, NOON) == {SAMPLED: ()}
        found = SubjectSeries(store, SITE.id, "here").samples_together([*OTHERS, SAMPLED], AGO, NOON)
        assert [(series, [sample.value for sample in some]) for series, some in found.items() if some] == [
            (SAMPLED, [0.5])
        ]
        assert set(found) == {*OTHERS, SAMPLED}
        assert {*store.asked} == {SAMPLED}
