"""Reads the samples of one subject, and asks the store only for series that it has."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Protocol

from auditor.service.store.api import Store
from auditor.service.store.records import Sample, Series
from inventory.model import SubjectId
from probes.observations.series import SampleSummary


class SampleReader(Protocol):
    """Reads samples; see ``Store``."""

    def samples(self, series: Series, since: datetime, until: datetime) -> Iterable[Sample]: ...

    def samples_together(
        self, series: Sequence[Series], since: datetime, until: datetime
    ) -> Mapping[Series, Sequence[Sample]]: ...

    def first_sample(self, series: Series) -> datetime | None: ...

    def rolled(self, series: Series, step: int, since: datetime, until: datetime) -> Iterable[SampleSummary]: ...


class SubjectSeries:
    """Reads the series of one subject as a vantage sampled them.

    Most subjects of an audit were never sampled, and checks look back at dozens of series of each, so the store is
    asked once which series exist.
    """

    def __init__(self, store: Store, subject: SubjectId, vantage: str) -> None:
        self._store = store
        self._subject = subject
        self._vantage = vantage

    @cached_property
    def known(self) -> frozenset[Series]:
        """The series of this subject that ever had a sample."""
        return frozenset(self._store.series(self._subject, self._vantage))

    def samples(self, series: Series, since: datetime, until: datetime) -> Iterable[Sample]:
        return self._store.samples(series, since, until) if series in self.known else ()

    def samples_together(
        self, series: Sequence[Series], since: datetime, until: datetime
    ) -> Mapping[Series, Sequence[Sample]]:
        asked = [key for key in series if key in self.known]
        found = self._store.samples_together(asked, since, until) if asked else {}
        return {key: found.get(key, ()) for key in series}

    def first_sample(self, series: Series) -> datetime | None:
        return self._store.first_sample(series) if series in self.known else None

    def rolled(self, series: Series, step: int, since: datetime, until: datetime) -> Iterable[SampleSummary]:
        return self._store.rolled(series, step, since, until) if series in self.known else ()
