"""Implements the part of ``api.Store`` that keeps samples, over a relational database."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from auditor.service.store.api import AT_ONCE
from auditor.service.store.chunks import chunks
from auditor.service.store.records import Retention, Sample, Series
from auditor.service.store.sql.database import Database
from auditor.service.store.sql.samples import rolled_rows, sample_rows
from auditor.service.store.sql.samples.day_rows import Frame
from inventory.model import Subject, SubjectId
from probes.observations.series import SampleSummary

SAMPLES = 5_000
"""Frames of samples that are fetched at once."""


class SqlSampled:
    """Implements ``samples.api.Sampled`` over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_samples(self, series: Series, samples: Iterable[Sample]) -> None:
        self.add_round((series, sample) for sample in samples)

    def add_round(self, samples: Iterable[tuple[Series, Sample]]) -> None:
        rows = list(samples)
        with self._database.writing(told=False) as connection:
            sample_rows.add(connection, rows)

    def add_delivered(self, samples: Iterable[tuple[Series, Sample]], now: datetime) -> None:
        rows = list(samples)
        with self._database.writing(told=False) as connection:
            for track, times in sample_rows.add(connection, rows).items():
                rolled_rows.roll_up_again(connection, track, times, now)

    def samples(self, series: Series, since: datetime, until: datetime) -> Iterator[Sample]:
        with self._database.reading() as connection:
            place = sample_rows.place(connection, series)
        if place is not None:
            for page in self._frames({place[0]: {place[1]}}, since, until):
                yield from sample_rows.picked(page, place[1])

    def samples_together(
        self, series: Sequence[Series], since: datetime, until: datetime
    ) -> Mapping[Series, Sequence[Sample]]:
        with self._database.reading() as connection:
            places = sample_rows.places(connection, series)
        found: dict[Series, list[Sample]] = {each_series: [] for each_series in series}
        wanted = {track: [(found[places[track][number]], number) for number in places[track]] for track in places}
        for tracks in chunks(sorted(wanted), AT_ONCE):
            for page in self._frames({track: places[track] for track in tracks}, since, until):
                for track, frames in groupby(page, key=itemgetter(0)):
                    here = list(frames)
                    for samples, number in wanted[track]:
                        samples += sample_rows.picked(here, number)
        return found

    def _frames(self, tracks: Mapping[int, Collection[int]], since: datetime, until: datetime) -> Iterator[list[Frame]]:
        """Read frames by track and time, a page at a time, so that no transaction is open while a page is used.

        ``tracks`` gives the numbers of the wanted series of each track.
        """
        while tracks:
            with self._database.reading() as connection:
                page, end = sample_rows.page(connection, tracks, since, until, SAMPLES)
            yield page
            if end is None:
                return
            last, time = end
            if len(tracks) > 1:
                yield from self._frames({last: tracks[last]}, time + timedelta(microseconds=1), until)
                tracks = {track: numbers for track, numbers in tracks.items() if track > last}
            else:
                since = time + timedelta(microseconds=1)

    def series(self, subject: SubjectId, vantage: str) -> tuple[Series, ...]:
        with self._database.reading() as connection:
            return sample_rows.of_subject(connection, subject, vantage)

    def series_of(self, vantage: str) -> Mapping[SubjectId, tuple[Series, ...]]:
        with self._database.reading() as connection:
            return sample_rows.of_vantage(connection, vantage)

    def first_sample(self, series: Series) -> datetime | None:
        with self._database.reading() as connection:
            place = sample_rows.place(connection, series)
        return None if place is None else place[2]

    def roll_up(self, until: datetime, offset: timedelta, keep: Retention | None) -> None:
        with self._database.reading() as connection:
            tracks = rolled_rows.tracks(connection)
        for some in chunks(tracks, AT_ONCE):
            with self._database.writing() as connection:
                for track in some:
                    rolled_rows.roll_up(connection, track, until, offset, keep)

    def rolled(self, series: Series, step: int, since: datetime, until: datetime) -> Iterator[SampleSummary]:
        yield from self.rolled_together([series], step, since, until)[series]

    def rolled_together(
        self, series: Sequence[Series], step: int, since: datetime, until: datetime
    ) -> Mapping[Series, Sequence[SampleSummary]]:
        found: dict[Series, list[SampleSummary]] = {each_series: [] for each_series in series}
        with self._database.reading() as connection:
            places = sample_rows.places(connection, series)
            wanted = {
                track: {number: found[series] for number, series in here.items()} for track, here in places.items()
            }
            for tracks in chunks(sorted(wanted), AT_ONCE):
                rolled_rows.periods(connection, {track: wanted[track] for track in tracks}, (step, since, until))
        return found

    def remember(self, vantage: str, notes: Mapping[str, bytes]) -> None:
        with self._database.writing(told=False) as connection:
            rolled_rows.remember(connection, vantage, notes)

    def recall(self, vantage: str) -> Mapping[str, bytes]:
        with self._database.reading() as connection:
            return rolled_rows.recall(connection, vantage)

    def rename_vantage(self, former: Subject, present: Subject) -> bool:
        with self._database.writing(told=False) as connection:
            before, now = ((vantage.name, vantage.id) for vantage in (former, present))
            renamed = sample_rows.rename(connection, before, now)
            if renamed:
                rolled_rows.rename(connection, former.name, present.name)
        return renamed
