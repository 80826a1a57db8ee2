"""Implements the part of ``api.Store`` that keeps samples, over a relational database."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from auditor.service.store.api import AT_ONCE
from auditor.service.store.chunks import chunks
from auditor.service.store.records import Retention, Sample, Series
from auditor.service.store.sql import rolled_rows, sample_rows
from auditor.service.store.sql.database import Database
from inventory.model import SubjectId
from probes.observations.series import Period

SAMPLES = 5_000
"""Frames of samples fetched at once."""


class SqlSampled:
    """Works on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_samples(self, series: Series, samples: Iterable[Sample]) -> None:
        self.add_round((series, sample) for sample in samples)

    def add_round(self, samples: Iterable[tuple[Series, Sample]]) -> None:
        rows = list(samples)
        with self._database.writing() as connection:
            sample_rows.add(connection, rows)

    def samples(self, series: Series, since: datetime, until: datetime) -> Iterator[Sample]:
        with self._database.reading() as connection:
            place = sample_rows.place(connection, series)
        if place is not None:
            for page in self._frames(place[0], since, until):
                yield from sample_rows.picked(page, place[1])

    def samples_together(
        self, series: Sequence[Series], since: datetime, until: datetime
    ) -> Mapping[Series, Sequence[Sample]]:
        with self._database.reading() as connection:
            places = {
                each_series: place
                for each_series in series
                if (place := sample_rows.place(connection, each_series)) is not None
            }
        found: dict[Series, list[Sample]] = {each_series: [] for each_series in series}
        for track in {track for track, _, _ in places.values()}:
            here = [
                (found[each_series], number) for each_series, (there, number, _) in places.items() if there == track
            ]
            for page in self._frames(track, since, until):
                for samples, number in here:
                    samples += sample_rows.picked(page, number)
        return found

    def _frames(self, track: int, since: datetime, until: datetime) -> Iterator[list[sample_rows.Frame]]:
        """Page by page, so that nothing is held open while somebody looks at one."""
        while True:
            with self._database.reading() as connection:
                page = sample_rows.page(connection, track, since, until, SAMPLES)
            yield page
            if len(page) < SAMPLES:
                return
            since = page[-1][0] + timedelta(microseconds=1)

    def series(self, subject: SubjectId, vantage: str) -> tuple[Series, ...]:
        with self._database.reading() as connection:
            return sample_rows.of_subject(connection, subject, vantage)

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

    def rolled(self, series: Series, step: int, since: datetime, until: datetime) -> Iterator[Period]:
        with self._database.reading() as connection:
            place = sample_rows.place(connection, series)
            periods = [] if place is None else rolled_rows.periods(connection, place[:2], step, since, until)
        yield from periods

    def remember(self, vantage: str, notes: Mapping[str, bytes]) -> None:
        with self._database.writing() as connection:
            rolled_rows.remember(connection, vantage, notes)

    def recall(self, vantage: str) -> Mapping[str, bytes]:
        with self._database.reading() as connection:
            return rolled_rows.recall(connection, vantage)
