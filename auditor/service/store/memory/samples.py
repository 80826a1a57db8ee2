"""Keeps the samples of a store in memory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from threading import RLock

from auditor.service.store.records import DAY, Retention, Sample, Series
from auditor.service.store.samples.frames import Slot, rolled_up
from inventory.model import SubjectId
from probes.observations.series import SampleSummary

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class MemorySamples:
    """Implements ``samples.api.Sampled``."""

    def __init__(self) -> None:
        self._sampling = RLock()
        self._samples: dict[Series, dict[datetime, Sample]] = {}
        self._notes: dict[str, dict[str, bytes]] = {}
        self._rolled, self._offset = _EPOCH, timedelta()

    def add_samples(self, series: Series, samples: Iterable[Sample]) -> None:
        with self._sampling:
            held = self._samples.setdefault(series, {})
            for sample in samples:
                held.setdefault(sample.time, sample)

    def add_round(self, samples: Iterable[tuple[Series, Sample]]) -> None:
        for series, sample in samples:
            self.add_samples(series, [sample])

    def add_delivered(self, samples: Iterable[tuple[Series, Sample]], now: datetime) -> None:
        self.add_round(samples)

    def samples(self, series: Series, since: datetime, until: datetime) -> Iterator[Sample]:
        with self._sampling:
            held = [sample for time, sample in sorted(self._samples.get(series, {}).items()) if since <= time < until]
        yield from held

    def samples_together(
        self, series: Sequence[Series], since: datetime, until: datetime
    ) -> Mapping[Series, Sequence[Sample]]:
        return {each_series: tuple(self.samples(each_series, since, until)) for each_series in series}

    def series(self, subject: SubjectId, vantage: str) -> tuple[Series, ...]:
        with self._sampling:
            held = [sample for sample in self._samples if (sample.subject, sample.vantage) == (subject, vantage)]
        return tuple(sorted(held, key=lambda series: (series.metric, series.family, series.interface)))

    def series_of(self, vantage: str) -> Mapping[SubjectId, tuple[Series, ...]]:
        with self._sampling:
            subjects = {series.subject for series in self._samples if series.vantage == vantage}
        return {subject: self.series(subject, vantage) for subject in subjects}

    def first_sample(self, series: Series) -> datetime | None:
        with self._sampling:
            return min(self._samples.get(series, {}), default=None)

    def roll_up(self, until: datetime, offset: timedelta, keep: Retention | None) -> None:
        """Remember the end of the rolled periods; they are computed when read, and nothing is deleted."""
        self._rolled, self._offset = until, offset

    def rolled(self, series: Series, step: int, since: datetime, until: datetime) -> Iterator[SampleSummary]:
        length, ahead = timedelta(seconds=step), self._offset if step == DAY else timedelta()
        held: dict[datetime, list[Slot]] = {}
        for sample in self.samples(series, _EPOCH, until + length):
            start = sample.time - (sample.time - _EPOCH + ahead) % length
            held.setdefault(start, []).append((sample.value, sample.quality))
        for start, slots in held.items():
            if since <= start < until and start + length <= self._rolled:
                yield rolled_up(start, [{0: slot} for slot in slots])[0]

    def rolled_together(
        self, series: Sequence[Series], step: int, since: datetime, until: datetime
    ) -> Mapping[Series, Sequence[SampleSummary]]:
        return {each_series: tuple(self.rolled(each_series, step, since, until)) for each_series in series}

    def remember(self, vantage: str, notes: Mapping[str, bytes]) -> None:
        self._notes.setdefault(vantage, {}).update(notes)

    def recall(self, vantage: str) -> Mapping[str, bytes]:
        return dict(self._notes.get(vantage, {}))
