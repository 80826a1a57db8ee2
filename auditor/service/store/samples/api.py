"""Defines what a store can do with continuous measurements, whatever is behind it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from auditor.service.store.records import Retention, Sample, Series
from inventory.model import SubjectId
from probes.observations.series import SampleSummary


class Sampled(Protocol):
    """Append-only rows of the continuous measurements, and what the sampler must know from one round to the next."""

    def add_samples(self, series: Series, samples: Iterable[Sample]) -> None:
        """A second sample for the same time is left out."""
        ...

    def add_round(self, samples: Iterable[tuple[Series, Sample]]) -> None:
        """Samples of many series, all or nothing; otherwise as ``add_samples``, and much faster."""
        ...

    def add_delivered(self, samples: Iterable[tuple[Series, Sample]], now: datetime) -> None:
        """Samples that were taken elsewhere and may come late: as ``add_round``, and what had been rolled up before
        they came is rolled up again."""
        ...

    def samples(self, series: Series, since: datetime, until: datetime) -> Iterator[Sample]:
        """Those of ``since <= time < until``, oldest first."""
        ...

    def samples_together(
        self, series: Sequence[Series], since: datetime, until: datetime
    ) -> Mapping[Series, Sequence[Sample]]:
        """The same of several series; those of one subject and vantage lie together and are read in one pass. What
        has no sample is empty."""
        ...

    def series(self, subject: SubjectId, vantage: str) -> tuple[Series, ...]:
        """Every series of a subject of which there was ever a sample, by metric, family and interface."""
        ...

    def series_of(self, vantage: str) -> Mapping[SubjectId, tuple[Series, ...]]:
        """Return the same of all subjects that a vantage ever sampled."""
        ...

    def first_sample(self, series: Series) -> datetime | None:
        """Return the time of the oldest sample that there ever was, also where it is kept no more; None without any."""
        ...

    def roll_up(self, until: datetime, offset: timedelta, keep: Retention | None) -> None:
        """Roll up what has not been yet of the hours and days that ended by ``until``, then forget what is older than
        ``keep`` says; None forgets nothing. Days begin at midnight of a clock that is ``offset`` ahead of UTC. What was
        forgotten raw stays rolled up."""
        ...

    def rolled(self, series: Series, step: int, since: datetime, until: datetime) -> Iterator[SampleSummary]:
        """Roll-ups to HOUR or DAY that began in ``since <= start < until``, oldest first; those without any sample are
        left out. ``gaps`` are the samples that say so, not the slots that hold none."""
        ...

    def rolled_together(
        self, series: Sequence[Series], step: int, since: datetime, until: datetime
    ) -> Mapping[Series, Sequence[SampleSummary]]:
        """The same of several series; those of one subject and vantage lie together and are read in one pass. What
        has no roll-up is empty."""
        ...

    def remember(self, vantage: str, notes: Mapping[str, bytes]) -> None:
        """Keep what the sampler of a vantage has to know next time, by name; what is there under a name is replaced."""
        ...

    def recall(self, vantage: str) -> Mapping[str, bytes]:
        """Everything remembered for a vantage."""
        ...

    def secure(self) -> None:
        """What was committed before survives a loss of power from here on."""
        ...
