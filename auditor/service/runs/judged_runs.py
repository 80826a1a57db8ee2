"""Reads the kept data of a store's judged runs once, for any number of periods that are counted from them."""

from collections.abc import Sequence
from functools import cached_property

from auditor.figures.period import PeriodPoint
from auditor.framework.catalogue import Catalogue
from auditor.framework.localdate import civil_day
from auditor.service.pipeline.judging.evaluating import stored_judgement
from auditor.service.pipeline.judging.members import member_records
from auditor.service.pipeline.summaries.declared import Declared
from auditor.service.pipeline.summaries.summarising import KeptTotal, Summary, kept_total, published_summary, summarise
from auditor.service.store.api import Store
from auditor.service.store.records import JudgementId, JudgementRecord, RunRecord

JudgedRun = tuple[RunRecord, JudgementRecord]
"""A run with the judgement that is shown for it."""


class JudgedRuns:
    """Caches the data of a store as of its first use. ``every``: the judged runs in the order of their start."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._runs, latest = store.runs(), store.latest_judgements()
        self.every: Sequence[JudgedRun] = [(run, latest[run.id]) for run in self._runs if run.id in latest]
        self._totals: dict[JudgementId, KeptTotal | None] = {}
        self._points: dict[JudgementId, PeriodPoint] = {}

    @cached_property
    def declared(self) -> Declared:
        """Return the values declared with runs and for periods."""
        return Declared(self._store)

    @cached_property
    def vantages(self) -> tuple[str, ...]:
        """The vantages of all runs, judged or not, in the order in which they first measured."""
        records = [record for run in self._runs for record in member_records(run, self._store)]
        return tuple(dict.fromkeys(record.vantage for record in records if record.vantage))

    def total(self, judgement: JudgementId) -> KeptTotal | None:
        """Return the kept figures of the whole run; None if none were kept."""
        if judgement not in self._totals:
            self._totals[judgement] = kept_total(judgement, self._store)
        return self._totals[judgement]

    def point(self, run: RunRecord, judgement: JudgementRecord, catalogue: Catalogue) -> PeriodPoint:
        """Return the figures of a run as they were published; if none were kept, they are counted."""
        if judgement.id not in self._points:
            summary = self._summary(run, judgement, catalogue)
            self._points[judgement.id] = PeriodPoint(
                run=run.id, day=civil_day(run.started), rollup=summary.rollup, frameworks=summary.frameworks
            )
        return self._points[judgement.id]

    def _summary(self, run: RunRecord, judgement: JudgementRecord, catalogue: Catalogue) -> Summary:
        published = published_summary(judgement.id, run, self._store, self.declared)
        if published is not None:
            return published
        return summarise(stored_judgement(judgement, self._store, catalogue), self._store, declared=self.declared)
