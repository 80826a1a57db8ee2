"""Defines the interface of a store for continuous measurements, independent of its storage."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from auditor.service.store.records import Retention, Sample, Series
from inventory.model import SubjectId
from probes.observations.series import SampleSummary


class Sampled(Protocol):
    """Holds append-only rows of continuous measurements, and the sampler's notes from one round to the next."""

    def add_samples(self, series: Series, samples: Iterable[Sample]) -> None:
        """Add samples of one series; a second sample for the same time is left out."""
        ...

    def add_round(self, samples: Iterable[tuple[Series, Sample]]) -> None:
        """Add samples of many series, all or nothing; otherwise as ``add_samples``, and much faster."""
        ...

    def add_delivered(self, samples: Iterable[tuple[Series, Sample]], now: datetime) -> None:
        """Add samples that were taken elsewhere and may come late, as ``add_round``.

        Periods that had been rolled up before they came are rolled up again.
        """
        ...

    def samples(self, series: Series, since: datetime, until: datetime) -> Iterator[Sample]:
        """Yield the samples of ``since <= time < until``, oldest first."""
        ...

    def samples_together(
        self, series: Sequence[Series], since: datetime, until: datetime
    ) -> Mapping[Series, Sequence[Sample]]:
        """Return the samples of several series; a series without samples is empty.

        Those of one subject and vantage are stored together and read in one pass.
        """
        ...

    def series(self, subject: SubjectId, vantage: str) -> tuple[Series, ...]:
        """Return every series of a subject that ever had a sample, by metric, family and interface."""
        ...

    def series_of(self, vantage: str) -> Mapping[SubjectId, tuple[Series, ...]]:
        """Return the series of all subjects that a vantage ever sampled, each as ``series``."""
        ...

    def first_sample(self, series: Series) -> datetime | None:
        """Return the time of the oldest sample ever stored, even if it has been deleted; None without any."""
        ...

    def roll_up(self, until: datetime, offset: timedelta, keep: Retention | None) -> None:
        """Roll up the hours and days that ended by ``until``, then delete samples older than ``keep``; None keeps all.

        Days begin at midnight of a clock that is ``offset`` ahead of UTC. Roll-ups of deleted raw samples stay.
        """
        ...

    def rolled(self, series: Series, step: int, since: datetime, until: datetime) -> Iterator[SampleSummary]:
        """Yield roll-ups to HOUR or DAY that began in ``since <= start < until``, oldest first.

        Those without any sample are left out. ``gaps`` counts samples marked as gaps, not slots without a sample.
        """
        ...

    def rolled_together(
        self, series: Sequence[Series], step: int, since: datetime, until: datetime
    ) -> Mapping[Series, Sequence[SampleSummary]]:
        """Return the roll-ups of several series; a series without any is empty.

        Those of one subject and vantage are stored together and read in one pass.
        """
        ...

    def remember(self, vantage: str, notes: Mapping[str, bytes]) -> None:
        """Keep notes of a vantage's sampler for the next time, by name; a note of the same name is replaced."""
        ...

    def recall(self, vantage: str) -> Mapping[str, bytes]:
        """Return all notes of a vantage."""
        ...

    def secure(self) -> None:
        """Make everything committed before survive a loss of power from here on."""
        ...
